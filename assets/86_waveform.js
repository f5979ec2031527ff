/* The waveform of the pinned wire, at full sampling where the file has it, else summed a row. */
(function (A) {
  "use strict";

  let canvas = null;
  let wave = null;        /* {plane, wire, tick, adc, sampled} */
  let turn = 0;
  const EDGE = { left: 40, right: 16, top: 8, bottom: 18 };

  A.mountWaveform = function (node) {
    canvas = node.appendChild(A.element("canvas"));
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "Waveform of the pinned wire");
    new ResizeObserver(draw).observe(node);
    fetchWave();
  };

  function fetchWave() {
    const pin = A.look.pin;
    const plane = pin && A.event && A.event.planes && A.event.planes[pin.plane];
    const mine = (turn += 1);
    if (!plane) {
      wave = null;
      A.setText("waveform-title", "Waveform");
      draw();
      return;
    }
    const column = pin.wire - plane.firstWire;
    const own = plane.column(A.clamp(column, 0, plane.width - 1));
    wave = { plane: pin.plane, wire: pin.wire, tick: own.tick, adc: own.adc, step: plane.ticksPerRow };
    title("sum of " + plane.ticksPerRow + " ticks");
    draw();
    if (!A.event.file) { return; }   /* a study's image has no file here */
    A.requestArrays(A.eventPath(A.event.file, A.event.entry) + "/waveform?plane=" + pin.plane + "&wire=" + pin.wire)
      .then(function (answer) {
        if (mine !== turn || !answer || !answer.arrays.tick.length) { return; }
        wave = { plane: pin.plane, wire: pin.wire, tick: answer.arrays.tick, adc: answer.arrays.adc, step: 1 };
        title("every tick");
        draw();
      }, function (error) {
        if (mine === turn) { A.byId("waveform").title = error.message; }
      });
  }

  function title(kind) {
    A.setText("waveform-title", "Waveform · " + wave.plane + " " + A.number(wave.wire) + " · " + kind);
  }

  function draw() {
    if (!canvas) { return; }
    const width = canvas.parentNode.clientWidth;
    const height = canvas.parentNode.clientHeight;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const pen = new A.CanvasPen(context);
    const c = A.colours();
    if (!wave) {
      pen.text(width / 2, height / 2, "Click a wire to see its waveform.",
        { size: 12, align: "center", base: "middle", colour: c.dim });
      return;
    }
    drawWave(context, pen, c, { x: EDGE.left, y: EDGE.top, w: width - EDGE.left - EDGE.right, h: height - EDGE.top - EDGE.bottom });
  }

  function span() {
    const plane = A.event.planes[wave.plane];
    const pane = A.panes.find(function (one) { return one.plane === wave.plane; }) || A.panes[0];
    if (!A.zoom || !pane) { return [plane.firstTick, plane.lastTick]; }
    const frame = A.frameOf(pane, A.currentView(A.panes), 1);
    return [Math.max(frame.tickOfY(pane.h), plane.firstTick), Math.min(frame.tickOfY(0), plane.lastTick)];
  }

  function drawWave(context, pen, c, box) {
    const ticks = span();
    let low = 0;
    let high = 1;
    for (let i = 0; i < wave.adc.length; i++) {
      if (wave.tick[i] < ticks[0] || wave.tick[i] > ticks[1]) { continue; }
      if (wave.adc[i] < low) { low = wave.adc[i]; }
      if (wave.adc[i] > high) { high = wave.adc[i]; }
    }
    const x = function (tick) { return box.x + ((tick - ticks[0]) / (ticks[1] - ticks[0])) * box.w; };
    const y = function (adc) { return box.y + box.h * (1 - (adc - low) / (high - low)); };
    pen.line(box.x, y(0), box.x + box.w, y(0), c.line);
    A.axisMarks(low, high, box.h, 26, false).forEach(function (mark) {
      pen.text(box.x - 6, y(mark.value), mark.label, { size: 10.5, align: "right", base: "middle", colour: c.dim });
    });
    A.axisMarks(ticks[0], ticks[1], box.w, 46, true).forEach(function (mark) {
      pen.line(x(mark.value), box.y + box.h, x(mark.value), box.y + box.h + 3, c.line);
      pen.text(x(mark.value), box.y + box.h + 14, mark.label, { size: 10.5, align: "center", colour: c.dim });
    });
    pen.clip(box.x, box.y - 2, box.w, box.h + 4, function () {
      stroke(context, x, y, c.ink);
      if (A.hover) { pen.line(x(A.hover.tick), box.y, x(A.hover.tick), box.y + box.h, c.hair); }
    });
  }

  function stroke(context, x, y, colour) {
    const half = wave.step > 1 ? wave.step / 2 : 0;
    context.beginPath();
    context.setLineDash([]);
    context.strokeStyle = colour;
    context.lineWidth = 1;
    for (let i = 0; i < wave.adc.length; i++) {
      const level = y(wave.adc[i]);
      if (i === 0) { context.moveTo(x(wave.tick[i] - half), level); } else { context.lineTo(x(wave.tick[i] - half), level); }
      if (half) { context.lineTo(x(wave.tick[i] + half), level); }
    }
    context.stroke();
  }

  A.on("look", function (changed) { if (changed.indexOf("pin") >= 0) { fetchWave(); } });
  A.on("event", fetchWave);
  ["view", "hover", "theme"].forEach(function (topic) { A.on(topic, function () { if (wave) { draw(); } }); });
  A.on("theme", draw);
})(window.argonscope);
