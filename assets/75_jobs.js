/* The two networks: which of them Run runs, their weights, and when their answers come and go. */
(function (A) {
  "use strict";

  const SEGMENTER = A.setup.segmenter;
  const DETECTOR = A.setup.detector;

  A.weights = [];              /* rows of /api/weights */
  A.weightsKnown = false;

  /* Overlay that was shown when Run was pressed: with the first answer the prediction takes its place,
   * unless another was chosen meanwhile. */
  let switchFrom = null;

  const segmenter = new A.NetworkJobs(SEGMENTER, {
    topic: "prediction",
    settings: function () {
      return { adc_min: A.settings.adcMin, adc_max: A.settings.adcMax, saturate: A.settings.saturate };
    },
    asShipped: function () {
      const defaults = A.setup.defaults;
      return A.settings.adcMin === defaults.adc_min && A.settings.adcMax === defaults.adc_max &&
        A.settings.saturate === defaults.saturate;
    },
    keep: function (plane, answer) { plane.setPrediction(answer.header, answer.arrays.scores); },
    forget: function (plane) { plane.whole = null; },
    asked: function (how) { switchFrom = how.quiet || A.NEEDS_PREDICTION[A.look.overlay] ? null : A.look.overlay; },
    arrived: function () {
      if (switchFrom === A.look.overlay) { A.setLook({ overlay: "class" }); }
      switchFrom = null;
    },
  });

  /* The first instances show their boxes, and their masks where nothing else was laid over the charge. */
  let showBoxes = null;

  const detector = new A.NetworkJobs(DETECTOR, {
    topic: "detections",
    settings: function () { return { adc_min: A.settings.detectorAdcMin }; },
    asShipped: function () { return A.settings.detectorAdcMin === A.setup.defaults.detector_adc_min; },
    keep: function (plane, answer) { plane.setDetections(answer.header, answer.arrays); },
    forget: function (plane) { plane.detections = null; },
    asked: function (how) { showBoxes = how.quiet ? null : { masks: !how.beside && A.look.overlay === "none" }; },
    arrived: function () {
      if (!showBoxes) { return; }
      A.setLook(showBoxes.masks && A.look.overlay === "none" ? { boxes: true, overlay: "detections" } : { boxes: true });
      showBoxes = null;
    },
  });

  A.networks = {};
  A.networks[SEGMENTER] = segmenter;
  A.networks[DETECTOR] = detector;

  /* The segmenter by the names that candidates, masking study and links know it by. */
  Object.defineProperty(A, "jobs", { get: function () { return segmenter.jobs; } });
  Object.defineProperty(A, "chosenWeights", {
    get: function () { return segmenter.chosen; }, set: function (family) { segmenter.chosen = family; },
  });
  Object.defineProperty(A, "runError", {
    get: function () { return segmenter.error; }, set: function (text) { segmenter.error = text; },
  });
  A.weightsOf = function (plane) { return segmenter.weightsOf(plane); };
  A.jobBody = function (event, planes) { return segmenter.jobBody(event, planes); };
  A.segmenterBusy = function () { return segmenter.busy(); };
  A.asShipped = function () { return segmenter.asShipped(); };
  A.run = function (planes, options) { return segmenter.run(planes, options); };

  /* Networks that Run runs: one, or both. */
  A.chosenNetworks = function () {
    return A.settings.networks === "both" ? [segmenter, detector] : [A.networks[A.settings.networks] || segmenter];
  };

  A.runChosen = function (planes, options) {
    const both = A.settings.networks === "both" && segmenter.weights.length > 0;
    return Promise.all(A.chosenNetworks().map(function (network) {
      return network.run(planes, Object.assign({ beside: both }, options));
    }));
  };

  A.busy = function () { return segmenter.busy() || detector.busy(); };

  A.cancel = function () { return Promise.all([segmenter.cancel(), detector.cancel()]); };

  A.loadWeights = function () {
    return A.requestJson("api/weights").then(function (list) {
      A.weights = list;
      A.weightsKnown = true;
      segmenter.choose();
      detector.choose();
      A.emit("weights", list);
    }).catch(function (error) {
      A.runError = error.message;
      A.emit("jobs");
    });
  };

  let autoTimer = null;
  function runAutomatically() {
    clearTimeout(autoTimer);
    if (!A.settings.auto || !A.event || !A.event.planes) { return; }
    autoTimer = setTimeout(function () {
      A.chosenNetworks().forEach(function (network) { network.runMissing(); });
    }, 150);
  }

  function anew(networks) {
    networks.forEach(function (network) {
      network.drop();
      if (A.event.planes) { network.showStored(); }
    });
    runAutomatically();
  }

  const ASKS = {
    gain: [segmenter, detector], adcMin: [segmenter], adcMax: [segmenter], saturate: [segmenter], weights: [segmenter],
    detectorAdcMin: [detector], detectorWeights: [detector],
  };

  A.on("weights", runAutomatically);
  A.on("event", function () { anew([segmenter, detector]); });
  A.on("option", function (name) {
    if (!A.event || !A.event.planes) { return; }
    if (ASKS[name]) { anew(ASKS[name]); }
    if (name === "networks") { runAutomatically(); }
    if (name === "auto" && A.settings.auto) { A.runChosen(A.PLANES, { auto: true }); }
  });
})(window.argonscope);
