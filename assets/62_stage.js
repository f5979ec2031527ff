/* The stage: one canvas for the picture and one above it for hair lines, redrawn at most once a frame. */
(function (A) {
  "use strict";

  let picture = null;
  let above = null;
  let box = null;
  let pending = false;
  let dirty = { raster: true, paint: true };
  const rasters = {};
  const sheets = {};      /* plane -> off-screen canvas that holds its pixels */

  A.panes = [];
  A.style = function () { return A.settings.presentation ? A.STYLES.large : A.STYLES.normal; };

  /* Take over the stage element once the page is mounted. */
  A.mountStage = function (element) {
    box = element;
    picture = element.appendChild(A.element("canvas", "stage-picture"));
    above = element.appendChild(A.element("canvas", "stage-above"));
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", "Wire planes of the event");
    above.setAttribute("aria-hidden", "true");
    new ResizeObserver(function () { A.redraw("raster"); }).observe(element);
    watchRatio();
    A.watchMouse(above);
    A.mountPlaneButtons(element);
  };

  /* A window that moves to a screen with other pixels keeps its size; draw as finely as the screen can. */
  function watchRatio() {
    window.matchMedia("(resolution: " + window.devicePixelRatio + "dppx)").addEventListener("change", function () {
      A.redraw("raster");
      watchRatio();
    }, { once: true });
  }

  /* Ask for a new picture. "raster": pixels moved; "paint": colours changed; "above": hair lines only. */
  A.redraw = function (what) {
    if (what === "raster") { dirty.raster = true; }
    if (what === "raster" || what === "paint") { dirty.paint = true; }
    if (pending || !box) { return; }
    pending = true;
    requestAnimationFrame(render);
  };

  /* Draw now rather than at the next frame, for the first picture of an event. */
  A.redrawNow = function () {
    dirty = { raster: true, paint: true };
    if (box) { render(); }
  };

  function fit(canvas, width, height, ratio) {
    const w = Math.round(width * ratio);
    const h = Math.round(height * ratio);
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
      return true;
    }
    return false;
  }

  function render() {
    pending = false;
    const started = performance.now();
    const width = box.clientWidth;
    const height = box.clientHeight;
    const ratio = window.devicePixelRatio || 1;
    if (fit(picture, width, height, ratio)) { dirty = { raster: true, paint: true }; }
    fit(above, width, height, ratio);
    A.panes = A.layoutStage(width, height, A.style());
    if (dirty.paint) {
      renderPicture(width, height, ratio);
      A.drawTime = performance.now() - started;
      A.emit("drawn");
    }
    dirty = { raster: false, paint: false };
    renderAbove(width, height, ratio);
    A.placePlaneButtons();
  }

  function renderPicture(width, height, ratio) {
    const context = picture.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!A.panes.length) { return; }
    const view = A.currentView(A.panes);
    const pen = new A.CanvasPen(context);
    A.panes.forEach(function (pane) {
      pen.image(A.sheet(pane, view, ratio, null, dirty.raster), pane.x, pane.y, pane.w, pane.h);
    });
    A.drawSurroundings(pen, A.panes, view, A.style());
    if (A.settings.presentation) { A.drawLegendStrip(pen, A.style().left, height - 18, 18); }
  }

  A.drawSurroundings = function (pen, panes, view, style, themeName) {
    panes.forEach(function (pane) {
      A.drawAxes(pen, pane, view, style, themeName);
      A.drawMarks(pen, pane, view, style, themeName);
      A.drawInstances(pen, pane, view, style, themeName);
      A.drawCandidates(pen, pane, view, style, themeName);
    });
    A.drawColourBars(pen, panes, style, themeName);
  };

  /* Off-screen canvas with the pixels of one pane; the raster is kept while only colours change. */
  A.sheet = function (pane, view, ratio, themeName, moved) {
    const plane = A.event.planes[pane.plane];
    const frame = A.frameOf(pane, view, ratio);
    let raster = rasters[pane.plane];
    if (moved || !raster || raster.of !== plane || raster.width !== frame.width || raster.height !== frame.height) {
      raster = A.rasterise(plane, frame, A.look.threshold, raster);
      raster.of = plane;
      rasters[pane.plane] = raster;
    }
    const sheet = sheets[pane.plane] || (sheets[pane.plane] = document.createElement("canvas"));
    if (sheet.width !== frame.width || sheet.height !== frame.height) {
      sheet.width = frame.width;
      sheet.height = frame.height;
      sheet.data = null;
    }
    const context = sheet.getContext("2d");
    sheet.data = sheet.data || context.createImageData(frame.width, frame.height);
    A.colourRaster(raster, plane, A.paint(plane, themeName), sheet.data, themeName);
    context.putImageData(sheet.data, 0, 0);
    return sheet;
  };

  /* Index of the lit pixel drawn at, or within a few px of, a point of a pane; -1 for none. */
  A.pixelNear = function (pane, x, y) {
    const raster = rasters[pane.plane];
    if (!raster) { return -1; }
    const ratio = raster.width / pane.w;
    const cx = Math.floor(x * ratio);
    const cy = Math.floor(y * ratio);
    const reach = Math.round(3 * ratio);
    let best = -1;
    let nearest = Infinity;
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const px = cx + dx;
        const py = cy + dy;
        const distance = dx * dx + dy * dy;
        if (px < 0 || py < 0 || px >= raster.width || py >= raster.height || distance >= nearest) { continue; }
        const found = raster.winner[py * raster.width + px];
        if (found >= 0) { best = found; nearest = distance; }
      }
    }
    return best;
  };

  function renderAbove(width, height, ratio) {
    const context = above.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!A.panes.length) { return; }
    const pen = new A.CanvasPen(context);
    const view = A.currentView(A.panes);
    A.drawInstanceAbove(pen, A.panes, view);
    A.drawCandidateAbove(pen, A.panes, view);
    A.drawHairLines(pen, A.panes, view);
    A.drawLabelMarks(pen, A.panes, view);
    A.drawLabelTool(pen, A.panes, view);
  }

  A.on("look", function (changed) {
    const moves = ["threshold", "focus", "units"];
    A.redraw(changed.some(function (key) { return moves.indexOf(key) >= 0; }) ? "raster" : "paint");
  });
  A.on("view", function () { A.redraw("raster"); });
  A.on("option", function (name) {
    if (name === "gain" || name === "presentation" || name === "panel") { A.redraw("raster"); }
    if (name === "hidden") { A.redraw("paint"); }
  });
  A.on("theme", function () { A.redraw("paint"); });
  A.on("prediction", function () { A.redraw("paint"); });
  A.on("hover", function () { A.redraw("above"); });
})(window.argonscope);
