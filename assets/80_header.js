/* Words around the picture: which event this is, the line under the planes, and what went wrong. */
(function (A) {
  "use strict";

  A.idText = function (header) {
    return [header.run, header.subrun, header.event].join(" / ").replace(/-/g, "−");
  };

  const SOURCES = { data: "DATA", simulation: "SIMULATION", demo: "DEMO · SIMULATION", unknown: "SOURCE UNKNOWN" };
  A.sourceText = function (header) { return SOURCES[header.source] || SOURCES.unknown; };

  A.message = "";

  /* One sentence in the middle of the stage, until there is something better to show. */
  /* study: the one that closes an event to this rater, with the way to it. */
  let closedBy = null;
  A.showMessage = function (text, study) {
    A.message = text;
    closedBy = study;
    A.setText("message-text", text || "");
    if (study) {
      const link = A.element("a", "message-link", "Go on with this study");
      link.href = A.base + "study/" + encodeURIComponent(study);
      A.byId("message-text").append(document.createElement("br"), link);
    }
    const node = A.byId("message");
    if (node) { node.hidden = !text; }
  };
  A.showMessageAgain = function () { if (A.message) { A.showMessage(A.message, closedBy); } };

  let slow = null;

  function showEvent(event) {
    clearTimeout(slow);
    const header = event.header;
    const entries = header ? header.entries : A.entriesOf(event.file);
    A.setText("event-id", header ? "run " + A.idText(header) : "no event");
    A.setText("event-entry", event.entry < entries ? "entry " + (event.entry + 1) + " of " + A.number(entries) : event.file);
    const badge = A.byId("event-source");
    badge.hidden = !header;
    badge.className = "badge badge-" + (header ? header.source : "unknown");
    A.setText("event-source", header ? A.sourceText(header) : "");
    A.setText("event-detector", header ? header.detector.label : "");
    A.setText("event-notes", header && header.notes.length ? header.notes.join(" ") : "");
    fileTitle(event.file);
    A.byId("event-notes").title = header ? header.notes.join("\n") : "";
    A.setProps("previous", { disabled: event.entry <= 0 });
    A.setProps("next", { disabled: event.entry + 1 >= entries });
    if (A.files.length) { A.setProps("file-select", { data: fileChoices(A.files, event.file), value: event.file }); }
    document.title = (header ? A.idText(header) + " · " : "") + event.file + " · ArgonScope";
    A.showMessage(event.error || (header && !Object.keys(event.planes).length
      ? "This event has no wire planes; the header holds what the file says of it." : ""), event.closedBy);
    A.byId("stage").setAttribute("aria-busy", "false");
  }

  /* The box cuts a long name short. */
  function fileTitle(name) {
    const box = A.byId("file-select");
    if (box) { box.title = name; }
  }

  /* The listed files, and the one that is shown: a simulated sample has a name and no line in the list. */
  function fileChoices(files, shown) {
    const choices = files.map(function (file) {
      return { value: file.name, label: file.error ? file.name + " · cannot be read" : file.name };
    });
    return shown && !files.some(function (file) { return file.name === shown; })
      ? choices.concat({ value: shown, label: shown }) : choices;
  }

  function showFiles(files) {
    A.setProps("file-select", { data: fileChoices(files, A.event && A.event.file) });
    if (A.event) { showEvent(A.event); }
  }

  A.on("event", showEvent);
  A.on("files", showFiles);
  /* An event that takes its time says so where its number will be. */
  A.on("opening", function (wanted) {
    A.byId("stage").setAttribute("aria-busy", "true");
    clearTimeout(slow);
    slow = setTimeout(function () { A.setText("event-entry", "opening entry " + (wanted.entry + 1)); }, 150);
  });

  /* ---- the line under the planes --------------------------------------------------------------- */

  const HINT = "Drag to move · wheel to zoom · shift-drag a box · click to pin a wire · ? for all keys";

  /* Position and charge under the mouse, as {where, time, charge, crossing}. */
  A.describeHover = function (hover) {
    const plane = A.event.planes[hover.plane];
    const detector = A.event.header.detector;
    const column = Math.round(hover.wire) - plane.firstWire;
    const row = plane.rowOfTick(hover.tick);
    const adc = hover.pixel >= 0 ? plane.adc[hover.pixel] : null;
    const gain = A.gainOf(plane);
    return {
      plane: hover.plane, wire: Math.round(hover.wire), wireCm: Math.round(hover.wire) * plane.pitch,
      row: row, tick: Math.floor(hover.tick), driftCm: A.driftCm(detector, hover.tick),
      adc: adc, scaled: adc === null ? null : adc * gain, gain: gain, dead: plane.deadSet.has(column),
    };
  };

  function crossingWords() {
    const point = A.crossingNow();
    if (!point) { return ""; }
    const pin = A.look.pin;
    const where = pin.plane + " " + pin.wire + " × " + A.hover.plane + " " + Math.round(A.hover.wire);
    if (!point.inside) { return where + " cross outside the detector"; }
    const third = A.PLANES.find(function (name) {
      return name !== pin.plane && name !== A.hover.plane && A.event.planes[name];
    });
    const expected = third ? " → " + third + " " + A.number(Math.round(A.expectedWire(third).wire)) : "";
    return where + expected + " · y " + A.number(point.y, 1) + " z " + A.number(point.z, 1) + " cm";
  }

  function showLine(hover) {
    if (!hover || !A.event || !A.event.planes) {
      A.setText("line-place", A.event && A.event.planes ? HINT : "");
      ["line-time", "line-charge", "line-crossing"].forEach(function (id) { A.setText(id, ""); });
      return;
    }
    const d = A.describeHover(hover);
    A.setText("line-place", d.plane + "  wire " + A.number(d.wire) + " · " + A.number(d.wireCm, 1) + " cm");
    A.setText("line-time", "tick " + A.number(d.tick) + " · " + A.number(d.driftCm, 1) + " cm");
    A.setText("line-charge", d.dead ? "dead wire" : d.adc === null ? "no charge" : "ADC " + A.number(d.adc, 1));
    A.setText("line-crossing", crossingWords());
  }

  A.on("hover", showLine);
  A.on("event", function () { A.hover = null; showLine(null); });
})(window.argonscope);
