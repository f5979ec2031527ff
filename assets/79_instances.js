/* Which instances are shown, pointed at and alone. One a plane can be alone: all other charge is grey, and
 * whatever overlay there is lies over that one. */
(function (A) {
  "use strict";

  const EDGE_PX = 4;

  let alone = {};                /* plane -> instance */
  A.pointedInstances = [];       /* under the mouse, in the picture or in the list; the best first */

  /* Whether anything of the detector's answer is drawn. */
  A.instancesShown = function () {
    return !A.settings.hidden && (A.look.boxes || A.look.overlay === "detections" || A.look.instanceView !== "all");
  };

  /* Instances of a plane with enough score, and those of them that the view leaves in the picture. */
  A.foundOf = function (plane) { return plane.detections ? plane.detections.from(A.look.instanceScore) : []; };
  A.seenOf = function (plane) { return A.foundOf(plane).filter(inView); };

  function inView(one) {
    const view = A.look.instanceView;
    return view === "all" || (view === "neutrino" ? one.kind === "neutrino" : one.kind !== "cosmic");
  }

  /* Instances of a plane that the mouse finds. */
  function within(plane) {
    const found = A.instancesShown() ? A.seenOf(plane) : [];
    const truth = A.look.trueBoxes && !A.settings.hidden ? A.trueInstances(plane) : null;
    const all = truth ? found.concat(truth.list) : found;
    const one = A.isolatedInstance(plane);
    return one && all.indexOf(one) < 0 ? [one].concat(all) : all;
  }

  /* The one whose tag is there, else all that hold the pixel, else the one with an edge there. */
  function under(hover) {
    const plane = hover && A.event.planes[hover.plane];
    const pane = plane && A.panes.find(function (one) { return one.plane === hover.plane; });
    if (!pane) { return []; }
    const all = within(plane);
    const frame = A.frameOf(pane, A.currentView(A.panes), 1);
    const x = frame.xOfWire(hover.wire);
    const y = frame.yOfTick(hover.tick);
    const tagged = A.instanceTagAt(hover.plane, x, y);
    if (tagged && all.indexOf(tagged) >= 0) { return [tagged]; }
    const holding = hover.pixel < 0 ? [] : all.filter(function (one) { return A.holdsPixel(one, hover.pixel); });
    return holding.length ? holding : atEdge(plane, frame, all, x, y);
  }

  function atEdge(plane, frame, all, x, y) {
    let best = null;
    let nearest = EDGE_PX;
    all.forEach(function (one) {
      if (!(one.truth === undefined ? A.look.boxes : A.look.trueBoxes)) { return; }
      const distance = distanceToEdge(A.boxOnPane(plane, frame, one), x, y);
      if (distance <= nearest) { best = one; nearest = distance; }
    });
    return best ? [best] : [];
  }

  function distanceToEdge(box, x, y) {
    const outside = Math.hypot(Math.max(box.x1 - x, 0, x - box.x2), Math.max(box.y1 - y, 0, y - box.y2));
    return outside || Math.min(x - box.x1, box.x2 - x, y - box.y1, box.y2 - y);
  }

  A.pointAtInstances = function (list) {
    const before = A.pointedInstances;
    if (before.length === list.length && list.every(function (one, i) { return before[i] === one; })) { return; }
    A.pointedInstances = list;
    A.emit("instances-pointed");
    A.redraw("above");
  };

  /* ---- one alone ------------------------------------------------------------------------------- */

  function setOf(plane, one) { return one.truth === undefined ? plane.detections : plane.trueInstances; }

  /* The instance of a plane that is alone, or null. */
  A.isolatedInstance = function (plane) {
    const one = alone[plane.name];
    const set = one && setOf(plane, one);
    return set && set.list[one.id] === one ? one : null;
  };

  /* Uint8Array: 1 for pixels that stay grey because another instance is alone; null where none is. */
  A.pixelsLeftGrey = function (plane) {
    const one = A.settings.hidden ? null : A.isolatedInstance(plane);
    return one ? setOf(plane, one).outside(one) : null;
  };

  /* Uint8Array: 1 for pixels that the view leaves out; null where it leaves out none. */
  A.pixelsRemoved = function (plane) {
    const view = A.settings.hidden ? "all" : A.look.instanceView;
    return view === "all" || !plane.detections ? null : plane.detections.removed(view, A.look.instanceScore);
  };

  /* Leave one instance alone on its plane, or give all back if it is. */
  A.isolate = function (one) {
    alone[one.plane] = alone[one.plane] === one ? null : one;
    told();
  };

  function told() {
    A.emit("instances");
    A.redraw("paint");
  }

  /* Give all back on all planes. Whether there was anything. */
  A.leaveIsolation = function () {
    if (!Object.values(alone).some(Boolean)) { return false; }
    alone = {};
    told();
    return true;
  };

  /* A click on the picture. Whether an instance was there. */
  A.clickInstance = function (hover) {
    const list = under(hover);
    if (!list.length) { return false; }
    const one = A.isolatedInstance(A.event.planes[hover.plane]);
    A.isolate(one && list.indexOf(one) >= 0 ? one : list[0]);
    return true;
  };

  /* ---- what changes it --------------------------------------------------------------------------- */

  A.on("hover", function (hover) { A.pointAtInstances(under(hover)); });
  A.on("event", function () {
    alone = {};
    A.pointAtInstances([]);
  });
  A.on("detections", function () {
    A.pointAtInstances([]);
    Object.keys(alone).forEach(function (name) {
      const plane = A.event.planes && A.event.planes[name];
      if (!plane || !A.isolatedInstance(plane)) { alone[name] = null; }
    });
    A.redraw(A.look.instanceView === "all" ? "paint" : "raster");
  });
  A.on("look", function (changed) {
    const of = function (key) { return changed.indexOf(key) >= 0; };
    if (of("instanceView") || of("instanceScore") && A.look.instanceView !== "all") { A.redraw("raster"); }
    if (of("instanceView") || of("instanceScore")) {
      Object.keys(alone).forEach(function (name) {
        const one = alone[name];
        if (one && one.score !== null && (one.score < A.look.instanceScore || !inView(one))) { alone[name] = null; }
      });
    }
  });
  A.on("option", function (name) {
    if (name === "hidden" && A.look.instanceView !== "all") { A.redraw("raster"); }
  });
})(window.argonscope);
