/* Files and events: fetched from the server, kept for a while, opened, stepped through. */
(function (A) {
  "use strict";

  const KEPT = 6;
  const kept = new Map();   /* "file/entry" -> promise of a loaded event */
  const rows = new Map();   /* file -> promise of its event rows */

  A.event = null;           /* {file, entry, header, planes: name -> Plane} or {file, entry, error} */
  A.files = [];

  /* ---- talking to the server ---------------------------------------------------------------- */

  /* A response, or an Error whose message is one sentence for people. */
  A.request = function (path, options) {
    return fetch(A.base + path, A.withRater(options)).catch(function () {
      throw new Error("The server does not answer; is ArgonScope still running?");
    }).then(function (response) {
      if (response.ok) { return response; }
      return response.json().catch(function () { return {}; }).then(function (body) {
        const problem = new Error(body.error || "The server answered with status " + response.status + ".");
        throw Object.assign(problem, { status: response.status, body: body });
      });
    });
  };

  A.requestJson = function (path, options) {
    return A.request(path, options).then(function (response) { return response.json(); });
  };

  /* Decoded arrays, or null where the server has none (status 204). */
  A.requestArrays = function (path) {
    return A.request(path).then(function (response) {
      return response.status === 204 ? null : response.arrayBuffer().then(A.decode);
    });
  };

  A.eventPath = function (file, entry) {
    return "api/files/" + encodeURIComponent(file) + "/events/" + entry;
  };

  A.eventRows = function (file, again) {
    if (again || !rows.has(file)) {
      const asked = A.requestJson("api/files/" + encodeURIComponent(file) + "/events");
      asked.catch(function () { rows.delete(file); });
      rows.set(file, asked);
    }
    return rows.get(file);
  };

  /* ---- loading ------------------------------------------------------------------------------ */

  function load(file, entry) {
    const key = file + "/" + entry;
    if (kept.has(key)) {
      const known = kept.get(key);
      kept.delete(key);
      kept.set(key, known);
      return known;
    }
    const path = A.eventPath(file, entry);
    const asked = Promise.all([A.requestJson(path), A.requestArrays(path + "/planes")])
      .then(function (answers) { return build(file, entry, answers[0], answers[1].arrays); });
    asked.catch(function () { kept.delete(key); });
    kept.set(key, asked);
    while (kept.size > KEPT) { kept.delete(kept.keys().next().value); }
    return asked;
  }

  function build(file, entry, header, arrays) {
    const planes = {};
    A.PLANES.forEach(function (name) {
      if (!header.planes[name]) { return; }
      const own = {};
      Object.keys(arrays).forEach(function (key) {
        if (key.indexOf(name + ".") === 0) { own[key.slice(name.length + 1)] = arrays[key]; }
      });
      planes[name] = new A.Plane(name, header.planes[name], own, header.detector);
    });
    return { file: file, entry: entry, header: header, planes: planes };
  }

  /* ---- opening ------------------------------------------------------------------------------ */

  let turn = 0;
  let openedAt = 0;

  /* The first picture of an event is drawn at once; benchmarks read when. */
  function drawFirst() {
    A.redrawNow();
    A.timing = { opened: openedAt, drawn: performance.now() };
  }
  A.drawFirst = drawFirst;

  /* Show an event. options.push: a new step in the browser's history; options.keep: leave the view. */
  A.open = function (file, entry, options) {
    const mine = (turn += 1);
    const how = options || {};
    openedAt = performance.now();
    A.emit("opening", { file: file, entry: entry });
    const unreadable = A.files.find(function (row) { return row.name === file && row.error; });
    if (unreadable) {
      fail(file, entry, new Error(unreadable.error), how);
      return Promise.resolve();
    }
    return load(file, entry).then(
      function (event) { if (mine === turn) { show(event, how); } },
      function (error) { if (mine === turn) { fail(file, entry, error, how); } }
    );
  };

  function show(event, how) {
    const other = !A.event || A.event.file !== event.file;
    if (!how.keep) { forgetView(other); }
    A.event = event;
    putAddress(how);
    drawFirst();
    A.emit("event", event);
    window.setTimeout(prefetch, 60);
  }

  function fail(file, entry, error, how) {
    A.event = { file: file, entry: entry, header: null, planes: null, error: error.message, closedBy: (error.body || {}).study };
    putAddress(how);
    drawFirst();
    A.emit("event", A.event);
  }

  function forgetView(otherFile) {
    if (!A.settings.keepZoom) { A.zoom = null; }
    if (A.look.pin) { A.setLook({ pin: null }); }
    if (otherFile && A.settings.gain) { A.setOption("gain", null); }
  }

  function putAddress(how) {
    const address = A.addressOf(A.event.file, A.event.entry);
    if (how.push) {
      window.history.pushState(null, "", address);
    } else if (!how.keep) {
      window.history.replaceState(null, "", address);
    }
  }

  function prefetch() {
    if (A.event && A.event.header && A.event.entry + 1 < A.event.header.entries) {
      load(A.event.file, A.event.entry + 1).catch(function () { A.emit("prefetch-failed"); });
    }
  }

  A.step = function (by) {
    if (!A.event) { return; }
    const entries = A.event.header ? A.event.header.entries : entriesOf(A.event.file);
    const entry = Math.min(A.event.entry + by, entries - 1);   /* from beyond the end back to the last */
    if (entry < 0 || entry === A.event.entry || by > 0 && entry < A.event.entry) { return; }
    A.open(A.event.file, entry, { push: true });
  };

  function entriesOf(name) {
    const file = A.files.find(function (row) { return row.name === name; });
    return file ? file.entries : 0;
  }
  A.entriesOf = entriesOf;

  /* ---- starting, and the browser's back and forward ------------------------------------------ */

  A.start = function () {
    if (A.readAddress().page === "study") { return A.startStudy(A.readAddress().name); }
    const listed = A.requestJson("api/files").then(function (files) {
      A.files = files;
      A.emit("files", files);
      return files;
    });
    listed.catch(function (error) { A.showMessage(error.message); });
    const address = A.readAddress();
    A.readQuery();
    if (address.page === "event") { return A.open(address.file, address.entry, { keep: true }); }
    if (address.page === "first") { return listed.then(openFirst, function () {}); }
    A.showMessage("There is no page at " + address.path + "; choose a file above.");
    return Promise.resolve();
  };

  function openFirst(files) {
    const file = files.find(function (row) { return !row.error && row.entries > 0; });
    if (file) { return A.open(file.name, 0, { keep: false }); }
    A.showMessage(files.length ? files[0].error || files[0].name + " holds no events."
      : "No file is open: start ArgonScope with the path of an HDF5 file of events.");
    return undefined;
  }

  window.addEventListener("popstate", function () {
    const address = A.readAddress();
    A.readQuery();
    if (address.page === "event") {
      const same = A.event && A.event.file === address.file && A.event.entry === address.entry;
      if (same) { A.redraw("raster"); } else { A.open(address.file, address.entry, { keep: true }); }
    }
  });

  /* ---- finding ------------------------------------------------------------------------------ */

  /* "12" is entry 12 of the file; "run/subrun/event" (or blanks, colons) the event of that name.
   * Resolves to "" or to a sentence that says why nothing was found. */
  A.find = function (text) {
    const words = (text || "").trim();
    if (!words || !A.event) { return Promise.resolve("Type an entry, or run/subrun/event."); }
    const parts = words.split(/[\s/:,]+/).map(Number);
    if (parts.some(function (part) { return !Number.isInteger(part); }) || (parts.length !== 1 && parts.length !== 3)) {
      return Promise.resolve("“" + words + "” is neither an entry nor run/subrun/event.");
    }
    const file = A.event.file;
    if (parts.length === 1) {
      const entries = A.event.header ? A.event.header.entries : entriesOf(file);
      if (parts[0] < 1 || parts[0] > entries) {
        return Promise.resolve("There is no entry " + parts[0] + "; " + file + " has entries 1 to " + entries + ".");
      }
      return A.open(file, parts[0] - 1, { push: true }).then(function () { return ""; });
    }
    return A.eventRows(file).then(function (list) {
      const row = list.find(function (r) { return r.run === parts[0] && r.subrun === parts[1] && r.event === parts[2]; });
      if (!row) { return "No event " + parts.join("/") + " in " + file + "."; }
      return A.open(file, row.entry, { push: true }).then(function () { return ""; });
    }, function (error) { return error.message; });
  };
})(window.argonscope);
