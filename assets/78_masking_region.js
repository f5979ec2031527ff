/* Regions of the masking study as shapes: box, lasso or brush with a few points in cm of the wire plane.
 * A shape decides its pixels and stands in the address, so a link brings the same region back. */
(function (A) {
  "use strict";

  const CLOSE_CM = 0.15;      /* half a pixel: points of a stroke that add less are left out */
  const MOST_POINTS = 150;

  /* {kind, radius, points} of a drawn stroke: what the hand did beyond half a pixel, on the grid of the
   * address (tenths of a wire, ticks), within the plane. */
  A.shapeOf = function (plane, kind, radius, stroke) {
    let close = CLOSE_CM;
    let points = kind === "box" ? stroke.slice(0, 2) : simplified(stroke, close);
    while (points.length > MOST_POINTS) { close *= 1.5; points = simplified(stroke, close); }
    return { kind: kind, radius: radius, points: points.map(function (point) { return onGrid(plane, point); }) };
  };

  function onGrid(plane, point) {
    const wire = A.clamp(point[0] / plane.pitch, plane.firstWire - 1, plane.firstWire + plane.width);
    const tick = A.clamp(point[1] / plane.cmPerTick, plane.firstTick, plane.lastTick);
    return [(Math.round(wire * 10) / 10) * plane.pitch, Math.round(tick) * plane.cmPerTick];
  }

  /* Douglas and Peucker: the points without which the line would move by more than `close`. */
  function simplified(line, close) {
    if (line.length < 3) { return line; }
    const first = line[0];
    const last = line[line.length - 1];
    let farthest = 0;
    let most = 0;
    for (let i = 1; i < line.length - 1; i++) {
      const far = A.distanceToSegment(line[i], first, last);
      if (far > most) { most = far; farthest = i; }
    }
    if (most <= close) { return [first, last]; }
    return simplified(line.slice(0, farthest + 1), close).slice(0, -1).concat(simplified(line.slice(farthest), close));
  }

  /* Corners of a box from two of them; the points of anything else. */
  A.regionOutline = function (kind, points) {
    if (kind !== "box" || points.length < 2) { return points; }
    const a = points[0];
    const b = points[1];
    return [a, [b[0], a[1]], b, [a[0], b[1]]];
  };

  /* Uint8Array (N,): 1 for the lit pixels whose centre lies in a shape. */
  A.pixelsIn = function (plane, shape) {
    const inside = new Uint8Array(plane.count);
    const points = shape.points;
    if (shape.kind === "brush") {
      points.forEach(function (point, i) { A.brushPiece(plane, points[Math.max(i - 1, 0)], point, shape.radius, inside); });
      return inside;
    }
    const outline = A.regionOutline(shape.kind, points);
    eachNear(plane, outline, 0, function (pixel) {
      if (insidePolygon(plane.cmOf(pixel), outline)) { inside[pixel] = 1; }
    });
    return inside;
  };

  /* Mark the lit pixels within a radius of one piece of a stroke. */
  A.brushPiece = function (plane, from, to, radius, inside) {
    eachNear(plane, [from, to], radius, function (pixel) {
      if (A.distanceToSegment(plane.cmOf(pixel), from, to) <= radius) { inside[pixel] = 1; }
    });
  };

  /* Visit the lit pixels in the rectangle about some points, wider by a margin; rows are found by place. */
  function eachNear(plane, points, margin, visit) {
    let left = Infinity, right = -Infinity, low = Infinity, high = -Infinity;
    points.forEach(function (point) {
      left = Math.min(left, point[0] - margin);
      right = Math.max(right, point[0] + margin);
      low = Math.min(low, point[1] - margin);
      high = Math.max(high, point[1] + margin);
    });
    const rows = [plane.rowOfTick(low / plane.cmPerTick), plane.rowOfTick(high / plane.cmPerTick)];
    const first = Math.max(Math.min(rows[0], rows[1]), 0);
    const last = Math.min(Math.max(rows[0], rows[1]), plane.height - 1);
    for (let row = first; row <= last; row++) {
      for (let i = plane.starts[row]; i < plane.starts[row + 1]; i++) {
        const x = (plane.firstWire + plane.wires[i]) * plane.pitch;
        if (x >= left && x <= right) { visit(i); }
      }
    }
  }

  A.eachNear = eachNear;

  /* Whether a ray from the point crosses the polygon an odd number of times. */
  function insidePolygon(point, corners) {
    let inside = false;
    for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
      const a = corners[i];
      const b = corners[j];
      if ((a[1] > point[1]) !== (b[1] > point[1]) &&
          point[0] < ((b[0] - a[0]) * (point[1] - a[1])) / (b[1] - a[1]) + a[0]) { inside = !inside; }
    }
    return inside;
  }

  /* ---- in the address ------------------------------------------------------------------------------ */

  /* The region of the event shown as Y_brush-1.2_1847.5-4825_1591-5466: plane, tool with radius, then
   * wire-tick of each point. "" for none, and for one of several strokes. */
  A.regionText = function () {
    const region = A.masking.region;
    if (!region || !region.shape || !A.event.planes || A.event.planes[region.plane.name] !== region.plane) { return ""; }
    const plane = region.plane;
    const shape = region.shape;
    const tool = shape.kind === "brush" ? "brush-" + shape.radius : shape.kind;
    return [plane.name, tool].concat(shape.points.map(function (point) {
      return Math.round((point[0] / plane.pitch) * 10) / 10 + "-" + Math.round(point[1] / plane.cmPerTick);
    })).join("_");
  };

  function parse(text) {
    const parts = text.split("_");
    const plane = A.event.planes && A.event.planes[parts[0]];
    const tool = /^(box|lasso|brush)(?:-([\d.]+))?$/.exec(parts[1] || "");
    const points = parts.slice(2).map(function (part) {
      const numbers = /^(-?[\d.]+)-(-?\d+)$/.exec(part);
      return numbers ? [Number(numbers[1]), Number(numbers[2])] : [NaN, NaN];
    });
    const fits = plane && tool && points.every(function (point) { return isFinite(point[0]) && isFinite(point[1]); });
    if (!fits || points.length < (tool[1] === "brush" ? 1 : 2) || points.length > 2 * MOST_POINTS) { return null; }
    const radius = A.clamp(Number(tool[2]) || A.BRUSH_CM.usual, A.BRUSH_CM.least, A.BRUSH_CM.most);
    const cm = points.map(function (point) { return [point[0] * plane.pitch, point[1] * plane.cmPerTick]; });
    return { plane: plane, shape: { kind: tool[1], radius: radius, points: cm } };
  }

  /* Take the region that the address names for the event just opened. */
  A.takeLinkedRegion = function () {
    const found = parse(new URLSearchParams(window.location.search).get("region") || "");
    if (!found) { return; }
    A.openMasking();
    A.setRegion(found.plane, A.pixelsIn(found.plane, found.shape), found.shape);
  };
})(window.argonscope);
