/* The section "Labelling" of the panel: who labels, tools, palette, objects, the event, and whether all is
 * saved. Made once, filled again when something changes. */
(function (A) {
  "use strict";

  const state = A.labelling;
  const node = {};          /* parts of the section by name */
  const TOOLS = [
    ["brush", "brush", "Brush (B)"], ["lasso", "lasso", "Lasso (L)"], ["box", "region", "Box (X)"],
    ["cluster", "cluster", "Click a cluster (C)"], ["fill", "fill", "Fill what is unlabelled of a cluster (F)"],
    ["hand", "hand", "Move the picture, as without labelling (P)"],
  ];
  /* On the buttons, in one line of the panel; their tips have the whole words. */
  const VERDICT_SHORT = { complete: "complete", unsure: "unsure", impossible: "can’t label" };
  const VERDICT_WORDS = { complete: "complete", unsure: "unsure", impossible: "cannot be labelled" };
  const PARTS = A.OBJECT_PARTS = {
    michel: [["end", "muon end (T)"], ["core", "core (K)"], ["photons", "photons (O)"]],
    shower: [["start", "start, direction (T)"], ["shower", "pixels (K)"]],
  };

  /* ---- small makers ---------------------------------------------------------------------------------------- */

  function add(parent, tag, className, text) { return parent.appendChild(A.element(tag, className, text)); }

  function button(parent, words, says, action, className) {
    const made = add(parent, "button", "label-button" + (className ? " " + className : ""), words);
    made.type = "button";
    if (says) { made.title = says; made.setAttribute("aria-label", says); }
    made.addEventListener("click", function () { action(); made.blur(); });
    return made;
  }

  function iconButton(parent, icon, says, action) {
    const made = button(parent, "", says, action, "label-icon");
    add(made, "span", "icon icon-" + icon).setAttribute("aria-hidden", "true");
    return made;
  }

  function press(made, on) {
    made.classList.toggle("pressed", Boolean(on));
    made.setAttribute("aria-pressed", String(Boolean(on)));
  }

  A.focusLabelComment = function () { node.comment.focus(); };

  function row(parent, label, className) {
    const made = add(parent, "div", "label-row" + (className ? " " + className : ""));
    if (label) { add(made, "span", "label", label); }
    return made;
  }

  /* ---- making ------------------------------------------------------------------------------------------------ */

  A.mountLabelling = function (box) {
    A.watchLabelling(A.byId("stage"));
    node.saved = add(A.byId("labelling").querySelector("summary"), "span", "label-saved");
    node.saved.setAttribute("role", "status");
    const top = row(box, "");
    node.toggle = button(top, "Label this event", "Label this event (Y)", A.toggleLabelling, "label-main");
    node.who = button(top, "", "", changeName, "label-plain");
    makeName(box);
    node.study = add(box, "div", "label-study");
    node.tools = add(box, "div", "label-tools");
    makeTools(node.tools);
    node.problem = add(box, "p", "problem");
    node.problem.setAttribute("role", "alert");
    if (state.on || A.study) { A.openLabelling(); }
    A.byId("labelling").addEventListener("toggle", function () { later(); A.loadStudies(); });
    A.recallLabels();
    A.knowRater().then(A.loadStudies).catch(function (error) { A.sayLabelling(error.message); });
    render();
  };

  function makeName(box) {
    const form = node.name = add(box, "form", "label-name");
    const label = add(form, "label", "", "Your name, as it will stand with your labels");
    const input = node.nameInput = add(label, "input");
    input.maxLength = 80;
    input.required = true;
    input.setAttribute("list", "label-names");
    input.autocomplete = "off";
    node.names = add(form, "datalist");
    node.names.id = "label-names";
    button(form, "Use this name", "", function () {}, "label-main").type = "submit";
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      A.takeRater(input.value).then(function () {
        node.asking = false;
        A.loadStudies();
        return A.event && A.event.task || A.readAddress().page === "study"
          ? A.startStudy(A.readAddress().name) : A.startLabelling();
      }).catch(function (error) { A.sayLabelling(error.message); });
    });
  }

  /* Another name, or another log-in; labels that wait stay those of whoever made them. */
  function changeName() {
    if (state.rater.kind === "accounts") {
      A.post("api/logout", {}).then(function () { window.location.assign(A.base + "login"); },
        function (error) { A.sayLabelling(error.message); });
      return;
    }
    if (state.on) { A.leaveLabelling(); }
    node.asking = true;
    A.emit("labels");
    setTimeout(function () { node.nameInput.focus(); }, 30);
  }

  function makeTools(box) {
    const tools = row(box, "", "label-toolbar");
    node.tool = {};
    TOOLS.forEach(function (one) {
      node.tool[one[0]] = iconButton(tools, one[1], one[2], function () { A.setLabelTool(one[0]); });
    });
    node.erase = iconButton(tools, "eraser", "Take labels away, on or off (E; or hold alt)", A.toggleLabelErase);
    node.undo = iconButton(tools, "undo", "Undo in this plane (U)", function () { A.undoLabel("undo"); });
    node.redo = iconButton(tools, "redo", "Do again (R)", function () { A.undoLabel("redo"); });
    const size = row(box, "brush");
    node.radius = add(size, "input");
    Object.assign(node.radius, { type: "range", min: A.LABEL_BRUSH_CM.least, max: A.LABEL_BRUSH_CM.most, step: 0.1 });
    node.radius.setAttribute("aria-label", "Radius of the brush in cm");
    node.radius.addEventListener("input", function () { A.setLabelRadius(Number(node.radius.value)); });
    node.size = add(size, "span", "label-value");
    const way = row(box, "cluster");
    node.way = {};
    Object.keys(A.CLUSTERS).forEach(function (name) {
      node.way[name] = button(way, A.CLUSTERS[name].words, "A cluster is: " + A.CLUSTERS[name].words + " (D)",
        function () { A.setLabelWay(name); }, "label-part");
    });
    const look = row(box, "show");
    node.look = {};
    [["labels", "labels"], ["none", "charge"]].forEach(function (one) {
      node.look[one[0]] = button(look, one[1], "Show " + one[1] + " (A)", function () { A.setLook({ overlay: one[0] }); }, "label-part");
    });
    node.palette = add(box, "div", "label-palette");
    node.palette.setAttribute("role", "group");
    node.palette.setAttribute("aria-label", "Class");
    const objects = row(box, "objects");
    node.michel = button(objects, "+ Michel", "A Michel electron: click where its muon ends, then brush its pixels (M)",
      function () { A.newObject("michel"); }, "label-part");
    node.shower = button(objects, "+ shower", "A shower: drag from its start along it, then brush its pixels (S)",
      function () { A.newObject("shower"); }, "label-part");
    node.objects = add(box, "div", "label-objects");
    node.object = add(box, "div", "label-object");
    makeEvent(box);
  }

  function makeEvent(box) {
    node.michelRow = row(box, "Michel");
    node.michelState = {};
    A.MICHEL_STATES.forEach(function (value) {
      node.michelState[value] = button(node.michelRow, value, "Michel electron in this event: " + value + " (W)", function () {
        A.judge({ michel: state.lanes.event.michel === value ? null : value });
      }, "label-part");
    });
    const verdicts = row(box, "event");
    node.verdict = {};
    A.VERDICTS.forEach(function (value) {
      node.verdict[value] = button(verdicts, VERDICT_SHORT[value], "The whole event: " + VERDICT_WORDS[value] + " (V)", function () {
        A.judge({ verdict: state.lanes.event.verdict === value ? null : value });
      }, "label-part");
    });
    node.comment = add(box, "textarea", "label-comment");
    node.comment.rows = 2;
    node.comment.maxLength = 4000;
    node.comment.placeholder = "Comment on the event (I)";
    node.comment.setAttribute("aria-label", "Comment on the event");
    node.comment.addEventListener("keydown", function (event) { if (event.key === "Escape") { node.comment.blur(); } });
    node.comment.addEventListener("change", function () { A.commentOn(node.comment.value); });
  }

  /* ---- filling --------------------------------------------------------------------------------------------------- */

  function render() {
    if (!node.tools) { return; }
    const can = Boolean(A.canLabel());
    const studying = Boolean(state.task && state.task.study);
    const rater = state.rater;
    const nameless = !rater.name || node.asking;
    node.toggle.hidden = studying || A.readAddress().page === "study";
    node.toggle.textContent = state.opening ? "opening" : state.on ? "Stop labelling" : "Label this event";
    node.toggle.disabled = !A.event || !A.event.planes || nameless && !state.on && node.asking;
    press(node.toggle, state.on);
    node.who.textContent = rater.name ? "as " + rater.name : "";
    node.who.title = rater.kind === "local" ? "Label under another name" : rater.kind === "accounts" ? "Log out" : "";
    node.who.disabled = rater.kind === "proxy";
    node.name.hidden = !(rater.kind === "local" && nameless && (node.asking || A.byId("labelling").open));
    node.names.replaceChildren.apply(node.names, rater.names.map(function (name) {
      const option = A.element("option");
      option.value = name;
      return option;
    }));
    node.tools.hidden = !can;
    node.problem.textContent = state.problem;
    A.renderStudy(node.study);
    renderSaved();
    if (can) { renderTools(); }
  }

  function renderSaved() {
    const queue = A.labelQueue.state();
    const word = queue.state === "saved" ? (state.on ? "saved" : "") : queue.state === "saving" ? "saving " + queue.waiting : "not saved: " + queue.waiting;
    node.saved.textContent = word + (queue.refused ? " · " + queue.refused + " refused" : "");
    node.saved.dataset.state = queue.state;
    const kept = queue.waiting + (queue.waiting === 1 ? " label waits" : " labels wait") + " in this browser. ";
    node.saved.title = queue.state === "failing" ? kept + queue.why : "";
    if (queue.state === "failing") { node.problem.textContent = kept + queue.why; }
  }

  function renderTools() {
    const pixels = state.task.choices.length > 0 || !state.task.question;
    const active = state.object && (state.object.part === "end" || state.object.part === "start") ? null : state.tool;
    Object.keys(node.tool).forEach(function (name) { press(node.tool[name], active === name); });
    press(node.erase, state.erase);
    Object.keys(node.way).forEach(function (name) { press(node.way[name], state.way === name); });
    Object.keys(node.look).forEach(function (name) { press(node.look[name], A.look.overlay === name); });
    node.radius.value = state.radius;
    node.size.textContent = A.number(state.radius, 1) + " cm";
    const lanes = Object.values(state.lanes);
    node.undo.disabled = !lanes.some(function (lane) { return lane.undoable; });
    node.redo.disabled = !lanes.some(function (lane) { return lane.redoable; });
    node.palette.hidden = !pixels;
    renderPalette();
    renderObjects();
    const event = state.lanes.event;
    Object.keys(node.michelState).forEach(function (value) { press(node.michelState[value], event.michel === value); });
    Object.keys(node.verdict).forEach(function (value) { press(node.verdict[value], event.verdict === value); });
    if (document.activeElement !== node.comment) { node.comment.value = event.comment; }
  }

  function counts() {
    const totals = {};
    let labelled = 0;
    let all = 0;
    Object.keys(state.lanes).forEach(function (name) {
      const classes = state.lanes[name].classes;
      const plane = A.event.planes[name];
      for (let i = 0; i < classes.length; i++) {
        if (plane.outside && plane.outside[i]) { continue; }
        all += 1;
        if (classes[i] >= 0) { labelled += 1; totals[classes[i]] = (totals[classes[i]] || 0) + 1; }
      }
    });
    return { of: totals, unlabelled: all - labelled };
  }

  function renderPalette() {
    const colours = A.colours();
    const total = counts();
    const parts = state.task.choices.map(function (one, i) {
      const made = A.element("button", "label-class");
      made.type = "button";
      add(made, "kbd", "", String(i + 1));
      add(made, "span", "chip").style.background = A.css(colours.labels[one["class"]]);
      add(made, "span", "label-class-name", one.label);
      add(made, "span", "label-value", A.number(total.of[one["class"]] || 0));
      press(made, !state.object && state.choice === one["class"]);
      made.addEventListener("click", function () { A.setLabelChoice(one["class"]); made.blur(); });
      return made;
    });
    const rest = A.element("div", "label-class label-rest");
    add(rest, "span", "label-class-name", "unlabelled");
    add(rest, "span", "label-value", A.number(total.unlabelled));
    node.palette.replaceChildren.apply(node.palette, parts.concat(state.task.choices.length ? [rest] : []));
  }

  function renderObjects() {
    const list = A.labelObjects();
    const chosen = state.object;
    if (chosen && !list.some(function (one) { return one.id === chosen.id; })) {
      list.push({ id: chosen.id, tool: chosen.tool, planes: [] });
    }
    node.objects.replaceChildren.apply(node.objects, list.map(function (one) {
      const made = A.element("button", "label-button label-part", one.id + (one.planes.length ? " · " + one.planes.join(" ") : ""));
      made.type = "button";
      const on = chosen && chosen.id === one.id;
      press(made, on);
      made.addEventListener("click", function () { A.chooseObject(on ? null : one); made.blur(); });
      return made;
    }));
    node.object.hidden = !chosen;
    node.object.replaceChildren();
    if (!chosen) { return; }
    const parts = row(node.object, "set");
    PARTS[chosen.tool].forEach(function (part) {
      press(button(parts, part[1], "", function () { A.setPartOfObject(part[0]); }, "label-part"), chosen.part === part[0]);
    });
    if (chosen.tool === "michel") { renderMichel(list, chosen); }
    const last = row(node.object, "");
    button(last, "Remove", "Remove this object from all planes (Delete)", A.removeObject, "label-part");
    button(last, "Back to classes", "Back to classes (Esc)", function () { A.chooseObject(null); }, "label-part");
  }

  /* State of the Michel electron on each plane that shows it. */
  function renderMichel(list, chosen) {
    Object.keys(state.task.planes).forEach(function (name) {
      const payload = A.objectOn(name, chosen.id);
      const states = row(node.object, "plane " + name);
      A.MICHEL_STATES.forEach(function (value) {
        const made = button(states, value, "", function () { A.setMichelState(A.event.planes[name], value); }, "label-part");
        press(made, payload && payload.state === value);
      });
    });
  }

  let pending = false;
  function later() {
    if (pending) { return; }
    pending = true;
    requestAnimationFrame(function () { pending = false; render(); });
  }
  ["labels", "label-queue", "event", "theme", "study", "look"].forEach(function (topic) { A.on(topic, later); });
})(window.argonscope);
