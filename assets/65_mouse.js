/* The mouse over the planes: hover, pin, pan, zoom, box; and the hair lines that follow it. */
(function (A) {
  "use strict";

  A.hover = null;         /* {plane, wire, tick, pixel} under the mouse; wire and tick are fractions */
  let drag = null;
  let band = null;        /* box being drawn, in stage px */

  A.watchMouse = function (canvas) {
    canvas.addEventListener("pointermove", onMove);
    canvas.addEventListener("pointerleave", function () { if (!drag) { setHover(null); } });
    canvas.addEventListener("pointerdown", onDown);
    canvas.addEventListener("pointerup", onUp);
    canvas.addEventListener("pointercancel", function () { drag = null; band = null; A.redraw("above"); });
    canvas.addEventListener("wheel", onWheel, { passive: false });
    canvas.addEventListener("dblclick", onDoubleClick);
  };

  function paneAt(x, y) {
    return A.panes.find(function (pane) {
      return x >= pane.x && x < pane.x + pane.w && y >= pane.y && y < pane.y + pane.h;
    });
  }

  function placeOf(pane, x, y) {
    const frame = A.frameOf(pane, A.currentView(A.panes), 1);
    return { wire: frame.wireOfX(x - pane.x), tick: frame.tickOfY(y - pane.y) };
  }

  function setHover(hover) {
    A.hover = hover;
    A.emit("hover", hover);
  }

  function hoverAt(x, y) {
    const pane = paneAt(x, y);
    if (!pane) { return null; }
    const place = placeOf(pane, x, y);
    const plane = A.event.planes[pane.plane];
    const pixel = A.pixelNear(pane, x - pane.x, y - pane.y);
    if (pixel >= 0) {
      place.wire = plane.firstWire + plane.wires[pixel];
      place.tick = plane.tickOfRow(plane.rows[pixel]) + plane.ticksPerRow / 2;
    }
    const inside = place.wire >= plane.firstWire - 0.5 && place.wire < plane.firstWire + plane.width - 0.5 &&
      place.tick >= plane.firstTick && place.tick < plane.lastTick;
    return inside ? { plane: pane.plane, wire: place.wire, tick: place.tick, pixel: pixel } : null;
  }

  function onMove(event) {
    if (!A.event || !A.event.planes) { return; }
    if (!drag) {
      setHover(hoverAt(event.offsetX, event.offsetY));
      return;
    }
    const dx = event.offsetX - drag.x;
    const dy = event.offsetY - drag.y;
    if (!drag.moved && Math.hypot(dx, dy) < 4) { return; }
    drag.moved = true;
    if (drag.box) {
      band = { x: drag.startX, y: drag.startY, toX: event.offsetX, toY: event.offsetY, pane: drag.pane };
      A.redraw("above");
    } else {
      A.panBy(A.panes, drag.pane.plane, dx, dy);
      drag.x = event.offsetX;
      drag.y = event.offsetY;
    }
  }

  function onDown(event) {
    if (event.button !== 0 || !A.event || !A.event.planes) { return; }
    const pane = paneAt(event.offsetX, event.offsetY);
    if (!pane) { return; }
    drag = {
      pane: pane, x: event.offsetX, y: event.offsetY, startX: event.offsetX, startY: event.offsetY,
      box: event.shiftKey || A.settings.boxTool, moved: false,
    };
    event.target.setPointerCapture(event.pointerId);
    event.target.classList.toggle("dragging", !drag.box);
  }

  function onUp(event) {
    event.target.classList.remove("dragging");
    if (!drag) { return; }
    const done = drag;
    const drawn = band;
    drag = null;
    band = null;
    if (drawn) {
      const from = placeOf(done.pane, drawn.x, drawn.y);
      const to = placeOf(done.pane, drawn.toX, drawn.toY);
      A.zoomToBox(A.panes, done.pane, [from.wire, to.wire], [from.tick, to.tick]);
      A.setOption("boxTool", false);
    } else if (!done.moved) {
      clickAt(hoverAt(event.offsetX, event.offsetY));
    }
    A.redraw("above");
  }

  let onInstance = false;   /* what the last click met */
  function clickAt(hover) {
    onInstance = A.clickInstance(hover);
    if (!onInstance) { pinAt(hover); }
  }

  let before = null;
  function pinAt(hover) {
    before = A.look.pin;
    A.setLook({ pin: hover ? { plane: hover.plane, wire: Math.round(hover.wire) } : null });
  }

  /* The clicks of a double click pinned a wire in passing; put back what was pinned. */
  function onDoubleClick(event) {
    if (!paneAt(event.offsetX, event.offsetY)) { return; }
    if (!onInstance) { A.setLook({ pin: before && A.look.pin && before.wire === A.look.pin.wire ? null : before }); }
    A.resetZoom();
  }

  function onWheel(event) {
    const pane = A.event && A.event.planes && paneAt(event.offsetX, event.offsetY);
    if (!pane) { return; }
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      A.panBy(A.panes, pane.plane, -event.deltaX * unit, 0);
      return;
    }
    const place = placeOf(pane, event.offsetX, event.offsetY);
    const speed = event.ctrlKey ? 0.01 : 0.0018;
    const factor = Math.exp(A.clamp(-event.deltaY * unit * speed, -0.7, 0.7));
    A.zoomAt(A.panes, pane.plane, place.wire, place.tick, factor);
    setHover(hoverAt(event.offsetX, event.offsetY));
  }

  /* ---- hair lines ---------------------------------------------------------------------------- */

  A.drawHairLines = function (pen, panes, view) {
    const c = A.colours();
    panes.forEach(function (pane) {
      const plane = A.event.planes[pane.plane];
      const frame = A.frameOf(pane, view, 1);
      pen.clip(pane.x, pane.y, pane.w, pane.h, function () { drawInPane(pen, pane, plane, frame, c); });
    });
    if (band) {
      pen.rect(Math.min(band.x, band.toX) + 0.5, Math.min(band.y, band.toY) + 0.5,
        Math.abs(band.toX - band.x), Math.abs(band.toY - band.y), null, c.pin, [5, 3]);
    }
    A.drawMaskingTool(pen, panes, view);
  };

  function drawInPane(pen, pane, plane, frame, c) {
    const pin = A.look.pin;
    const hover = A.hover;
    if (pin && pin.plane === pane.plane) {
      const x = Math.round(pane.x + frame.xOfWire(pin.wire)) + 0.5;
      pen.line(x, pane.y, x, pane.y + pane.h, c.pin, 1.25);
    }
    if (!hover) { return; }
    const y = Math.round(pane.y + frame.yOfTick(hover.tick)) + 0.5;
    pen.line(pane.x, y, pane.x + pane.w, y, c.hair, 1);
    if (hover.plane === pane.plane) {
      const x = Math.round(pane.x + frame.xOfWire(hover.wire)) + 0.5;
      pen.line(x, pane.y, x, pane.y + pane.h, c.hair, 1);
      if (hover.pixel >= 0) { pen.ring(x, y, 6, c.ink, 1.25); }
      return;
    }
    const expected = A.expectedWire(plane.name);
    if (expected && expected.inside) {
      const x = Math.round(pane.x + frame.xOfWire(expected.wire)) + 0.5;
      pen.line(x, pane.y, x, pane.y + pane.h, c.pin, 1.25, [6, 4]);
      pen.ring(x, y, 6, c.pin, 1.5);
    } else {
      drawPossible(pen, pane, plane, frame, y, c);
    }
  }

  /* Thicken the hair line over the wires that cross the one under the mouse. */
  function drawPossible(pen, pane, plane, frame, y, c) {
    const from = A.event.planes[A.hover.plane];
    if (!from.geometry || !plane.geometry) { return; }
    const range = A.crossingRange(A.event.header.detector, from.geometry, A.hover.wire, plane.geometry);
    if (!range) { return; }
    const x1 = pane.x + frame.xOfWire(range[0]);
    const x2 = pane.x + frame.xOfWire(range[1]);
    pen.line(x1, y, x2, y, c.hair, 2);
    pen.line(x1, y - 6, x1, y + 6, c.hair, 1.5);
    pen.line(x2, y - 6, x2, y + 6, c.hair, 1.5);
  }

  /* {y, z, wires, inside} where the pinned wire and the one under the mouse cross; null otherwise. */
  A.crossingNow = function () {
    const pin = A.look.pin;
    const hover = A.hover;
    if (!pin || !hover || pin.plane === hover.plane || !A.event.planes[pin.plane]) { return null; }
    const detector = A.event.header.detector;
    const point = A.crossing(detector.planes[pin.plane], pin.wire, detector.planes[hover.plane], hover.wire);
    if (!point) { return null; }
    point.inside = A.inside(detector, point, 0.5);
    return point;
  };

  /* Wire of a third plane that a pinned wire and the wire under the mouse fix. */
  A.expectedWire = function (name) {
    const point = A.crossingNow();
    if (!point || name === A.look.pin.plane || name === A.hover.plane) { return null; }
    return { wire: A.wireAt(A.event.planes[name].geometry, point.y, point.z), inside: point.inside };
  };
})(window.argonscope);
