/* The legend of the labels: pixels of each class that was given, a plane. */
(function (A) {
  "use strict";

  const MOST = 6;

  A.legendBuilders.labels = function () {
    const c = A.colours();
    const state = A.labelling;
    const choices = state.task ? state.task.choices : [];
    const lines = choices.map(function (one) {
      return { colour: c.labels[one["class"]], name: one.label, values: counts(one["class"]) };
    });
    lines.sort(function (a, b) { return sum(b.values) - sum(a.values); });
    return lines.slice(0, MOST - 1).concat([{ colour: c.unknown, name: "unlabelled", values: counts(-1) }]);
  };

  function counts(value) {
    return A.PLANES.map(function (name) {
      const lane = A.labelling.lanes[name];
      if (!lane) { return null; }
      let hits = 0;
      for (let i = 0; i < lane.classes.length; i++) { if (lane.classes[i] === value) { hits++; } }
      return hits;
    });
  }

  function sum(values) { return values.reduce(function (a, b) { return a + (b || 0); }, 0); }

  const title = A.overlayTitle;
  A.overlayTitle = function () { return A.activeOverlay() === "labels" ? "Labels" : title(); };

  /* Under a saved picture: the classes that were given. */
  const entries = A.legendEntries;
  A.legendEntries = function (themeName) {
    if (A.activeOverlay() !== "labels" || !A.labelling.task) { return entries(themeName); }
    const c = A.colours(themeName);
    return A.labelling.task.choices.filter(function (one) { return sum(counts(one["class"])) > 0; }).map(function (one) {
      return { colour: A.css(c.labels[one["class"]]), name: one.label, id: one["class"] };
    });
  };

  A.on("labels", A.refreshLegend);
})(window.argonscope);
