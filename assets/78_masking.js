/* The masking study (after arXiv:1808.07269): mask every pixel outside a region of one plane, run the
 * network again, and see what becomes of the scores. This file holds its state and the region; the
 * others of its name draw, order, ask, count, plot and save. */
(function (A) {
  "use strict";

  A.MASKING_TOOLS = ["box", "lasso", "brush"];
  A.BRUSH_CM = { least: 0.3, most: 8, usual: 1.2 };

  A.masking = {
    tool: null,                  /* one of MASKING_TOOLS; null: the mouse pans as ever */
    radius: A.BRUSH_CM.usual,    /* of the brush, in cm */
    region: null,                /* {plane: Plane, inside: Uint8Array (N,), pixels: indices, shape or null} */
    track: null,                 /* the region's order, from A.trackOf */
    study: null,                 /* from A.beginStudy */
    step: 0,                     /* which step of the study is on show */
    show: "after",               /* or "before" */
    problem: "",
  };
  const state = A.masking;

  let told = null;               /* the prediction that others were last told of */

  A.maskingChanged = function () {
    darken();
    A.redraw("paint");
    A.emit("masking");
    const plane = state.region && state.region.plane;
    const shown = plane && plane.masked ? plane.masked.prediction : null;
    if (shown !== told) {
      told = shown;
      A.emit("prediction", plane ? plane.name : undefined);
    }
  };

  A.sayMasking = function (sentence) {
    state.problem = sentence || "";
    A.emit("masking");
  };

  A.setMaskingTool = function (tool) {
    state.tool = state.tool === tool ? null : tool;
    if (state.tool) {
      A.setOption("boxTool", false);
      A.openMasking();
    }
    document.documentElement.classList.toggle("masking", Boolean(state.tool));
    A.redraw("above");
    A.emit("masking");
  };

  A.openMasking = function () {
    const section = A.byId("masking");
    if (section) { section.open = true; }
  };

  A.setBrush = function (radius) {
    state.radius = A.clamp(Math.round(radius * 10) / 10, A.BRUSH_CM.least, A.BRUSH_CM.most);
    A.redraw("above");
    A.emit("masking");
  };

  /* Take a region: inside is 1 for its pixels; shape is what drew it (A.shapeOf), null for several strokes.
   * A region without pixels is told and not taken. */
  A.setRegion = function (plane, inside, shape) {
    const pixels = [];
    for (let i = 0; i < plane.count; i++) { if (inside[i]) { pixels.push(i); } }
    forget();
    if (pixels.length) {
      state.region = { plane: plane, inside: inside, pixels: Uint32Array.from(pixels), shape: shape };
      state.track = A.trackOf(plane, state.region.pixels, shape && shape.kind === "brush" ? shape.points : null);
    } else {
      state.problem = "The region holds no lit pixel of plane " + plane.name + ".";
    }
    A.maskingChanged();
    A.writeAddress();
  };

  function forget() {
    A.dropStudy();
    state.region = null;
    state.track = null;
    state.problem = "";
  }

  A.clearMasking = function () {
    forget();
    A.maskingChanged();
    A.writeAddress();
  };

  /* The order of the region begins at its other end. */
  A.swapEnds = function () {
    if (!state.track) { return; }
    const grown = state.study && state.study.kind === "grow";
    state.track = A.turnedTrack(state.track);
    if (grown) { A.dropStudy(); }
    A.maskingChanged();
  };

  A.setMaskingShow = function (show) {
    if (state.show === show) { return; }
    state.show = show;
    A.maskingChanged();
  };

  A.flipMasking = function () { A.setMaskingShow(state.show === "after" ? "before" : "after"); };

  /* The step of the study that is on show; null without a study. */
  A.shownStep = function () {
    return state.study ? state.study.steps[A.clamp(state.step, 0, state.study.steps.length - 1)] : null;
  };

  /* Tell the plane which pixels to dim, and whose answer to show. */
  function darken() {
    if (!A.event || !A.event.planes) { return; }
    Object.values(A.event.planes).forEach(function (plane) { plane.masked = null; });
    const region = drawing || state.region;
    if (!region) { return; }
    const step = drawing ? null : A.shownStep();
    const after = step && state.show === "after";
    region.plane.masked = {
      prediction: after && step.prediction || null,
      dark: after ? step.dark : outside(region),
      depth: after ? 0.82 : 0.45,
    };
  }

  function outside(region) {
    const dark = new Uint8Array(region.plane.count);
    for (let i = 0; i < dark.length; i++) { dark[i] = region.inside[i] ? 0 : 1; }
    return dark;
  }

  /* While a region is being drawn its pixels stand out already: {plane, inside}, or null when done. */
  let drawing = null;
  A.showDrawing = function (region) {
    drawing = region;
    darken();
    A.redraw("paint");
  };

  A.on("option", function (name) {
    if (name === "boxTool" && A.settings.boxTool && state.tool) { A.setMaskingTool(null); }
  });

  A.on("event", function () {
    drawing = null;
    A.forgetStroke();
    forget();
    A.maskingChanged();
    A.takeLinkedRegion();
  });
})(window.argonscope);
