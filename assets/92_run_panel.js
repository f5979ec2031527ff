/* The panel of the network: weights, one line a plane for the job, and what the buttons may do. */
(function (A) {
  "use strict";

  const rows = {};

  A.mountRunPanel = function (node) {
    A.PLANES.forEach(function (name) {
      const row = node.appendChild(A.element("div", "job"));
      const run = row.appendChild(A.element("button", "job-plane", name));
      run.type = "button";
      run.title = "Run on plane " + name + " alone";
      run.setAttribute("aria-label", "Run on plane " + name);
      run.addEventListener("click", function () { A.run([name]); });
      const track = row.appendChild(A.element("span", "job-track"));
      const fill = track.appendChild(A.element("span", "job-fill"));
      const words = row.appendChild(A.element("span", "job-words", "not run"));
      words.id = "job-words-" + name;
      rows[name] = { row: row, run: run, fill: fill, words: words };
    });
    show();
  };

  function seconds(value) { return value === undefined || value === null ? "" : A.number(value, 2) + " s"; }

  function words(name, job) {
    const plane = A.event && A.event.planes && A.event.planes[name];
    if (!job) { return plane ? idle(name) : A.event && A.event.planes ? "no such plane" : "–"; }
    switch (job.state) {
      case "asked": return "asking";
      case "queued": return job.message || (job.position ? "queued, " + job.position + " before it" : "queued, next");
      case "running": return "running" + (job.progress ? ", " + Math.round(job.progress * 100) + " %" : "");
      case "cancelled": return "cancelled";
      case "failed": return "failed";
      case "done": return done(plane, job);
      case "unknown": return "lost, run it again";
      default: return job.state;
    }
  }

  function idle(name) {
    const weights = A.weightsOf(name);
    return weights ? "not run · " + weights.sha256.slice(0, 7) : "not run";
  }

  function done(plane, job) {
    const said = plane && plane.whole;
    if (!said) { return "fetching the answer"; }
    const time = seconds(said.header.seconds === undefined ? job.seconds : said.header.seconds);
    /* On CPU the way of computing says enough, and the line is short. */
    const device = said.header.device.replace(/^cpu, /, "");
    return [time, device, said.header.weights_hash.slice(0, 7)].filter(Boolean).join(" · ");
  }

  function show() {
    A.PLANES.forEach(function (name) {
      const row = rows[name];
      if (!row) { return; }
      const job = A.jobs[name];
      const text = words(name, job);
      const state = job ? job.state : "idle";
      row.row.dataset.state = state;
      row.words.textContent = text;
      row.words.title = job && job.error || text;
      row.run.disabled = !(A.event && A.event.planes && A.event.planes[name]) || !A.weightsOf(name);
      const progress = state === "done" ? 1 : state === "running" ? Math.max(job.progress || 0, 0.04) : 0;
      row.fill.style.width = progress * 100 + "%";
    });
    showProblem();
    const can = Boolean(A.event && A.event.planes && A.weights.length);
    const busy = A.busy();
    A.setProps("run", { disabled: !can || busy });
    A.setProps("cancel", { disabled: !busy });
  }

  function showProblem() {
    const failed = A.PLANES.map(function (name) { return A.jobs[name]; }).filter(function (job) {
      return job && job.state === "failed";
    });
    const waits = A.PLANES.map(function (name) { return A.jobs[name]; }).find(function (job) {
      return job && job.message && job.state === "queued";
    });
    const text = A.runError || (failed.length ? failed[0].error : "") || (waits ? waits.message : "");
    A.setText("run-problem", text || "");
  }

  function showWeights(list) {
    const names = [];
    list.forEach(function (row) {
      const value = A.weightsFamily(row);
      if (names.indexOf(value) < 0) { names.push(value); }
    });
    A.setProps("weights-select", {
      data: names.map(function (value) { return { value: value, label: label(value, list) }; }),
      value: A.chosenWeights,
    });
    if (!list.length) { A.runError = "No trained weights are installed, so the network cannot run."; }
    show();
  }

  function label(value, list) {
    const rows = list.filter(function (one) { return A.weightsFamily(one) === value; });
    const title = value.replace(/^uresnet /, "U-ResNet ");
    return rows.length < A.PLANES.length
      ? title + " · " + rows.map(function (row) { return row.plane; }).join(", ") + " only" : title;
  }

  A.on("jobs", show);
  A.on("event", show);
  A.on("weights", showWeights);
})(window.argonscope);
