/* Boxes of instances on the planes, each with a tag of class and score. A neutrino has a thick box and a
 * filled tag, anything else a thin box and an empty one, the truth dashes. All through a pen. */
(function (A) {
  "use strict";

  const HALO = 2;                /* of the background's colour on either side, so that a box is seen on charge */
  const DASH = [5, 3];

  const tags = {};               /* plane -> [{one, x, y, w, h}] as drawn last, in px from the pane's corner */

  /* The box of an instance in px from the pane's corner, a little outside its pixels. */
  A.boxOnPane = function (plane, frame, one) {
    const ticks = [plane.tickOfEdge(one.box[0]), plane.tickOfEdge(one.box[2])];
    return {
      x1: frame.xOfWire(plane.firstWire + one.box[1] - 0.5) - 2, x2: frame.xOfWire(plane.firstWire + one.box[3] - 0.5) + 2,
      y1: frame.yOfTick(Math.max(ticks[0], ticks[1])) - 2, y2: frame.yOfTick(Math.min(ticks[0], ticks[1])) + 2,
    };
  };

  /* The instance whose tag lies at a point of a pane, or null. */
  A.instanceTagAt = function (planeName, x, y) {
    const tag = (tags[planeName] || []).find(function (t) { return x >= t.x && x < t.x + t.w && y >= t.y && y < t.y + t.h; });
    return tag ? tag.one : null;
  };

  A.drawInstances = function (pen, pane, view, style, themeName) {
    tags[pane.plane] = [];
    if (A.settings.hidden) { return; }
    const plane = A.event.planes[pane.plane];
    const found = A.look.boxes ? A.seenOf(plane) : [];
    const truth = A.look.trueBoxes ? A.trueInstances(plane) : null;
    if (!found.length && !truth) { return; }
    const c = A.colours(themeName);
    const frame = A.frameOf(pane, view, 1);
    const alone = A.isolatedInstance(plane);
    const places = (truth ? ordered(truth.list, alone) : []).concat(ordered(found, alone))
      .map(function (one) { return { one: one, box: A.boxOnPane(plane, frame, one) }; })
      .filter(function (place) { return onPane(place.box, frame); });
    pen.clip(pane.x, pane.y, pane.w, pane.h, function () {
      places.forEach(function (place) {
        const faded = alone && place.one !== alone;
        drawBox(pen, pane, place.box, place.one, faded ? c.line : colourOf(place.one, c), c, style.font / 11);
      });
      /* Tags after all boxes, so that none is crossed, and those that matter most first. */
      places.reverse().forEach(function (place) {
        const one = place.one;
        const tagged = one.truth === undefined || one.kind === "neutrino";
        if (alone ? one === alone : tagged) { drawTag(pen, pane, place, frame, style.font * 0.93, c); }
      });
    });
  };

  /* The last is drawn over the others: the one that is alone, neutrinos, the best score. */
  function ordered(list, alone) {
    const rank = function (one) { return (one === alone ? 2 : 0) + (one.kind === "neutrino" ? 1 : 0); };
    return list.slice().sort(function (a, b) { return rank(a) - rank(b) || b.id - a.id; });
  }

  function onPane(box, frame) { return box.x2 > 0 && box.y2 > 0 && box.x1 < frame.width && box.y1 < frame.height; }

  function colourOf(one, c) { return A.css(A.instanceColour(one, c)); }

  function drawBox(pen, pane, box, one, colour, c, size, more) {
    const width = ((one.kind === "neutrino" ? 2.5 : 1.25) + (more || 0)) * size;
    const x1 = pane.x + box.x1;
    const x2 = pane.x + box.x2;
    const y1 = pane.y + box.y1;
    const y2 = pane.y + box.y2;
    const loop = [[[x1, y1], [x2, y1], [x2, y2], [x1, y2]]];
    if (one.kind === "neutrino" || more) { pen.loops(loop, c.planeCss, width + HALO); }
    pen.loops(loop, colour, width, one.truth === undefined ? [] : DASH);
  }

  function tagWords(one) { return (one.truth === undefined ? "" : "true ") + one.kind + (one.score === null ? "" : " " + one.score.toFixed(2)); }

  /* At the first corner where it hides no other tag; none at all where there is no such corner. */
  function drawTag(pen, pane, place, frame, size, c) {
    const words = tagWords(place.one);
    const w = pen.width(words, size, 500) + 6;
    const h = size + 4;
    const box = place.box;
    const taken = tags[pane.plane];
    const spot = [[box.x1, box.y1 - h], [box.x2 - w, box.y1 - h], [box.x1, box.y2], [box.x2 - w, box.y2], [box.x1, box.y1], [box.x2 - w, box.y2 - h]]
      .map(function (corner) {
        return { one: place.one, x: A.clamp(corner[0], 0, frame.width - w), y: A.clamp(corner[1], 0, frame.height - h), w: w, h: h };
      }).find(function (tag) { return !taken.some(function (other) { return overlap(tag, other); }); });
    if (!spot) { return; }
    taken.push(spot);
    paintTag(pen, pane, spot, words, size, c);
  }

  function overlap(a, b) { return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h; }

  function paintTag(pen, pane, tag, words, size, c) {
    const colour = A.instanceColour(tag.one, c);
    const filled = tag.one.kind === "neutrino" && tag.one.truth === undefined;
    pen.rect(pane.x + tag.x, pane.y + tag.y, tag.w, tag.h, filled ? A.css(colour) : c.planeCss, A.css(colour));
    pen.text(pane.x + tag.x + 3, pane.y + tag.y + tag.h / 2 + 0.5, words,
      { size: size, weight: 500, base: "middle", colour: filled ? inkOn(colour) : c.ink });
  }

  /* Black or white, whichever is read better on a colour. */
  function inkOn(packed) {
    const light = [0, 8, 16].map(function (shift, i) {
      const part = ((packed >> shift) & 255) / 255;
      return [0.2126, 0.7152, 0.0722][i] * (part <= 0.03928 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4));
    }).reduce(function (a, b) { return a + b; });
    return light > 0.18 ? "#000000" : "#FFFFFF";
  }

  /* Name, class, score and charge, in one line. */
  A.instanceWords = function (one) {
    const gain = A.gainOf(A.event.planes[one.plane]);
    return [(one.truth === undefined ? "" : "true ") + one.kind + " " + one.name, one.score === null ? "" : one.score.toFixed(2),
      A.number(one.adc * gain, 0) + " ADC"].filter(Boolean).join("  ·  ");
  };

  /* Over the picture: the boxes under the mouse, and the words of the best. */
  A.drawInstanceAbove = function (pen, panes, view) {
    if (A.settings.hidden) { return; }
    const c = A.colours();
    A.pointedInstances.slice().reverse().forEach(function (one, i, list) {
      const pane = panes.find(function (p) { return p.plane === one.plane; });
      if (!pane) { return; }
      const frame = A.frameOf(pane, view, 1);
      const box = A.boxOnPane(A.event.planes[one.plane], frame, one);
      pen.clip(pane.x, pane.y, pane.w, pane.h, function () {
        drawBox(pen, pane, box, one, colourOf(one, c), c, A.style().font / 11, 0.75);
        if (i === list.length - 1) { drawWords(pen, pane, frame, box, one, c); }
      });
    });
  };

  function drawWords(pen, pane, frame, box, one, c) {
    const size = A.style().font;
    const words = A.instanceWords(one);
    const w = pen.width(words, size, 500) + 10;
    const h = size + 7;
    const tag = { one: one, x: A.clamp(box.x1, 0, Math.max(frame.width - w, 0)), y: box.y1 - h < 0 ? Math.min(box.y2, frame.height - h) : box.y1 - h, w: w, h: h };
    paintTag(pen, pane, tag, words, size, c);
  }

  /* What the boxes and the view mean, in words for saved pictures; "" where there is nothing to say. */
  A.instanceLegend = function () {
    if (A.settings.hidden) { return ""; }
    const words = [];
    if (A.look.boxes) { words.push("box: instance of score ≥ " + A.number(A.look.instanceScore, 2) + ", thick: neutrino"); }
    if (A.look.trueBoxes) { words.push("dashed: true interaction"); }
    const views = { "no-cosmics": "without what is called cosmic", neutrino: "only what is called neutrino" };
    if (views[A.look.instanceView]) { words.push(views[A.look.instanceView]); }
    return words.join("  ·  ");
  };
})(window.argonscope);
