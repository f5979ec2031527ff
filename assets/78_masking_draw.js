/* Drawing a region with the mouse: box, lasso, or a brush along a track. The tools listen on the stage
 * before its canvas does, so that without a tool the mouse pans as ever. Nothing here asks the server. */
(function (A) {
  "use strict";

  const state = A.masking;
  let stroke = null;      /* {pane, plane, points: cm, inside, adds, takes, moved} */
  let mouse = null;       /* place on the stage, for the ring of the brush */

  A.forgetStroke = function () { stroke = null; };

  function paneAt(x, y) {
    return A.panes.find(function (pane) {
      return x >= pane.x && x < pane.x + pane.w && y >= pane.y && y < pane.y + pane.h;
    });
  }

  /* A place on the stage in cm of a plane: along the pitch, along the drift. */
  function cmAt(pane, plane, x, y) {
    const frame = A.frameOf(pane, A.currentView(A.panes), 1);
    return [frame.wireOfX(x - pane.x) * plane.pitch, frame.tickOfY(y - pane.y) * plane.cmPerTick];
  }

  function begin(event) {
    const pane = paneAt(event.offsetX, event.offsetY);
    if (event.button !== 0 || !pane || !A.event || !A.event.planes) { return; }
    const plane = A.event.planes[pane.plane];
    const same = state.region && state.region.plane === plane;
    stroke = {
      pane: pane, plane: plane, points: [cmAt(pane, plane, event.offsetX, event.offsetY)],
      inside: new Uint8Array(plane.count), adds: event.shiftKey && same, takes: event.altKey && same, moved: false,
    };
    if (stroke.adds) { stroke.inside.set(state.region.inside); }
    event.target.setPointerCapture(event.pointerId);
    if (state.tool === "brush") { touch(stroke.points[0], stroke.points[0]); }
  }

  function extend(x, y) {
    const point = cmAt(stroke.pane, stroke.plane, x, y);
    const last = stroke.points[stroke.points.length - 1];
    stroke.moved = true;
    if (state.tool === "brush") {
      touch(last, point);
      stroke.points.push(point);
    } else if (state.tool === "lasso") {
      stroke.points.push(point);
    } else {
      stroke.points[1] = point;
    }
    A.redraw("above");
  }

  /* Take the lit pixels within the brush's radius of a piece of the stroke. */
  function touch(from, to) {
    const plane = stroke.plane;
    A.brushPiece(plane, from, to, state.radius, stroke.inside);
    A.showDrawing(stroke.takes ? { plane: plane, inside: withoutStroke() } : stroke);
  }

  function withoutStroke() {
    return state.region.inside.map(function (inside, i) { return inside && !stroke.inside[i] ? 1 : 0; });
  }

  function finish() {
    const done = stroke;
    stroke = null;
    A.showDrawing(null);
    if (state.tool !== "brush" && !done.moved) { A.redraw("above"); return; }
    const shape = A.shapeOf(done.plane, state.tool, state.radius, done.points);
    const inside = A.pixelsIn(done.plane, shape);
    if (!done.adds && !done.takes) { A.setRegion(done.plane, inside, shape); return; }
    const before = state.region.inside;
    const joined = inside.map(function (drawn, i) { return done.takes ? before[i] && !drawn : before[i] || drawn; });
    A.setRegion(done.plane, joined, null);
  }

  /* ---- listening ------------------------------------------------------------------------------- */

  function ours(event) { return state.tool && event.target.classList.contains("stage-above"); }

  A.watchMasking = function (stage) {
    const on = function (kind, listener) {
      stage.addEventListener(kind, function (event) { if (ours(event)) { listener(event); } }, true);
    };
    on("pointerdown", function (event) { event.stopPropagation(); begin(event); });
    on("pointermove", function (event) {
      mouse = { x: event.offsetX, y: event.offsetY };
      if (!stroke) { A.redraw("above"); return; }   /* the hair lines follow, as without a tool */
      event.stopPropagation();
      const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      (all.length ? all : [event]).forEach(function (one) {
        extend(mouse.x + one.clientX - event.clientX, mouse.y + one.clientY - event.clientY);
      });
    });
    on("pointerup", function (event) { event.stopPropagation(); if (stroke) { finish(); } });
    on("pointercancel", function () { dropStroke(); });
    on("pointerleave", function () { mouse = null; A.redraw("above"); });
    on("dblclick", function (event) { event.stopPropagation(); });
  };

  function dropStroke() {
    if (!stroke) { return; }
    stroke = null;
    A.showDrawing(null);
  }

  /* Drop a stroke that is under way and leave the tool. Whether there was a tool to leave. */
  A.leaveMaskingTool = function () {
    if (!state.tool) { return false; }
    dropStroke();
    A.setMaskingTool(null);
    return true;
  };

  /* ---- what lies over the picture --------------------------------------------------------------- */

  A.drawMaskingTool = function (pen, panes, view) {
    const c = A.colours();
    const region = state.region;
    panes.forEach(function (pane) {
      const plane = A.event.planes[pane.plane];
      const frame = A.frameOf(pane, view, 1);
      const place = function (cm) {
        return [pane.x + frame.xOfWire(cm[0] / plane.pitch), pane.y + frame.yOfTick(cm[1] / plane.cmPerTick)];
      };
      pen.clip(pane.x, pane.y, pane.w, pane.h, function () {
        if (stroke && stroke.plane === plane && state.tool !== "brush") {
          polygon(pen, A.regionOutline(state.tool, stroke.points).map(place), c.pin, state.tool === "box");
        }
        if (region && region.plane === plane && !stroke) {
          const shape = region.shape;
          if (shape && shape.kind !== "brush") { polygon(pen, A.regionOutline(shape.kind, shape.points).map(place), c.pin, true); }
          drawEnds(pen, place, c);
        }
        if (state.tool === "brush" && mouse && paneAt(mouse.x, mouse.y) === pane) {
          pen.ring(mouse.x, mouse.y, state.radius * view.scale, c.pin, 1.25);
        }
      });
    });
  };

  function polygon(pen, corners, colour, closed) {
    for (let i = closed ? 0 : 1; i < corners.length; i++) {
      const from = corners[(i + corners.length - 1) % corners.length];
      pen.line(from[0], from[1], corners[i][0], corners[i][1], colour, 1.25, [5, 3]);
    }
  }

  /* A ring where the track begins, and a bar across it where the part on show ends. */
  function drawEnds(pen, place, c) {
    const track = state.track;
    if (!track || track.length <= 0) { return; }
    const start = place(A.pointAlong(track, 0).at);
    pen.ring(start[0], start[1], 6, c.pin, 1.75);
    const step = A.shownStep();
    if (!step || state.study.kind !== "grow") { return; }
    const end = A.pointAlong(track, step.length);
    const at = place(end.at);
    const ahead = place([end.at[0] + end.way[0], end.at[1] + end.way[1]]);
    const size = Math.hypot(ahead[0] - at[0], ahead[1] - at[1]) || 1;
    const across = [-(ahead[1] - at[1]) / size * 11, (ahead[0] - at[0]) / size * 11];
    pen.line(at[0] - across[0], at[1] - across[1], at[0] + across[0], at[1] + across[1], c.pin, 1.75);
  }
})(window.argonscope);
