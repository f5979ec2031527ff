/* The masking study as files: its plot as SVG or PNG, its numbers as CSV. */
(function (A) {
  "use strict";

  const SIZE = { w: 1280, h: 800, font: 26 };
  const state = A.masking;

  function plot(pen) {
    const c = A.colours();
    pen.rect(0, 0, SIZE.w, SIZE.h, c.planeCss);
    A.drawMaskingPlot(pen, SIZE.w, SIZE.h, SIZE.font, true);
  }

  A.maskingSvg = function () {
    const pen = new A.SvgPen(SIZE.w, SIZE.h);
    plot(pen);
    return pen.toString();
  };

  function canvas() {
    const made = document.createElement("canvas");
    made.width = SIZE.w * 2;
    made.height = SIZE.h * 2;
    const context = made.getContext("2d");
    context.scale(2, 2);
    plot(new A.CanvasPen(context));
    return made;
  }

  const KINDS = {
    only: "only the region", rest: "all but the region", grow: "only the first part of the region, longer with each step",
  };

  function headLines(study) {
    const header = study.event.header;
    return [
      "# ArgonScope masking study: " + KINDS[study.kind],
      "# file " + study.event.file + ", entry " + (study.event.entry + 1) + ", run " + header.run + ", subrun " + header.subrun +
        ", event " + header.event + ", " + header.source,
      "# plane " + study.plane.name + ", gain " + study.gain + ", image " + study.plane.contentHash,
      "# network " + study.weights.network + ", weights " + study.weights.name + ", sha256 " + study.weights.sha256,
      "# length_cm is seen in the wire plane (projected), mean_dedx_mev_per_cm is over the step's part, an upper bound; empty above 40",
      "# scores are means over the pixels that are left and that the network reads; before: whole image, after: masked",
    ].concat(study.stale ? ["# " + study.stale] : []);
  }

  function number(value, digits) { return typeof value === "number" && isFinite(value) ? value.toFixed(digits) : ""; }

  /* The numbers of the study, one line a step; empty fields where there is no answer yet. */
  A.maskingCsv = function () {
    const study = state.study;
    if (!study) { return ""; }
    const columns = ["step", "length_cm", "pixels", "pixels_read", "mean_dedx_mev_per_cm"];
    ["before", "after"].forEach(function (when) {
      A.setup.classes.forEach(function (name) { columns.push(name + "_score_" + when); });
    });
    const lines = study.steps.map(function (one, i) {
      const read = one.after || one.before;
      const fields = [i + 1, number(one.length, 2), one.pixels.length, read ? read.pixels : "", number(one.dedx, 3)];
      [one.before, one.after].forEach(function (found) {
        A.setup.classes.forEach(function (_, c) { fields.push(found ? number(found.scores[c], 4) : ""); });
      });
      return fields.join(",");
    });
    return headLines(study).concat([columns.join(",")], lines).join("\n") + "\n";
  };

  A.saveMasking = function (kind) {
    const study = state.study;
    if (!study) { A.sayMasking("There is nothing to save yet: run the study first."); return; }
    const name = "masking-" + study.plane.name + "." + kind;
    if (kind === "csv") {
      A.saveBlob(new Blob([A.maskingCsv()], { type: "text/csv" }), name);
    } else if (study.kind !== "grow") {
      A.sayMasking("The plot is of the growing region: press Play first.");
    } else if (kind === "svg") {
      A.saveBlob(new Blob([A.maskingSvg()], { type: "image/svg+xml" }), name);
    } else {
      canvas().toBlob(function (blob) { A.saveBlob(blob, name); }, "image/png");
    }
  };
})(window.argonscope);
