/* The jobs of one network on the server's queue, a plane each: asked for, watched until they end, and their
 * answers. 75_jobs.js makes one of these for each network. */
(function (A) {
  "use strict";

  const POLL_MS = 120;
  const KEPT_ANSWERS = 30;
  const LIVE = { queued: true, running: true };

  function post(path, body) {
    return A.requestJson(path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  }
  A.post = post;

  /* Weights of one kind for several planes are named network-kind-plane: "uresnet 5-16" for all. */
  A.weightsFamily = function (row) {
    let kind = row.name;
    if (kind.indexOf(row.network + "-") === 0) { kind = kind.slice(row.network.length + 1); }
    if (kind.endsWith("-" + row.plane)) { kind = kind.slice(0, -row.plane.length - 1); }
    return row.network + " " + kind;
  };

  A.NetworkJobs = class {
    /* own: {settings(): what a job sends, asShipped(settings): whether these are the defaults,
     * keep(plane, answer), forget(plane): an answer put into a plane and taken out again, asked(options) and
     * arrived(): when somebody asked and when the first answer is here, topic: told when answers change}. */
    constructor(network, own) {
      this.network = network;
      this.own = own;
      this.jobs = {};              /* plane -> {key, state, position, progress, error, seconds} */
      this.chosen = null;          /* "network kind" of the weights; null until the list is here */
      this.error = "";
      this.answers = new Map();    /* job key -> decoded answer */
      this.round = 0;              /* answers of an earlier round are to another event or question */
      this.timer = null;
    }

    get weights() {
      const network = this.network;
      return A.weights.filter(function (row) { return row.network === network; });
    }

    choose() {
      const rows = this.weights;
      const first = rows.find(function (row) { return row["default"]; }) || rows[0];
      this.chosen = first ? A.weightsFamily(first) : null;
    }

    weightsOf(plane) {
      const chosen = this.chosen;
      return A.weights.find(function (row) { return row.plane === plane && A.weightsFamily(row) === chosen; });
    }

    busy() { return Object.values(this.jobs).some(function (job) { return LIVE[job.state]; }); }

    /* What a job of these planes asks; event needs only file and entry. */
    jobBody(event, planes) {
      const body = { file: event.file, entry: event.entry, planes: planes, settings: this.own.settings() };
      planes.map(this.weightsOf, this).filter(Boolean).forEach(function (row) {
        body.network = row.network;
        body.weights = Object.assign({}, body.weights);
        body.weights[row.plane] = row.name;
      });
      if (A.settings.gain) { body.gain = A.settings.gain; }
      return body;
    }

    /* Ask for planes of the event shown. options.quiet: leave the overlay as it is; options.auto: nobody
     * pressed Run, so what has not begun is withdrawn when the event is left. */
    run(planes, options) {
      const event = A.event;
      const how = options || {};
      if (!event || !event.planes) { return Promise.resolve(); }
      const wanted = planes.filter(function (name) { return event.planes[name] && this.weightsOf(name); }, this);
      if (!wanted.length) { return Promise.resolve(); }
      const mine = this.round;
      this.error = "";
      wanted.forEach(function (name) { this.jobs[name] = { state: "asked", how: how }; }, this);
      A.emit("jobs");
      return post("api/jobs", this.jobBody(event, wanted)).then((body) => {
        if (mine !== this.round) {
          if (how.auto) { this.withdraw(Object.values(body.jobs)); }
          return;
        }
        this.own.asked(how);
        this.take(body.jobs);
      }).catch((error) => {
        if (mine !== this.round) { return; }
        wanted.forEach(function (name) { delete this.jobs[name]; }, this);
        this.error = error.message;
        A.emit("jobs");
      });
    }

    take(jobs) {
      Object.keys(jobs).forEach(function (plane) {
        this.jobs[plane] = Object.assign({}, this.jobs[plane], jobs[plane]);
        if (jobs[plane].state === "done") { this.fetchAnswer(plane, this.jobs[plane].key); }
      }, this);
      A.emit("jobs");
      this.watch();
    }

    watch() {
      clearTimeout(this.timer);
      if (this.busy()) { this.timer = setTimeout(() => { this.poll(); }, POLL_MS); }
    }

    poll() {
      const mine = this.round;
      const planeOf = {};
      Object.keys(this.jobs).forEach(function (plane) {
        if (LIVE[this.jobs[plane].state]) { planeOf[this.jobs[plane].key] = plane; }
      }, this);
      if (!Object.keys(planeOf).length) { return; }
      A.requestJson("api/jobs?keys=" + Object.keys(planeOf).join(",")).then((states) => {
        if (mine !== this.round) { return; }
        this.error = "";
        const jobs = {};
        Object.keys(states).forEach(function (key) {
          const plane = planeOf[key];
          if (plane && !this.jobs[plane].withdrawn) { jobs[plane] = Object.assign({ key: key }, states[key]); }
        }, this);
        this.take(jobs);
        this.askAgain(jobs);
      }).catch((error) => {
        if (mine !== this.round) { return; }
        this.error = error.message;
        A.emit("jobs");
        this.timer = setTimeout(() => { this.poll(); }, 2000);
      });
    }

    /* Two pages share a job; when the other one withdrew it, this one still wants the answer. */
    askAgain(jobs) {
      Object.keys(jobs).forEach(function (plane) {
        if (jobs[plane].state === "cancelled") { this.run([plane], this.jobs[plane].how); }
      }, this);
    }

    /* Let go of jobs that wait, so that they do not stand before those of the event shown now. One that
     * runs goes on: its answer is kept for the way back. */
    withdraw(jobs) {
      jobs.filter(function (job) { return job.state === "queued"; }).forEach(function (job) {
        post("api/jobs/" + job.key + "/cancel", {}).catch(function () { A.emit("withdraw-failed"); });
      });
    }

    fetchAnswer(plane, key) {
      const event = A.event;
      const mine = this.round;
      const known = this.answers.get(key);
      const asked = known ? Promise.resolve(known) : A.requestArrays("api/predictions/" + key);
      asked.then((answer) => {
        this.answers.set(key, answer);
        while (this.answers.size > KEPT_ANSWERS) { this.answers.delete(this.answers.keys().next().value); }
        if (event !== A.event || mine !== this.round) { return; }
        this.own.keep(event.planes[plane], answer);
        this.own.arrived();
        A.emit(this.own.topic, plane);
        A.emit("jobs");
      }).catch((error) => {
        if (event !== A.event || mine !== this.round) { return; }
        this.jobs[plane] = { state: "failed", error: error.message };
        A.emit("jobs");
      });
    }

    cancel() {
      const live = Object.keys(this.jobs).filter(function (plane) { return LIVE[this.jobs[plane].state]; }, this);
      live.forEach(function (plane) { this.jobs[plane].withdrawn = true; }, this);
      return Promise.all(live.map(function (plane) {
        return post("api/jobs/" + this.jobs[plane].key + "/cancel", {}).then((answer) => {
          this.jobs[plane] = Object.assign({ withdrawn: true }, answer);   /* a look that is on its way may be older */
        });
      }, this)).catch((error) => { this.error = error.message; }).then(function () { A.emit("jobs"); });
    }

    /* Answers belong to one event, gain, settings and weights; when one changes they go. */
    drop() {
      this.round += 1;
      this.withdraw(Object.values(this.jobs).filter(function (job) { return job.how && job.how.auto; }));
      clearTimeout(this.timer);
      this.jobs = {};
      this.error = "";
      this.own.asked({ quiet: true });
      if (A.event && A.event.planes) { Object.values(A.event.planes).forEach(this.own.forget); }
      A.emit(this.own.topic);
      A.emit("jobs");
    }

    /* Answers that the server holds already for this event come without being asked for. */
    showStored() {
      const event = A.event;
      const stored = event.header && event.header.answers[this.network];
      if (!stored || !this.asShipped()) { return; }
      Object.keys(stored).forEach(function (plane) {
        if (!event.planes[plane]) { return; }
        this.jobs[plane] = { key: stored[plane], state: "done" };
        this.fetchAnswer(plane, stored[plane]);
      }, this);
      A.emit("jobs");
    }

    /* Whether gain, settings and weights are those that stored answers were looked up for. */
    asShipped() {
      const chosen = A.PLANES.map(this.weightsOf, this).filter(Boolean);
      return !A.settings.gain && this.own.asShipped() && chosen.every(function (row) { return row["default"]; });
    }

    /* Run on the planes that nobody has asked for yet. */
    runMissing() {
      const missing = A.PLANES.filter(function (name) { return !this.jobs[name]; }, this);
      if (missing.length) { this.run(missing, { quiet: true, auto: true }); }
    }
  };
})(window.argonscope);
