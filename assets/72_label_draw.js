/* The labelling tools under the mouse. They listen on the stage before its canvas does; shift leaves the
 * mouse to the stage (a box to zoom to), alt takes labels away. Only lit pixels, and in a study only those
 * of its window, are touched. Nothing here waits for the server. */
(function (A) {
  "use strict";

  const state = A.labelling;
  let stroke = null;      /* {pane, plane, lane, tool, erase, points: cm, mask, before, parts, moved} */
  let mouse = null;       /* place on the stage, for the ring of the brush */

  function paneAt(x, y) {
    return A.panes.find(function (pane) {
      return x >= pane.x && x < pane.x + pane.w && y >= pane.y && y < pane.y + pane.h;
    });
  }

  function cmAt(pane, plane, x, y) {
    const frame = A.frameOf(pane, A.currentView(A.panes), 1);
    return [frame.wireOfX(x - pane.x) * plane.pitch, frame.tickOfY(y - pane.y) * plane.cmPerTick];
  }

  /* Row and column, as fractions, of a place in cm, kept within the plane. */
  function placeOf(plane, cm) {
    const step = (cm[1] / plane.cmPerTick - plane.firstTick) / plane.ticksPerRow;
    const row = plane.order >= 0 ? step - 0.5 : plane.height - 0.5 - step;
    const round = function (value, most) { return Math.round(A.clamp(value, 0, most) * 10) / 10; };
    return [round(row, plane.height - 1), round(cm[0] / plane.pitch - plane.firstWire, plane.width - 1)];
  }

  /* And back. */
  A.cmOfPlace = function (plane, place) {
    const step = (plane.order >= 0 ? place[0] : plane.height - 1 - place[0]) + 0.5;
    return [(plane.firstWire + place[1]) * plane.pitch, (plane.firstTick + step * plane.ticksPerRow) * plane.cmPerTick];
  };

  function allowed(plane, pixel) { return !plane.outside || !plane.outside[pixel]; }

  /* What the mouse does now: a tool, or a point of the object worked on. */
  A.activeLabelTool = function () {
    const part = state.object && state.object.part;
    return part === "end" || part === "start" ? part : state.tool;
  };

  /* Parts of the object as the stroke under way makes them; null without one. */
  A.strokeParts = function (plane) { return stroke && stroke.plane === plane ? stroke.parts : null; };

  /* ---- a stroke ----------------------------------------------------------------------------------------- */

  function begin(event) {
    const pane = paneAt(event.offsetX, event.offsetY);
    const plane = pane && A.event.planes[pane.plane];
    const lane = plane && state.lanes[pane.plane];
    if (event.button !== 0 || !lane) { return; }
    const tool = A.activeLabelTool();
    const at = cmAt(pane, plane, event.offsetX, event.offsetY);
    stroke = {
      pane: pane, plane: plane, lane: lane, tool: tool, erase: state.erase !== event.altKey, points: [at],
      mask: new Uint8Array(plane.count), before: lane.classes.slice(), parts: A.partsOf(plane), moved: false,
    };
    event.target.setPointerCapture(event.pointerId);
    if (tool === "brush") { touch(at, at); }
    if (tool === "cluster" || tool === "fill") { takeCluster(event.offsetX, event.offsetY); }
  }

  function extend(x, y) {
    const point = cmAt(stroke.pane, stroke.plane, x, y);
    const last = stroke.points[stroke.points.length - 1];
    stroke.moved = true;
    if (stroke.tool === "brush") { touch(last, point); }
    if (stroke.tool === "brush" || stroke.tool === "lasso") { stroke.points.push(point); } else { stroke.points[1] = point; }
    A.redraw("above");
  }

  /* The brush gives its pixels at once, each once. */
  function touch(from, to) {
    const plane = stroke.plane;
    let news = false;
    A.eachNear(plane, [from, to], state.radius, function (pixel) {
      if (stroke.mask[pixel] || !allowed(plane, pixel)) { return; }
      if (A.distanceToSegment(plane.cmOf(pixel), from, to) > state.radius) { return; }
      stroke.mask[pixel] = 1;
      news = true;
      show(pixel);
    });
    if (news) { A.redraw("paint"); }
  }

  function show(pixel) {
    if (stroke.parts) {
      stroke.parts[pixel] = stroke.erase ? -1 : A.LABEL_PARTS[state.object.part];
    } else if (stroke.erase || state.choice !== null) {
      stroke.lane.classes[pixel] = stroke.erase ? -1 : state.choice;
    }
  }

  /* The cluster under the mouse; fill leaves alone what is labelled. */
  function takeCluster(x, y) {
    const pane = stroke.pane;
    const plane = stroke.plane;
    const pixel = A.pixelNear(pane, x - pane.x, y - pane.y);
    if (pixel < 0 || !allowed(plane, pixel)) { return; }
    const mask = A.clusterMask(plane, pixel, state.way);
    const fill = stroke.tool === "fill" && !stroke.erase;
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] && allowed(plane, i) && !(fill && !stroke.parts && stroke.before[i] >= 0)) {
        stroke.mask[i] = 1;
        show(i);
      }
    }
    A.redraw("paint");
  }

  function finish() {
    const done = stroke;
    stroke = null;
    done.lane.classes.set(done.before);
    if (done.tool === "end" || done.tool === "start") { setPoint(done); return; }
    if (done.tool === "box" || done.tool === "lasso") {
      if (!done.moved) { A.redraw("above"); return; }
      const inside = A.pixelsIn(done.plane, { kind: done.tool, points: done.points });
      for (let i = 0; i < inside.length; i++) { done.mask[i] = inside[i] && allowed(done.plane, i) ? 1 : 0; }
    }
    A.labelPixels(done.plane, done.tool, done.mask, done.erase);
    A.redraw("paint");
  }

  /* A click is the muon's end; a drag the start of a shower and its direction. */
  function setPoint(done) {
    const start = placeOf(done.plane, done.points[0]);
    if (done.tool === "end") {
      A.changeObject(done.plane, { end: start });
      A.setPartOfObject("core");
      return;
    }
    const tip = placeOf(done.plane, done.points[done.points.length - 1]);
    const way = [tip[0] - start[0], tip[1] - start[1]].map(function (value) { return Math.round(value * 10) / 10; });
    A.setShower(done.plane, start, way[0] || way[1] ? way : null);
    A.setPartOfObject("shower");
  }

  /* A stroke that is under way never was. Whether there was one. */
  A.dropLabelStroke = function () {
    if (!stroke) { return false; }
    stroke.lane.classes.set(stroke.before);
    stroke = null;
    A.redraw("paint");
    return true;
  };

  /* What the hand did before the window went counts. */
  A.on("label-leaving", function () { if (stroke) { finish(); } });

  /* ---- listening ------------------------------------------------------------------------------------------- */

  function ours(event) {
    return A.canLabel() && A.activeLabelTool() !== "hand" && event.target.classList.contains("stage-above");
  }

  A.watchLabelling = function (stage) {
    const on = function (kind, listener) {
      stage.addEventListener(kind, function (event) { if (stroke || ours(event)) { listener(event); } }, true);
    };
    on("pointerdown", function (event) {
      if (event.shiftKey) { return; }
      event.stopPropagation();
      begin(event);
    });
    on("pointermove", function (event) {
      mouse = { x: event.offsetX, y: event.offsetY };
      if (!stroke) { A.redraw("above"); return; }
      event.stopPropagation();
      const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      (all.length ? all : [event]).forEach(function (one) {
        extend(mouse.x + one.clientX - event.clientX, mouse.y + one.clientY - event.clientY);
      });
    });
    on("pointerup", function (event) {
      if (!stroke) { return; }
      event.stopPropagation();
      finish();
    });
    on("pointercancel", A.dropLabelStroke);
    on("pointerleave", function () { mouse = null; A.redraw("above"); });
    on("dblclick", function (event) { event.stopPropagation(); });
  };

  /* {stroke, mouse} for the marks over the picture. */
  A.labelHand = function () { return { stroke: stroke, mouse: mouse }; };
})(window.argonscope);
