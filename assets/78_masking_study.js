/* Running the masking study: each step is a masked image of one plane, a job like any other, watched
 * until its answer is here. A study keeps the event, weights, gain and settings that it was begun with. */
(function (A) {
  "use strict";

  const STEPS = 20;
  const POLL_MS = 80;
  const KEPT_ANSWERS = 80;
  const LIVE = { asked: true, queued: true, running: true, done: true };
  const answers = new Map();     /* job key -> decoded prediction of the kept pixels */
  const state = A.masking;
  let timer = null;
  let following = false;         /* the step on show goes along with the answers of Play */

  /* kind: "only" (the region), "rest" (all but it), or "grow" (its first part, longer with each step).
   * Nothing is asked yet. */
  A.beginStudy = function (kind) {
    A.dropStudy();
    const region = state.region;
    const study = {
      kind: kind, event: A.event, plane: region.plane, weights: A.weightsOf(region.plane.name),
      gain: A.gainOf(region.plane), stale: "", before: null, steps: [],
    };
    if (kind === "only") { study.steps.push(step(study, region.pixels, state.track.length)); }
    if (kind === "rest") { study.steps.push(step(study, rest(region), null)); }
    if (kind === "grow") {
      const count = A.growthSteps();
      for (let k = 1; k <= count; k++) {
        const length = (state.track.length * k) / count;
        const part = region.pixels.filter(function (pixel, i) { return state.track.place[i] <= length + 1e-4; });
        study.steps.push(step(study, part, length));
      }
    }
    state.study = study;
    state.show = "after";
    state.step = study.steps.length - 1;
    takeBefore();
    return study;
  };

  /* Steps of a growing region: none shorter than a wire. */
  A.growthSteps = function () {
    if (!state.region) { return 1; }
    return A.clamp(Math.floor(state.track.length / state.region.plane.pitch), 1, STEPS);
  };

  function rest(region) {
    const pixels = [];
    for (let i = 0; i < region.plane.count; i++) { if (!region.inside[i]) { pixels.push(i); } }
    return Uint32Array.from(pixels);
  }

  function step(study, pixels, length) {
    const plane = study.plane;
    const dark = new Uint8Array(plane.count).fill(1);
    pixels.forEach(function (pixel) { dark[pixel] = 0; });
    const readable = pixels.some(function (pixel) { return A.readsPixel(plane, pixel); });
    return {
      pixels: pixels, dark: dark, length: length, dedx: A.meanDedx(plane, pixels, length),
      state: readable ? "idle" : "empty", key: null, error: "", message: "", prediction: null, before: null, after: null,
    };
  }

  /* ---- asking ------------------------------------------------------------------------------------ */

  function where(kind) { return kind === "rest" ? "What is left outside the region" : "The region"; }

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
      A.sayMasking(A.nothingToRead(study.kind === "grow" ? "This part of the region" : where(study.kind)));
    }
    wanted.forEach(function (one) { one.state = "asked"; one.error = ""; one.message = ""; });
    A.maskingChanged();
    if (wanted.length) { submit(study, wanted); }
    if (!study.plane.whole && !liveWhole(study)) { A.run([study.plane.name], { quiet: true }); }
  }

  function liveWhole(study) {
    const job = A.jobs[study.plane.name];
    return job && (LIVE[job.state]);
  }

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
    A.emit("prediction", study.plane.name);
  }

  /* ---- the answer to the whole image, to compare with --------------------------------------------- */

  function takeBefore() {
    const study = state.study;
    if (!study || study.stale || !study.plane.whole) { return; }
    study.before = study.plane.whole;
    study.steps.forEach(function (one) { one.before = A.scoresOver(study.before, one.pixels); });
  }

  A.on("prediction", function () {
    if (state.study && !state.study.before && state.study.plane.whole) {
      takeBefore();
      A.maskingChanged();
    }
  });

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

  /* Keep what is here, and ask for no more. */
  A.stopStudy = function () {
    const study = state.study;
    if (!study) { return; }
    clearTimeout(timer);
    following = false;
    const live = study.steps.filter(function (one) { return LIVE[one.state] && one.state !== "done"; });
    withdraw(live);
    live.forEach(function (one) { one.state = "cancelled"; });
    A.maskingChanged();
  };

  A.dropStudy = function () {
    if (!state.study) { return; }
    clearTimeout(timer);
    following = false;
    withdraw(state.study.steps);
    state.study = null;
    state.step = 0;
  };

  /* Weights, gain or range changed: what was found stays, and says what it was found with. */
  A.on("option", function (name) {
    const study = state.study;
    if (!study || study.stale || ["weights", "gain", "adcMin", "adcMax", "saturate"].indexOf(name) < 0) { return; }
    A.stopStudy();
    study.stale = name === "weights"
      ? "This study is of the former weights, " + study.weights.name + " (" + study.weights.sha256.slice(0, 7) + ")."
      : "This study is of the former " + (name === "gain" ? "gain, " + A.number(study.gain, 3) : "charge range") + ".";
    state.show = "before";
    A.maskingChanged();
  });
})(window.argonscope);
