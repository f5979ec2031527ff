/* Pictures of the view, made in the browser: header lines, planes as they are shown, legend. */
(function (A) {
  "use strict";

  const HEAD = 62;
  const FOOT = 40;
  const RATIO = 2;

  function lines() {
    const header = A.event.header;
    const what = ["overlay: " + A.overlayTitle().toLowerCase()];
    const said = Object.values(A.event.planes).map(function (plane) { return plane.prediction; }).find(Boolean);
    if (A.NEEDS_PREDICTION[A.activeOverlay()] && said) {
      what.push(said.header.network + " " + said.header.weights + ", weights " + said.header.weights_hash.slice(0, 7));
    }
    const found = Object.values(A.event.planes).map(function (plane) { return plane.detections; }).find(Boolean);
    if (found && A.instancesShown()) {
      what.push(found.header.network + " " + found.header.weights + ", weights " + found.header.weights_hash.slice(0, 7));
    }
    const gains = Object.values(A.event.planes).filter(function (plane) { return A.gainOf(plane) !== 1; });
    if (gains.length) {
      what.push("gain " + gains.map(function (plane) { return plane.name + " " + A.number(A.gainOf(plane), 3); }).join(", "));
    }
    return [
      "run " + A.idText(header) + "  ·  entry " + (A.event.entry + 1) + " of " + header.entries + "  ·  " + A.event.file,
      [header.detector.label, A.sourceText(header)].concat(what).join("  ·  "),
    ];
  }

  function draw(pen, width, height) {
    const c = A.colours();
    const style = A.style();
    pen.rect(0, 0, width, height, c.page);
    const words = lines();
    pen.text(14, 27, words[0], { size: 17, weight: 650, colour: c.ink });
    pen.text(14, 48, words[1], { size: 13, colour: c.dim });
    pen.text(width - 14, 27, "ArgonScope", { size: 13, weight: 600, align: "right", colour: c.dim });
    const inner = Object.assign({}, style, { bottom: 4 });
    const panes = A.layoutStage(width, height - HEAD - foot(), inner);
    const view = A.currentView(panes);
    panes.forEach(function (pane) {
      pane.y += HEAD;
      const sheet = A.sheet(pane, view, RATIO, null, true);
      pen.image(sheet, pane.x, pane.y, pane.w, pane.h);
    });
    A.drawSurroundings(pen, panes, view, inner);
    A.drawLabelMarks(pen, panes, view);
    A.drawLegendStrip(pen, style.left, height - foot() + FOOT - 16, 14);
    if (marks()) { pen.text(style.left, height - 12, marks(), { size: 12.5, colour: c.dim }); }
  }

  function marks() { return [A.instanceLegend(), A.candidateLegend()].filter(Boolean).join("  ·  "); }

  function foot() { return FOOT + (marks() ? 20 : 0); }

  function size() {
    const stage = A.byId("stage");
    return { width: stage.clientWidth, height: stage.clientHeight + HEAD + foot() };
  }

  A.pictureCanvas = function () {
    const s = size();
    const canvas = document.createElement("canvas");
    canvas.width = s.width * RATIO;
    canvas.height = s.height * RATIO;
    const context = canvas.getContext("2d");
    context.scale(RATIO, RATIO);
    draw(new A.CanvasPen(context), s.width, s.height);
    A.redraw("raster");
    return canvas;
  };

  A.pictureSvg = function () {
    const s = size();
    const pen = new A.SvgPen(s.width, s.height);
    draw(pen, s.width, s.height);
    A.redraw("raster");
    return pen.toString();
  };

  function name(suffix) {
    const header = A.event.header;
    const stem = A.event.file.replace(/\.[^.]*$/, "").replace(/[^\w.-]+/g, "_");
    return [stem, "entry" + (A.event.entry + 1), "run" + header.run, header.subrun, header.event].join("_") + "." + suffix;
  }

  function save(blob, suffix) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name(suffix);
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }

  A.saveBlob = save;

  A.savePicture = function (kind) {
    if (!A.event || !A.event.header || !A.panes.length) { return; }
    if (kind === "svg") {
      save(new Blob([A.pictureSvg()], { type: "image/svg+xml" }), "svg");
    } else {
      A.pictureCanvas().toBlob(function (blob) { save(blob, "png"); }, "image/png");
    }
  };
})(window.argonscope);
