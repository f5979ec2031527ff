/* A small histogram of energies: true as a grey step, reconstructed as a line, as `argonscope michel` plots them. */
(function (A) {
  "use strict";

  const BIN_MEV = 2.5;
  const BINS = 24;               /* to 60 MeV, above what a muon at rest can give; more goes to the last */
  const EDGE = { left: 44, right: 16, top: 22, bottom: 34 };

  function histogram(values) {
    const counts = new Array(BINS).fill(0);
    values.forEach(function (value) { counts[A.clamp(Math.floor(value / BIN_MEV), 0, BINS - 1)]++; });
    return counts;
  }

  /* Draw into a node, which keeps its size; truth may be null. Energies in MeV. */
  A.drawSpectrum = function (node, reconstructed, truth) {
    const width = node.clientWidth;
    const height = node.clientHeight;
    if (!width || !height) { return; }
    const c = A.colours();
    const pen = new A.SvgPen(width, height);
    const series = [{ counts: histogram(reconstructed), filled: false, name: "reconstructed" }];
    if (truth) { series.unshift({ counts: histogram(truth), filled: true, name: "true primary ionisation" }); }
    const most = Math.max(1, Math.max.apply(null, series.map(function (one) { return Math.max.apply(null, one.counts); })));
    const box = { x: EDGE.left, y: EDGE.top, w: width - EDGE.left - EDGE.right, h: height - EDGE.top - EDGE.bottom };
    axes(pen, box, most, c);
    series.forEach(function (one) { steps(pen, box, one, most, c); });
    legend(pen, box, series, c);
    node.innerHTML = pen.toString();
    node.firstChild.setAttribute("role", "img");
    node.firstChild.setAttribute("aria-label", "Energies of Michel candidates: " + reconstructed.length +
      " reconstructed" + (truth ? ", " + truth.length + " true" : ""));
  };

  function axes(pen, box, most, c) {
    pen.line(box.x, box.y + box.h + 0.5, box.x + box.w, box.y + box.h + 0.5, c.line);
    A.axisMarks(0, BIN_MEV * BINS, box.w, 60, true).forEach(function (mark) {
      const x = box.x + (mark.value / (BIN_MEV * BINS)) * box.w;
      pen.line(x, box.y + box.h, x, box.y + box.h + 4, c.line);
      pen.text(x, box.y + box.h + 15, mark.label, { size: 11, align: "center", colour: c.dim });
    });
    A.axisMarks(0, most, box.h, 24, true).forEach(function (mark) {
      const y = box.y + box.h * (1 - mark.value / most);
      pen.line(box.x - 4, y, box.x, y, c.line);
      pen.text(box.x - 7, y, mark.label, { size: 11, align: "right", base: "middle", colour: c.dim });
    });
    pen.text(box.x + box.w, box.y + box.h + 30, "energy of Michel candidates in one plane · MeV", { size: 11, align: "right", colour: c.dim });
    pen.text(12, box.y + box.h, "per " + BIN_MEV + " MeV", { size: 11, colour: c.dim, turned: true });
  }

  function colourOf(one, c) { return one.filled ? c.line : A.css(c.classes[4]); }

  function steps(pen, box, one, most, c) {
    const colour = colourOf(one, c);
    const y = function (count) { return box.y + box.h * (1 - count / most); };
    const x = function (bin) { return box.x + (bin / BINS) * box.w; };
    let before = 0;
    one.counts.concat([0]).forEach(function (count, bin) {
      if (one.filled && count) { pen.rect(x(bin), y(count), x(bin + 1) - x(bin), box.y + box.h - y(count), colour); }
      if (!one.filled) {
        if (count !== before) { pen.line(x(bin), y(before), x(bin), y(count), colour, 2); }
        if (bin < BINS) { pen.line(x(bin), y(count), x(bin + 1), y(count), colour, 2); }
      }
      before = count;
    });
  }

  function legend(pen, box, series, c) {
    let place = box.x;
    series.forEach(function (one) {
      if (one.filled) { pen.rect(place, 6, 10, 10, colourOf(one, c)); } else { pen.line(place, 11, place + 10, 11, colourOf(one, c), 2); }
      place += 15;
      pen.text(place, 15, one.name, { size: 11.5, colour: c.ink });
      place += pen.width(one.name, 11.5) + 18;
    });
  }
})(window.argonscope);
