/* Running a masking study: its steps become jobs like any other, put on the queue together and watched
 * until their answers are here, one by one. */
(function (A) {
  "use strict";

  const POLL_MS = 80;
  const KEPT_ANSWERS = 80;
  const LIVE = { asked: true, queued: true, running: true, done: true };
  const answers = new Map();     /* job key -> decoded prediction of the kept pixels */
  const state = A.masking;
  let timer = null;
  let following = false;         /* the step on show goes along with the answers of Play */

  /* ---- asking ------------------------------------------------------------------------------------ */

  const WHERE = { only: "The region", rest: "What is left outside the region", grow: "This part of the region" };

  /* Whether there is something to run on; if not, the sentence is said. */
  function canRun() {
    state.problem = "";
    if (!state.region) {
      A.sayMasking("Draw a region first: with box, lasso or brush on one of the planes.");
    } else if (!A.weightsOf(state.region.plane.name)) {
      A.sayMasking("There are no weights of this network for plane " + state.region.plane.name + ".");
    } else {
      return true;
    }
    return false;
  }

  /* "only" or "rest", with the button of that name. */
  A.runMasked = function (kind) {
    if (!canRun()) { return; }
    askFor(A.beginStudy(kind), [0]);
  };

  /* Show one step of the growing region, and run it if it has not run. */
  let pause = null;
  A.showGrowth = function (index) {
    if (!canRun()) { return; }
    following = false;
    const study = growth();
    state.step = A.clamp(index, 0, study.steps.length - 1);
    A.maskingChanged();
    clearTimeout(pause);
    pause = setTimeout(function () { if (state.study === study) { askFor(study, [state.step]); } }, 60);
  };

  /* Run every step of the growing region; points appear as their answers come. */
  A.playGrowth = function () {
    if (!canRun()) { return; }
    const study = growth();
    following = true;
    state.step = 0;
    askFor(study, study.steps.map(function (_, i) { return i; }));
  };

  function growth() {
    const study = state.study;
    return study && study.kind === "grow" && !study.stale ? study : A.beginStudy("grow");
  }

  function askFor(study, indices) {
    const wanted = indices.map(function (i) { return study.steps[i]; }).filter(function (one) {
      return one.state === "idle" || one.state === "failed" || one.state === "cancelled";
    });
    if (indices.every(function (i) { return study.steps[i].state === "empty"; })) {
      A.maskingChanged();
      A.sayMasking(A.nothingToRead(WHERE[study.kind]));
      return;
    }
    wanted.forEach(function (one) { one.state = "asked"; one.error = ""; one.message = ""; });
    A.maskingChanged();
    if (wanted.length) { submit(study, wanted); }
    if (!study.plane.whole && !A.wholeIsComing(study)) { A.run([study.plane.name], { quiet: true }); }
  }

  /* Whether the answer to the whole plane is asked for already. */
  A.wholeIsComing = function (study) {
    const job = A.jobs[study.plane.name];
    return Boolean(job) && Boolean(LIVE[job.state]);
  };

  function submit(study, wanted) {
    const body = A.jobBody(study.event, [study.plane.name]);
    body.plane = study.plane.name;
    body.content_hash = study.plane.contentHash;
    body.masks = wanted.map(function (one) { return packed(one.dark); });
    A.post("api/masking", body).then(function (answer) {
      if (state.study !== study || study.stale) { withdraw(answer.steps); return; }
      answer.steps.forEach(function (job, i) {
        if (wanted[i].state === "cancelled") { withdraw([job]); } else { take(study, wanted[i], job); }
      });
      settle(study);
    }).catch(function (error) {
      if (state.study !== study) { return; }
      wanted.forEach(function (one) { one.state = "failed"; one.error = error.message; });
      A.maskingChanged();
    });
  }

  /* One bit a pixel, 1 for kept, lowest bit first, in base64. */
  function packed(dark) {
    const bytes = new Uint8Array(Math.ceil(dark.length / 8));
    for (let i = 0; i < dark.length; i++) { if (!dark[i]) { bytes[i >> 3] |= 1 << (i & 7); } }
    let text = "";
    for (let i = 0; i < bytes.length; i += 4096) { text += String.fromCharCode.apply(null, bytes.subarray(i, i + 4096)); }
    return window.btoa(text);
  }

  /* ---- watching ---------------------------------------------------------------------------------- */

  function take(study, one, job) {
    if (one.state === "here") { return; }
    one.key = job.key;
    one.state = job.state;
    one.message = job.message || "";
    one.error = job.error || "";
    if (job.state === "done") { fetchAnswer(study, one); }
    if (job.state === "unknown") {
      one.state = "failed";
      one.error = "An answer was lost on its way; run the study again.";
    }
  }

  function waiting(study) {
    return study.steps.filter(function (one) { return one.state === "queued" || one.state === "running"; });
  }

  function settle(study) {
    clearTimeout(timer);
    if (waiting(study).length) { timer = setTimeout(function () { poll(study); }, POLL_MS); }
    A.maskingChanged();
  }

  function poll(study) {
    const steps = waiting(study);
    const keys = Array.from(new Set(steps.map(function (one) { return one.key; })));
    if (state.study !== study || !keys.length) { return; }
    A.requestJson("api/jobs?keys=" + keys.join(",")).then(function (states) {
      if (state.study !== study) { return; }
      state.problem = "";
      const lost = [];
      steps.forEach(function (one) {
        if (!states[one.key] || one.state === "cancelled") { return; }
        take(study, one, Object.assign({ key: one.key }, states[one.key]));
        if (one.state === "cancelled") { one.state = "asked"; lost.push(one); }
      });
      if (lost.length) { submit(study, lost); }   /* another page withdrew them; this one still wants them */
      settle(study);
    }).catch(function (error) {
      if (state.study !== study) { return; }
      A.sayMasking(error.message);
      timer = setTimeout(function () { poll(study); }, 2000);
    });
  }

  function fetchAnswer(study, one) {
    const known = answers.get(one.key);
    const asked = known ? Promise.resolve(known) : A.requestArrays("api/predictions/" + one.key);
    asked.then(function (answer) {
      answers.set(one.key, answer);
      while (answers.size > KEPT_ANSWERS) { answers.delete(answers.keys().next().value); }
      if (state.study !== study) { return; }
      one.prediction = study.plane.predictionOf(one.pixels, answer.header, answer.arrays.scores);
      one.after = A.scoresOver(one.prediction, one.pixels);
      one.state = "here";
      arrived(study, one);
    }).catch(function (error) {
      if (state.study !== study) { return; }
      one.state = "failed";
      one.error = error.message;
      A.maskingChanged();
    });
  }

  function arrived(study, one) {
    if (following) { state.step = Math.max(state.step, study.steps.indexOf(one)); }
    if (!A.NEEDS_PREDICTION[A.look.overlay]) { A.setLook({ overlay: "class" }); }
    A.maskingChanged();
  }

  /* ---- letting go ---------------------------------------------------------------------------------- */

  function withdraw(steps) {
    steps.filter(function (one) { return one.key && (one.state === "queued" || one.state === "running"); })
      .forEach(function (one) {
        A.post("api/jobs/" + one.key + "/cancel", {}).catch(function () { A.emit("withdraw-failed"); });
      });
  }

  A.maskingBusy = function () {
    return Boolean(state.study) && state.study.steps.some(function (one) { return LIVE[one.state]; });
  };

  /* Ask for no more of a study; what is here stays. */
  A.letGo = function (study) {
    clearTimeout(timer);
    following = false;
    const live = study.steps.filter(function (one) { return LIVE[one.state] && one.state !== "done"; });
    withdraw(live);
    live.forEach(function (one) { one.state = "cancelled"; });
  };

  /* The same for the study on show. Whether there was anything to stop. */
  A.stopStudy = function () {
    if (!A.maskingBusy()) { return false; }
    A.letGo(state.study);
    A.maskingChanged();
    return true;
  };
})(window.argonscope);
