/* Outlines of sets of pixels. An outline keeps a few screen px away from the charge, so that it is seen
 * at the scale of a whole event and hides nothing when zoomed in. */
(function (A) {
  "use strict";

  /* Rectangle [x1, y1, x2, y2] of one lit pixel, in px from the pane's corner. */
  function rectangle(plane, frame, pixel) {
    const wire = plane.firstWire + plane.wires[pixel];
    const tick = plane.tickOfRow(plane.rows[pixel]);
    return [frame.xOfWire(wire - 0.5), frame.yOfTick(tick + plane.ticksPerRow),
      frame.xOfWire(wire + 0.5), frame.yOfTick(tick)];
  }

  /* Square of the distance, which is all that most of this needs. */
  function squared(rect, x, y) {
    const dx = x < rect[0] ? rect[0] - x : x > rect[2] ? x - rect[2] : 0;
    const dy = y < rect[1] ? rect[1] - y : y > rect[3] ? y - rect[3] : 0;
    return dx * dx + dy * dy;
  }

  /* How far, in px, an outline stays from its pixels. */
  A.outlineReach = function (frame) { return A.clamp(frame.perWire * 0.6, (5 * A.style().font) / 11, 12); };

  /* Distance in px from a point of the pane to the nearest of some pixels. */
  A.distanceToPixels = function (plane, frame, pixels, x, y) {
    let least = Infinity;
    pixels.forEach(function (pixel) { least = Math.min(least, squared(rectangle(plane, frame, pixel), x, y)); });
    return Math.sqrt(least);
  };

  /* Closed loops [[x, y], ...] around pixels, in px from the pane's corner; holes are left out. */
  A.outlineOf = function (plane, frame, pixels) {
    const reach = A.outlineReach(frame);
    const margin = Math.ceil(reach) + 3;
    const rects = pixels.map(function (pixel) { return rectangle(plane, frame, pixel); })
      .filter(function (r) {
        return r[2] > -margin && r[3] > -margin && r[0] < frame.width + margin && r[1] < frame.height + margin;
      });
    return rects.length ? contour(distanceField(rects, frame, reach, margin), reach) : [];
  };

  /* Squared distance to the nearest rectangle on a grid of points 1 px apart, 2 px for large sets. The rim of
   * the grid counts as outside, so that every loop closes. */
  function distanceField(rects, frame, reach, margin) {
    let left = Infinity;
    let top = Infinity;
    let right = -Infinity;
    let bottom = -Infinity;
    rects.forEach(function (r) {
      left = Math.min(left, r[0]);
      top = Math.min(top, r[1]);
      right = Math.max(right, r[2]);
      bottom = Math.max(bottom, r[3]);
    });
    left = Math.floor(Math.max(left, -margin)) - margin;
    top = Math.floor(Math.max(top, -margin)) - margin;
    right = Math.min(right, frame.width + margin) + margin;
    bottom = Math.min(bottom, frame.height + margin) + margin;
    const step = (right - left) * (bottom - top) > 200000 ? 2 : 1;
    const width = Math.ceil((right - left) / step) + 1;
    const height = Math.ceil((bottom - top) / step) + 1;
    const values = new Float32Array(width * height).fill((reach + 2) * (reach + 2));
    const field = { left: left, top: top, step: step, width: width, height: height, values: values };
    rects.forEach(function (rect) { lower(field, rect, reach + 2); });
    return field;
  }

  function lower(field, rect, reach) {
    const column = function (x) { return (x - field.left) / field.step; };
    const line = function (y) { return (y - field.top) / field.step; };
    const lastX = Math.min(Math.floor(column(rect[2] + reach)), field.width - 2);
    const lastY = Math.min(Math.floor(line(rect[3] + reach)), field.height - 2);
    for (let j = Math.max(Math.ceil(line(rect[1] - reach)), 1); j <= lastY; j++) {
      for (let i = Math.max(Math.ceil(column(rect[0] - reach)), 1); i <= lastX; i++) {
        const place = j * field.width + i;
        const here = squared(rect, field.left + i * field.step, field.top + j * field.step);
        if (here < field.values[place]) { field.values[place] = here; }
      }
    }
  }

  /* Marching squares. Corners inside: top left 8, top right 4, bottom right 2, bottom left 1; each case
   * lists the edges (0 top, 1 right, 2 bottom, 3 left) that a piece leads from and to, inside on its right. */
  const PIECES = [
    [], [[3, 2]], [[2, 1]], [[3, 1]], [[1, 0]], [[3, 2], [1, 0]], [[2, 0]], [[3, 0]],
    [[0, 3]], [[0, 2]], [[0, 3], [2, 1]], [[0, 1]], [[1, 3]], [[1, 2]], [[2, 3]], [],
  ];

  function contour(field, reach) {
    const level = reach * reach;
    const next = new Map();
    const v = field.values;
    const w = field.width;
    for (let j = 0; j < field.height - 1; j++) {
      for (let i = 0; i < w - 1; i++) {
        const p = j * w + i;
        const kind = (v[p] < level ? 8 : 0) + (v[p + 1] < level ? 4 : 0) +
          (v[p + w + 1] < level ? 2 : 0) + (v[p + w] < level ? 1 : 0);
        PIECES[kind].forEach(function (piece) { next.set(edge(p, piece[0], w), edge(p, piece[1], w)); });
      }
    }
    return loops(next, field, reach);
  }

  /* Number of an edge: twice the point it starts from, plus one if it runs down. */
  function edge(p, side, w) { return [2 * p, 2 * (p + 1) + 1, 2 * (p + w), 2 * p + 1][side]; }

  function loops(next, field, reach) {
    const found = [];
    while (next.size) {
      const first = next.keys().next().value;
      const loop = [];
      for (let at = first; next.has(at);) {
        loop.push(crossing(at, field, reach));
        const to = next.get(at);
        next.delete(at);
        at = to;
      }
      if (area(loop) > 0) { found.push(loop); }
    }
    return found;
  }

  function crossing(at, field, reach) {
    const p = at >> 1;
    const down = at & 1;
    const a = Math.sqrt(field.values[p]);
    const b = Math.sqrt(field.values[p + (down ? field.width : 1)]);
    const share = (reach - a) / (b - a);
    const x = (p % field.width) + (down ? 0 : share);
    const y = Math.floor(p / field.width) + (down ? share : 0);
    return [field.left + x * field.step, field.top + y * field.step];
  }

  /* Twice the area; positive for loops that run clockwise on the screen, as those around pixels do. */
  function area(loop) {
    return loop.reduce(function (sum, point, i) {
      const after = loop[(i + 1) % loop.length];
      return sum + point[0] * after[1] - after[0] * point[1];
    }, 0);
  }
})(window.argonscope);
