/* Labelled objects and the tool over the picture: a ring where a muon ends, an arrow where a shower starts
 * and heads, the ring of the brush, the lasso and the box. */
(function (A) {
  "use strict";

  const state = A.labelling;

  /* Objects and the window: of the saved picture, too. */
  A.drawLabelMarks = function (pen, panes, view) {
    eachPane(pen, panes, view, function (pane, plane, place, c) {
      if (A.event.window) { drawWindow(pen, plane, place, c); }
      state.lanes[pane.plane].objects.forEach(function (one, id) { drawObject(pen, plane, place, one, id, c); });
    });
  };

  A.drawLabelTool = function (pen, panes, view) {
    eachPane(pen, panes, view, function (pane, plane, place, c) { drawTool(pen, pane, plane, place, view, c); });
  };

  /* draw(pane, plane, place, colours) within each pane that is labelled; place: from cm to the pen's pixels. */
  function eachPane(pen, panes, view, draw) {
    if (!state.on || A.settings.hidden || A.look.overlay !== "labels") { return; }
    const c = A.colours();
    panes.forEach(function (pane) {
      const plane = A.event.planes[pane.plane];
      if (!plane || !state.lanes[pane.plane]) { return; }
      const frame = A.frameOf(pane, view, 1);
      const place = function (cm) {
        return [pane.x + frame.xOfWire(cm[0] / plane.pitch), pane.y + frame.yOfTick(cm[1] / plane.cmPerTick)];
      };
      pen.clip(pane.x, pane.y, pane.w, pane.h, function () { draw(pane, plane, place, c); });
    });
  }

  function at(plane, place, where) { return place(A.cmOfPlace(plane, where)); }

  function drawWindow(pen, plane, place, c) {
    const w = A.event.window;
    const corners = [at(plane, place, [w[0] - 1, w[1] - 1]), at(plane, place, [w[2] + 1, w[3] + 1])];
    pen.rect(Math.min(corners[0][0], corners[1][0]), Math.min(corners[0][1], corners[1][1]),
      Math.abs(corners[1][0] - corners[0][0]), Math.abs(corners[1][1] - corners[0][1]), null, c.pin, [6, 4]);
  }

  function drawObject(pen, plane, place, one, id, c) {
    const chosen = state.object && state.object.id === id;
    const payload = one.payload;
    if (one.tool === "michel") {
      if (!payload.end) { return; }
      const end = at(plane, place, payload.end);
      ring(pen, end, c, A.css(c.parts[0]), chosen);
      pen.text(end[0] + 11, end[1] - 9, id + (payload.state === "present" ? "" : " · " + payload.state),
        { size: 12, colour: c.ink, halo: c.planeCss, weight: chosen ? 650 : 400 });
      return;
    }
    const start = at(plane, place, payload.start);
    if (payload.direction) {
      const way = payload.direction;
      arrow(pen, start, at(plane, place, [payload.start[0] + way[0], payload.start[1] + way[1]]), c);
    }
    ring(pen, start, c, A.css(c.parts[2]), chosen);
    pen.text(start[0] + 11, start[1] - 9, id, { size: 12, colour: c.ink, halo: c.planeCss, weight: chosen ? 650 : 400 });
  }

  function ring(pen, where, c, colour, chosen) {
    pen.ring(where[0], where[1], 7, c.planeCss, 5);
    pen.ring(where[0], where[1], 7, chosen ? c.ink : colour, 2.25);
  }

  /* Of one length at every zoom: it shows where the shower heads, not how far it goes. */
  function arrow(pen, from, to, c) {
    const size = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
    const along = [(to[0] - from[0]) / size, (to[1] - from[1]) / size];
    const tip = [from[0] + along[0] * 38, from[1] + along[1] * 38];
    const strokes = [[from[0] + along[0] * 8, from[1] + along[1] * 8, tip[0], tip[1]]];
    [2.6, -2.6].forEach(function (turn) {
      const cos = Math.cos(turn);
      const sin = Math.sin(turn);
      strokes.push([tip[0], tip[1], tip[0] + 9 * (along[0] * cos - along[1] * sin), tip[1] + 9 * (along[0] * sin + along[1] * cos)]);
    });
    [[c.planeCss, 5], [A.css(c.parts[2]), 2.25]].forEach(function (pair) {
      strokes.forEach(function (s) { pen.line(s[0], s[1], s[2], s[3], pair[0], pair[1]); });
    });
  }

  function drawTool(pen, pane, plane, place, view, c) {
    const hand = A.labelHand();
    const stroke = hand.stroke;
    const tool = A.activeLabelTool();
    if (stroke && stroke.plane === plane && stroke.points.length > 1) {
      if (tool === "start") { arrow(pen, place(stroke.points[0]), place(stroke.points[1]), c); }
      if (tool === "box" || tool === "lasso") {
        const corners = A.regionOutline(tool, stroke.points).map(place);
        corners.forEach(function (corner, i) {
          const from = corners[(i + corners.length - 1) % corners.length];
          if (i || tool === "box") { pen.line(from[0], from[1], corner[0], corner[1], c.pin, 1.25, [5, 3]); }
        });
      }
    }
    const mouse = hand.mouse;
    const here = mouse && mouse.x >= pane.x && mouse.x < pane.x + pane.w && mouse.y >= pane.y && mouse.y < pane.y + pane.h;
    if (here && tool === "brush" && A.canLabel()) {
      pen.ring(mouse.x, mouse.y, state.radius * view.scale, c.pin, 1.25);
    }
  }
})(window.argonscope);
