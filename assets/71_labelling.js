/* Labelling: the task of the event shown, its labels, and what a tool does with pixels. The drawing is in
 * 72, the marks in 73, the panel and the keys in 74, what waits to be sent in 69. */
(function (A) {
  "use strict";

  const CORE = 0;
  const PHOTONS = 1;
  const SHOWER = 2;
  A.LABEL_PARTS = { core: CORE, photons: PHOTONS, shower: SHOWER };
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
  const seen = {};         /* plane -> {key, weights} of the stored answer that was on this page */
  let overlayBefore = "none";

  function changed() { A.emit("labels"); }
  A.labelsChanged = changed;

  function repaint() {
    A.redraw("paint");
    changed();
  }

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
      time: Date.now() / 1000, prediction: seen[laneName] || null, app_version: A.setup.version,
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
      setPart(plane, pixels, erase);
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

  /* ---- objects: Michel electrons and showers ---------------------------------------------------------------- */

  function newPayload(tool, id) {
    return tool === "michel" ? { object: id, state: "present", end: null, core: "", photons: "" } : null;
  }

  A.objectOn = function (laneName, id) {
    const lane = state.lanes[laneName];
    const found = lane && lane.objects.get(id);
    return found ? found.payload : null;
  };

  /* Objects over all planes: [{id, tool, planes}], in the order of their ids. */
  A.labelObjects = function () {
    const all = new Map();
    A.PLANES.forEach(function (name) {
      const lane = state.lanes[name];
      if (!lane) { return; }
      lane.objects.forEach(function (one, id) {
        if (!all.has(id)) { all.set(id, { id: id, tool: one.tool, planes: [] }); }
        all.get(id).planes.push(name);
      });
    });
    return Array.from(all.values());
  };

  /* The next free "michel-1", "shower-1"; the same id on another plane is the same object. */
  function freeId(tool) {
    const taken = new Set(A.labelObjects().map(function (one) { return one.id; }));
    let number = 1;
    while (taken.has(tool + "-" + number)) { number++; }
    return tool + "-" + number;
  }

  A.newObject = function (tool) {
    if (!A.canLabel()) { return; }
    state.object = { id: freeId(tool), tool: tool, part: tool === "michel" ? "end" : "start" };
    afterObject();
  };

  A.chooseObject = function (one, part) {
    state.object = one && { id: one.id, tool: one.tool, part: part || (one.tool === "michel" ? "core" : "shower") };
    afterObject();
  };

  function afterObject() {
    if (state.tool === "hand" || state.tool === "fill") { state.tool = "brush"; }
    state.problem = "";
    mark();
    repaint();
  }

  A.setPartOfObject = function (part) {
    if (!state.object) { return; }
    state.object.part = part;
    repaint();
  };

  /* An object that was undone, or removed elsewhere, is not worked on any more once it was there. */
  A.keepObject = function () {
    const object = state.object;
    if (!object || !object.made) { return; }
    if (!A.labelObjects().some(function (one) { return one.id === object.id; })) { state.object = null; }
  };

  function keep(plane, payload) {
    state.object.made = true;
    A.act(plane.name, state.object.tool, payload);
  }

  /* Change some of the object's payload on one plane, which begins to have it by that. */
  A.changeObject = function (plane, patch) {
    const before = A.objectOn(plane.name, state.object.id) || newPayload(state.object.tool, state.object.id);
    if (before) { keep(plane, Object.assign({}, before, patch)); }
  };

  A.setMichelState = function (plane, value) {
    if (state.object && state.object.tool === "michel") { A.changeObject(plane, { state: value }); }
  };

  A.setShower = function (plane, start, direction) {
    const before = A.objectOn(plane.name, state.object.id) || { object: state.object.id, pixels: "" };
    keep(plane, Object.assign({}, before, { start: start, direction: direction }));
  };

  A.removeObject = function () {
    const id = state.object && state.object.id;
    A.labelObjects().filter(function (one) { return one.id === id; }).forEach(function (one) {
      one.planes.forEach(function (name) { A.act(name, "remove", { object: id }); });
    });
    state.object = null;
    repaint();
  };

  /* Int8Array (N,): part of the object worked on that a pixel is in, -1 for none; null without an object. */
  A.partsOf = function (plane) {
    const payload = state.object && A.objectOn(plane.name, state.object.id);
    if (!state.object) { return null; }
    const parts = new Int8Array(plane.count).fill(-1);
    const put = function (text, part) { A.decodePixels(text).forEach(function (pixel) { parts[pixel] = part; }); };
    if (payload && state.object.tool === "michel") { put(payload.core, CORE); put(payload.photons, PHOTONS); }
    if (payload && state.object.tool === "shower") { put(payload.pixels, SHOWER); }
    return parts;
  };

  function setPart(plane, pixels, erase) {
    const object = state.object;
    if (object.part === "end" || object.part === "start") { return; }
    const parts = A.partsOf(plane);
    pixels.forEach(function (pixel) { parts[pixel] = erase ? -1 : A.LABEL_PARTS[object.part]; });
    const text = function (part) {
      const own = [];
      parts.forEach(function (value, pixel) { if (value === part) { own.push(pixel); } });
      return A.encodePixels(own);
    };
    if (object.tool === "michel") {
      A.changeObject(plane, { core: text(CORE), photons: text(PHOTONS) });
    } else if (A.objectOn(plane.name, object.id)) {
      A.changeObject(plane, { pixels: text(SHOWER) });
    } else {
      A.sayLabelling("Drag from the start of the shower along its direction first.");
    }
  }

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

  A.on("prediction", function (name) {
    Object.keys((A.event && A.event.planes) || {}).forEach(function (plane) {
      const said = A.event.planes[plane].whole;
      const job = A.jobs[plane];
      if (said && job && job.key) { seen[plane] = { key: job.key, weights: said.header.weights_hash }; }
    });
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
