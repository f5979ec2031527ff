/* The inspector: everything known of the pixel under the mouse. Its lines are made once and refilled. */
(function (A) {
  "use strict";

  const FACTS = [
    ["place", "wire"], ["time", "tick"], ["charge", "ADC"], ["truth", "truth"], ["said", "prediction"],
  ];
  const slots = {};
  const bars = [];

  A.mountInspector = function (node) {
    const list = node.appendChild(A.element("dl", "facts"));
    FACTS.forEach(function (fact) {
      list.appendChild(A.element("dt", "", fact[1]));
      slots[fact[0]] = list.appendChild(A.element("dd", "", "–"));
      slots[fact[0]].id = "inspect-" + fact[0];
    });
    const scores = node.appendChild(A.element("div", "scores"));
    A.setup.classes.forEach(function (label) {
      const row = scores.appendChild(A.element("div", "score"));
      row.appendChild(A.element("span", "score-name", label));
      const track = row.appendChild(A.element("span", "score-track"));
      const fill = track.appendChild(A.element("span", "score-fill"));
      bars.push({ row: row, fill: fill, value: row.appendChild(A.element("span", "score-value", "–")) });
    });
    recolour();
  };

  function recolour() {
    bars.forEach(function (bar, i) { bar.fill.style.background = A.css(A.colours().classes[i]); });
  }

  function put(slot, text, colour) {
    const node = slots[slot];
    if (!node) { return; }
    if (node.textContent !== text) { node.textContent = text; }
    node.style.setProperty("--chip", colour || "transparent");
    node.classList.toggle("with-chip", Boolean(colour));
  }

  function clear() {
    Object.keys(slots).forEach(function (slot) { put(slot, "–"); });
    showScores(null, -1);
  }

  function show(hover) {
    if (!hover || !A.event || !A.event.planes) { clear(); return; }
    const plane = A.event.planes[hover.plane];
    const d = A.describeHover(hover);
    put("place", d.plane + " " + A.number(d.wire) + "  ·  " + A.number(d.wireCm, 1) + " cm");
    put("time", A.number(d.tick) + "  ·  " + A.number(d.driftCm, 1) + " cm");
    put("charge", d.dead ? "dead wire" : d.adc === null ? "no charge here"
      : A.number(d.adc, 1) + (d.gain === 1 ? "" : "  ×  " + formatGain(d.gain) + "  =  " + A.number(d.scaled, 1)));
    showTruth(plane, hover.pixel);
    showPrediction(plane, hover.pixel);
  }

  function formatGain(gain) { return String(Math.round(gain * 1000) / 1000); }

  function showTruth(plane, pixel) {
    if (pixel < 0 || (!plane.truth && !plane.instances)) { put("truth", pixel < 0 ? "–" : "none in this file"); return; }
    const kind = plane.truth ? plane.truth[pixel] : -1;
    const parts = [kind < 0 ? "unknown" : A.setup.classes[kind]];
    const interactions = (A.event.header.truth || {}).interactions || [];
    const origin = plane.instances && interactions[plane.instances[pixel]];
    if (origin) { parts.push(origin["class"] + " " + origin.id); }
    put("truth", parts.join("  ·  "), kind < 0 ? null : A.css(A.colours().classes[kind]));
  }

  function showPrediction(plane, pixel) {
    const prediction = plane.prediction;
    if (pixel < 0 || !prediction) { put("said", pixel < 0 ? "–" : "not run yet"); showScores(null, -1); return; }
    if (!prediction.reads(pixel)) { put("said", "not read, charge out of range"); showScores(null, -1); return; }
    const kind = prediction.classes(A.look.thresholds)[pixel];
    put("said", kind < 0 ? "below every threshold" : A.setup.classes[kind], kind < 0 ? null : A.css(A.colours().classes[kind]));
    showScores(prediction, pixel, kind);
  }

  function showScores(prediction, pixel, top) {
    bars.forEach(function (bar, i) {
      const score = prediction ? prediction.score(pixel, i) : NaN;
      bar.fill.style.width = score === score ? (score * 100).toFixed(1) + "%" : "0";
      bar.value.textContent = score === score ? score.toFixed(3) : "–";
      bar.row.classList.toggle("score-top", Boolean(prediction) && i === top);
    });
  }

  A.on("hover", show);
  A.on("prediction", function () { show(A.hover); });
  A.on("event", clear);
  A.on("theme", recolour);
})(window.argonscope);
