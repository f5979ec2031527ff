/* The section "Instances" of the panel: this event's instances, or why there are none; its controls and
 * keys; and the lines of the inspector that tell the instances under the mouse. */
(function (A) {
  "use strict";

  const LINES = 3;               /* lines of the inspector; what is beyond is in its tip */

  function planes() { return A.event && A.event.planes ? Object.values(A.event.planes) : []; }

  /* Why there are no instances, in one sentence. */
  A.noInstancesYet = function () {
    const detector = A.networks[A.setup.detector];
    if (detector.busy()) { return "The network is at work."; }
    return detector.weights.length || !A.weightsKnown ? "No instances of this event yet: run sMask-RCNN." : A.NO_DETECTOR;
  };
  A.NO_DETECTOR = "No trained weights of sMask-RCNN are installed, so it cannot run.";

  function note() {
    if (!planes().length) { return ""; }
    const lines = planes().filter(function (plane) { return plane.detections; }).map(countWords);
    return lines.length ? lines.join("\n") : A.noInstancesYet();
  }

  function countWords(plane) {
    const shown = A.foundOf(plane);
    const below = plane.detections.list.length - shown.length;
    const neutrinos = shown.filter(function (one) { return one.kind === "neutrino"; }).length;
    const words = plane.name + ": " + neutrinos + (neutrinos === 1 ? " neutrino, " : " neutrinos, ") +
      (shown.length - neutrinos) + " more";
    return below ? words + " · " + below + " below" : words;
  }

  function listed() { return planes().reduce(function (all, plane) { return all.concat(A.seenOf(plane)); }, []); }

  function render() {
    const node = A.byId("instance-list");
    const section = A.byId("instances");
    if (!node || !section.open) { return; }
    A.setText("instances-note", note());
    const list = listed();
    if (!sameList(node, list)) { node.replaceChildren.apply(node, list.length ? [table(list)] : []); }
    node.querySelectorAll(".instance-row").forEach(refill);
  }

  /* A list that stays keeps its focus and what is pointed at. */
  function sameList(node, list) {
    const rows = Array.from(node.querySelectorAll(".instance-row"));
    return rows.length === list.length && rows.every(function (row, i) { return row.instance === list[i]; });
  }

  function table(list) {
    const made = A.element("table", "instance-rows");
    const head = made.appendChild(A.element("thead")).appendChild(A.element("tr"));
    [["", ""], ["class", ""], ["score", ""], ["px", "number of pixels of its mask"], ["ADC", "sum of ADC × gain"]].forEach(function (title) {
      head.appendChild(A.element("th", "", title[0])).title = title[1];
    });
    const body = made.appendChild(A.element("tbody"));
    list.forEach(function (one) { body.appendChild(line(one)); });
    return made;
  }

  function line(one) {
    const row = A.element("tr", "instance-row instance-" + one.kind);
    row.instance = one;
    row.tabIndex = 0;
    row.setAttribute("role", "button");
    row.title = "Click to see it alone; again, or Esc, to have all back.";
    const name = row.appendChild(A.element("td"));
    name.appendChild(A.element("span", "chip"));
    name.appendChild(A.element("span", "", one.name));
    [one.kind, one.score.toFixed(2), A.number(one.pixels.length), ""].forEach(function (word) {
      row.appendChild(A.element("td", "", word));
    });
    row.addEventListener("click", function () { A.isolate(one); });
    row.addEventListener("keydown", function (event) { if (event.key === "Enter") { A.isolate(one); } });
    ["mouseenter", "focus"].forEach(function (type) {
      row.addEventListener(type, function () { A.pointAtInstances([one]); });
    });
    ["mouseleave", "blur"].forEach(function (type) {
      row.addEventListener(type, function () { A.pointAtInstances([]); });
    });
    return row;
  }

  /* What changes while the list stays: colour by theme, charge by gain, marks. */
  function refill(row) {
    const one = row.instance;
    const plane = A.event.planes[one.plane];
    row.querySelector(".chip").style.background = A.css(A.instanceColour(one, A.colours()));
    row.lastChild.textContent = A.number(one.adc * A.gainOf(plane), 0);
    mark(row);
  }

  function mark(row) {
    const one = row.instance;
    const alone = A.isolatedInstance(A.event.planes[one.plane]);
    row.classList.toggle("pointed", A.pointedInstances.indexOf(one) >= 0);
    row.classList.toggle("chosen", alone === one);
    row.classList.toggle("faded", Boolean(alone) && alone !== one);
    row.setAttribute("aria-pressed", String(alone === one));
  }

  function pointed() {
    inspect();
    if (!A.event || !A.event.planes) { return; }
    document.querySelectorAll(".instance-row").forEach(function (row) { if (A.event.planes[row.instance.plane]) { mark(row); } });
  }

  /* ---- under the mouse ---------------------------------------------------------------------------- */

  let slot = null;

  function inspectorLine() {
    const facts = document.querySelector("#inspector .facts");
    if (!facts) { return null; }
    if (!slot) {
      slot = { name: A.element("dt", "", "instances"), value: A.element("dd", "", "–") };
      slot.value.id = "inspect-instance";
      facts.append(slot.name, slot.value);
    }
    return slot;
  }

  function inspect() {
    const own = inspectorLine();
    if (!own) { return; }
    const off = !A.instancesShown() && !A.look.trueBoxes;
    own.name.hidden = off;
    own.value.hidden = off;
    const lines = A.pointedInstances.map(A.instanceWords);
    const shown = lines.length > LINES ? lines.slice(0, LINES - 1).concat("and " + (lines.length - LINES + 1) + " more") : lines;
    const text = shown.join("\n") || "–";
    if (own.value.textContent !== text) { own.value.textContent = text; }
    own.value.title = lines.join("\n");
  }

  A.on("instances-pointed", pointed);

  let pending = false;
  function later() {
    if (pending) { return; }
    pending = true;
    requestAnimationFrame(function () { pending = false; render(); inspect(); });
  }
  ["event", "detections", "instances", "jobs", "weights", "look", "theme"].forEach(function (topic) { A.on(topic, later); });
  A.on("option", function (name) { if (name === "gain") { later(); } });
  /* The section's own event does not bubble. */
  document.addEventListener("toggle", function (event) { if (event.target.id === "instances") { later(); } }, true);

  /* ---- what 95_dash.js and 88_keys.js take in -------------------------------------------------------- */

  function setScore(value) { A.setLook({ instanceScore: Math.round(A.clamp(value, 0, 1) * 100) / 100 }); }

  A.instanceControls = {
    boxes: { prop: "checked", get: function () { return A.look.boxes; }, set: function (on) { A.setLook({ boxes: on }); } },
    "true-boxes": { prop: "checked", get: function () { return A.look.trueBoxes; }, set: function (on) { A.setLook({ trueBoxes: on }); } },
    "instance-score": { prop: "value", get: function () { return A.look.instanceScore; }, set: setScore },
    "instance-view": { prop: "value", get: function () { return A.look.instanceView; }, set: function (view) { A.setLook({ instanceView: view }); } },
  };

  function view(name) {
    return function () { A.setLook({ instanceView: A.look.instanceView === name ? "all" : name }); };
  }

  A.INSTANCE_KEYS = ["Instances", [
    [["shift+m"], "masks of sMask-RCNN's instances", function () { A.setLook({ overlay: "detections" }); }],
    [["shift+b"], "their boxes, on or off", function () { A.setLook({ boxes: !A.look.boxes }); }],
    [["shift+i"], "boxes of the true interactions, on or off", function () { A.setLook({ trueBoxes: !A.look.trueBoxes }); }],
    [["shift+x"], "without what is called cosmic, on or off", view("no-cosmics")],
    [["shift+v"], "neutrino only, on or off", view("neutrino")],
    [["["], "show instances of a lower score, too", function () { setScore(A.look.instanceScore - 0.05); }],
    [["]"], "only those of a higher score", function () { setScore(A.look.instanceScore + 0.05); }],
  ]];
})(window.argonscope);
