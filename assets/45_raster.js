/* From sparse pixels to screen pixels. Zoomed in, a wire-tick pixel is a crisp rectangle; zoomed out,
 * the largest charge of all that fall on one screen pixel wins, so a thin track never vanishes. */
(function (A) {
  "use strict";

  /* frame: {left, top, width, height} of the data area in device pixels, with xOfWire(wire) and
   * yOfTick(tick), both in device pixels from the frame's corner. Returns the raster
   * {width, height, winner: Int32Array of pixel indices, -1 where nothing is lit, deadShare}. */
  A.rasterise = function (plane, frame, threshold, old) {
    const width = frame.width;
    const height = frame.height;
    const reuse = old && old.winner.length === width * height;
    const raster = {
      width: width, height: height, frame: frame,
      winner: reuse ? old.winner : new Int32Array(width * height),
      deadShare: deadShare(plane, frame),
    };
    raster.winner.fill(-1);
    fillWinners(plane, frame, raster, threshold / A.gainOf(plane));
    return raster;
  };

  function edges(plane, frame) {
    const x = new Int32Array(plane.width + 1);
    for (let w = 0; w <= plane.width; w++) { x[w] = Math.round(frame.xOfWire(plane.firstWire + w - 0.5)); }
    return x;
  }

  function fillWinners(plane, frame, raster, minimum) {
    const x = edges(plane, frame);
    const least = frame.least;
    const winner = raster.winner;
    const adc = plane.adc;
    const removed = A.pixelsRemoved(plane);
    for (let row = 0; row < plane.height; row++) {
      const tick = plane.tickOfRow(row);
      let top = Math.round(frame.yOfTick(tick + plane.ticksPerRow));
      let bottom = Math.max(Math.round(frame.yOfTick(tick)), top + least);
      if (bottom <= 0 || top >= raster.height) { continue; }
      if (top < 0) { top = 0; }
      if (bottom > raster.height) { bottom = raster.height; }
      for (let i = plane.starts[row]; i < plane.starts[row + 1]; i++) {
        const charge = adc[i];
        if (charge < minimum || removed && removed[i]) { continue; }
        let left = x[plane.wires[i]];
        let right = Math.max(x[plane.wires[i] + 1], left + least);
        if (right <= 0 || left >= raster.width) { continue; }
        if (left < 0) { left = 0; }
        if (right > raster.width) { right = raster.width; }
        for (let y = top; y < bottom; y++) {
          const base = y * raster.width;
          for (let place = base + left; place < base + right; place++) {
            const before = winner[place];
            if (before < 0 || adc[before] < charge) { winner[place] = i; }
          }
        }
      }
    }
  }

  /* Share of each screen column that is dead wires, so that blocks show and singles only tint. */
  function deadShare(plane, frame) {
    const share = new Float32Array(frame.width);
    plane.dead.forEach(function (column) {
      const from = frame.xOfWire(plane.firstWire + column - 0.5);
      const to = frame.xOfWire(plane.firstWire + column + 0.5);
      const last = Math.min(Math.ceil(to), frame.width);
      for (let x = Math.max(Math.floor(from), 0); x < last; x++) {
        share[x] += Math.min(to, x + 1) - Math.max(from, x);
      }
    });
    return share;
  }

  /* Fill an ImageData with the raster's picture in the given pixel colours. */
  A.colourRaster = function (raster, plane, painted, image, themeName) {
    const colours = A.colours(themeName);
    const pixels = new Uint32Array(image.data.buffer);
    const background = backgroundRow(raster, plane, colours);
    const frame = raster.frame;
    const top = A.clamp(Math.round(frame.yOfTick(plane.lastTick)), 0, raster.height);
    const bottom = A.clamp(Math.round(frame.yOfTick(plane.firstTick)), 0, raster.height);
    for (let y = 0; y < raster.height; y++) {
      const base = y * raster.width;
      if (y < top || y >= bottom) { pixels.fill(0, base, base + raster.width); } else { pixels.set(background, base); }
    }
    const winner = raster.winner;
    for (let place = 0; place < winner.length; place++) {
      if (winner[place] >= 0) { pixels[place] = painted[winner[place]]; }
    }
    return image;
  };

  function backgroundRow(raster, plane, colours) {
    const frame = raster.frame;
    const row = new Uint32Array(raster.width);
    const left = A.clamp(Math.round(frame.xOfWire(plane.firstWire - 0.5)), 0, raster.width);
    const right = A.clamp(Math.round(frame.xOfWire(plane.firstWire + plane.width - 0.5)), 0, raster.width);
    for (let x = left; x < right; x++) {
      row[x] = raster.deadShare[x] > 0
        ? A.mix(colours.plane, colours.dead, Math.min(raster.deadShare[x], 1)) : colours.plane;
    }
    return row;
  }
})(window.argonscope);
