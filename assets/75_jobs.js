/* Running the network: jobs on the server's queue, watched until they end, and their predictions. */
(function (A) {
  "use strict";

  const POLL_MS = 120;
  const LIVE = { queued: true, running: true };
  const answers = new Map();   /* job key -> decoded prediction */
  let timer = null;
  let round = 0;

  A.jobs = {};                 /* plane -> {key, state, position, progress, error, seconds} */
  A.weights = [];              /* rows of /api/weights */
  A.chosenWeights = null;      /* "network name"; null until the list is here */
  A.runError = "";

  A.loadWeights = function () {
    return A.requestJson("api/weights").then(function (list) {
      A.weights = list;
      const first = list.find(function (row) { return row["default"]; }) || list[0];
      A.chosenWeights = first ? A.weightsFamily(first) : null;
      if (!list.length) { A.runError = "No trained weights are installed, so no network can run."; }
      A.emit("weights", list);
    }).catch(function (error) {
      A.runError = error.message;
      A.emit("jobs");
    });
  };

  /* Weights of one kind for several planes are named network-kind-plane: "uresnet 5-16" for all. */
  A.weightsFamily = function (row) {
    let kind = row.name;
    if (kind.indexOf(row.network + "-") === 0) { kind = kind.slice(row.network.length + 1); }
    if (kind.endsWith("-" + row.plane)) { kind = kind.slice(0, -row.plane.length - 1); }
    return row.network + " " + kind;
  };

  A.weightsOf = function (plane) {
    return A.weights.find(function (row) { return row.plane === plane && A.weightsFamily(row) === A.chosenWeights; });
  };

  A.busy = function () {
    return Object.values(A.jobs).some(function (job) { return LIVE[job.state]; });
  };

  /* Ask for planes of the event shown. options.quiet: leave the overlay as it is; options.auto: nobody
   * pressed Run, so what has not begun is withdrawn when the event is left. */
  A.run = function (planes, options) {
    const event = A.event;
    if (!event || !event.planes) { return Promise.resolve(); }
    const wanted = planes.filter(function (name) { return event.planes[name] && A.weightsOf(name); });
    if (!wanted.length) { return Promise.resolve(); }
    const mine = round;
    A.runError = "";
    wanted.forEach(function (name) { A.jobs[name] = { state: "asked", how: options || {} }; });
    A.emit("jobs");
    return post("api/jobs", A.jobBody(event, wanted)).then(function (body) {
      if (mine !== round) {
        if (options && options.auto) { withdraw(Object.values(body.jobs)); }
        return;
      }
      switchFrom = options && options.quiet || A.NEEDS_PREDICTION[A.look.overlay] ? null : A.look.overlay;
      take(body.jobs);
    }).catch(function (error) {
      if (mine !== round) { return; }
      wanted.forEach(function (name) { delete A.jobs[name]; });
      A.runError = error.message;
      A.emit("jobs");
    });
  };

  /* Overlay that was shown when Run was pressed: with the first answer the prediction takes its place,
   * unless another was chosen meanwhile. */
  let switchFrom = null;

  function post(path, body) {
    return A.requestJson(path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  }

  /* What a job of these planes asks; event needs only file and entry. */
  A.jobBody = function (event, planes) {
    const body = {
      file: event.file, entry: event.entry, planes: planes,
      settings: { adc_min: A.settings.adcMin, adc_max: A.settings.adcMax, saturate: A.settings.saturate },
    };
    planes.map(A.weightsOf).filter(Boolean).forEach(function (row) {
      body.network = row.network;
      body.weights = Object.assign({}, body.weights);
      body.weights[row.plane] = row.name;
    });
    if (A.settings.gain) { body.gain = A.settings.gain; }
    return body;
  };
  A.post = post;

  function take(jobs) {
    Object.keys(jobs).forEach(function (plane) {
      A.jobs[plane] = Object.assign({}, A.jobs[plane], jobs[plane]);
      if (jobs[plane].state === "done") { fetchAnswer(plane, A.jobs[plane].key); }
    });
    A.emit("jobs");
    watch();
  }

  function watch() {
    clearTimeout(timer);
    if (A.busy()) { timer = setTimeout(poll, POLL_MS); }
  }

  function poll() {
    const mine = round;
    const planeOf = {};
    Object.keys(A.jobs).forEach(function (plane) {
      if (LIVE[A.jobs[plane].state]) { planeOf[A.jobs[plane].key] = plane; }
    });
    if (!Object.keys(planeOf).length) { return; }
    A.requestJson("api/jobs?keys=" + Object.keys(planeOf).join(",")).then(function (states) {
      if (mine !== round) { return; }
      A.runError = "";
      const jobs = {};
      Object.keys(states).forEach(function (key) {
        const plane = planeOf[key];
        if (plane && !A.jobs[plane].withdrawn) { jobs[plane] = Object.assign({ key: key }, states[key]); }
      });
      take(jobs);
      askAgain(jobs);
    }).catch(function (error) {
      if (mine !== round) { return; }
      A.runError = error.message;
      A.emit("jobs");
      timer = setTimeout(poll, 2000);
    });
  }

  /* Two pages share a job; when the other one withdrew it, this one still wants the answer. */
  function askAgain(jobs) {
    Object.keys(jobs).forEach(function (plane) {
      if (jobs[plane].state === "cancelled") { A.run([plane], A.jobs[plane].how); }
    });
  }

  /* Let go of jobs that wait, so that they do not stand before those of the event shown now. One that
   * runs goes on: its answer is kept for the way back. */
  function withdraw(jobs) {
    jobs.filter(function (job) { return job.state === "queued"; }).forEach(function (job) {
      post("api/jobs/" + job.key + "/cancel", {}).catch(function () { A.emit("withdraw-failed"); });
    });
  }

  function fetchAnswer(plane, key) {
    const event = A.event;
    const mine = round;
    const known = answers.get(key);
    const asked = known ? Promise.resolve(known) : A.requestArrays("api/predictions/" + key);
    asked.then(function (answer) {
      answers.set(key, answer);
      while (answers.size > 30) { answers.delete(answers.keys().next().value); }
      if (event !== A.event || mine !== round) { return; }
      event.planes[plane].setPrediction(answer.header, answer.arrays.scores);
      if (switchFrom === A.look.overlay) { A.setLook({ overlay: "class" }); }
      switchFrom = null;
      A.emit("prediction", plane);
      A.emit("jobs");
    }).catch(function (error) {
      if (event !== A.event || mine !== round) { return; }
      A.jobs[plane] = { state: "failed", error: error.message };
      A.emit("jobs");
    });
  }

  A.cancel = function () {
    const live = Object.keys(A.jobs).filter(function (plane) { return LIVE[A.jobs[plane].state]; });
    live.forEach(function (plane) { A.jobs[plane].withdrawn = true; });
    return Promise.all(live.map(function (plane) {
      return post("api/jobs/" + A.jobs[plane].key + "/cancel", {}).then(function (answer) {
        A.jobs[plane] = Object.assign({ withdrawn: true }, answer);   /* a look that is on its way may be older */
      });
    })).catch(function (error) { A.runError = error.message; }).then(function () { A.emit("jobs"); });
  };

  /* Answers belong to one event, gain, settings and weights; when one changes they go. */
  A.dropAnswers = function () {
    round += 1;
    withdraw(Object.values(A.jobs).filter(function (job) { return job.how && job.how.auto; }));
    switchFrom = null;
    clearTimeout(timer);
    A.jobs = {};
    A.runError = "";
    if (A.event && A.event.planes) {
      Object.values(A.event.planes).forEach(function (plane) { plane.whole = null; });
    }
    A.emit("prediction");
    A.emit("jobs");
  };

  /* Answers that the server holds already for this event come without being asked for. */
  function showStored() {
    const event = A.event;
    const stored = event.header && event.header.answers;
    if (!stored || !A.asShipped()) { return; }
    Object.keys(stored).forEach(function (plane) {
      if (!event.planes[plane]) { return; }
      A.jobs[plane] = { key: stored[plane], state: "done" };
      fetchAnswer(plane, stored[plane]);
    });
    A.emit("jobs");
  }

  /* Whether gain, settings and weights are those that stored answers were looked up for. */
  A.asShipped = function () {
    const defaults = A.setup.defaults;
    const chosen = A.PLANES.map(A.weightsOf).filter(Boolean);
    return !A.settings.gain && A.settings.adcMin === defaults.adc_min && A.settings.adcMax === defaults.adc_max &&
      A.settings.saturate === defaults.saturate && chosen.every(function (row) { return row["default"]; });
  };

  let autoTimer = null;
  function runAutomatically() {
    clearTimeout(autoTimer);
    if (!A.settings.auto || !A.event || !A.event.planes) { return; }
    autoTimer = setTimeout(function () {
      const missing = A.PLANES.filter(function (name) { return !A.jobs[name]; });
      if (missing.length) { A.run(missing, { quiet: true, auto: true }); }
    }, 150);
  }

  A.on("weights", runAutomatically);
  A.on("event", function () {
    A.dropAnswers();
    if (A.event.planes) {
      showStored();
      runAutomatically();
    }
  });
  A.on("option", function (name) {
    if (["gain", "adcMin", "adcMax", "saturate", "weights"].indexOf(name) >= 0 && A.event && A.event.planes) {
      A.dropAnswers();
      showStored();
      runAutomatically();
    }
    if (name === "auto" && A.settings.auto && A.event && A.event.planes) { A.run(A.PLANES, { auto: true }); }
  });
})(window.argonscope);
