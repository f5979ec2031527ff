/* The candidates of a whole file, in a drawer. What is answered already comes at once; Run asks the
 * network for the other entries, a few at a time, so that somebody else's event need not wait for them. */
(function (A) {
  "use strict";

  const ENTRIES_AT_ONCE = 2;
  const FAILURES_IN_A_ROW = 3;
  const POLL_MS = 250;
  const FILL_MS = 300;

  let opened = false;
  let table = null;       /* what is known of one file under one question; made by fresh() */
  let turn = 0;           /* answers of an earlier turn are of no use to the table any more */
  let running = false;
  let shownRows = [];     /* rows that pass the table's filters */

  function question(file, entry) {
    const body = A.jobBody({ file: file, entry: entry }, A.PLANES);
    const known = A.PLANES.filter(A.weightsOf);
    if (known.length < A.PLANES.length) { body.planes = known; } else { delete body.planes; }
    return body;
  }

  function identity(file) { return JSON.stringify([question(file, 0), A.look.hipTracks]); }

  function fresh(file) {
    return {
      file: file, asked: identity(file), entries: [], answers: new Map(),
      failed: new Map(), problem: "", waits: "", looked: 0, toLook: 0,
    };
  }

  /* Entries without an answer to every plane, that have not failed. */
  function open() {
    return table.entries.filter(function (row) {
      return !(table.answers.has(row.entry) && table.answers.get(row.entry).whole) && !table.failed.has(row.entry);
    });
  }

  /* ---- what is answered already ----------------------------------------------------------------- */

  A.toggleCandidateTable = function () {
    window.dash_clientside.set_props("candidate-drawer", { opened: !opened });
    A.candidateDrawerMoved(!opened);
  };

  A.candidateDrawerMoved = function (now) {
    if (opened === now) { return; }
    opened = now;
    if (now) { fill(); drawSpectrumSoon(30); } else { stop(); }
  };

  function fill() {
    if (!A.event || !A.weights.length) { return; }
    const file = A.event.file;
    if (!table || table.asked !== identity(file)) { table = fresh(file); }
    table.problem = "";
    const mine = (turn += 1);
    show();
    A.eventRows(file, true).then(function (rows) {
      if (mine !== turn) { return undefined; }
      table.entries = rows;
      const there = open().filter(function (row) { return row.predicted; });
      table.looked = 0;
      table.toLook = there.length;
      return look(there, mine);
    }).catch(function (error) { fail(error.message, mine); });
  }

  /* One entry after the other: the server's time belongs to the pictures first. */
  function look(rows, mine) {
    if (mine !== turn || !rows.length) {
      table.toLook = 0;
      showSoon();
      return Promise.resolve();
    }
    return fetchEntry(rows[0], mine).then(function () {
      table.looked += 1;
      showSoon();
      return look(rows.slice(1), mine);
    });
  }

  function fetchEntry(row, mine) {
    return A.candidateRequest(question(table.file, row.entry)).then(function (body) {
      if (mine !== turn) { return; }
      table.answers.set(row.entry, { whole: !body.missing.length, planes: body.planes });
      showSoon();
    });
  }

  function fail(sentence, mine) {
    if (mine !== turn) { return; }
    stop();
    table.problem = sentence;
    show();
  }

  /* ---- running ------------------------------------------------------------------------------------- */

  A.runCandidateTable = function () {
    if (running || !table) { return; }
    running = true;
    table.problem = "";
    table.failed.clear();
    const mine = (turn += 1);
    const left = open();
    const run = { mine: mine, left: left, bad: 0, live: new Map() };
    table.run = run;
    const lanes = [];
    for (let i = 0; i < ENTRIES_AT_ONCE; i++) { lanes.push(lane(run)); }
    Promise.all(lanes).then(function () { if (mine === turn) { finish(); } }, function (error) { fail(error.message, mine); });
    show();
  };

  function finish() {
    running = false;
    table.waits = "";
    show();
  }

  function lane(run) {
    if (run.mine !== turn || !run.left.length) { return Promise.resolve(); }
    return runEntry(run, run.left.shift()).then(function () { return lane(run); });
  }

  function runEntry(run, row) {
    return A.requestJson("api/jobs", {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify(question(table.file, row.entry)),
    }).then(function (body) {
      const jobs = Object.values(body.jobs);
      if (run.mine !== turn) { withdraw(jobs); return undefined; }
      run.live.set(row.entry, jobs);
      return ended(run, row);
    }).then(function () { run.live.delete(row.entry); });
  }

  /* Wait until every job of an entry has ended, then take its candidates. */
  function ended(run, row) {
    const jobs = run.live.get(row.entry);
    const live = jobs.filter(function (job) { return job.state === "queued" || job.state === "running"; });
    const said = live.map(function (job) { return job.message; }).find(Boolean) || "";
    if (table.waits !== said) { table.waits = said; showSoon(); }
    const failed = jobs.find(function (job) { return job.state === "failed"; });
    if (failed) { return failEntry(run, row, failed.error); }
    if (!live.length) {
      run.bad = 0;
      return fetchEntry(row, run.mine);
    }
    return pause(POLL_MS).then(function () {
      if (run.mine !== turn) { return undefined; }
      return A.requestJson("api/jobs?keys=" + jobs.map(function (job) { return job.key; }).join(",")).then(function (states) {
        run.live.set(row.entry, jobs.map(function (job) { return Object.assign({ key: job.key }, states[job.key]); }));
        return run.mine === turn ? ended(run, row) : undefined;
      });
    });
  }

  function failEntry(run, row, error) {
    withdraw(run.live.get(row.entry));
    table.failed.set(row.entry, error);
    run.bad += 1;
    if (run.bad >= FAILURES_IN_A_ROW) {
      throw new Error("Stopped, because " + run.bad + " entries in a row failed: " + error);
    }
    return fetchEntry(row, run.mine);
  }

  function pause(ms) { return new Promise(function (resolve) { setTimeout(resolve, ms); }); }

  /* Let go of jobs that have not begun, unless the event shown waits for them too. */
  function withdraw(jobs) {
    const shown = Object.values(A.jobs).map(function (job) { return job.key; });
    jobs.filter(function (job) { return job.state === "queued" && shown.indexOf(job.key) < 0; }).forEach(function (job) {
      A.post("api/jobs/" + job.key + "/cancel", {}).catch(function () { A.emit("withdraw-failed"); });
    });
  }

  function stop() {
    turn += 1;
    if (table && table.run) {
      table.run.live.forEach(withdraw);
      table.run = null;
      table.waits = "";
      table.toLook = 0;
    }
    running = false;
    show();
  }
  A.stopCandidateTable = stop;

  /* ---- showing ----------------------------------------------------------------------------------- */

  function rowsOf(row) {
    const answer = table.answers.get(row.entry);
    if (!answer) { return []; }
    const made = [];
    Object.keys(answer.planes).forEach(function (name) {
      A.candidatesIn(name, answer.planes[name]).forEach(function (one) { made.push(tableRow(row, one)); });
    });
    return made;
  }

  function tableRow(row, one) {
    const judged = one.kind === "michel" && one.matched !== null;   /* truth knows its pixels */
    return {
      id: row.entry + " " + one.id, entry: row.entry + 1, event: [row.run, row.subrun, row.event].join(" / "),
      plane: one.plane, kind: one.kind === "michel" ? "Michel" : "shower", wire: one.place.wire, tick: one.place.tick,
      pixels: one.pixels.length, adc: rounded(one.charge_adc, 0), mev: rounded(one.energy_mev, 1),
      matched: judged ? (one.matched ? "matched" : "none") : "",
      true_mev: judged && one.matched ? rounded(one.true_energy_mev, 1) : null,
    };
  }

  function rounded(value, digits) { return Number(value.toFixed(digits)); }

  function allRows() { return [].concat.apply([], table.entries.map(rowsOf)); }

  /* True Michel electrons of all answered entries, where there is truth: {plane, pixels, energy_mev}. */
  function trueMichels() {
    const all = [];
    let known = false;
    table.answers.forEach(function (answer) {
      Object.keys(answer.planes).forEach(function (name) {
        const truth = answer.planes[name].true_michels;
        known = known || Boolean(truth);
        (truth || []).forEach(function (one) { all.push(Object.assign({ plane: name }, one)); });
      });
    });
    return known ? all : null;
  }

  let pending = null;
  function showSoon() {
    if (!pending) { pending = setTimeout(function () { pending = null; show(); }, FILL_MS + shownRows.length / 4); }
  }

  function show() {
    if (!opened || !table) { return; }
    const rows = allRows();
    const left = open().length + table.failed.size;
    window.dash_clientside.set_props("candidate-table", { rowData: rows });
    A.setProps("candidate-drawer", { title: "Candidates of " + table.file });
    A.setProps("candidate-table-run", { children: left ? "Run on " + left + (left === 1 ? " entry" : " entries") : "Run", disabled: running || !left || table.toLook > 0 });
    A.setProps("candidate-table-stop", { disabled: !running });
    A.setProps("candidate-table-save", { disabled: !rows.length });
    A.setProps("candidate-table-state", { children: stateWords(left) });
    A.setProps("candidate-table-problem", { children: table.problem || table.waits || failedWords() });
    A.setProps("candidate-table-summary", { children: summary(rows) });
  }

  function stateWords(left) {
    const all = table.entries.length;
    if (!all) { return "reading the list of events"; }
    if (table.toLook) { return "looking at stored answers, " + table.looked + " of " + table.toLook; }
    const words = (all - left) + " of " + all + " entries have an answer";
    return running ? words + ", running" : words;
  }

  function failedWords() {
    if (!table.failed.size) { return ""; }
    const first = table.failed.entries().next().value;
    return (table.failed.size === 1 ? "Entry " + (first[0] + 1) + " failed: " : table.failed.size + " entries failed, the first with: ") + first[1];
  }

  function summary(rows) {
    const michels = rows.filter(function (row) { return row.kind === "Michel"; });
    const words = [michels.length + " Michel, " + (rows.length - michels.length) + " shower candidates"];
    if (A.look.hipTracks) { words[0] += ", on HIP or MIP tracks"; }
    const truth = trueMichels();
    if (truth) {
      const matched = michels.filter(function (row) { return row.matched === "matched"; }).length;
      const judged = michels.filter(function (row) { return row.matched; }).length;
      words.push("true Michels found " + share(matched, truth.length), "Michel candidates matched " + share(matched, judged));
    }
    return words.join("  ·  ");
  }

  function share(part, whole) { return whole ? part + " of " + whole + " (" + A.number((100 * part) / whole, 1) + " %)" : "–"; }

  /* Rows that pass the table's filters, as a histogram, with the true ones of the same planes. */
  A.showSpectrum = function (rows) {
    shownRows = rows;
    drawSpectrum();
  };

  /* The drawer is in the page a few frames after it was asked to open. */
  function drawSpectrumSoon(frames) {
    if (A.byId("candidate-spectrum")) { drawSpectrum(); return; }
    if (frames > 0) { requestAnimationFrame(function () { drawSpectrumSoon(frames - 1); }); }
  }

  function drawSpectrum() {
    const node = A.byId("candidate-spectrum");
    if (!node || !table) { return; }
    const michels = shownRows.filter(function (row) { return row.kind === "Michel"; });
    const planes = michels.map(function (row) { return row.plane; });
    const truth = trueMichels();
    A.drawSpectrum(node, michels.map(function (row) { return row.mev; }), truth && truth.filter(function (one) {
      return planes.indexOf(one.plane) >= 0;
    }).map(function (one) { return one.energy_mev; }));
  }

  /* ---- leaving ------------------------------------------------------------------------------------ */

  A.pickCandidate = function (id) {
    const entry = Number(id.split(" ")[0]);
    const answer = table && table.answers.get(entry);
    if (!answer) { return; }
    const one = [].concat.apply([], Object.keys(answer.planes).map(function (name) {
      return A.candidatesIn(name, answer.planes[name]);
    })).find(function (candidate) { return entry + " " + candidate.id === id; });
    const file = table.file;
    A.toggleCandidateTable();
    A.setLook(one.kind === "michel" ? { michels: true } : { showers: true });
    const there = A.event.file === file && A.event.entry === entry ? Promise.resolve() : A.open(file, entry, { push: true });
    there.then(function () {
      if (A.event.file !== file || A.event.entry !== entry || !A.event.planes) { return; }
      if (!A.asShipped()) { A.run(A.PLANES, { quiet: true }); }
      A.showCandidate(one);
    });
  };

  A.saveCandidateTable = function () {
    const stem = table.file.replace(/\.[^.]*$/, "").replace(/[^\w.-]+/g, "_");
    window.dash_clientside.set_props("candidate-table", {
      csvExportParams: { fileName: stem + "_candidates.csv" }, exportDataAsCsv: true,
    });
  };

  A.on("weights", function () { if (opened) { fill(); } });
  A.on("event", function (event) { if (table && event.file !== table.file) { stop(); } });
})(window.argonscope);
