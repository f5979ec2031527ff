/* Sets of pixels for labels: their short text (as in records.pixel_runs), and the clusters they form.
 * Nothing here asks the server. */
(function (A) {
  "use strict";

  /* ---- text: base64 of pairs (leave out, take), each number 7 bits a byte, lowest first --------------- */

  /* pixels: indices, ascending, each once. */
  A.encodePixels = function (pixels) {
    const bytes = [];
    let next = 0;
    for (let i = 0; i < pixels.length;) {
      let j = i + 1;
      while (j < pixels.length && pixels[j] === pixels[j - 1] + 1) { j++; }
      put(bytes, pixels[i] - next);
      put(bytes, j - i);
      next = pixels[j - 1] + 1;
      i = j;
    }
    let text = "";
    for (let i = 0; i < bytes.length; i += 4096) { text += String.fromCharCode.apply(null, bytes.slice(i, i + 4096)); }
    return window.btoa(text);
  };

  function put(bytes, value) {
    while (value > 127) {
      bytes.push((value & 127) | 128);
      value >>>= 7;
    }
    bytes.push(value);
  }

  /* Text -> Int32Array of indices, ascending. What the server holds has been checked by it. */
  A.decodePixels = function (text) {
    const raw = window.atob(text);
    const numbers = [];
    let value = 0;
    let shift = 0;
    for (let i = 0; i < raw.length; i++) {
      const byte = raw.charCodeAt(i);
      value |= (byte & 127) << shift;
      shift += 7;
      if (byte < 128) { numbers.push(value); value = 0; shift = 0; }
    }
    let total = 0;
    for (let i = 1; i < numbers.length; i += 2) { total += numbers[i]; }
    const pixels = new Int32Array(total);
    let next = 0;
    let place = 0;
    for (let i = 0; i < numbers.length; i += 2) {
      next += numbers[i];
      for (let k = 0; k < numbers[i + 1]; k++) { pixels[place++] = next++; }
    }
    return pixels;
  };

  /* Indices, ascending, of a mask Uint8Array (N,) where it is 1. */
  A.pixelsOfMask = function (mask) {
    const pixels = [];
    for (let i = 0; i < mask.length; i++) { if (mask[i]) { pixels.push(i); } }
    return pixels;
  };

  /* ---- clusters ---------------------------------------------------------------------------------------- */

  /* DBSCAN as lartpc.michel has it for electrons; distances in pixels. */
  A.CLUSTERS = { connected: { words: "touching pixels" }, dbscan: { words: "DBSCAN", eps: 2.8, least: 5 } };

  /* Int32Array (N,): cluster of each lit pixel, -1 for noise of DBSCAN; made once a plane and way. */
  A.clustersOf = function (plane, way) {
    plane.clusters = plane.clusters || {};
    if (!plane.clusters[way]) {
      plane.clusters[way] = way === "dbscan" ? dbscan(plane, A.CLUSTERS.dbscan) : connected(plane);
    }
    return plane.clusters[way];
  };

  /* Visit the lit pixels of the square about one, itself included. */
  function around(plane, pixel, reach, visit) {
    const column = plane.wires[pixel];
    const last = Math.min(plane.rows[pixel] + reach, plane.height - 1);
    for (let row = Math.max(plane.rows[pixel] - reach, 0); row <= last; row++) {
      for (let i = firstFrom(plane, row, column - reach); i < plane.starts[row + 1]; i++) {
        if (plane.wires[i] > column + reach) { break; }
        visit(i);
      }
    }
  }

  /* First pixel of a row at a column or after it. */
  function firstFrom(plane, row, column) {
    let low = plane.starts[row];
    let high = plane.starts[row + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (plane.wires[middle] < column) { low = middle + 1; } else { high = middle; }
    }
    return low;
  }

  /* Spread from each pixel in turn over the neighbours that `joins` lets in. */
  function spread(plane, neighbours, begins) {
    const cluster = new Int32Array(plane.count).fill(-1);
    let number = 0;
    for (let first = 0; first < plane.count; first++) {
      if (cluster[first] >= 0 || !begins(first)) { continue; }
      const stack = [first];
      cluster[first] = number;
      while (stack.length) {
        const from = stack.pop();
        if (!begins(from)) { continue; }   /* on the rim: it belongs, and leads no further */
        neighbours(from, function (to) {
          if (cluster[to] < 0) { cluster[to] = number; stack.push(to); }
        });
      }
      number++;
    }
    return cluster;
  }

  /* Pixels that touch, by a side or a corner. */
  function connected(plane) {
    return spread(plane, function (pixel, visit) { around(plane, pixel, 1, visit); }, function () { return true; });
  }

  function dbscan(plane, rule) {
    const reach = Math.floor(rule.eps);
    const near = function (pixel, visit) {
      around(plane, pixel, reach, function (other) {
        const rows = plane.rows[other] - plane.rows[pixel];
        const wires = plane.wires[other] - plane.wires[pixel];
        if (rows * rows + wires * wires <= rule.eps * rule.eps) { visit(other); }
      });
    };
    const core = new Uint8Array(plane.count);
    for (let pixel = 0; pixel < plane.count; pixel++) {
      let count = 0;
      near(pixel, function () { count++; });
      core[pixel] = count >= rule.least ? 1 : 0;
    }
    return spread(plane, near, function (pixel) { return core[pixel] === 1; });
  }

  /* Mask of the cluster of a pixel; noise is a cluster of itself alone. */
  A.clusterMask = function (plane, pixel, way) {
    const clusters = A.clustersOf(plane, way);
    const own = clusters[pixel];
    const mask = new Uint8Array(plane.count);
    mask[pixel] = 1;
    for (let i = 0; own >= 0 && i < plane.count; i++) { if (clusters[i] === own) { mask[i] = 1; } }
    return mask;
  };
})(window.argonscope);
