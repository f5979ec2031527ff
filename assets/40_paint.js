/* The colour of each lit pixel: charge through a lookup table, and an overlay mixed over grey charge. */
(function (A) {
  "use strict";

  A.gainOf = function (plane) {
    const own = A.settings.gain && A.settings.gain[plane.name];
    return own || plane.fileGain || 1;
  };

  /* What is drawn over the charge now: nothing while the hiding key is held. */
  A.activeOverlay = function () {
    return A.settings.hidden ? "none" : A.look.overlay;
  };

  /* Overlay colour of every pixel: Int8/Float sources -> a function pixel -> packed colour or -1. */
  const painters = {
    truth: function (plane, colours) {
      return plane.truth && byClass(plane.truth, colours);
    },
    "class": function (plane, colours) {
      return plane.prediction && byClass(plane.prediction.classes(A.look.thresholds), colours);
    },
    score: function (plane, colours) {
      if (!plane.prediction) { return null; }
      const kind = A.look.scoreClass;
      const lut = scoreRamp(colours, kind);
      return byValue(lut, function (pixel) { return plane.prediction.score(pixel, kind); });
    },
    uncertainty: function (plane, colours) {
      if (!plane.prediction) { return null; }
      const values = plane.prediction.uncertainty(A.look.measure);
      return byValue(colours.uncertainty, function (pixel) { return values[pixel]; });
    },
    disagreement: function (plane, colours) {
      if (!plane.prediction || !plane.truth) { return null; }
      const predicted = plane.prediction.classes(A.look.thresholds);
      const truth = plane.truth;
      return function (pixel) {
        if (truth[pixel] < 0 || predicted[pixel] < 0) { return -1; }
        return truth[pixel] === predicted[pixel] ? colours.agree : colours.disagree;
      };
    },
    instances: function (plane, colours) {
      if (!plane.instances) { return null; }
      const table = A.interactionColours(colours);
      return function (pixel) {
        const instance = plane.instances[pixel];
        return instance < 0 || instance >= table.length ? -1 : table[instance];
      };
    },
  };

  painters.detections = function (plane, colours) {
    const found = plane.detections;
    if (!found) { return null; }
    const table = found.list.map(function (one) { return A.instanceColour(one, colours); });
    const owners = found.owners(A.look.instanceScore);
    const alone = A.isolatedInstance(plane);
    if (alone && found.list[alone.id] === alone) { return function () { return table[alone.id]; }; }
    return function (pixel) { return owners[pixel] < 0 ? -1 : table[owners[pixel]]; };
  };

  /* Colour of each true interaction: one for the neutrino, the others in turn for cosmic rays. */
  A.interactionColours = function (colours) {
    const truth = A.event.header.truth;
    return ((truth && truth.interactions) || []).map(function (interaction, i) {
      return interaction["class"] === "neutrino" ? colours.neutrino : colours.instances[i % colours.instances.length];
    });
  };

  function byClass(classes, colours) {
    return function (pixel) { return classes[pixel] < 0 ? -1 : colours.classes[classes[pixel]]; };
  }

  function byValue(lut, value) {
    return function (pixel) {
      const v = value(pixel);
      return v === v ? lut[A.clamp(Math.round(v * 255), 0, 255)] : -1;
    };
  }

  /* Faint to full colour of one class: the eye reads a score as strength. */
  const ramps = {};
  function scoreRamp(colours, kind) {
    const key = colours.page + kind;
    if (!ramps[key]) {
      const lut = new Uint32Array(256);
      for (let i = 0; i < 256; i++) { lut[i] = A.mix(colours.grey[80], colours.classes[kind], i / 255); }
      ramps[key] = lut;
    }
    return ramps[key];
  }
  A.scoreRamp = scoreRamp;
  A.painters = painters;

  /* Uint32Array (N,) of packed colours; the same array is filled again as long as it fits. */
  A.paint = function (plane, themeName) {
    const colours = A.colours(themeName);
    const name = A.activeOverlay();
    const overlay = painters[name] ? painters[name](plane, colours) : null;
    const lut = name === "none" ? colours.maps[A.look.map] : colours.grey;
    const opacity = A.look.opacity[name];
    const gain = A.gainOf(plane);
    const scale = 255 / Math.max(A.look.high - A.look.low, 1e-6);
    const offset = A.look.low;
    const mask = plane.masked;
    const others = A.pixelsLeftGrey(plane);
    if (!plane.painted || plane.painted.length !== plane.count) { plane.painted = new Uint32Array(plane.count); }
    for (let i = 0; i < plane.count; i++) {
      let level = (plane.adc[i] * gain - offset) * scale;
      level = level < 0 ? 0 : level > 255 ? 255 : level | 0;
      let colour = others && others[i] ? colours.faint[level] : lut[level];
      if (overlay && !(others && others[i])) {
        const over = overlay(i);
        if (over !== -1) { colour = opacity >= 1 ? over : A.mix(colour, over, opacity); }
      }
      if (mask && mask.dark[i]) { colour = A.mix(colour, colours.plane, mask.depth); }
      plane.painted[i] = colour;
    }
    return plane.painted;
  };
})(window.argonscope);
