/* Labelled objects: Michel electrons (muon end, core, detached photons) and showers (start, direction,
 * pixels). Each change of one is an action with all of it; the same id on another plane is the same object. */
(function (A) {
  "use strict";

  const state = A.labelling;
  const CORE = 0;
  const PHOTONS = 1;
  const SHOWER = 2;
  A.LABEL_PARTS = { core: CORE, photons: PHOTONS, shower: SHOWER };

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
    state.tool = "brush";
    state.erase = false;
    afterObject();
  };

  A.chooseObject = function (one, part) {
    state.object = one && { id: one.id, tool: one.tool, part: part || (one.tool === "michel" ? "core" : "shower") };
    afterObject();
  };

  function afterObject() {
    if (state.tool === "hand" || state.tool === "fill") { state.tool = "brush"; }
    state.problem = "";
    A.markLabelling();
    A.repaintLabels();
  }

  A.setPartOfObject = function (part) {
    if (!state.object) { return; }
    state.object.part = part;
    A.repaintLabels();
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
    A.repaintLabels();
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

  A.setObjectPixels = function (plane, pixels, erase) {
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
  };
})(window.argonscope);
