/* The plot of the masking study: mean score of every class over the part that was left, against the
 * length of the part. Drawn through a pen, small in the panel, large over the page, and into files. */
(function (A) {
  "use strict";

  const state = A.masking;
  const HINT = "Play runs the region piece by piece.";
  let panel = null;      /* canvas in the panel */
  let large = null;      /* {box, canvas} over the page, or null */

  A.maskingPlotTitle = function (study) {
    const last = study.steps[study.steps.length - 1];
    return "mean dE/dx " + A.dedxWords(last.dedx) + " over " + A.number(last.length, 1) + " cm · plane " + study.plane.name;
  };

  A.maskingSource = function (study) {
    return "run " + A.idText(study.event.header) + " · " + study.event.file + " entry " + (study.event.entry + 1) + " · " +
      study.weights.name + ", weights " + study.weights.sha256.slice(0, 7);
  };

  /* Draw the study's plot into a rectangle of w × h px; font: size of its words. */
  A.drawMaskingPlot = function (pen, w, h, font, full) {
    const c = A.colours();
    const study = state.study;
    if (!study || study.kind !== "grow") {
      pen.text(w / 2, h / 2, HINT, { size: font, align: "center", base: "middle", colour: c.dim });
      return;
    }
    const title = A.maskingPlotTitle(study);
    const fits = Math.min(font, (font * (w - font)) / pen.width(title, font, 620));
    pen.text(font * 0.4, font * 1.2, title, { size: fits, weight: 620, colour: c.ink });
    let top = font * 0.2;
    if (full) {
      pen.text(font * 0.4, font * 2.4, A.maskingSource(study), { size: font * 0.72, colour: c.dim });
      legend(pen, font * 0.4, font * 4, font, c);
      top = font * 3.2;
    }
    const box = { x: font * 3.6, y: top + font * 2, w: w - font * 4.6, h: h - top - font * 5.2 };
    axes(pen, box, study, font, c);
    curves(pen, box, study, font, c);
  };

  function legend(pen, x, y, size, c) {
    A.setup.classes.forEach(function (name, i) {
      pen.rect(x, y - size * 0.8, size * 0.8, size * 0.8, A.css(c.classes[i]));
      pen.text(x + size * 1.15, y, name, { size: size, colour: c.ink });
      x += size * 2.2 + pen.width(name, size, 400);
    });
    pen.text(x, y, "- - HIP + MIP   · · before", { size: size * 0.85, colour: c.dim });
  }

  function axes(pen, box, study, font, c) {
    const most = lengthOf(study);
    [0, 0.25, 0.5, 0.75, 1].forEach(function (value) {
      const y = box.y + box.h * (1 - value);
      pen.line(box.x, y, box.x + box.w, y, c.line, value === 0 ? 1.25 : 0.6);
      if (value * 2 % 1 === 0) {
        pen.text(box.x - font * 0.5, y, value.toFixed(1), { size: font * 0.95, align: "right", base: "middle", colour: c.dim });
      }
    });
    A.axisMarks(0, most, box.w, font * 4, false).forEach(function (mark) {
      const x = box.x + (mark.value / most) * box.w;
      pen.line(x, box.y + box.h, x, box.y + box.h + font * 0.35, c.line, 1);
      pen.text(x, box.y + box.h + font * 1.5, mark.label, { size: font * 0.95, align: "center", colour: c.dim });
    });
    pen.text(box.x + box.w / 2, box.y + box.h + font * 2.8, "length in the wire plane · cm",
      { size: font, align: "center", colour: c.dim });
    pen.text(font * 1.1, box.y + box.h / 2, "mean score", { size: font, align: "center", turned: true, colour: c.dim });
  }

  function lengthOf(study) { return study.steps[study.steps.length - 1].length; }

  function curves(pen, box, study, font, c) {
    const most = lengthOf(study);
    const x = function (one) { return box.x + (one.length / most) * box.w; };
    const y = function (score) { return box.y + box.h * (1 - score); };
    const shown = A.shownStep();
    pen.line(x(shown), box.y, x(shown), box.y + box.h, c.hair, 1);
    const width = Math.max(1.5, font / 7);
    const answered = study.steps.filter(function (one) { return one.after; });
    line(pen, answered.map(function (one) { return [x(one), y(one.after.scores[0] + one.after.scores[1])]; }), c.ink, width * 0.7, [width * 4, width * 2]);
    A.setup.classes.forEach(function (_, kind) {
      const colour = A.css(c.classes[kind]);
      const old = study.steps.filter(function (one) { return one.before; });
      const now = study.steps.filter(function (one) { return one.after; });
      line(pen, old.map(function (one) { return [x(one), y(one.before.scores[kind])]; }), colour, width * 0.7, [width, width * 2]);
      line(pen, now.map(function (one) { return [x(one), y(one.after.scores[kind])]; }), colour, width);
      now.forEach(function (one) {
        const size = width * (one === shown ? 4 : 2.6);
        pen.rect(x(one) - size / 2, y(one.after.scores[kind]) - size / 2, size, size, colour);
      });
    });
  }

  function line(pen, points, colour, width, dash) {
    for (let i = 1; i < points.length; i++) {
      pen.line(points[i - 1][0], points[i - 1][1], points[i][0], points[i][1], colour, width, dash);
    }
  }

  /* ---- on the page --------------------------------------------------------------------------------- */

  A.mountMaskingPlot = function (node) {
    panel = node.appendChild(plotCanvas());
    new ResizeObserver(draw).observe(node);
  };

  function plotCanvas() {
    const canvas = A.element("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "Mean scores against the length of the region");
    canvas.addEventListener("click", pickStep);
    return canvas;
  }

  /* A click on the plot shows the nearest step. */
  function pickStep(event) {
    const study = state.study;
    if (!study || study.kind !== "grow") { return; }
    const font = event.target.font;
    const share = (event.offsetX - font * 3.6) / (event.target.clientWidth - font * 4.6);
    const wanted = share * lengthOf(study);
    const gaps = study.steps.map(function (one) { return Math.abs(one.length - wanted); });
    A.showGrowth(gaps.indexOf(Math.min.apply(null, gaps)));
  }

  function draw() {
    [[panel, 11, false], [large && large.canvas, 21, true]].forEach(function (one) {
      const canvas = one[0];
      if (!canvas || !canvas.parentNode.clientWidth) { return; }
      const width = canvas.parentNode.clientWidth;
      const height = canvas.parentNode.clientHeight;
      const ratio = window.devicePixelRatio || 1;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.font = one[2] ? A.clamp(width / 40, 14, 26) : one[1];
      const context = canvas.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      A.drawMaskingPlot(new A.CanvasPen(context), width, height, canvas.font, one[2]);
    });
  }

  /* The plot over a corner of the planes, large enough for the back of a room; or away again. */
  A.toggleLargePlot = function () {
    if (large) {
      large.box.remove();
      large = null;
    } else {
      const box = A.element("div", "masking-large");
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", "Masking study, large");
      const canvas = box.appendChild(A.element("div", "masking-large-plot")).appendChild(plotCanvas());
      const close = box.appendChild(A.element("button", "masking-close", "×"));
      close.type = "button";
      close.title = "Close the large plot";
      close.setAttribute("aria-label", close.title);
      close.addEventListener("click", A.toggleLargePlot);
      large = { box: document.body.appendChild(box), canvas: canvas };
      new ResizeObserver(draw).observe(canvas.parentNode);
    }
    A.emit("masking");
  };

  /* Whether a large plot was there to be closed. */
  A.closeLargePlot = function () {
    if (!large) { return false; }
    A.toggleLargePlot();
    return true;
  };

  let pending = false;
  function later() {
    if (pending) { return; }
    pending = true;
    requestAnimationFrame(function () { pending = false; draw(); });
  }

  A.on("masking", later);
  A.on("theme", later);
})(window.argonscope);
