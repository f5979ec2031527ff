/* The section "Masking study" of the panel: its words and table, what its buttons may do, and its keys.
 * 95_dash.js takes the controls and actions in, 88_keys.js the keys. */
(function (A) {
  "use strict";

  const state = A.masking;
  const cells = [];      /* a class: {before, after, shareBefore, shareAfter} */

  /* ---- the table ---------------------------------------------------------------------------------- */

  A.mountMasking = function () {
    const table = A.element("table", "masking-numbers");
    const head = table.appendChild(A.element("thead"));
    const groups = head.appendChild(A.element("tr"));
    groups.appendChild(A.element("th"));
    [["mean score", "Mean over the pixels that are left and that the network reads"],
      ["% of pixels", "Share of those pixels whose largest score is of this class"]].forEach(function (group) {
      const cell = groups.appendChild(A.element("th", "masking-group", group[0]));
      cell.colSpan = 2;
      cell.title = group[1];
    });
    const names = head.appendChild(A.element("tr"));
    ["", "before", "after", "before", "after"].forEach(function (name) { names.appendChild(A.element("th", "", name)); });
    const body = table.appendChild(A.element("tbody"));
    A.setup.classes.forEach(function (label) {
      const row = body.appendChild(A.element("tr"));
      const name = row.appendChild(A.element("td", "legend-name"));
      const chip = name.appendChild(A.element("span", "chip"));
      name.appendChild(A.element("span", "", label));
      const made = { chip: chip };
      ["before", "after", "shareBefore", "shareAfter"].forEach(function (slot) {
        made[slot] = row.appendChild(A.element("td", /after/i.test(slot) ? "masking-after" : "", "–"));
      });
      cells.push(made);
    });
    A.byId("mask-table").replaceChildren(table);
    A.mountMaskingPlot(A.byId("mask-plot"));
    A.watchMasking(A.byId("stage"));
    render();
  };

  function fillTable(step) {
    const c = A.colours();
    const put = function (node, found, key, kind) {
      const value = found && found[key][kind];
      node.textContent = !found ? "–" : key === "scores" ? value.toFixed(2) : value === 1 ? "100" : A.number(value * 100, 1);
    };
    cells.forEach(function (cell, kind) {
      cell.chip.style.background = A.css(c.classes[kind]);
      put(cell.before, step && step.before, "scores", kind);
      put(cell.after, step && step.after, "scores", kind);
      put(cell.shareBefore, step && step.before, "shares", kind);
      put(cell.shareAfter, step && step.after, "shares", kind);
    });
  }

  /* ---- the words ----------------------------------------------------------------------------------- */

  function cm(length) { return A.number(length, 1) + " cm in the wire plane"; }

  function words() {
    const region = state.region;
    if (!region) { return "Draw a region on a plane; then run the network on it alone."; }
    const step = A.shownStep();
    if (!step) {
      return "Plane " + region.plane.name + ": " + A.number(region.pixels.length) + " pixels, " + cm(state.track.length) +
        ", " + A.dedxWords(A.meanDedx(region.plane, region.pixels, state.track.length));
    }
    const study = state.study;
    const count = A.number(step.pixels.length) + " pixels";
    if (study.kind === "rest") { return "All but this: " + count + " of plane " + region.plane.name + " are left"; }
    const which = study.kind === "only" ? "Only this" : "Part " + (state.step + 1) + " of " + study.steps.length;
    return which + ": " + count + ", " + cm(step.length) + ", " + A.dedxWords(step.dedx);
  }

  /* What goes on, or went wrong, in one sentence. */
  function status() {
    const study = state.study;
    const step = A.shownStep();
    if (state.problem) { return { text: state.problem, warn: true }; }
    if (!study) { return { text: "" }; }
    if (study.stale) { return { text: study.stale, warn: true }; }
    const failed = study.steps.find(function (one) { return one.state === "failed"; });
    if (failed) { return { text: failed.error, warn: true }; }
    if (step.state === "empty") { return { text: A.nothingToRead("This part of the region"), warn: true }; }
    if (A.maskingBusy()) {
      const waits = study.steps.find(function (one) { return one.message && one.state === "queued"; });
      const here = study.steps.filter(function (one) { return one.state === "here"; }).length;
      return waits ? { text: waits.message, warn: true }
        : { text: study.steps.length > 1 ? "running, " + here + " of " + study.steps.length + " are here" : "running" };
    }
    if (step.state === "here" && !step.before) {
      return A.wholeIsComing(study) ? { text: "The answer to the whole plane is on its way." }
        : { text: "There is no answer to the whole plane to compare with; press Run.", warn: true };
    }
    return { text: "" };
  }

  function render() {
    if (!A.mounted || !cells.length) { return; }
    const step = A.shownStep();
    const has = Boolean(state.region);
    const busy = A.maskingBusy();
    A.setText("mask-words", words());
    const now = status();
    A.setText("mask-status", now.text);
    A.byId("mask-status").classList.toggle("warns", Boolean(now.warn));
    fillTable(step);
    A.MASKING_TOOLS.forEach(function (tool) {
      const id = "mask-" + tool;
      const on = state.tool === tool;
      A.setProps(id, { variant: on ? "filled" : "subtle", color: on ? "blue" : "gray" });
      A.byId(id).setAttribute("aria-pressed", String(on));
    });
    ["mask-clear", "mask-only", "mask-rest", "mask-swap"].forEach(function (id) { A.setProps(id, { disabled: !has }); });
    A.setProps("mask-play", { disabled: !has, children: busy ? "Stop" : "Play" });
    A.setProps("mask-step", { disabled: !has, max: Math.max(A.growthSteps(), 2) });
    A.setProps("mask-show", { disabled: !(step && step.prediction) });
  }

  let pending = false;
  function later() {
    if (pending) { return; }
    pending = true;
    requestAnimationFrame(function () { pending = false; render(); });
  }
  ["masking", "prediction", "theme", "event"].forEach(function (topic) { A.on(topic, later); });

  /* ---- what 95_dash.js and 88_keys.js take in -------------------------------------------------------- */

  function shownIndex() {
    return state.study && state.study.kind === "grow" ? state.step + 1 : A.growthSteps();
  }

  A.maskingControls = {
    "mask-radius": { prop: "value", get: function () { return state.radius; }, set: A.setBrush },
    "mask-step": {
      prop: "value", get: shownIndex,
      /* While Play moves the slider its echoes come late; a person who moves it has the focus there. */
      set: function (value) {
        const held = A.byId("mask-step").contains(document.activeElement);
        if (held && state.region && value !== shownIndex()) { A.showGrowth(value - 1); }
      },
    },
    "mask-show": { prop: "value", get: function () { return state.show; }, set: A.setMaskingShow },
  };

  A.maskingActions = {
    "mask-box": function () { A.setMaskingTool("box"); },
    "mask-lasso": function () { A.setMaskingTool("lasso"); },
    "mask-brush": function () { A.setMaskingTool("brush"); },
    "mask-clear": function () { A.clearMasking(); },
    "mask-only": function () { A.runMasked("only"); },
    "mask-rest": function () { A.runMasked("rest"); },
    "mask-swap": function () { A.swapEnds(); },
    "mask-play": function () { if (A.maskingBusy()) { A.stopStudy(); } else { A.playGrowth(); } },
    "mask-large": function () { A.toggleLargePlot(); },
    "mask-svg": function () { A.saveMasking("svg"); },
    "mask-png": function () { A.saveMasking("png"); },
    "mask-csv": function () { A.saveMasking("csv"); },
  };

  /* What Escape leaves first: the tool, the large plot, the run. Whether there was anything. */
  A.leaveMasking = function () { return A.leaveMaskingTool() || A.closeLargePlot() || A.stopStudy(); };

  A.MASKING_KEYS = ["Masking study", [
    [["4"], "box around a region, on or off", A.maskingActions["mask-box"]],
    [["5"], "lasso", A.maskingActions["mask-lasso"]],
    [["6"], "brush along a track", A.maskingActions["mask-brush"]],
    [[","], "thinner brush", function () { A.setBrush(state.radius - 0.3); }],
    [["."], "thicker brush", function () { A.setBrush(state.radius + 0.3); }],
    [["7"], "before or after the masking", A.flipMasking],
    [["8"], "a shorter part of the region", function () { A.showGrowth(shownIndex() - 2); }],
    [["9"], "a longer part", function () { A.showGrowth(Math.min(shownIndex(), A.growthSteps() - 1)); }],
  ]];
})(window.argonscope);
