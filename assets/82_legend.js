/* The legend: what the colours mean, with counts a plane. Always the same number of lines, so that
 * nothing moves when the overlay changes. */
(function (A) {
  "use strict";

  const LINES = 6;
  const planes = function () { return A.event && A.event.planes ? A.event.planes : {}; };

  function perPlane(count) {
    return A.PLANES.map(function (name) {
      const plane = planes()[name];
      return plane ? count(plane) : null;
    });
  }

  function tally(classes, size) {
    const counts = new Array(size + 1).fill(0);
    for (let i = 0; i < classes.length; i++) { counts[classes[i] < 0 ? size : classes[i]]++; }
    return counts;
  }

  function classLines(source, rest) {
    const c = A.colours();
    const counts = {};
    A.PLANES.forEach(function (name) {
      const classes = planes()[name] && source(planes()[name]);
      counts[name] = classes ? tally(classes, 5) : null;
    });
    const lines = A.setup.classes.concat([rest]).map(function (label, i) {
      return {
        colour: i < 5 ? c.classes[i] : c.unknown, name: label,
        values: A.PLANES.map(function (name) { return counts[name] ? counts[name][i] : null; }),
      };
    });
    return lines;
  }

  function share(values, test) {
    let hits = 0;
    let all = 0;
    for (let i = 0; i < values.length; i++) {
      if (values[i] === values[i]) { all++; if (test(values[i])) { hits++; } }
    }
    return all ? hits : null;
  }

  const builders = {
    none: function () {
      return [
        { name: "lit pixels", values: perPlane(function (p) { return p.count; }) },
        { name: "above threshold", values: perPlane(function (p) {
          const least = A.look.threshold / A.gainOf(p);
          return share(p.adc, function (v) { return v >= least; });
        }) },
        { name: "dead wires", colour: A.colours().dead, values: perPlane(function (p) { return p.dead.length; }) },
      ];
    },
    truth: function () { return classLines(function (p) { return p.truth; }, "no truth"); },
    "class": function () {
      return classLines(function (p) { return p.prediction && p.prediction.classes(A.look.thresholds); }, "no class");
    },
    score: function () {
      const kind = A.look.scoreClass;
      const ramp = A.scoreRamp(A.colours(), kind);
      return [0.9, 0.5, 0.1].map(function (least) {
        return {
          colour: ramp[Math.round(least * 255)], name: "score ≥ " + least,
          values: perPlane(function (p) {
            if (!p.prediction) { return null; }
            let hits = 0;
            for (let i = 0; i < p.count; i++) { if (p.prediction.score(i, kind) >= least) { hits++; } }
            return hits;
          }),
        };
      });
    },
    uncertainty: function () {
      const ramp = A.colours().uncertainty;
      return [0.75, 0.5, 0.25].map(function (least) {
        return {
          colour: ramp[Math.round(least * 255)], name: (A.look.measure === "entropy" ? "entropy" : "1 − top") + " ≥ " + least,
          values: perPlane(function (p) {
            return p.prediction && share(p.prediction.uncertainty(A.look.measure), function (v) { return v >= least; });
          }),
        };
      });
    },
    disagreement: disagreementLines,
    instances: interactionLines,
  };

  A.legendBuilders = builders;
  A.refreshLegend = later;

  function interactionLines() {
    const c = A.colours();
    const truth = A.event.header && A.event.header.truth;
    const kinds = ((truth && truth.interactions) || []).map(function (one) { return one["class"]; });
    const count = function (test) {
      return perPlane(function (p) {
        return p.instances && share(p.instances, function (v) { return test(v < 0 ? null : kinds[v]); });
      });
    };
    return [
      { colour: c.neutrino, name: "neutrino", values: count(function (kind) { return kind === "neutrino"; }) },
      { colour: c.instances[0], name: "cosmic", values: count(function (kind) { return kind === "cosmic"; }) },
      { colour: c.instances[1], name: "other", values: count(function (kind) { return kind && kind !== "cosmic" && kind !== "neutrino"; }) },
      { colour: c.unknown, name: "no interaction", values: count(function (kind) { return !kind; }) },
    ];
  }

  function disagreementLines() {
    const c = A.colours();
    const pairs = new Map();
    const totals = { differ: {}, agree: {}, rest: {} };
    A.PLANES.forEach(function (name, index) {
      const plane = planes()[name];
      if (!plane || !plane.truth || !plane.prediction) { return; }
      const predicted = plane.prediction.classes(A.look.thresholds);
      const sums = { differ: 0, agree: 0, rest: 0 };
      for (let i = 0; i < plane.count; i++) {
        const t = plane.truth[i];
        const p = predicted[i];
        if (t < 0 || p < 0) { sums.rest++; continue; }
        if (t === p) { sums.agree++; continue; }
        sums.differ++;
        const key = t * 5 + p;
        if (!pairs.has(key)) { pairs.set(key, [0, 0, 0]); }
        pairs.get(key)[index]++;
      }
      Object.keys(sums).forEach(function (key) { totals[key][name] = sums[key]; });
    });
    const values = function (table) {
      return A.PLANES.map(function (name) { return table[name] === undefined ? null : table[name]; });
    };
    const lines = [
      { colour: c.disagree, name: "differ", values: values(totals.differ) },
      { colour: c.agree, name: "agree", values: values(totals.agree) },
      { colour: c.unknown, name: "no class", tip: "truth or prediction says nothing here", values: values(totals.rest) },
    ];
    const sum = function (pair) { return pair[1].reduce(function (a, b) { return a + b; }, 0); };
    Array.from(pairs).sort(function (a, b) { return sum(b) - sum(a); }).slice(0, 3).forEach(function (pair) {
      const truth = A.setup.classes[Math.floor(pair[0] / 5)];
      const predicted = A.setup.classes[pair[0] % 5];
      lines.push({ name: truth + " → " + predicted, tip: truth + " taken for " + predicted, values: pair[1] });
    });
    return lines;
  }

  builders.detections = function () {
    const c = A.colours();
    const counts = {};
    A.PLANES.forEach(function (name) { counts[name] = planes()[name] && instanceCounts(planes()[name]); });
    return [["neutrino", c.foundNeutrinos[0]], ["cosmic", c.found[0]], ["other", c.found[1]], ["no instance", c.unknown],
      ["in several"], ["instances"]].map(function (line, i) {
      return { name: line[0], colour: line[1], values: A.PLANES.map(function (name) { return counts[name] ? counts[name][i] : null; }) };
    });
  };

  /* Pixels by the class of the best instance that holds them; pixels of several; number of instances. */
  function instanceCounts(plane) {
    if (!plane.detections) { return null; }
    const least = A.look.instanceScore;
    const list = plane.detections.list;
    const counts = [0, 0, 0, 0, 0, A.foundOf(plane).length];
    plane.detections.owners(least).forEach(function (owner) {
      const kind = owner < 0 ? "" : list[owner].kind;
      counts[owner < 0 ? 3 : kind === "neutrino" ? 0 : kind === "cosmic" ? 1 : 2]++;
    });
    const held = new Uint8Array(plane.count);
    A.foundOf(plane).forEach(function (one) {
      one.pixels.forEach(function (pixel) { if (++held[pixel] === 2) { counts[4]++; } });
    });
    return counts;
  }

  /* Why the chosen overlay cannot be seen, in one sentence; "" when it can. */
  function missing() {
    const name = A.look.overlay;
    const all = Object.values(planes());
    if (!all.length) { return ""; }
    const some = function (test) { return all.some(test); };
    if (A.NEEDS_TRUTH[name] && name !== "instances" && !some(function (p) { return p.truth; })) {
      return "This event carries no true classes.";
    }
    if (name === "instances" && !some(function (p) { return p.instances; })) {
      return "This event carries no true interactions.";
    }
    if (name === "detections" && !some(function (p) { return p.detections; })) { return A.noInstancesYet(); }
    if (A.NEEDS_PREDICTION[name] && !some(function (p) { return p.prediction; })) {
      return A.segmenterBusy() ? "The network is at work." : "No prediction for this event yet: run U-ResNet.";
    }
    return "";
  }
  A.overlayMissing = missing;

  function render() {
    const node = A.byId("legend");
    if (!node || !A.event) { return; }
    const problem = missing();
    A.setText("overlay-missing", problem);
    if (problem) { node.replaceChildren(); return; }
    const lines = builders[A.look.overlay]();
    const table = A.element("table", "legend-table");
    const head = table.appendChild(A.element("thead")).appendChild(A.element("tr"));
    head.appendChild(A.element("th", "legend-name", "pixels"));
    A.PLANES.forEach(function (name) { head.appendChild(A.element("th", "", name)); });
    const body = table.appendChild(A.element("tbody"));
    for (let i = 0; i < LINES; i++) { body.appendChild(line(lines[i])); }
    node.replaceChildren(table);
  }

  function line(entry) {
    const row = A.element("tr");
    if (!entry) {
      row.appendChild(A.element("td", "", "\u00a0")).colSpan = 4;
      return row;
    }
    const name = row.appendChild(A.element("td", "legend-name"));
    name.title = entry.tip || entry.name;
    if (entry.colour !== undefined) {
      name.appendChild(A.element("span", "chip")).style.background = A.css(entry.colour);
    }
    name.appendChild(A.element("span", "", entry.name));
    entry.values.forEach(function (value) { row.appendChild(A.element("td", "", value === null ? "–" : String(value))); });
    return row;
  }

  let pending = false;
  function later() {
    if (pending) { return; }
    pending = true;
    requestAnimationFrame(function () { pending = false; render(); });
  }

  ["event", "look", "prediction", "detections", "theme", "jobs"].forEach(function (topic) { A.on(topic, later); });
  A.on("option", function (name) { if (name === "gain") { later(); } });
})(window.argonscope);
