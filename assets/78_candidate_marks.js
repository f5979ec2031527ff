/* Candidates on the planes: an outline and a ring where a Michel electron hangs on its track, a mark and
 * an arrow where a shower starts. All through a pen, and told apart by shape as well as by colour. */
(function (A) {
  "use strict";

  const MICHEL = 4;
  const SHOWER = 2;
  const HALO = 2.5;              /* of the background's colour, so that a mark is seen on any charge */

  const WIDTH = 2;

  function colourOf(candidate, colours) {
    return A.css(colours.classes[candidate.kind === "michel" ? MICHEL : SHOWER]);
  }

  /* Marks of one pane, where they were asked for and overlays are not hidden. */
  A.drawCandidates = function (pen, pane, view, style, themeName) {
    if (A.settings.hidden) { return; }
    const plane = A.event.planes[pane.plane];
    const shown = A.shownCandidates(plane);
    if (!shown.length) { return; }
    const c = A.colours(themeName);
    const frame = A.frameOf(pane, view, 1);
    pen.clip(pane.x, pane.y, pane.w, pane.h, function () {
      shown.forEach(function (one) { drawOne(pen, pane, plane, frame, one, c, style.font / 11); });
    });
  };

  /* The candidate pointed at or chosen, over the picture: stronger, and its outline whatever its kind. */
  A.drawCandidateAbove = function (pen, panes, view) {
    [A.chosenCandidate, A.pointedCandidate].forEach(function (one, i) {
      const pane = one && panes.find(function (p) { return p.plane === one.plane; });
      if (!pane || A.settings.hidden || (i === 0 && A.sameCandidate(one, A.pointedCandidate))) { return; }
      const frame = A.frameOf(pane, view, 1);
      const c = A.colours();
      pen.clip(pane.x, pane.y, pane.w, pane.h, function () {
        const loops = loopsOf(pane, A.event.planes[one.plane], frame, one);
        pen.loops(loops, c.planeCss, 2.5 + HALO);
        pen.loops(loops, one === A.pointedCandidate ? c.ink : colourOf(one, c), 2.5);
        drawPlace(pen, pane, A.event.planes[one.plane], frame, one, c, A.style().font / 11);
      });
    });
  };

  function drawOne(pen, pane, plane, frame, one, c, size) {
    if (one.kind === "michel") {
      const loops = loopsOf(pane, plane, frame, one);
      pen.loops(loops, c.planeCss, WIDTH * size + HALO);
      pen.loops(loops, colourOf(one, c), WIDTH * size);
    }
    drawPlace(pen, pane, plane, frame, one, c, size);
  }

  /* Kept until the view moves: colours and hover change more often. */
  function loopsOf(pane, plane, frame, one) {
    const view = [pane.x, pane.y, frame.width, frame.height, frame.perWire, frame.xOfWire(0), frame.yOfTick(0)].join();
    if (!one.loops || one.loops.view !== view) {
      const loops = A.outlineOf(plane, frame, one.pixels).map(function (loop) {
        return loop.map(function (point) { return [pane.x + point[0], pane.y + point[1]]; });
      });
      one.loops = { view: view, loops: loops };
    }
    return one.loops.loops;
  }

  function drawPlace(pen, pane, plane, frame, one, c, size) {
    const x = pane.x + frame.xOfWire(one.place.wire);
    const y = pane.y + frame.yOfTick(one.place.tick + plane.ticksPerRow / 2);
    if (one.kind === "shower") { drawArrow(pen, x, y, one.direction, colourOf(one, c), c.planeCss, size); }
    const radius = A.clamp(frame.perWire, 2.75, 4.5) * size;
    pen.ring(x, y, radius, c.planeCss, 1.5 * size + HALO);
    pen.ring(x, y, radius, one.kind === "michel" ? c.ink : colourOf(one, c), 1.5 * size);
  }

  /* Of one length at every zoom: it shows where the shower heads, not how far it goes. */
  function drawArrow(pen, x, y, direction, colour, halo, size) {
    const along = [direction.wire, -direction.drift];      /* later drift is up */
    const from = 7 * size;
    const to = 34 * size;
    const tip = [x + along[0] * to, y + along[1] * to];
    const wings = [2.6, -2.6].map(function (turn) {
      const cos = Math.cos(turn);
      const sin = Math.sin(turn);
      return [tip[0] + 8 * size * (along[0] * cos - along[1] * sin), tip[1] + 8 * size * (along[0] * sin + along[1] * cos)];
    });
    const strokes = [[x + along[0] * from, y + along[1] * from, tip[0], tip[1]]].concat(wings.map(function (wing) {
      return [tip[0], tip[1], wing[0], wing[1]];
    }));
    [[halo, WIDTH * size + HALO], [colour, WIDTH * size]].forEach(function (stroke) {
      strokes.forEach(function (s) { pen.line(s[0], s[1], s[2], s[3], stroke[0], stroke[1]); });
    });
  }

  /* What the marks mean, in words for saved pictures; "" where there are none. */
  A.candidateLegend = function () {
    const words = [];
    if (A.look.michels) { words.push("outline: Michel candidate, ring: where it leaves its track"); }
    if (A.look.showers) { words.push("arrow: start and direction of a shower candidate"); }
    return A.settings.hidden ? "" : words.join("  ·  ");
  };

  /* ---- hover ------------------------------------------------------------------------------------ */

  function under(hover) {
    const pane = hover && A.panes.find(function (one) { return one.plane === hover.plane; });
    const plane = pane && A.event.planes[hover.plane];
    if (!plane || A.settings.hidden) { return null; }
    const frame = A.frameOf(pane, A.currentView(A.panes), 1);
    const x = frame.xOfWire(hover.wire);
    const y = frame.yOfTick(hover.tick);
    const reach = A.outlineReach(frame) + 1;
    return A.shownCandidates(plane).find(function (one) {
      if (one.kind === "shower") { return hover.pixel >= 0 && one.pixels.indexOf(hover.pixel) >= 0; }
      return A.distanceToPixels(plane, frame, one.pixels, x, y) <= reach;
    }) || null;
  }

  A.candidateWords = function (one) {
    return (one.kind === "michel" ? "Michel" : "shower") + "  ·  " + A.number(one.pixels.length) + " pixels\n" +
      A.number(one.charge_adc, 0) + " ADC  ·  " + A.number(one.energy_mev, 1) + " MeV";
  };

  A.on("hover", function (hover) { A.pointAtCandidate(under(hover)); });
})(window.argonscope);
