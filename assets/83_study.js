/* A study: the rater's next image, blind until it is handed in. The image comes through its task alone, and
 * while it is open the page asks the server for nothing else; what could show more is not on the page. */
(function (A) {
  "use strict";

  const state = A.labelling;
  A.study = null;            /* {name, progress, number, answer} of the study that is open */
  let busy = false;
  let began = 0;             /* when the image was shown, for the seconds spent */

  function blind(on) {
    document.documentElement.classList.toggle("blind", on);
    document.documentElement.classList.remove("answered");
    A.blind = on;
  }

  /* Only what belongs to a task, and names, may be asked while it is open. */
  const loadWeights = A.loadWeights;
  A.loadWeights = function () { return A.readAddress().page === "study" ? Promise.resolve() : loadWeights(); };

  A.startStudy = function (name) {
    blind(true);
    A.readQuery();
    return A.knowRater().then(function (named) {
      A.study = { name: name, progress: null };
      A.setText("event-id", "study");
      if (named) { return next(); }
      A.showMessage("Choose a name in the panel, and the study begins.");
      A.openLabelling();
      A.emit("study");
      return undefined;
    }).catch(say);
  };

  function say(error) {
    A.sayLabelling(error.message);
    if (!A.event) { A.showMessage(error.message); }
  }

  function studyPath(what) { return "api/studies/" + encodeURIComponent(A.study.name) + "/" + what; }

  function next() {
    A.sayLabelling("");
    return A.post(studyPath("next"), {}).then(function (answer) {
      A.study = { name: A.study.name, progress: answer.progress, number: answer.number, mayLeave: answer.may_leave };
      A.study.title = answer.task ? answer.task.study : "";
      if (!answer.task) { return finished(); }
      return A.requestArrays("api/tasks/" + answer.task.task + "/planes").then(function (body) {
        return show(answer.task, body);
      });
    });
  }

  function finished() {
    if (state.on) { A.leaveLabelling(); }
    A.event = null;
    A.redraw("raster");
    A.showMessage("All images of this study are handed in. Thank you.");
    A.emit("study");
  }

  function show(task, body) {
    const name = task.plane;
    const own = {};
    Object.keys(body.arrays).forEach(function (key) { own[key.slice(name.length + 1)] = body.arrays[key]; });
    const planes = {};
    planes[name] = new A.Plane(name, body.header.planes[name], own, body.header.detector);
    const numbers = task.event || {};
    const header = Object.assign({ source: "unknown", notes: [], entries: 0, truth: null, answers: {}, planes: body.header.planes },
      { detector: body.header.detector, run: numbers.run, subrun: numbers.subrun, event: numbers.event });
    blind(true);
    if (task.window) { planes[name].outside = outside(planes[name], task.window); }
    A.zoom = null;
    A.look.focus = "all";
    A.event = { file: null, entry: null, header: header, planes: planes, task: task.task, window: task.window };
    A.redrawNow();
    if (task.window) { zoomTo(planes[name], task.window); }
    A.emit("event", A.event);
    began = performance.now();
    const images = {};
    images[name] = { image_hash: task.image_hash, pixels: task.pixels };
    return A.openTask(Object.assign({}, task, { planes: images })).then(function () {
      if (!task.choices.length) { A.setLabelTool("hand"); }
      A.openLabelling();
      A.emit("study");
    });
  }

  /* 1 for pixels that are not asked; they are dimmed, too. */
  function outside(plane, w) {
    const mask = new Uint8Array(plane.count);
    for (let i = 0; i < plane.count; i++) {
      const inside = plane.rows[i] >= w[0] && plane.rows[i] <= w[2] && plane.wires[i] >= w[1] && plane.wires[i] <= w[3];
      mask[i] = inside ? 0 : 1;
    }
    return mask;
  }

  function zoomTo(plane, w) {
    const pane = A.panes.find(function (one) { return one.plane === plane.name; });
    const ends = [A.cmOfPlace(plane, [w[0], w[1]]), A.cmOfPlace(plane, [w[2], w[3]])];
    const margin = 4;
    const range = function (i, unit) {
      const low = Math.min(ends[0][i], ends[1][i]) - margin;
      return [low / unit, (Math.max(ends[0][i], ends[1][i]) + margin) / unit];
    };
    if (pane) { A.zoomToBox(A.panes, pane, range(0, plane.pitch), range(1, plane.cmPerTick)); }
  }

  /* ---- words around the picture --------------------------------------------------------------------------- */

  A.on("event", function (event) {
    if (!event.task) { return; }
    const shown = event.planes[Object.keys(event.planes)[0]];
    if (shown.outside) { shown.masked = { prediction: null, dark: shown.outside, depth: 0.6 }; }
    const progress = A.study.progress;
    if (event.header.run === undefined) { A.setText("event-id", A.study.title); }
    A.setText("event-entry", "image " + A.study.number + " of " + progress.total);
    A.byId("event-source").hidden = true;
    document.title = "Study " + A.study.name + " · ArgonScope";
    A.redraw("paint");
  });

  /* ---- studies to choose from, in the ordinary display ------------------------------------------------------ */

  let offered = [];

  A.loadStudies = function () {
    if (A.study || !state.rater.name || !A.byId("labelling").open) { return; }
    A.requestJson("api/studies").then(function (list) {
      offered = list.filter(function (one) { return one.state === "started" && one.total > one.submitted; });
      A.emit("study");
    }, function (error) { A.sayLabelling(error.message); });
  };

  function renderOffers(node) {
    node.hidden = !offered.length || state.on;
    node.replaceChildren.apply(node, offered.map(function (one) {
      const link = A.element("a", "label-offer", "Study: " + one.title + " · " + one.submitted + " of " + one.total);
      link.href = A.base + "study/" + encodeURIComponent(one.name);
      return link;
    }));
  }

  A.renderStudy = function (node) {
    const task = state.task;
    const study = A.study;
    if (!study) { renderOffers(node); return; }
    node.hidden = !study.progress;
    if (node.hidden) { node.replaceChildren(); return; }
    const add = function (parent, tag, className, text) { return parent.appendChild(A.element(tag, className, text)); };
    node.replaceChildren();
    if (task && task.study) {
      add(node, "p", "label-question", task.question_text);
      if (task.instructions) { add(node, "p", "note", task.instructions); }
    }
    const p = study.progress;
    add(node, "p", "note label-progress", p.submitted + " of " + p.total + " handed in" + (p.skipped ? ", " + p.skipped + " put off" : ""));
    const track = add(add(node, "div", "label-track"), "span");
    track.style.width = (p.total ? (100 * p.submitted) / p.total : 0) + "%";
    if (!task || !task.study) { return; }
    const row = add(node, "div", "label-row");
    const button = function (words, says, action, className) {
      const made = add(row, "button", "label-button " + (className || ""), words);
      made.type = "button";
      made.title = says;
      made.disabled = busy;
      made.addEventListener("click", action);
    };
    if (task.submitted) {
      button("Next", "Next image (Enter)", A.handIn, "label-main");
      return;
    }
    button("Hand in", "Hand in this image and open the next (Enter)", A.handIn, "label-main");
    button("Skip", "Put this image behind the others; its labels stay (N)", A.skipTask);
    if (study.mayLeave) { button("Leave", LEAVE, leaveStudy); }
  };

  const LEAVE = "Leave this study for good: what you handed in counts, the rest can no longer be handed in, and its " +
    "events are open to you again";

  function leaveStudy() {
    if (!window.confirm(LEAVE + ".\n\nLeave it?")) { return Promise.resolve(); }
    return once(function () {
      return A.labelQueue.settled(state.task.task).then(function () {
        return A.post(studyPath("leave"), {});
      }).then(function () { window.location.assign(A.base); });
    });
  }

  /* ---- handing in --------------------------------------------------------------------------------------------- */

  function once(work) {
    if (busy || !A.study || !state.task || !state.task.study) { return Promise.resolve(); }
    busy = true;
    A.emit("study");
    return work().catch(say).then(function () {
      busy = false;
      A.emit("study");
    });
  }

  /* All labels are on the server before the task is handed in. */
  A.handIn = function () {
    return once(function () {
      const task = state.task;
      if (task.submitted) { return next(); }
      if (document.activeElement && document.activeElement.tagName === "TEXTAREA") { document.activeElement.blur(); }
      return A.labelQueue.settled(task.task).then(function () {
        return A.post("api/tasks/" + task.task + "/submit", {
          id: A.uuid(), time: Date.now() / 1000, app_version: A.setup.version,
          seconds: Math.round((performance.now() - began) / 100) / 10,
        });
      }).then(function (answer) {
        task.submitted = true;
        A.study.progress = answer.progress;
        A.markLabelling();
        return answer.answer ? showAnswer(task) : next();
      });
    });
  };

  A.skipTask = function () {
    return once(function () {
      const task = state.task;
      if (task.submitted) { return Promise.resolve(); }
      return A.labelQueue.settled(task.task).then(function () {
        return A.post("api/tasks/" + task.task + "/skip", {});
      }).then(next);
    });
  };

  /* Truth and prediction, once they cannot influence the labels any more. */
  function showAnswer(task) {
    return A.requestArrays("api/tasks/" + task.task + "/answer").then(function (body) {
      if (!A.event || A.event.task !== task.task) { return; }
      const plane = A.event.planes[task.plane];
      plane.truth = body.arrays.truth || null;
      const weights = Object.keys(body.arrays).find(function (key) { return key !== "truth"; });
      if (weights) {
        plane.setPrediction({ weights_hash: weights, device: "", seconds: null }, body.arrays[weights]);
      }
      blind(false);
      document.documentElement.classList.add("answered");
      A.emit("prediction", plane.name);
      A.emit("study");
    });
  }

  /* ---- keys: what may be pressed in a study, and once the answer is shown --------------------------------------------------------------------- */

  const FREE = ["+", "=", "-", "z", "m", "k", "l", "b", "f", "h", " ", "?", "Escape", "Tab", "Shift"];
  const ANSWERED = ["x", "t", "c", "s", "u", "d", "o"];

  window.addEventListener("keydown", function (event) {
    if (!A.study || A.isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) { return; }
    const target = event.target.closest ? event.target : document.body;
    if (target.closest('[role="dialog"]')) { return; }
    const key = event.key;
    const pressing = key === "Enter" && target.closest("button,a,summary");
    if (key === "Enter" && !pressing && !event.repeat) { event.preventDefault(); A.handIn(); }
    if (key.toLowerCase() === "n" && !event.repeat) { A.skipTask(); }
    const free = A.blind ? FREE : FREE.concat(ANSWERED);
    if (free.indexOf(key) < 0 && free.indexOf(key.toLowerCase()) < 0 && !pressing) { event.stopPropagation(); }
  }, true);
})(window.argonscope);
