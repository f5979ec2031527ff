/* A link may ask for the network: ?run=<weights> chooses these weights and runs them on their plane of
 * the event that the page opens with, once. Links of the Models page do. */
(function (A) {
  "use strict";

  let wanted = new URLSearchParams(window.location.search).get("run");

  A.on("weights", function (list) {
    if (!wanted || !A.event || !A.event.planes) { return; }
    const name = wanted;
    const row = list.find(function (one) { return one.name === name; });
    wanted = null;
    if (!row) {
      A.runError = "The link asks for the weights " + name + ", which are not installed here.";
      A.emit("jobs");
      return;
    }
    if (A.chosenWeights !== A.weightsFamily(row)) {
      A.chosenWeights = A.weightsFamily(row);
      A.emit("option", "weights");
    }
    if (!A.jobs[row.plane]) { A.run([row.plane], { quiet: true }); }
  });
})(window.argonscope);
