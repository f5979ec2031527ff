/* One plane of one event: lit pixels sorted by row, and what a network said of them. */
(function (A) {
  "use strict";

  const CLASSES = 5;

  /* header: one entry of the event header's planes; arrays: its arrays by short name. */
  A.Plane = class {
    constructor(name, header, arrays, detector) {
      this.name = name;
      this.rows = arrays.rows;
      this.wires = arrays.wires;
      this.adc = arrays.adc;
      this.truth = arrays.truth || null;
      this.instances = arrays.instances || null;
      this.dead = arrays.dead || new Uint16Array(0);
      this.height = header.shape[0];
      this.width = header.shape[1];
      this.ticksPerRow = header.ticks_per_row;
      this.firstTick = header.first_tick || 0;
      this.firstWire = header.first_wire || 0;
      this.order = header.tick_order;
      this.pitch = header.cm_per_wire;
      this.cmPerTick = header.cm_per_row / header.ticks_per_row;
      this.fileGain = header.gain;
      this.contentHash = header.content_hash;
      this.geometry = detector.planes[name];
      this.deadSet = new Set(this.dead);
      this.starts = rowStarts(this.rows, this.height);
      this.whole = null;      /* what a network said of the whole image */
      this.detections = null; /* the instances that a detector found: A.Instances */
      this.masked = null;     /* set by the masking study: {prediction or null, dark: pixels to dim, depth} */
    }

    /* What the overlays show: the answer to the masked image while there is one on show. */
    get prediction() { return this.masked && this.masked.prediction || this.whole; }

    get count() { return this.rows.length; }
    get lastTick() { return this.firstTick + this.height * this.ticksPerRow; }

    /* Earliest tick of a row; rows may run against time. */
    tickOfRow(row) {
      const step = this.order >= 0 ? row : this.height - 1 - row;
      return this.firstTick + step * this.ticksPerRow;
    }

    rowOfTick(tick) {
      const step = Math.floor((tick - this.firstTick) / this.ticksPerRow);
      return this.order >= 0 ? step : this.height - 1 - step;
    }

    /* Index of the lit pixel at (row, column), or -1. */
    find(row, column) {
      if (row < 0 || row >= this.height) { return -1; }
      let low = this.starts[row];
      let high = this.starts[row + 1] - 1;
      while (low <= high) {
        const middle = (low + high) >> 1;
        if (this.wires[middle] === column) { return middle; }
        if (this.wires[middle] < column) { low = middle + 1; } else { high = middle - 1; }
      }
      return -1;
    }

    /* Summed charge a row of one column: {tick, adc} in time order, zeros where nothing is lit. */
    column(column) {
      const tick = new Float32Array(this.height);
      const adc = new Float32Array(this.height);
      for (let row = 0; row < this.height; row++) {
        const step = this.order >= 0 ? row : this.height - 1 - row;
        tick[step] = this.tickOfRow(row) + this.ticksPerRow / 2;
        const found = this.find(row, column);
        adc[step] = found < 0 ? 0 : this.adc[found];
      }
      return { tick: tick, adc: adc };
    }

    setPrediction(header, scores) {
      if (scores.length !== this.count * CLASSES) {
        throw new Error("The prediction for plane " + this.name + " has " + scores.length / CLASSES +
          " pixels; the image has " + this.count + ".");
      }
      this.whole = new Prediction(header, scores, this.count);
    }

    /* arrays: the columns of an answer with instances, as docs/architecture.md lists them. */
    setDetections(header, arrays) {
      if (header.image_pixels !== this.count) {
        throw new Error("The instances of plane " + this.name + " were found among " + header.image_pixels +
          " pixels; the image has " + this.count + ".");
      }
      this.detections = A.foundInstances(this, header, arrays);
    }

    /* Earliest tick of an edge between rows, which is also the last of the row beyond it. */
    tickOfEdge(edge) {
      return this.firstTick + (this.order >= 0 ? edge : this.height - edge) * this.ticksPerRow;
    }

    /* The answer to an image of which only the kept pixels (indices) were left, in the order of all. */
    predictionOf(kept, header, scores) {
      if (scores.length !== kept.length * CLASSES) {
        throw new Error("The answer to a masked plane " + this.name + " has " + scores.length / CLASSES +
          " pixels; " + kept.length + " were kept.");
      }
      const all = new Float32Array(this.count * CLASSES).fill(NaN);
      for (let i = 0; i < kept.length; i++) {
        for (let c = 0; c < CLASSES; c++) { all[kept[i] * CLASSES + c] = scores[i * CLASSES + c]; }
      }
      return new Prediction(header, all, this.count);
    }

    /* Centre of a pixel in cm: along the wires' pitch, and along the drift. */
    cmOf(pixel) {
      return [
        (this.firstWire + this.wires[pixel]) * this.pitch,
        (this.tickOfRow(this.rows[pixel]) + this.ticksPerRow / 2) * this.cmPerTick,
      ];
    }
  };

  /* starts[r] .. starts[r + 1] are the pixels of row r; pixels come sorted by row, then wire. */
  function rowStarts(rows, height) {
    const starts = new Uint32Array(height + 1);
    for (let i = 0; i < rows.length; i++) { starts[rows[i] + 1]++; }
    for (let r = 0; r < height; r++) { starts[r + 1] += starts[r]; }
    return starts;
  }

  /* Scores of a plane, (N, 5) in the order of its pixels, NaN where the network does not read. */
  class Prediction {
    constructor(header, scores, count) {
      this.header = header;
      this.scores = scores;
      this.count = count;
      this.cached = {};
    }

    reads(pixel) { return this.scores[pixel * CLASSES] === this.scores[pixel * CLASSES]; }

    score(pixel, kind) { return this.scores[pixel * CLASSES + kind]; }

    /* Int8Array: best class whose score is at least its threshold; -1 where there is none. */
    classes(thresholds) {
      const key = thresholds.join();
      if (this.cached.key !== key) {
        this.cached.key = key;
        this.cached.classes = this._classes(thresholds);
      }
      return this.cached.classes;
    }

    _classes(thresholds) {
      const classes = new Int8Array(this.count);
      for (let i = 0; i < this.count; i++) {
        let best = -1;
        let top = -1;
        for (let c = 0; c < CLASSES; c++) {
          const score = this.scores[i * CLASSES + c];
          if (score > top && score >= thresholds[c]) { top = score; best = c; }
        }
        classes[i] = best;
      }
      return classes;
    }

    /* Float32Array in 0..1: entropy over its largest value, or one minus the top score; NaN unread. */
    uncertainty(measure) {
      if (!this.cached[measure]) {
        const values = new Float32Array(this.count);
        for (let i = 0; i < this.count; i++) { values[i] = this._uncertainty(i, measure); }
        this.cached[measure] = values;
      }
      return this.cached[measure];
    }

    _uncertainty(pixel, measure) {
      if (!this.reads(pixel)) { return NaN; }
      let top = 0;
      let entropy = 0;
      for (let c = 0; c < CLASSES; c++) {
        const score = this.scores[pixel * CLASSES + c];
        if (score > top) { top = score; }
        if (score > 0) { entropy -= score * Math.log(score); }
      }
      return measure === "entropy" ? entropy / Math.log(CLASSES) : 1 - top;
    }
  }
})(window.argonscope);
