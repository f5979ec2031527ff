/* Michel and shower candidates of the event shown: asked for once they are wanted, a plane at a time.
 * The server finds them in its stored answer by the best score of each pixel, as published; least scores
 * a class are a look of this page and do not count. */
(function (A) {
  "use strict";

  A.candidateProblem = "";
  A.CUT_PIXELS = 10;             /* the published cut: fewer make no Michel candidate */
  A.pointedCandidate = null;     /* under the mouse, in the picture or in the list */
  A.chosenCandidate = null;      /* clicked in a list */

  function sectionOpen() {
    const section = A.byId("candidates");
    return Boolean(section && section.open);
  }

  function wanted() { return A.look.michels || A.look.showers || sectionOpen(); }

  /* The body of a job, and what a Michel electron may hang on. */
  A.candidateRequest = function (job) {
    const body = Object.assign({ tracks: A.look.hipTracks ? "hip+mip" : "mip" }, job);
    return A.requestJson("api/candidates", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  };

  /* Candidates as the page uses them: the server's values, and id, kind, plane and place. */
  A.candidatesIn = function (planeName, answer) {
    const made = function (kind) {
      return function (one) {
        const id = [planeName, kind, one.pixels[0]].join(" ");
        return Object.assign({ id: id, kind: kind, plane: planeName, place: one.attachment || one.start }, one);
      };
    };
    return answer.michels.map(made("michel")).concat(answer.showers.map(made("shower")));
  };

  /* Candidates of a plane that the prediction shown leads to; null until they are here. */
  A.candidatesOf = function (plane) {
    const own = plane.candidates;
    return own && own.of === plane.whole && own.hip === A.look.hipTracks ? own.all : null;
  };

  /* What the server said of a plane besides its candidates; null until it is here. */
  A.candidateTruth = function (plane) {
    return A.candidatesOf(plane) ? plane.candidates.truth : null;
  };

  A.passesCut = function (candidate) {
    return candidate.kind !== "michel" || !A.look.manyPixels || candidate.pixels.length >= A.CUT_PIXELS;
  };

  /* Candidates of a plane that are drawn. */
  A.shownCandidates = function (plane) {
    return (A.candidatesOf(plane) || []).filter(function (one) {
      return (one.kind === "michel" ? A.look.michels : A.look.showers) && A.passesCut(one);
    });
  };

  function askFor(event, name) {
    const plane = event.planes[name];
    const of = plane.whole;
    const hip = A.look.hipTracks;
    const asked = plane.candidatesAsked;
    if (!of || asked && asked.of === of && asked.hip === hip) { return; }
    const mine = (plane.candidatesAsked = { of: of, hip: hip });
    A.candidateRequest(A.jobBody(event, [name])).then(function (body) {
      if (plane.whole !== of || plane.candidatesAsked !== mine) { return; }
      const answer = body.planes[name];
      if (!answer) { throw new Error("The answer for plane " + name + " is not stored any more; press Run."); }
      plane.candidates = { of: of, hip: hip, all: A.candidatesIn(name, answer), truth: answer.true_michels || null };
      A.candidateProblem = "";
      told(event);
    }).catch(function (error) {
      if (plane.whole !== of || plane.candidatesAsked !== mine) { return; }
      plane.candidatesAsked = null;
      A.candidateProblem = error.message;
      told(event);
    });
  }

  function told(event) { if (event === A.event) { A.emit("candidates"); } }

  function ask() {
    const event = A.event;
    if (!event || !event.planes || !wanted()) { return; }
    Object.keys(event.planes).forEach(function (name) { askFor(event, name); });
  }

  function forget() {
    A.candidateProblem = "";
    A.pointedCandidate = null;
    A.chosenCandidate = null;
  }

  /* Whether two are the same candidate, though they came in different answers. */
  A.sameCandidate = function (a, b) { return Boolean(a && b && a.id === b.id); };

  /* Point at a candidate, or at none. */
  A.pointAtCandidate = function (candidate) {
    if (A.pointedCandidate === candidate) { return; }
    A.pointedCandidate = candidate;
    A.emit("candidate-pointed", candidate);
    A.redraw("above");
  };

  /* Show a candidate in the middle, with room around it, and mark it. */
  A.showCandidate = function (candidate) {
    const plane = A.event.planes[candidate.plane];
    A.chosenCandidate = candidate;
    if (A.look.focus !== "all" && A.look.focus !== candidate.plane) { A.setLook({ focus: "all" }); }
    A.panes = A.layoutStage(A.byId("stage").clientWidth, A.byId("stage").clientHeight, A.style());
    const pane = A.panes.find(function (one) { return one.plane === candidate.plane; });
    const span = extent(plane, candidate);
    A.zoomToBox(A.panes, pane, span.wires, span.ticks);
    A.emit("candidates");
  };

  const ROOM_CM = 12;            /* on every side: a Michel electron is a few cm long, its muon longer */

  function extent(plane, candidate) {
    const wires = [candidate.place.wire, candidate.place.wire];
    const ticks = [candidate.place.tick, candidate.place.tick + plane.ticksPerRow];
    candidate.pixels.forEach(function (pixel) {
      const wire = plane.firstWire + plane.wires[pixel];
      const tick = plane.tickOfRow(plane.rows[pixel]);
      wires[0] = Math.min(wires[0], wire);
      wires[1] = Math.max(wires[1], wire);
      ticks[0] = Math.min(ticks[0], tick);
      ticks[1] = Math.max(ticks[1], tick + plane.ticksPerRow);
    });
    const aside = ROOM_CM / plane.pitch;
    const above = ROOM_CM / plane.cmPerTick;
    return { wires: [wires[0] - aside, wires[1] + aside], ticks: [ticks[0] - above, ticks[1] + above] };
  }

  A.on("event", forget);
  A.on("prediction", function (plane) {
    if (!plane) { forget(); A.emit("candidates"); }
    ask();
  });
  A.on("look", function (changed) {
    if (["michels", "showers", "hipTracks"].some(function (key) { return changed.indexOf(key) >= 0; })) { ask(); }
  });
  A.on("candidates", function () { A.redraw("paint"); });
  /* The section's own event does not bubble. */
  document.addEventListener("toggle", function (event) {
    if (event.target.id === "candidates") { ask(); A.emit("candidates"); }
  }, true);
})(window.argonscope);
