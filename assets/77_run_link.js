/* A link may ask for the network: ?run=<weights> chooses these weights and runs them on the event that
 * the page opens with, once. Links of the Models page do. */
(function (A) {
  "use strict";

  let wanted = new URLSearchParams(window.location.search).get("run");

  A.on("weights", function (list) {
    if (!wanted || !A.event || !A.event.planes) { return; }
    const name = wanted;
    const rows = list.filter(function (row) { return row.name === name; });
    wanted = null;
    if (!rows.length) {
      A.runError = "The link asks for the weights " + name + ", which are not installed here.";
      A.emit("jobs");
      return;
    }
    const network = A.networks[rows[0].network];
    if (network.chosen !== A.weightsFamily(rows[0])) {
      network.chosen = A.weightsFamily(rows[0]);
      A.emit("option", network.network === A.setup.detector ? "detectorWeights" : "weights");
    }
    const planes = rows.map(function (row) { return row.plane; });
    network.run(planes.filter(function (plane) { return !network.jobs[plane]; }), { quiet: true });
  });
})(window.argonscope);
