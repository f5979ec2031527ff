/* Between Dash's controls and the renderer. A control reports its new value to argonscope.control, a
 * button its press to argonscope.press; when the look changes elsewhere (a key, the address), the
 * controls are set to match. Neither way needs the server. */
(function (A) {
  "use strict";

  const shown = {};       /* "id.prop" -> JSON of what the control shows */

  A.setProps = function (id, props) {
    if (!A.mounted) { return; }
    const news = {};
    Object.keys(props).forEach(function (prop) {
      const key = id + "." + prop;
      const text = JSON.stringify(props[prop]);
      if (shown[key] !== text) { shown[key] = text; news[prop] = props[prop]; }
    });
    if (Object.keys(news).length) { window.dash_clientside.set_props(id, news); }
  };

  function number(value) { return typeof value === "number" && isFinite(value) ? value : null; }

  function gainControl(plane) {
    return {
      prop: "value",
      get: function () {
        const own = A.event && A.event.planes && A.event.planes[plane];
        return own ? Math.round(A.gainOf(own) * 1000) / 1000 : 1;
      },
      set: function (value) {
        const own = A.event && A.event.planes && A.event.planes[plane];
        if (!own || !(value > 0 && value <= A.setup.defaults.gain_most) || Math.abs(value - A.gainOf(own)) < 6e-4) { return; }
        const gain = Object.assign({}, A.settings.gain);
        gain[plane] = value;
        A.setOption("gain", gain);
        A.writeAddress();
      },
    };
  }

  function thresholdControl(kind) {
    return {
      prop: "value",
      get: function () { return A.look.thresholds[kind]; },
      set: function (value) {
        const thresholds = A.look.thresholds.slice();
        thresholds[kind] = A.clamp(number(value) || 0, 0, 1);
        A.setLook({ thresholds: thresholds });
      },
    };
  }

  function look(key, prop) {
    return { prop: prop || "value", get: function () { return A.look[key]; }, set: function (value) { A.setLook(one(key, value)); } };
  }

  function option(key, prop, keep) {
    return {
      prop: prop || "checked", get: function () { return A.settings[key]; },
      set: function (value) { if (value !== null && value !== undefined && value !== "") { A.setOption(key, value, keep); } },
    };
  }

  function one(key, value) { const patch = {}; patch[key] = value; return patch; }

  const controls = {
    overlay: look("overlay"),
    "score-class": {
      prop: "value", get: function () { return String(A.look.scoreClass); },
      set: function (value) { A.setLook({ scoreClass: Number(value), overlay: "score" }); },
    },
    measure: {
      prop: "value", get: function () { return A.look.measure; },
      set: function (value) { A.setLook({ measure: value }); },
    },
    opacity: {
      prop: "value", get: function () { return Math.round(A.look.opacity[A.look.overlay] * 100); },
      set: function (value) { A.setOpacity(value / 100); },
    },
    "colour-map": look("map"),
    "charge-range": {
      prop: "value", get: function () { return [A.look.low, A.look.high]; },
      set: function (value) { A.setLook({ low: value[0], high: Math.max(value[1], value[0] + 1) }); },
    },
    threshold: look("threshold"),
    units: look("units"),
    vertex: look("vertex", "checked"),
    "keep-zoom": option("keepZoom", "checked", true),
    michels: look("michels", "checked"),
    showers: look("showers", "checked"),
    "many-pixels": look("manyPixels", "checked"),
    "hip-tracks": look("hipTracks", "checked"),
    auto: option("auto", "checked", true),
    "adc-min": option("adcMin", "value"),
    "adc-max": option("adcMax", "value"),
    saturate: option("saturate"),
    "gain-U": gainControl("U"), "gain-V": gainControl("V"), "gain-Y": gainControl("Y"),
    "file-select": {
      prop: "value", get: function () { return A.event ? A.event.file : null; },
      set: function (value) { if (value && (!A.event || A.event.file !== value)) { A.open(value, 0, { push: true }); } },
    },
    "weights-select": {
      prop: "value", get: function () { return A.chosenWeights; },
      set: function (value) {
        if (!value || value === A.chosenWeights) { return; }
        A.chosenWeights = value;
        A.emit("option", "weights");
      },
    },
    networks: option("networks", "value", true),
    "detector-adc-min": option("detectorAdcMin", "value"),
    "detector-weights-select": {
      prop: "value", get: function () { return A.networks[A.setup.detector].chosen; },
      set: function (value) {
        const detector = A.networks[A.setup.detector];
        if (!value || value === detector.chosen) { return; }
        detector.chosen = value;
        A.emit("option", "detectorWeights");
      },
    },
  };
  A.setup.classes.forEach(function (name, i) { controls["threshold-" + i] = thresholdControl(i); });
  Object.assign(controls, A.maskingControls, A.instanceControls);
  A.controls = controls;

  function mirror() {
    Object.keys(controls).forEach(function (id) {
      const value = controls[id].get();
      if (value !== null) { A.setProps(id, one(controls[id].prop, value)); }
    });
    const overlay = A.look.overlay;
    A.setProps("opacity", { disabled: overlay === "none" });
    A.setProps("score-class", { disabled: overlay !== "score" });
    document.documentElement.classList.toggle("measuring", overlay === "uncertainty");
  }

  let pending = false;
  function mirrorSoon() {
    if (pending || !A.mounted) { return; }
    pending = true;
    requestAnimationFrame(function () { pending = false; mirror(); });
  }

  ["look", "option", "event", "weights", "masking"].forEach(function (topic) { A.on(topic, mirrorSoon); });

  /* A box left with nothing, or with what its control does not take, shows again what is used. It is
   * emptied first, because Dash does not pass on a value that it believes is there already. */
  function restore(id) {
    const control = controls[id];
    const used = control.get();
    const words = A.byId(id).value.replace(/^[UVY] /, "");
    if (words !== "" && Number(words) === used) { return; }
    delete shown[id + ".value"];
    A.setProps(id, { value: "" });
    setTimeout(function () { A.setProps(id, { value: control.get() }); }, 40);
  }

  document.addEventListener("focusout", function (event) {
    const id = event.target.id;
    if (/^(gain-[UVY]|adc-min|adc-max|detector-adc-min|threshold-\d)$/.test(id)) { setTimeout(function () { restore(id); }, 60); }
  });

  /* ---- buttons ---------------------------------------------------------------------------------- */

  let findOpen = false;
  let drawer = false;
  let help = false;

  const actions = {
    previous: function () { A.step(-1); },
    next: function () { A.step(1); },
    run: function () { A.runChosen(A.PLANES); },
    cancel: function () { A.cancel(); },
    "gain-reset": function () { A.setOption("gain", null); A.writeAddress(); },
    "save-png": function () { A.savePicture("png"); },
    "save-svg": function () { A.savePicture("svg"); },
    "table-open": function () { A.toggleTable(); },
    "help-open": function () { A.toggleHelp(); },
    "theme-toggle": function () { A.toggleTheme(); },
    "presentation-toggle": function () { A.togglePresentation(); },
    "panel-toggle": function () { A.setOption("panel", !A.settings.panel, true); },
    "zoom-reset": function () { A.resetZoom(); },
    "box-tool": function () { A.setOption("boxTool", !A.settings.boxTool); },
    "candidates-run": function () { A.run(A.PLANES, { quiet: true }); },
    "candidate-table-open": function () { A.toggleCandidateTable(); },
    "candidate-table-run": function () { A.runCandidateTable(); },
    "candidate-table-stop": function () { A.stopCandidateTable(); },
    "candidate-table-save": function () { A.saveCandidateTable(); },
  };

  Object.assign(actions, A.maskingActions);

  A.toggleTable = function () {
    drawer = !drawer;
    if (drawer) { A.fillTable(); }
    window.dash_clientside.set_props("table-drawer", { opened: drawer });
  };

  A.fillTable = function () {
    if (!A.event) { return; }
    const file = A.event.file;
    A.setText("table-problem", "");
    A.eventRows(file, true).then(function (rows) {
      window.dash_clientside.set_props("event-table", { rowData: rows.map(tableRow) });
    }, function (error) { A.setText("table-problem", error.message); });
  };

  /* Lit pixels of a plane; nothing where nobody has counted them yet. */
  function lit(row, plane) { return row.lit[plane] === undefined ? null : row.lit[plane]; }

  function tableRow(row) {
    return {
      id: String(row.entry), entry: row.entry + 1, run: row.run, subrun: row.subrun, event: row.event,
      U: lit(row, "U"), V: lit(row, "V"), Y: lit(row, "Y"),
      truth: row.truth ? "yes" : "no", predicted: row.predicted ? "yes" : "no",
    };
  }

  A.toggleHelp = function () {
    help = !help;
    window.dash_clientside.set_props("help", { opened: help });
    if (help) { fillHelp(30); }
  };

  /* The list is in the page a few frames after the dialog was asked to open. */
  function fillHelp(frames) {
    const node = A.byId("key-list");
    if (node) { A.mountKeyList(node); return; }
    if (frames > 0) { requestAnimationFrame(function () { fillHelp(frames - 1); }); }
  }

  A.focusFind = function () {
    const input = A.byId("find");
    if (input) { input.focus(); input.select(); }
  };

  A.toggleTheme = function () {
    const theme = A.theme() === "dark" ? "light" : "dark";
    A.setTheme(theme);
    A.emit("theme", theme);
  };

  A.togglePresentation = function () {
    const on = !A.settings.presentation;
    A.setOption("presentation", on);
    if (on && document.documentElement.requestFullscreen) {
      document.documentElement.requestFullscreen().catch(function () { A.fullscreenRefused = true; });
    } else if (!on && document.fullscreenElement) {
      document.exitFullscreen();
    }
  };

  document.addEventListener("fullscreenchange", function () {
    if (!document.fullscreenElement && A.settings.presentation) { A.setOption("presentation", false); }
  });

  function markRoot() {
    const root = document.documentElement.classList;
    root.toggle("without-panel", !A.settings.panel);
    root.toggle("presenting", A.settings.presentation);
    root.toggle("boxing", Boolean(A.settings.boxTool));
  }
  A.on("option", markRoot);

  /* ---- what Dash calls -------------------------------------------------------------------------- */

  function triggered() {
    const context = window.dash_clientside.callback_context;
    return context.triggered.length ? context.triggered[0].prop_id : "";
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.argonscope = {
    boot: function () {
      if (A.mounted) { return; }
      A.mounted = true;
      A.mountInspector(A.byId("inspector"));
      A.mountWaveform(A.byId("waveform"));
      A.mountRunPanel(A.byId("jobs"));
      A.mountMasking();
      A.mountLabelling(A.byId("labelling-body"));
      if (A.event) { A.emit("event", A.event); }
      if (A.files.length) { A.emit("files", A.files); }
      A.showMessageAgain();
      mirror();
      A.started.then(function () { return A.loadWeights(); });
    },
    control: function (value) {
      const path = triggered();
      const id = path.slice(0, path.lastIndexOf("."));
      if (!controls[id] || value === undefined || value === null) { return; }
      const text = JSON.stringify(value);
      if (shown[path] === text) { return; }   /* the echo of what was set from here */
      shown[path] = text;
      controls[id].set(value);
    },
    press: function (clicks) {
      const path = triggered();
      const action = actions[path.slice(0, path.lastIndexOf("."))];
      if (clicks && action) { action(); }
    },
    /* The text is read from its box: Dash learns of it a moment later than of the Enter key. */
    find: function (submits) {
      if (!submits) { return; }
      A.find(A.byId("find").value).then(function (problem) {
        findOpen = Boolean(problem);
        A.setText("find-problem", problem);
        A.byId("find-problem").hidden = !findOpen;
        if (!problem) {
          A.byId("find").blur();
          window.dash_clientside.set_props("find", { value: "" });
        }
      });
    },
    forgetFind: function () {
      const problem = A.byId("find-problem");
      if (problem) { problem.hidden = true; }
    },
    pickRow: function (cell) {
      if (!cell || !A.event) { return; }
      drawer = false;
      window.dash_clientside.set_props("table-drawer", { opened: false });
      A.open(A.event.file, Number(cell.rowId), { push: true });
    },
    drawerMoved: function (opened) { drawer = Boolean(opened); },
    pickCandidate: function (cell) { if (cell) { A.pickCandidate(cell.rowId); } },
    candidateRowsShown: function (rows) { A.showSpectrum(rows || []); },
    candidateDrawerMoved: function (opened) { A.candidateDrawerMoved(Boolean(opened)); },
    helpMoved: function (opened) { help = Boolean(opened); },
  };

  /* Ask for the event and draw it at once, while Dash still mounts the page around it. */
  markRoot();
  A.mountStage(A.byId("stage"));
  A.started = A.start();
})(window.argonscope);
