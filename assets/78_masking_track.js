/* The order of a region's pixels along its track: a principal curve (Hastie and Stuetzle 1989), begun
 * from the stroke of the brush, or from the principal axis where there is none, and drawn to the charge
 * in a few rounds of projection and local linear averages. Lengths are cm in the wire plane. */
(function (A) {
  "use strict";

  const ROUNDS = 3;
  const KNOTS = 16;         /* at most, so that the curve follows the track and not its noise */
  const LEAST_KNOT_CM = 1;

  A.distanceToSegment = function (point, from, to) {
    const near = nearest(point, from, to);
    return Math.hypot(point[0] - near.at[0], point[1] - near.at[1]);
  };

  function nearest(point, from, to) {
    const dx = to[0] - from[0];
    const dy = to[1] - from[1];
    const size = dx * dx + dy * dy;
    const share = size > 0 ? A.clamp(((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / size, 0, 1) : 0;
    return { at: [from[0] + share * dx, from[1] + share * dy], share: share };
  }

  /* The pixels (indices) of a region in order: {curve, place: cm of each pixel from the start, length}.
   * path: the stroke in cm, or null. */
  A.trackOf = function (plane, pixels, path) {
    const points = Array.from(pixels, function (pixel) { return plane.cmOf(pixel); });
    const charge = Array.from(pixels, function (pixel) { return Math.max(plane.adc[pixel], 0); });
    let curve = path && A.straightened(path, plane.pitch * 2) || axisOf(points, charge);
    for (let round = 0; round < ROUNDS; round++) {
      const along = project(points, lengthened(curve));
      curve = averaged(points, charge, along);
    }
    curve = lengthened(curve);
    const along = project(points, curve);
    const first = least(along);
    const pitch = plane.pitch;
    return {
      curve: curve,
      from: first - pitch / 2,
      turned: false,
      place: Float32Array.from(along, function (s) { return s - first + pitch / 2; }),
      length: -least(along.map(function (s) { return -s; })) - first + pitch,   /* half a pixel at either end */
    };
  };

  A.turnedTrack = function (track) {
    return Object.assign({}, track, {
      turned: !track.turned,
      place: track.place.map(function (s) { return track.length - s; }),
    });
  };

  /* {at: [x, y], way: unit vector} at so many cm from the start of a track. */
  A.pointAlong = function (track, cm) {
    let rest = track.from + (track.turned ? track.length - cm : cm);
    const curve = track.curve;
    for (let i = 1; i < curve.length; i++) {
      const size = distance(curve[i - 1], curve[i]);
      if (rest <= size || i === curve.length - 1) {
        const way = [(curve[i][0] - curve[i - 1][0]) / size, (curve[i][1] - curve[i - 1][1]) / size];
        return { at: [curve[i - 1][0] + way[0] * rest, curve[i - 1][1] + way[1] * rest], way: way };
      }
      rest -= size;
    }
    return { at: curve[0], way: [1, 0] };
  };

  /* A stroke without its hesitations: points at least so far apart, each put to the end that is nearer,
   * and none where the brush went over its own path again. Null for a stroke that is a dot. */
  A.straightened = function (path, apart) {
    const kept = [path[0]];
    path.forEach(function (point) {
      const near = kept.some(function (other, i) {
        return (i ? A.distanceToSegment(point, kept[i - 1], other) : distance(point, other)) < apart;
      });
      if (near) { return; }
      if (distance(point, kept[0]) < distance(point, kept[kept.length - 1])) { kept.unshift(point); } else { kept.push(point); }
    });
    return kept.length > 1 ? kept : null;
  };

  function least(values) { return values.reduce(function (a, b) { return Math.min(a, b); }, Infinity); }
  function distance(a, b) { return Math.hypot(a[0] - b[0], a[1] - b[1]); }

  /* Two ends of the axis along which the charge spreads most. */
  function axisOf(points, charge) {
    let sum = 1e-9;
    let x = 0;
    let y = 0;
    points.forEach(function (p, i) { sum += charge[i]; x += charge[i] * p[0]; y += charge[i] * p[1]; });
    x /= sum;
    y /= sum;
    let xx = 0;
    let xy = 0;
    let yy = 0;
    points.forEach(function (p, i) {
      xx += charge[i] * (p[0] - x) * (p[0] - x);
      xy += charge[i] * (p[0] - x) * (p[1] - y);
      yy += charge[i] * (p[1] - y) * (p[1] - y);
    });
    const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
    const way = [Math.cos(angle), Math.sin(angle)];
    const along = points.map(function (p) { return (p[0] - x) * way[0] + (p[1] - y) * way[1]; });
    const low = least(along);
    const high = Math.max(-least(along.map(function (s) { return -s; })), low + 0.1);
    return [[x + way[0] * low, y + way[1] * low], [x + way[0] * high, y + way[1] * high]];
  }

  /* The curve with its first and last piece drawn out, so that pixels beyond the ends keep their order. */
  function lengthened(curve) {
    const by = 3;
    const out = function (end, before) {
      const size = distance(end, before) || 1;
      return [end[0] + ((end[0] - before[0]) / size) * by, end[1] + ((end[1] - before[1]) / size) * by];
    };
    const last = curve.length - 1;
    return [out(curve[0], curve[1])].concat(curve.slice(1, last), [out(curve[last], curve[last - 1])]);
  }

  /* cm along a curve of the place nearest to each point. */
  function project(points, curve) {
    const starts = [0];
    for (let i = 1; i < curve.length; i++) { starts.push(starts[i - 1] + distance(curve[i - 1], curve[i])); }
    return points.map(function (point) {
      let best = Infinity;
      let along = 0;
      for (let i = 1; i < curve.length; i++) {
        const near = nearest(point, curve[i - 1], curve[i]);
        const far = (point[0] - near.at[0]) ** 2 + (point[1] - near.at[1]) ** 2;
        if (far < best) { best = far; along = starts[i - 1] + near.share * (starts[i] - starts[i - 1]); }
      }
      return along;
    });
  }

  /* Knots through the charge: at each, a straight line fitted to the pixels near it along the curve. */
  function averaged(points, charge, along) {
    const low = least(along);
    const high = -least(along.map(function (s) { return -s; }));
    const knots = Math.max(1, Math.min(KNOTS, Math.floor((high - low) / LEAST_KNOT_CM)));
    const gap = (high - low) / knots || 0.1;
    const curve = [];
    for (let k = 0; k <= knots; k++) {
      const fitted = fit(points, charge, along, low + k * gap, gap);
      if (fitted) { curve.push(fitted); }
    }
    return curve.length > 1 && distance(curve[0], curve[curve.length - 1]) > 0 ? curve : axisOf(points, charge);
  }

  function fit(points, charge, along, at, gap) {
    let n = 0, s = 0, ss = 0, x = 0, y = 0, sx = 0, sy = 0;
    for (let i = 0; i < points.length; i++) {
      const d = (along[i] - at) / gap;
      if (d < -2 || d > 2) { continue; }
      const weight = charge[i] * Math.exp(-0.5 * d * d * 2);
      n += weight; s += weight * d; ss += weight * d * d;
      x += weight * points[i][0]; sx += weight * d * points[i][0];
      y += weight * points[i][1]; sy += weight * d * points[i][1];
    }
    if (n <= 0) { return null; }
    const determinant = n * ss - s * s;
    if (determinant < 1e-3 * n * n) { return [x / n, y / n]; }
    return [(ss * x - s * sx) / determinant, (ss * y - s * sy) / determinant];
  }
})(window.argonscope);
