/* Choosing tools, classes and parts of objects, and the keyboard while an event is being labelled: it
 * comes before the keys of the display, which have their letters back when labelling ends. */
(function (A) {
  "use strict";

  const state = A.labelling;
  const PARTS = A.OBJECT_PARTS;

  /* ---- choosing ------------------------------------------------------------------------------------------------------ */

  A.setLabelTool = function (tool) {
    state.tool = tool;
    if (state.object && (state.object.part === "end" || state.object.part === "start")) { A.setPartOfObject(PARTS[state.object.tool][1][0]); }
    A.markLabelling();
    A.labelsChanged();
  };

  A.setLabelRadius = function (radius) {
    state.radius = A.clamp(Math.round(radius * 10) / 10, A.LABEL_BRUSH_CM.least, A.LABEL_BRUSH_CM.most);
    A.redraw("above");
    A.labelsChanged();
  };

  A.setLabelChoice = function (value) {
    state.choice = value;
    state.object = null;
    state.erase = false;
    if (state.tool === "hand") { A.setLabelTool("brush"); }
    A.redraw("paint");
    A.labelsChanged();
  };

  A.toggleLabelErase = toggleErase;
  function toggleErase() { state.erase = !state.erase; A.labelsChanged(); }
  A.setLabelWay = setWay;
  function setWay(way) { state.way = way; A.labelsChanged(); }
  function thicker(factor) {
    return function () { A.setLabelRadius(Math.max(state.radius * factor, state.radius + (factor > 1 ? 0.1 : -Infinity))); };
  }

  function next(list, now, none) {
    const all = none ? list.concat([null]) : list;
    return all[(all.indexOf(now) + 1) % all.length];
  }

  /* The plane under the mouse, else the one labelled last, else the first. */
  function planeNow() {
    const name = A.hover ? A.hover.plane : A.event.planes[state.lane] ? state.lane : Object.keys(state.task.planes)[0];
    return A.event.planes[name];
  }

  function nextMichelState() {
    const plane = planeNow();
    const payload = state.object && A.objectOn(plane.name, state.object.id);
    A.setMichelState(plane, next(A.MICHEL_STATES, payload ? payload.state : null));
  }

  function pan(dx, dy) {
    return function () { A.panBy(A.panes, planeNow().name, dx * 60, dy * 60); };
  }

  function escape() {
    if (A.dropLabelStroke()) { return; }
    if (state.object) { A.chooseObject(null); return; }
    if (state.erase) { toggleErase(); return; }
    if (state.tool !== "hand") { A.setLabelTool("hand"); return; }
    if (!A.event.task) { A.leaveLabelling(); }
  }

  function part(index) {
    return function () {
      if (state.object && PARTS[state.object.tool][index]) { A.setPartOfObject(PARTS[state.object.tool][index][0]); }
    };
  }

  /* ---- keys while labelling -------------------------------------------------------------------------------------------- */

  const actions = {
    b: function () { A.setLabelTool("brush"); }, l: function () { A.setLabelTool("lasso"); },
    x: function () { A.setLabelTool("box"); }, c: function () { A.setLabelTool("cluster"); },
    f: function () { A.setLabelTool("fill"); }, p: function () { A.setLabelTool("hand"); },
    e: toggleErase, d: function () { setWay(next(Object.keys(A.CLUSTERS), state.way)); },
    "[": thicker(1 / 1.25), "]": thicker(1.25), ",": thicker(1 / 1.25), ".": thicker(1.25),
    u: function () { A.undoLabel("undo"); }, r: function () { A.undoLabel("redo"); },
    m: function () { A.newObject("michel"); }, s: function () { A.newObject("shower"); },
    t: part(0), k: part(1), o: part(2), q: nextMichelState,
    Delete: function () { A.removeObject(); },
    w: function () { A.judge({ michel: next(A.MICHEL_STATES, state.lanes.event.michel, true) }); },
    v: function () { A.judge({ verdict: next(A.VERDICTS, state.lanes.event.verdict, true) }); },
    i: function () { A.focusLabelComment(); },
    a: function () { A.setLook({ overlay: A.look.overlay === "labels" ? "none" : "labels" }); },
    ArrowLeft: pan(1, 0), ArrowRight: pan(-1, 0), ArrowUp: pan(0, 1), ArrowDown: pan(0, -1),
    Escape: escape,
  };
  for (let i = 1; i <= 9; i++) {
    actions[i] = function () { if (state.task.choices[i - 1]) { A.setLabelChoice(state.task.choices[i - 1]["class"]); } };
  }
  const REPEATS = { "[": 1, "]": 1, ",": 1, ".": 1, u: 1, r: 1, ArrowLeft: 1, ArrowRight: 1, ArrowUp: 1, ArrowDown: 1 };

  function control(event) {
    const key = event.key.toLowerCase();
    if (key === "z") { return event.shiftKey ? actions.r : actions.u; }
    return key === "y" ? actions.r : null;
  }

  window.addEventListener("keydown", function (event) {
    if (!A.canLabel() || event.altKey || A.isTyping(event.target)) { return; }
    const target = event.target.closest ? event.target : document.body;
    if (target.closest('[role="dialog"]') || event.key === " ") { return; }
    if (event.key.indexOf("Arrow") === 0 && target.closest('input,[role="slider"],[role="radio"]')) { return; }
    const held = event.ctrlKey || event.metaKey;
    const action = held ? control(event) : actions[event.key] || actions[event.key.toLowerCase()];
    if (!action) { return; }
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat || held || REPEATS[event.key]) { action(); }
  }, true);

  A.LABEL_KEYS = [["Labelling", [
    [["y"], "label this event, on or off", A.toggleLabelling],
    [["1 – 9"], "class of the palette", null],
    [["b", "l", "x"], "brush, lasso, box", null],
    [["c", "f"], "click a cluster; fill what is unlabelled of it", null],
    [["d"], "clusters: touching pixels, or DBSCAN", null],
    [["e"], "take labels away, on or off (alt while held)", null],
    [["[", "]"], "thinner, thicker brush", null],
    [["u", "r"], "undo, do again, in the plane under the mouse", null],
    [["p"], "move the picture with the mouse", null],
    [["a"], "labels, or charge alone", null],
    [["m", "s"], "new Michel electron, new shower", null],
    [["t", "k", "o"], "its end or start; its core or pixels; its photons", null],
    [["q"], "Michel on this plane: present, absent, unsure", null],
    [["Delete"], "remove it; Esc: back to classes", null],
    [["w"], "Michel in the event: present, absent, unsure", null],
    [["v"], "the event: complete, unsure, cannot be labelled", null],
    [["i"], "comment", null],
    [["Enter", "n"], "in a study: hand in and go on; skip", null],
  ]]];
})(window.argonscope);
