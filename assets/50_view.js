/* Where things lie on the stage: the rectangles of the planes, and the one scale in px per cm that all
 * of them share. Time is common to the planes; each has its own place along its wires. */
(function (A) {
  "use strict";

  const MOST_PX_PER_CM = 160;

  /* Rectangles {plane, x, y, w, h} of the data areas in CSS px, for a stage of width x height. */
  A.layoutStage = function (width, height, style) {
    const event = A.event;
    const shown = A.PLANES.filter(function (name) {
      return event && event.planes && event.planes[name] && (A.look.focus === "all" || A.look.focus === name);
    });
    const left = style.left;
    const w = Math.max(width - left - style.right, 40);
    const free = height - style.top - style.bottom - shown.length * style.axis - (shown.length - 1) * style.gap;
    const h = Math.max(Math.floor(free / Math.max(shown.length, 1)), 30);
    return shown.map(function (name, i) {
      return { plane: name, x: left, y: style.top + i * (h + style.axis + style.gap), w: Math.floor(w), h: h };
    });
  };

  function extent(plane) {
    return {
      width: plane.width * plane.pitch,
      height: plane.height * plane.ticksPerRow * plane.cmPerTick,
      wire: plane.firstWire + (plane.width - 1) / 2,
      tick: (plane.firstTick + plane.lastTick) / 2,
    };
  }

  /* Largest scale at which every shown plane is whole, and their middle. */
  A.fitView = function (panes) {
    let scale = Infinity;
    const wires = {};
    let first = Infinity;
    let last = -Infinity;
    panes.forEach(function (pane) {
      const plane = A.event.planes[pane.plane];
      const size = extent(plane);
      scale = Math.min(scale, pane.w / size.width, pane.h / size.height);
      first = Math.min(first, plane.firstTick);
      last = Math.max(last, plane.lastTick);
    });
    Object.keys(A.event.planes).forEach(function (name) { wires[name] = extent(A.event.planes[name]).wire; });
    return { scale: scale, tick: (first + last) / 2, wires: wires };
  };

  /* The view now: {scale, tick, wires: plane -> wire in the middle}. */
  A.currentView = function (panes) {
    const fit = A.fitView(panes);
    if (!A.zoom || !panes.length) { return fit; }
    return {
      scale: A.clamp(panes[0].h / A.zoom.height, fit.scale * 0.5, MOST_PX_PER_CM),
      tick: A.zoom.tick,
      wires: Object.assign(fit.wires, A.zoom.wires),
    };
  };

  /* Transform between wires, ticks and px of one pane; ratio is the number of device px a CSS px. */
  A.frameOf = function (pane, view, ratio) {
    const plane = A.event.planes[pane.plane];
    const perWire = plane.pitch * view.scale * ratio;
    const perTick = plane.cmPerTick * view.scale * ratio;
    const width = Math.round(pane.w * ratio);
    const height = Math.round(pane.h * ratio);
    const middle = view.wires[pane.plane];
    return {
      width: width, height: height, perWire: perWire, perTick: perTick,
      least: Math.max(1, Math.round(ratio)),
      xOfWire: function (wire) { return (wire - middle) * perWire + width / 2; },
      wireOfX: function (x) { return (x - width / 2) / perWire + middle; },
      yOfTick: function (tick) { return height / 2 - (tick - view.tick) * perTick; },
      tickOfY: function (y) { return (height / 2 - y) / perTick + view.tick; },
    };
  };

  function store(view, panes, fit) {
    if (view.scale <= fit.scale * 1.0005) {
      A.zoom = null;
    } else {
      A.zoom = { height: panes[0].h / view.scale, tick: view.tick, wires: view.wires };
      confine(A.zoom, panes);
    }
    A.emit("view");
    A.writeAddress();
  }

  /* The middle of the window never leaves the image. */
  function confine(zoom, panes) {
    const first = A.event.planes[panes[0].plane];
    zoom.tick = A.clamp(zoom.tick, first.firstTick, first.lastTick);
    Object.keys(A.event.planes).forEach(function (name) {
      const plane = A.event.planes[name];
      zoom.wires[name] = A.clamp(zoom.wires[name], plane.firstWire, plane.firstWire + plane.width);
    });
  }

  /* Zoom by a factor about (wire, tick) of one plane. Other planes close in on the wires that belong
   * to the same place, as far as one plane can tell. */
  A.zoomAt = function (panes, planeName, wire, tick, factor) {
    const fit = A.fitView(panes);
    const view = A.currentView(panes);
    const scale = A.clamp(view.scale * factor, fit.scale, MOST_PX_PER_CM);
    const share = view.scale / scale;
    const wires = {};
    Object.keys(A.event.planes).forEach(function (name) {
      const anchor = name === planeName ? wire : matchingWire(planeName, wire, tick, name);
      wires[name] = anchor - (anchor - view.wires[name]) * share;
    });
    store({ scale: scale, tick: tick - (tick - view.tick) * share, wires: wires }, panes, fit);
  };

  /* Wire of another plane for a wire and a time: where charge of the same time lies among the wires
   * that cross it, else the crossing at half height. */
  function matchingWire(fromName, wire, tick, name) {
    const detector = A.event.header.detector;
    const from = A.event.planes[fromName];
    const plane = A.event.planes[name];
    const range = A.crossingRange(detector, from.geometry, wire, plane.geometry);
    if (!range) { return plane.firstWire + plane.width / 2; }
    const middle = plane.rowOfTick(tick);
    let charge = 0;
    let sum = 0;
    for (let row = Math.max(middle - 2, 0); row <= Math.min(middle + 2, plane.height - 1); row++) {
      for (let i = plane.starts[row]; i < plane.starts[row + 1]; i++) {
        const place = plane.firstWire + plane.wires[i];
        if (place >= range[0] && place <= range[1]) {
          charge += plane.adc[i];
          sum += plane.adc[i] * place;
        }
      }
    }
    return charge > 0 ? sum / charge : (range[0] + range[1]) / 2;
  }

  /* Move by px: time moves in all planes, wires in one. */
  A.panBy = function (panes, planeName, dx, dy) {
    const fit = A.fitView(panes);
    const view = A.currentView(panes);
    const plane = A.event.planes[planeName];
    const wires = Object.assign({}, view.wires);
    wires[planeName] -= dx / (plane.pitch * view.scale);
    const tick = view.tick + dy / (plane.cmPerTick * view.scale);
    store({ scale: view.scale, tick: tick, wires: wires }, panes, fit);
  };

  /* Show a box of one plane as large as the equal scale allows. */
  A.zoomToBox = function (panes, pane, wireRange, tickRange) {
    const plane = A.event.planes[pane.plane];
    const fit = A.fitView(panes);
    const width = Math.abs(wireRange[1] - wireRange[0]) * plane.pitch;
    const height = Math.abs(tickRange[1] - tickRange[0]) * plane.cmPerTick;
    if (width * height <= 0) { return; }
    const scale = A.clamp(Math.min(pane.w / width, pane.h / height), fit.scale, MOST_PX_PER_CM);
    const wire = (wireRange[0] + wireRange[1]) / 2;
    const tick = (tickRange[0] + tickRange[1]) / 2;
    const wires = {};
    Object.keys(A.event.planes).forEach(function (name) {
      wires[name] = name === pane.plane ? wire : matchingWire(pane.plane, wire, tick, name);
    });
    store({ scale: scale, tick: tick, wires: wires }, panes, fit);
  };

  A.resetZoom = function () {
    A.zoom = null;
    A.emit("view");
    A.writeAddress();
  };

  /* ---- axes ------------------------------------------------------------------------------- */

  /* A step of 1, 2 or 5 times a power of ten that is at least span * least / pixels. */
  function niceStep(span, pixels, least) {
    const raw = (span * least) / Math.max(pixels, 1);
    const power = Math.pow(10, Math.floor(Math.log10(raw)));
    const ratio = raw / power;
    return (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10) * power;
  }

  /* Marks [{place: fraction of the way, label}] of an axis from low to high. */
  A.axisMarks = function (low, high, pixels, least, whole) {
    let step = niceStep(high - low, pixels, least);
    if (whole) { step = Math.max(1, step); }
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const marks = [];
    for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-9; value += step) {
      marks.push({ value: value, label: A.number(value, digits) });
    }
    return marks;
  };
})(window.argonscope);
