/* What the masking study counts: which pixels the network reads, mean scores and shares of classes, and
 * the mean dE/dx of a piece of track. */
(function (A) {
  "use strict";

  const CLASSES = 5;
  /* Above it recombination has eaten so much of the charge that the charge no longer tells. */
  const MOST_DEDX = 40;

  /* Whether the network reads a pixel: adc_min < ADC × gain < adc_max, as in inference.settings. */
  A.readsPixel = function (plane, pixel) {
    const charge = plane.adc[pixel] * A.gainOf(plane);
    return charge > A.settings.adcMin && (A.settings.saturate || charge < A.settings.adcMax);
  };

  A.nothingToRead = function (where) {
    return where + " holds no pixel that the network reads (" + A.number(A.settings.adcMin) + " < ADC × gain" +
      (A.settings.saturate ? "" : " < " + A.number(A.settings.adcMax)) + ").";
  };

  /* {pixels, scores: mean of each class, shares: of each class among the pixels} over those of the given
   * pixels that the prediction has read; null without any. The class is the one of the largest score. */
  A.scoresOver = function (prediction, pixels) {
    const scores = new Array(CLASSES).fill(0);
    const shares = new Array(CLASSES).fill(0);
    let count = 0;
    for (let i = 0; i < pixels.length; i++) {
      if (!prediction.reads(pixels[i])) { continue; }
      count++;
      let best = 0;
      for (let c = 0; c < CLASSES; c++) {
        const score = prediction.score(pixels[i], c);
        scores[c] += score;
        if (score > prediction.score(pixels[i], best)) { best = c; }
      }
      shares[best]++;
    }
    const mean = function (sum) { return sum / count; };
    return count ? { pixels: count, scores: scores.map(mean), shares: shares.map(mean) } : null;
  };

  /* Mean dE/dx in MeV/cm of pixels on so many cm, through the calibration of lartpc.calibration. The
   * length is the one seen in the wire plane, at most the one in space, so this is an upper bound.
   * Infinity above 40 MeV/cm; NaN without a length. */
  A.meanDedx = function (plane, pixels, length) {
    const table = A.setup.dedx;
    const values = table.planes[plane.name];
    if (!values || !(length > 0)) { return NaN; }
    let charge = 0;
    for (let i = 0; i < pixels.length; i++) { charge += plane.adc[pixels[i]]; }
    const place = (charge * A.gainOf(plane)) / length / table.step;
    const left = A.clamp(Math.floor(place), 0, values.length - 2);
    const dedx = values[left] + (place - left) * (values[left + 1] - values[left]);
    return dedx > MOST_DEDX ? Infinity : dedx;
  };

  /* "≤", because a projected length makes it an upper bound. */
  A.dedxWords = function (dedx) {
    return (dedx === Infinity ? "> " + MOST_DEDX : "≤ " + A.number(dedx, dedx < 10 ? 2 : 1)) + " MeV/cm";
  };
})(window.argonscope);
