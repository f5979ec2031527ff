/* What the page shows, as plain values, for tests and benchmarks. Reading changes nothing. */
(function (A) {
  "use strict";

  /* {file, entry, error, look, zoom, scale, panes, jobs, predicted, hover, timing, busy}. */
  A.state = function () {
    const event = A.event;
    const planes = (event && event.planes) || {};
    const known = A.panes.length > 0;
    return {
      file: event ? event.file : null,
      entry: event ? event.entry : null,
      error: event ? event.error || null : null,
      look: JSON.parse(JSON.stringify(A.look)),
      zoom: A.zoom ? JSON.parse(JSON.stringify(A.zoom)) : null,
      view: known ? A.currentView(A.panes) : null,
      panes: A.panes.map(function (pane) { return Object.assign({}, pane); }),
      jobs: JSON.parse(JSON.stringify(A.jobs)),
      detected: Object.keys(planes).filter(function (name) { return planes[name].detections; }),
      isolated: Object.keys(planes).filter(function (name) { return A.isolatedInstance(planes[name]); }),
      predicted: Object.keys(planes).filter(function (name) { return planes[name].prediction; }),
      hover: A.hover ? Object.assign({}, A.hover) : null,
      theme: A.theme(),
      presentation: A.settings.presentation,
      panel: A.settings.panel,
      busy: A.busy(),
      timing: A.timing || null,
      drawMs: A.drawTime || null,
    };
  };

  /* Sum of each colour channel over one pane of the picture, to see that it changed. */
  A.paneSums = function (name) {
    const pane = A.panes.find(function (one) { return one.plane === name; });
    const canvas = document.querySelector(".stage-picture");
    if (!pane || !canvas) { return null; }
    const ratio = canvas.width / canvas.clientWidth;
    const copy = document.createElement("canvas");
    copy.width = Math.round(pane.w * ratio);
    copy.height = Math.round(pane.h * ratio);
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, -Math.round(pane.x * ratio), -Math.round(pane.y * ratio));
    const data = context.getImageData(0, 0, copy.width, copy.height).data;
    const sums = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4) {
      for (let channel = 0; channel < 3; channel++) { sums[channel] += data[i + channel]; }
    }
    return sums;
  };
})(window.argonscope);
