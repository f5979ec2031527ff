/* What surrounds the pixels: frames, axes with units and time direction, colour bars, vertex marks and
 * the legend strip of presentations and saved pictures. All through a pen, nothing over the data but
 * the marks that were asked for. */
(function (A) {
  "use strict";

  A.STYLES = {
    normal: { left: 78, right: 72, top: 10, bottom: 4, gap: 8, axis: 21, font: 11, letter: 17 },
    large: { left: 122, right: 104, top: 12, bottom: 48, gap: 10, axis: 30, font: 16, letter: 26 },
  };

  /* Axes of one pane. */
  A.drawAxes = function (pen, pane, view, style, themeName, last) {
    const c = A.colours(themeName);
    const plane = A.event.planes[pane.plane];
    const frame = A.frameOf(pane, view, 1);
    const cm = A.look.units === "cm";
    pen.rect(pane.x - 0.5, pane.y - 0.5, pane.w + 1, pane.h + 1, null, c.line);
    drawWireAxis(pen, pane, plane, frame, style, c, cm);
    drawTimeAxis(pen, pane, frame, style, c, cm);
    drawName(pen, pane, plane, style, c);
  };

  function drawWireAxis(pen, pane, plane, frame, style, c, cm) {
    const perUnit = cm ? plane.pitch : 1;
    const low = Math.max(frame.wireOfX(0), plane.firstWire) * perUnit;
    const high = Math.min(frame.wireOfX(pane.w), plane.firstWire + plane.width - 1) * perUnit;
    const base = pane.y + pane.h;
    if (high > low) {
      const pixels = frame.xOfWire(high / perUnit) - frame.xOfWire(low / perUnit);
      A.axisMarks(low, high, pixels, style.font * 5.2, !cm).forEach(function (mark) {
        const x = pane.x + frame.xOfWire(mark.value / perUnit);
        pen.line(x, base + 0.5, x, base + 4.5, c.line);
        pen.text(x, base + style.font + 6, mark.label, { size: style.font, align: "center", colour: c.dim });
      });
    }
    pen.text(pane.x + pane.w + 10, base + style.font + 6, cm ? "wire · cm →" : "wire →",
      { size: style.font, colour: c.dim });
  }

  function drawTimeAxis(pen, pane, frame, style, c, cm) {
    const detector = A.event.header.detector;
    const toUnit = function (tick) { return cm ? A.driftCm(detector, tick) : tick; };
    const toTick = function (value) { return cm ? A.tickAt(detector, value) : value; };
    const plane = A.event.planes[pane.plane];
    const low = Math.max(frame.tickOfY(pane.h), plane.firstTick);
    const high = Math.min(frame.tickOfY(0), plane.lastTick);
    if (high > low) {
      const pixels = frame.yOfTick(low) - frame.yOfTick(high);
      A.axisMarks(toUnit(low), toUnit(high), pixels, style.font * 3.6, !cm).forEach(function (mark) {
        const y = pane.y + frame.yOfTick(toTick(mark.value));
        pen.line(pane.x - 4.5, y, pane.x - 0.5, y, c.line);
        pen.text(pane.x - 8, y, mark.label, { size: style.font, align: "right", base: "middle", colour: c.dim });
      });
    }
    const words = pane.h < style.font * 13 ? (cm ? "drift · cm →" : "tick →")
      : cm ? "drift from trigger · cm →" : "drift time · tick →";
    pen.text(style.font * 1.35, pane.y + pane.h - 2, words,
      { size: style.font, colour: c.dim, turned: true });
  }

  function drawName(pen, pane, plane, style, c) {
    const angle = plane.geometry ? plane.geometry.angle_deg : null;
    pen.text(6, pane.y + style.letter * 0.85, pane.plane, { size: style.letter, weight: 650, colour: c.ink });
    if (angle !== null && angle !== undefined) {
      pen.text(6, pane.y + style.letter * 0.85 + style.font * 1.35, (angle > 0 ? "+" : "") + A.number(angle, 0) + "°",
        { size: style.font, colour: c.dim });
    }
  }

  /* Charge scale beside the first pane, score or uncertainty scale beside the second. */
  A.drawColourBars = function (pen, panes, style, themeName) {
    if (!panes.length) { return; }
    const c = A.colours(themeName);
    const first = panes[0];
    const second = panes[1];
    const name = A.activeOverlay();
    const split = !second && (name === "score" || name === "uncertainty");
    const half = Math.min(split ? Math.floor(first.h / 2) - 14 : first.h, style.font * 30);
    const scaled = Object.values(A.event.planes).some(function (plane) { return A.gainOf(plane) !== 1; });
    bar(pen, first.x + first.w + 12, first.y, half, name === "none" ? c.maps[A.look.map] : c.grey,
      A.look.low, A.look.high, scaled ? "ADC × gain" : "ADC", 0, style, c);
    const lower = second ? { y: second.y, h: Math.min(second.h, half) } : { y: first.y + half + 28, h: half };
    if (name === "score") {
      bar(pen, first.x + first.w + 12, lower.y, lower.h, A.scoreRamp(c, A.look.scoreClass), 0, 1,
        A.setup.classes[A.look.scoreClass] + " score", 1, style, c);
    } else if (name === "uncertainty") {
      bar(pen, first.x + first.w + 12, lower.y, lower.h, c.uncertainty, 0, 1,
        A.look.measure === "entropy" ? "entropy" : "1 − top score", 1, style, c);
    }
  };

  function bar(pen, x, y, height, lut, low, high, title, digits, style, c) {
    const width = Math.round(style.font * 0.9);
    const steps = 64;
    for (let i = 0; i < steps; i++) {
      const top = y + height * (1 - (i + 1) / steps);
      pen.rect(x, Math.floor(top), width, Math.ceil(height / steps) + 1, A.css(lut[Math.round((i * 255) / (steps - 1))]));
    }
    pen.rect(x - 0.5, y - 0.5, width + 1, height + 1, null, c.line);
    A.axisMarks(low, high, height, style.font * 3, false).forEach(function (mark) {
      const place = y + height * (1 - (mark.value - low) / (high - low));
      const at = A.clamp(place, y + style.font * 0.4, y + height - style.font * 0.4);
      pen.text(x + width + 5, at, digits ? mark.value.toFixed(digits) : mark.label,
        { size: style.font, base: "middle", colour: c.dim });
    });
    pen.text(x + width + style.font * 4.2, y + height, title, { size: style.font, colour: c.dim, turned: true });
  }

  /* True vertex and interaction boxes, where asked for. */
  A.drawMarks = function (pen, pane, view, style, themeName) {
    const truth = A.event.header.truth;
    if (!A.look.vertex || !truth) { return; }
    const c = A.colours(themeName);
    const frame = A.frameOf(pane, view, 1);
    const plane = A.event.planes[pane.plane];
    pen.clip(pane.x, pane.y, pane.w, pane.h, function () {
      (truth.interactions || []).forEach(function (interaction) {
        const box = interaction.boxes && interaction.boxes[pane.plane];
        if (box && interaction["class"] === "neutrino") { drawBox(pen, pane, plane, frame, box, c); }
      });
      if (truth.vertex_cm && plane.geometry) { drawVertex(pen, pane, plane, frame, truth.vertex_cm, style, c); }
    });
  };

  function drawBox(pen, pane, plane, frame, box, c) {
    const x1 = pane.x + frame.xOfWire(plane.firstWire + box[1] - 0.5);
    const x2 = pane.x + frame.xOfWire(plane.firstWire + box[3] + 0.5);
    const ticks = [plane.tickOfRow(box[0]), plane.tickOfRow(box[2])];
    const y1 = pane.y + frame.yOfTick(Math.max(ticks[0], ticks[1]) + plane.ticksPerRow);
    const y2 = pane.y + frame.yOfTick(Math.min(ticks[0], ticks[1]));
    pen.rect(x1 - 2.5, y1 - 2.5, x2 - x1 + 5, y2 - y1 + 5, null, c.pin, [4, 3]);
  }

  function drawVertex(pen, pane, plane, frame, vertex, style, c) {
    const detector = A.event.header.detector;
    const x = pane.x + frame.xOfWire(A.wireAt(plane.geometry, vertex[1], vertex[2]));
    const y = pane.y + frame.yOfTick(A.tickAt(detector, vertex[0]));
    const reach = style.font * 0.75;
    pen.ring(x, y, reach, c.pin, 1.5);
    [[-1, 0], [1, 0], [0, -1], [0, 1]].forEach(function (way) {
      pen.line(x + way[0] * reach, y + way[1] * reach, x + way[0] * reach * 1.8, y + way[1] * reach * 1.8, c.pin, 1.5);
    });
  }

  /* Entries of the legend for the overlay shown: [{colour, name}]. */
  A.legendEntries = function (themeName) {
    const c = A.colours(themeName);
    const name = A.activeOverlay();
    if (name === "truth" || name === "class") {
      return A.setup.classes.map(function (label, i) { return { colour: A.css(c.classes[i]), name: label, id: i }; });
    }
    if (name === "disagreement") {
      return [{ colour: A.css(c.disagree), name: "truth and prediction differ", id: 1 },
        { colour: A.css(c.agree), name: "they agree", id: 0 }];
    }
    return [];
  };

  /* One line under the planes: what the colours mean. */
  A.drawLegendStrip = function (pen, x, y, size, themeName) {
    const c = A.colours(themeName);
    let place = x;
    const title = A.overlayTitle();
    pen.text(place, y, title, { size: size, weight: 600, colour: c.ink });
    place += pen.width(title, size, 600) + size * 1.6;
    A.legendEntries(themeName).forEach(function (entry) {
      pen.rect(place, y - size * 0.78, size * 0.85, size * 0.85, entry.colour);
      place += size * 1.25;
      pen.text(place, y, entry.name, { size: size, colour: c.ink });
      place += pen.width(entry.name, size, 400) + size * 1.5;
    });
    if (A.activeOverlay() !== "none") {
      pen.text(place, y, "grey: charge without a class", { size: size, colour: c.dim });
    }
  };

  A.overlayTitle = function () {
    const titles = {
      none: "Charge", truth: "Truth class", "class": "Predicted class", uncertainty: "Uncertainty",
      disagreement: "Disagreement", instances: "True interactions",
    };
    const name = A.activeOverlay();
    return name === "score" ? A.setup.classes[A.look.scoreClass] + " score" : titles[name];
  };
})(window.argonscope);
