/* Labelling: the task of the event shown, its labels, and what a tool does with pixels. The drawing is in
 * 72 (with the objects), the marks in 73, the panel in 74, the keys in 75, what waits to be sent in 69. */
(function (A) {
  "use strict";

  A.LABEL_TOOLS = ["brush", "lasso", "box", "cluster", "fill", "hand"];
  A.LABEL_BRUSH_CM = { least: 0.3, most: 12, usual: 1 };
  A.MICHEL_STATES = ["present", "absent", "unsure"];
  A.VERDICTS = ["complete", "unsure", "impossible"];

  A.labelling = {
    on: false,
    opening: false,
    rater: { kind: "local", name: null, role: null, names: [] },
    task: null,            /* {task, question, choices, planes, submitted, ...} as the server tells it */
    lanes: {},             /* U, V, Y, event -> A.LabelLane */
    seq: 0,                /* newest number of the log that is known here */
    tool: "brush",
    erase: false,
    way: "connected",      /* of clusters */
    radius: A.LABEL_BRUSH_CM.usual,
    choice: null,          /* class that the tools give */
    object: null,          /* {id, tool, part} whose pixels or points the tools set, in place of classes */
    lane: null,            /* plane (or event) that was labelled last */
    problem: "",
  };
  const state = A.labelling;
  const SEEN_AT_MOST = 50;
  const seen = {};         /* plane -> [{key, weights}] of the stored answers that were on this page, newest last */
  let overlayBefore = "none";

  function changed() { A.emit("labels"); }
  A.labelsChanged = changed;

  function repaint() {
    A.redraw("paint");
    changed();
  }
  A.repaintLabels = repaint;

  A.sayLabelling = function (sentence) {
    state.problem = sentence || "";
    changed();
  };

  /* ---- who -------------------------------------------------------------------------------------------- */

  A.raterHeaders = function (headers, name) {
    const rater = name || state.rater.name;
    return rater ? Object.assign({ "X-ArgonScope-Rater": encodeURIComponent(rater) }, headers) : headers || {};
  };

  A.withRater = function (options) {
    return Object.assign({}, options, { headers: A.raterHeaders((options || {}).headers) });
  };

  state.rater.name = A.preference("rater", null);

  /* Ask the server who we are; resolves to whether there is a name. */
  A.knowRater = function () {
    return A.requestJson("api/who").then(function (who) {
      state.rater = who;
      changed();
      return Boolean(who.name);
    });
  };

  A.takeRater = function (name) {
    return A.post("api/who", { name: name }).then(function (who) {
      state.rater = who;
      A.remember("rater", who.name);
      A.sayLabelling("");
      return who;
    });
  };

  /* ---- opening ---------------------------------------------------------------------------------------- */

  A.toggleLabelling = function () { if (state.on) { leave(); } else { A.startLabelling(); } };

  A.startLabelling = function () {
    if (state.on || state.opening || !A.event || !A.event.planes) { return Promise.resolve(); }
    A.openLabelling();
    state.opening = true;
    changed();
    return A.knowRater().then(function (named) {
      if (!named) { state.opening = false; changed(); return undefined; }
      return A.post("api/tasks", { file: A.event.file, entry: A.event.entry }).then(A.openTask);
    }).catch(function (error) { A.sayLabelling(error.message); }).then(function () {
      state.opening = false;
      changed();
    });
  };

  A.openLabelling = function () {
    const section = A.byId("labelling");
    if (section) { section.open = true; }
  };

  /* Take a task whose planes are those of the event shown, with all that was done of it. */
  A.openTask = function (task) {
    const event = A.event;
    const lanes = { event: new A.LabelLane("event", 0) };
    Object.keys(task.planes).forEach(function (name) {
      const plane = event.planes[name];
      if (!plane || plane.count !== task.planes[name].pixels) {
        throw new Error("The file changed since this event was opened; reload the page.");
      }
      lanes[name] = new A.LabelLane(name, plane.count);
    });
    return Promise.all([readLog(task, lanes), A.labelQueue.of(task.task)]).then(function (answers) {
      if (event !== A.event) { return; }
      answers[1].forEach(function (action) { if (lanes[action.plane]) { lanes[action.plane].add(action); } });
      state.task = task;
      state.lanes = lanes;
      state.seq = answers[0];
      state.object = null;
      state.lane = null;
      state.problem = "";
      if (!task.choices.some(function (one) { return one["class"] === state.choice; })) {
        state.choice = task.choices.length ? task.choices[0]["class"] : null;
      }
      if (!task.choices.length && !task.question) { state.tool = "hand"; }
      begin();
    });
  };

  function readLog(task, lanes, after) {
    return A.requestJson("api/tasks/" + task.task + "/actions?after=" + (after || 0)).then(function (answer) {
      const last = deal(lanes, answer.actions, after || 0);
      task.submitted = answer.submitted;
      return answer.more ? readLog(task, lanes, last) : last;
    });
  }

  /* Give actions to their lanes; the newest number. */
  function deal(lanes, actions, last) {
    const own = {};
    actions.forEach(function (action) { (own[action.plane] = own[action.plane] || []).push(action); });
    Object.keys(own).forEach(function (name) { if (lanes[name]) { lanes[name].take(own[name]); } });
    return actions.length ? actions[actions.length - 1].seq : last;
  }

  function begin() {
    if (!state.on) { overlayBefore = A.look.overlay; }
    state.on = true;
    if (A.masking.tool) { A.setMaskingTool(null); }
    A.setOption("boxTool", false);
    A.setLook({ overlay: "labels", pin: null });
    mark();
    repaint();
  }

  function leave() {
    A.dropLabelStroke();
    state.on = false;
    state.task = null;
    state.lanes = {};
    if (A.look.overlay === "labels") { A.setLook({ overlay: overlayBefore }); }
    mark();
    repaint();
  }
  A.leaveLabelling = leave;

  function mark() {
    const root = document.documentElement.classList;
    root.toggle("labelling", state.on);
    root.toggle("label-drawing", state.on && state.tool !== "hand" && !state.task.submitted);
    A.redraw("above");
  }
  A.markLabelling = mark;

  /* ---- catching up with other windows ------------------------------------------------------------------- */

  A.knownSeq = function (task) {
    return state.task && state.task.task === task ? state.seq : Number.MAX_SAFE_INTEGER;
  };

  function takeNews(answer) {
    const before = state.task.submitted;
    state.seq = Math.max(state.seq, deal(state.lanes, answer.actions, state.seq));
    state.task.submitted = answer.submitted;
    if (answer.submitted !== before) { mark(); }
    A.keepObject();
    repaint();
    if (answer.more) { A.catchUp(); }
  }

  A.catchUp = function () {
    const task = state.task;
    if (!task) { return Promise.resolve(); }
    return A.requestJson("api/tasks/" + task.task + "/actions?after=" + state.seq).then(function (answer) {
      if (task === state.task && (answer.actions.length || answer.submitted !== task.submitted)) { takeNews(answer); }
    }, function () { changed(); });
  };

  A.on("labels-stored", function (done) {
    if (state.task && done.task === state.task.task) { takeNews(done.answer); }
    if (others) { others.postMessage(done.task); }
  });
  A.on("label-refused", function (done) {
    if (!state.task || done.task !== state.task.task) { return; }
    state.lanes[done.plane].drop(done.id);
    A.sayLabelling("The server refused a label, and it is not shown any more. " + done.sentence);
    repaint();
  });
  window.addEventListener("focus", function () { A.catchUp(); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { A.catchUp(); } });

  const others = window.BroadcastChannel ? new BroadcastChannel("argonscope-labels") : null;
  if (others) {
    others.onmessage = function (message) {
      if (state.task && message.data === state.task.task) { A.catchUp(); }
    };
  }

  /* ---- doing ------------------------------------------------------------------------------------------- */

  A.uuid = function () {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  A.canLabel = function () { return state.on && state.task && !state.task.submitted; };

  /* One action on a plane or the event: shown at once, kept, and on its way. */
  A.act = function (laneName, tool, payload) {
    if (!A.canLabel()) { return; }
    const hash = state.task.planes[laneName] || state.task.planes[Object.keys(state.task.planes)[0]];
    const action = {
      id: A.uuid(), plane: laneName, image_hash: hash.image_hash, tool: tool, payload: payload,
      time: Date.now() / 1000, prediction: seenOf(laneName), app_version: A.setup.version,
    };
    state.lane = laneName;
    state.lanes[laneName].add(action);
    A.labelQueue.add(state.task.task, state.rater.name, action);
    repaint();
  };

  /* Give pixels (a mask) of a plane what is chosen, or take it away. */
  A.labelPixels = function (plane, tool, mask, erase) {
    const pixels = A.pixelsOfMask(mask);
    if (!pixels.length || !A.canLabel()) { return; }
    if (state.object) {
      A.setObjectPixels(plane, pixels, erase);
    } else if (erase) {
      A.act(plane.name, "erase", { pixels: A.encodePixels(pixels) });
    } else if (state.choice !== null) {
      A.act(plane.name, tool, { "class": state.choice, pixels: A.encodePixels(pixels) });
    }
  };

  A.undoLabel = function (tool) {
    const name = A.hover && state.lanes[A.hover.plane] && A.labelling.lane !== "event" ? A.hover.plane : state.lane;
    const lane = state.lanes[name] || Object.values(state.lanes).find(function (one) { return one.undoable; });
    const target = lane && (tool === "undo" ? lane.undoable : lane.redoable);
    if (target) {
      A.act(lane.name, tool, { action: target });
      A.keepObject();
      repaint();
    }
  };

  A.judge = function (patch) {
    const lane = state.lanes.event;
    A.act("event", "verdict", Object.assign({ verdict: lane.verdict, michel: lane.michel }, patch));
  };

  A.commentOn = function (text) {
    if (A.canLabel() && text !== state.lanes.event.comment) { A.act("event", "comment", { text: text }); }
  };

  /* ---- the picture ------------------------------------------------------------------------------------------- */

  A.painters.labels = function (plane, colours) {
    const lane = state.on && state.lanes[plane.name];
    if (!lane) { return null; }
    const classes = lane.classes;
    const parts = A.strokeParts(plane) || A.partsOf(plane);
    return function (pixel) {
      if (parts && parts[pixel] >= 0) { return colours.parts[parts[pixel]]; }
      return classes[pixel] < 0 ? -1 : colours.labels[classes[pixel]];
    };
  };

  /* ---- what happens around it ------------------------------------------------------------------------------------ */

  /* An answer of a network is shown: whoever labels from now on has seen it. */
  function see(network, headerOf) {
    Object.keys((A.event && A.event.planes) || {}).forEach(function (plane) {
      const header = headerOf(A.event.planes[plane]);
      const job = network.jobs[plane];
      if (!header || !job || !job.key) { return; }
      const others = (seen[plane] || []).filter(function (one) { return one.key !== job.key; });
      seen[plane] = others.concat({ key: job.key, weights: header.weights_hash }).slice(-SEEN_AT_MOST);
    });
  }

  function seenOf(laneName) {
    return laneName === "event" ? [].concat.apply([], Object.values(seen)).slice(-SEEN_AT_MOST) : seen[laneName] || [];
  }

  A.on("prediction", function () {
    see(A.networks[A.setup.segmenter], function (plane) { return plane.whole && plane.whole.header; });
  });
  A.on("detections", function () {
    see(A.networks[A.setup.detector], function (plane) { return plane.detections && plane.detections.header; });
  });

  A.on("event", function (event) {
    Object.keys(seen).forEach(function (plane) { delete seen[plane]; });
    A.dropLabelStroke();
    if (event.task) { return; }
    const again = state.on || resuming();
    state.on = false;
    state.task = null;
    state.lanes = {};
    mark();
    if (again && event.planes) { A.startLabelling(); } else { changed(); }
  });

  /* A page that was reloaded, or left and found again, in the middle of labelling goes on with it. */
  let looked = false;
  function resuming() {
    const first = !looked;
    looked = true;
    return first && new URLSearchParams(window.location.search).get("overlay") === "labels" && Boolean(state.rater.name);
  }

  A.on("masking", function () {
    if (state.on && A.masking.tool && state.tool !== "hand") { A.setLabelTool("hand"); }
  });
})(window.argonscope);
