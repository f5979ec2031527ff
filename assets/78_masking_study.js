/* One masking study: its steps, each a masked image of one plane, and the answer to the whole image to
 * compare with. It keeps the event, weights, gain and settings that it was begun with. */
(function (A) {
  "use strict";

  const STEPS = 20;
  const state = A.masking;

  /* kind: "only" (the region), "rest" (all but it), or "grow" (its first part, longer with each step).
   * Nothing is asked yet. */
  A.beginStudy = function (kind) {
    A.dropStudy();
    const region = state.region;
    const study = {
      kind: kind, event: A.event, plane: region.plane, weights: A.weightsOf(region.plane.name),
      gain: A.gainOf(region.plane), stale: "", before: null, steps: [],
    };
    if (kind === "only") { study.steps.push(step(study, region.pixels, state.track.length)); }
    if (kind === "rest") { study.steps.push(step(study, rest(region), null)); }
    if (kind === "grow") {
      const count = A.growthSteps();
      for (let k = 1; k <= count; k++) {
        const length = (state.track.length * k) / count;
        const part = region.pixels.filter(function (pixel, i) { return state.track.place[i] <= length + 1e-4; });
        study.steps.push(step(study, part, length));
      }
    }
    state.study = study;
    state.show = "after";
    state.step = study.steps.length - 1;
    takeBefore();
    return study;
  };

  /* Steps of a growing region: none shorter than a wire. */
  A.growthSteps = function () {
    if (!state.region) { return 1; }
    return A.clamp(Math.floor(state.track.length / state.region.plane.pitch), 1, STEPS);
  };

  function rest(region) {
    const pixels = [];
    for (let i = 0; i < region.plane.count; i++) { if (!region.inside[i]) { pixels.push(i); } }
    return Uint32Array.from(pixels);
  }

  function step(study, pixels, length) {
    const plane = study.plane;
    const dark = new Uint8Array(plane.count).fill(1);
    pixels.forEach(function (pixel) { dark[pixel] = 0; });
    const readable = pixels.some(function (pixel) { return A.readsPixel(plane, pixel); });
    return {
      pixels: pixels, dark: dark, length: length, dedx: A.meanDedx(plane, pixels, length),
      state: readable ? "idle" : "empty", key: null, error: "", message: "", prediction: null, before: null, after: null,
    };
  }

  /* ---- the answer to the whole image, to compare with --------------------------------------------- */

  function takeBefore() {
    const study = state.study;
    if (!study || study.stale || !study.plane.whole) { return; }
    study.before = study.plane.whole;
    study.steps.forEach(function (one) { one.before = A.scoresOver(study.before, one.pixels); });
  }

  A.on("prediction", function () {
    if (state.study && !state.study.before && state.study.plane.whole) {
      takeBefore();
      A.maskingChanged();
    }
  });

  /* ---- its end ------------------------------------------------------------------------------------ */

  A.dropStudy = function () {
    if (!state.study) { return; }
    A.letGo(state.study);
    state.study = null;
    state.step = 0;
  };

  /* Weights, gain or range changed: what was found stays, and says what it was found with. */
  A.on("option", function (name) {
    const study = state.study;
    if (!study || study.stale || ["weights", "gain", "adcMin", "adcMax", "saturate"].indexOf(name) < 0) { return; }
    if (name === "gain" && A.gainOf(study.plane) === study.gain) { return; }
    A.letGo(study);
    study.stale = name === "weights"
      ? "This study is of the former weights, " + study.weights.name + " (" + study.weights.sha256.slice(0, 7) + ")."
      : "This study is of the former " + (name === "gain" ? "gain, " + A.number(study.gain, 3) : "charge range") + ".";
    state.show = "before";
    A.maskingChanged();
  });
})(window.argonscope);
