/* The panel of the networks: which of them runs, their weights, one line a plane for the jobs, and what the
 * buttons may do. */
(function (A) {
  "use strict";

  const rows = {};
  const TITLES = {};
  TITLES[A.setup.segmenter] = "U-ResNet";
  TITLES[A.setup.detector] = "sMask-RCNN";

  A.mountRunPanel = function (node) {
    A.PLANES.forEach(function (name) {
      const row = node.appendChild(A.element("div", "job"));
      const run = row.appendChild(A.element("button", "job-plane", name));
      run.type = "button";
      run.title = "Run on plane " + name + " alone";
      run.setAttribute("aria-label", "Run on plane " + name);
      run.addEventListener("click", function () { A.runChosen([name]); });
      rows[name] = { row: row, run: run };
      Object.values(A.networks).forEach(function (network) { rows[name][network.network] = slot(row, network, name); });
    });
    show();
  };

  /* Track and words of one network's job. */
  function slot(row, network, plane) {
    const box = row.appendChild(A.element("span", "job-slot"));
    const fill = box.appendChild(A.element("span", "job-track")).appendChild(A.element("span", "job-fill"));
    const words = box.appendChild(A.element("span", "job-words", "not run"));
    words.id = (network.network === A.setup.segmenter ? "job-words-" : "detector-words-") + plane;
    return { box: box, fill: fill, words: words };
  }

  function seconds(value) { return value === undefined || value === null ? "" : A.number(value, 2) + " s"; }

  function words(network, name, job) {
    const plane = A.event && A.event.planes && A.event.planes[name];
    if (!job) { return plane ? idle(network, name) : A.event && A.event.planes ? "no such plane" : "–"; }
    switch (job.state) {
      case "asked": return "asking";
      case "queued": return job.message || (job.position ? "queued, " + job.position + " ahead" : "queued, next");
      case "running": return "running" + (job.progress ? ", " + Math.round(job.progress * 100) + " %" : "");
      case "cancelled": return "cancelled";
      case "failed": return "failed";
      case "done": return done(answerOf(network, plane), job);
      case "unknown": return "lost, run it again";
      default: return job.state;
    }
  }

  function idle(network, name) {
    const weights = network.weightsOf(name);
    if (!weights && A.weightsKnown) { return "no weights"; }
    return weights ? "not run · " + weights.sha256.slice(0, 7) : "not run";
  }

  function answerOf(network, plane) {
    return plane && (network.network === A.setup.segmenter ? plane.whole : plane.detections);
  }

  function done(said, job) {
    if (!said) { return "fetching the answer"; }
    const time = seconds(said.header.seconds === undefined ? job.seconds : said.header.seconds);
    /* On CPU the way of computing says enough, and the line is short. */
    const device = said.header.device.replace(/^cpu, /, "");
    return [time, device, said.header.weights_hash.slice(0, 7)].filter(Boolean).join(" · ");
  }

  function show() {
    const chosen = A.chosenNetworks();
    A.PLANES.forEach(function (name) {
      if (!rows[name]) { return; }
      Object.values(A.networks).forEach(function (network) {
        const own = rows[name][network.network];
        own.box.hidden = chosen.indexOf(network) < 0;
        fillSlot(own, network, name, chosen.length > 1);
      });
      rows[name].run.disabled = !(A.event && A.event.planes && A.event.planes[name]) ||
        !chosen.some(function (network) { return network.weightsOf(name); });
    });
    showProblem(chosen);
    const can = Boolean(A.event && A.event.planes) && chosen.some(function (network) { return network.weights.length; });
    const busy = A.busy();
    A.setProps("run", { disabled: !can || busy });
    A.setProps("cancel", { disabled: !busy });
    const root = document.documentElement.classList;
    root.toggle("runs-segmenter", chosen.indexOf(A.networks[A.setup.segmenter]) >= 0);
    root.toggle("runs-detector", chosen.indexOf(A.networks[A.setup.detector]) >= 0);
  }

  function fillSlot(own, network, name, beside) {
    const job = network.jobs[name];
    const text = words(network, name, job);
    const state = job ? job.state : "idle";
    own.box.dataset.state = state;
    /* Two networks side by side leave room for the time alone; the tip has the rest. */
    own.words.textContent = beside && (state === "done" || state === "idle") ? text.split(" · ")[0] : text;
    own.words.title = (beside ? TITLES[network.network] + ": " : "") + (job && job.error || text);
    const progress = state === "done" ? 1 : state === "running" ? Math.max(job.progress || 0, 0.04) : 0;
    own.fill.style.width = progress * 100 + "%";
  }

  function showProblem(chosen) {
    const jobs = chosen.reduce(function (all, network) { return all.concat(Object.values(network.jobs)); }, []);
    const failed = jobs.find(function (job) { return job.state === "failed"; });
    const waits = jobs.find(function (job) { return job.message && job.state === "queued"; });
    const errors = Object.values(A.networks).map(function (network) { return network.error; }).filter(Boolean);
    const text = errors[0] || missing(chosen) || (failed ? failed.error : "") || (waits ? waits.message : "");
    A.setText("run-problem", text || "");
  }

  /* Which of the chosen networks has no weights, in one sentence. */
  function missing(chosen) {
    const none = A.weightsKnown && chosen.find(function (network) { return !network.weights.length; });
    if (!none) { return ""; }
    return none.network === A.setup.detector ? A.NO_DETECTOR : "No trained weights of U-ResNet are installed, so it cannot run.";
  }

  function showWeights() {
    fillSelect("weights-select", A.networks[A.setup.segmenter]);
    fillSelect("detector-weights-select", A.networks[A.setup.detector]);
    show();
  }

  function fillSelect(id, network) {
    const names = Array.from(new Set(network.weights.map(A.weightsFamily)));
    A.setProps(id, {
      data: names.map(function (value) { return { value: value, label: label(value, network) }; }),
      value: network.chosen,
      disabled: !names.length,
    });
  }

  function label(value, network) {
    const own = network.weights.filter(function (one) { return A.weightsFamily(one) === value; });
    const title = TITLES[network.network] + value.slice(network.network.length);
    return own.length < A.PLANES.length
      ? title + " · " + own.map(function (row) { return row.plane; }).join(", ") + " only" : title;
  }

  A.on("jobs", show);
  A.on("event", show);
  A.on("weights", showWeights);
  A.on("option", function (name) { if (name === "networks") { show(); } });
})(window.argonscope);
