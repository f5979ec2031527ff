/* The keyboard. One table says what each key does; the list that "?" opens is made from it. */
(function (A) {
  "use strict";

  function overlay(name) { return function () { A.setLook({ overlay: name }); }; }
  function plane(name) { return function () { A.toggleFocus(name); }; }

  function cycle(list, now, by) {
    return list[(list.indexOf(now) + by + list.length) % list.length];
  }

  function zoomMiddle(factor) {
    return function () {
      if (!A.panes.length) { return; }
      const view = A.currentView(A.panes);
      const at = A.hover || { plane: A.panes[0].plane, wire: view.wires[A.panes[0].plane], tick: view.tick };
      A.zoomAt(A.panes, at.plane, at.wire, at.tick, factor);
    };
  }

  A.KEYS = [
    ["Events", [
      [["ArrowRight", "n"], "next event", function () { A.step(1); }],
      [["ArrowLeft", "p"], "previous event", function () { A.step(-1); }],
      [["e"], "table of events", function () { A.toggleTable(); }],
      [["/"], "find an event", function () { A.focusFind(); }],
    ]],
    ["Network", [
      [["r"], "run on all planes", function () { A.runChosen(A.PLANES); }],
      [["a"], "run automatically, on or off", function () { A.setOption("auto", !A.settings.auto, true); }],
      [["Escape"], "all instances back; cancel the run; let go of the pinned wire", function () { A.escape(); }],
    ]],
    ["Overlay", [
      [["x"], "charge alone", overlay("none")],
      [["t"], "truth class", overlay("truth")],
      [["c"], "predicted class", overlay("class")],
      [["s"], "score of one class", overlay("score")],
      [["u"], "uncertainty", overlay("uncertainty")],
      [["d"], "disagreement of truth and prediction", overlay("disagreement")],
      [["i"], "true interactions", overlay("instances")],
      [["o"], "next overlay", function () { A.setLook({ overlay: cycle(A.OVERLAYS, A.look.overlay, 1) }); }],
      [["q"], "outlines of Michel candidates, on or off", function () { A.setLook({ michels: !A.look.michels }); }],
      [["j"], "table of the candidates of this file", function () { A.toggleCandidateTable(); }],
      [["h", " "], "hide overlays while held", null],
    ]],
    A.INSTANCE_KEYS,
    ["View", [
      [["1"], "plane U fills the page", plane("U")],
      [["2"], "plane V fills the page", plane("V")],
      [["3"], "plane Y fills the page", plane("Y")],
      [["0"], "all planes", plane("all")],
      [["+", "="], "zoom in at the mouse", zoomMiddle(1.5)],
      [["-"], "zoom out", zoomMiddle(1 / 1.5)],
      [["z"], "whole event", function () { A.resetZoom(); }],
      [["g"], "keep the zoom at the next event, on or off", function () { A.setOption("keepZoom", !A.settings.keepZoom, true); }],
      [["w"], "draw a box to zoom to", function () { A.setOption("boxTool", !A.settings.boxTool); }],
      [["k"], "wires and ticks, or cm", function () { A.setLook({ units: A.look.units === "cm" ? "wire" : "cm" }); }],
      [["m"], "next colour map", function () { A.setLook({ map: cycle(A.setup.maps, A.look.map, 1) }); }],
      [["v"], "true vertex and neutrino, on or off", function () { A.setLook({ vertex: !A.look.vertex }); }],
    ]],
    A.MASKING_KEYS,
    ...A.LABEL_KEYS,
    ["Page", [
      [["b"], "panel, on or off", function () { A.setOption("panel", !A.settings.panel, true); }],
      [["l"], "light or dark", function () { A.toggleTheme(); }],
      [["f"], "presentation, on or off", function () { A.togglePresentation(); }],
      [["?"], "this list", function () { A.toggleHelp(); }],
    ]],
  ];

  const actions = {};
  A.KEYS.forEach(function (group) {
    group[1].forEach(function (entry) {
      entry[0].forEach(function (key) { if (entry[2]) { actions[key] = entry[2]; } });
    });
  });

  const HIDING = { h: true, " ": true };
  /* Where a widget has its own use for arrows, space and Escape. */
  const WIDGETS = '[role="slider"],[role="radio"],[role="switch"],[role="listbox"],[role="option"],[role="menu"],' +
    '[role="menuitem"],[role="combobox"],input[type="radio"],input[type="checkbox"]';

  function ownUse(event) {
    if (A.isTyping(event.target)) { return true; }
    const target = event.target.closest ? event.target : document.body;
    if (target.closest('[role="dialog"]')) { return true; }
    if (event.key === " " && target.closest("button,a,summary," + WIDGETS)) { return true; }
    return event.key.indexOf("Arrow") === 0 && Boolean(target.closest(WIDGETS));
  }

  function onKeyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || ownUse(event)) { return; }
    if (HIDING[event.key] || HIDING[event.key.toLowerCase()]) {
      event.preventDefault();
      A.setOption("hidden", true);
      return;
    }
    const lower = event.key.toLowerCase();
    const action = event.shiftKey && actions["shift+" + lower] || actions[event.key] || actions[lower];
    if (!action || event.repeat && event.key.indexOf("Arrow") !== 0 && "+-=".indexOf(event.key) < 0) { return; }
    event.preventDefault();
    action();
  }

  window.addEventListener("keydown", onKeyDown);
  window.addEventListener("keyup", function (event) {
    if (HIDING[event.key] || HIDING[event.key.toLowerCase()]) { A.setOption("hidden", false); }
  });
  window.addEventListener("blur", function () { A.setOption("hidden", false); });

  A.escape = function () {
    if (A.leaveMasking()) { return; }
    if (A.settings.boxTool) { A.setOption("boxTool", false); return; }
    if (A.leaveIsolation()) { return; }
    if (A.settings.presentation) { A.togglePresentation(); return; }
    if (A.busy()) { A.cancel(); return; }
    A.setLook({ pin: null });
  };

  const NAMES = { ArrowRight: "→", ArrowLeft: "←", " ": "space", Escape: "Esc", "-": "−" };

  A.mountKeyList = function (node) {
    if (!node || node.childNodes.length) { return; }
    A.KEYS.forEach(function (group) {
      const section = node.appendChild(A.element("section"));
      section.appendChild(A.element("h3", "", group[0]));
      group[1].forEach(function (entry) {
        const row = section.appendChild(A.element("div", "key-row"));
        const keys = row.appendChild(A.element("span", "keys"));
        entry[0].forEach(function (key) { keys.appendChild(A.element("kbd", "", NAMES[key] || key.replace("shift+", "shift-"))); });
        row.appendChild(A.element("span", "", entry[1]));
      });
    });
    const mouse = node.appendChild(A.element("section"));
    mouse.appendChild(A.element("h3", "", "Mouse"));
    [["drag", "move; time moves in all planes"], ["wheel", "zoom, with the same scale in all planes"],
      ["shift-drag", "zoom to a box"], ["double click", "whole event"],
      ["click", "pin a wire: its waveform, and with a wire of another plane the crossing"],
      ["click an instance", "it alone, all others grey; again: all are back"]].forEach(function (row) {
      const line = mouse.appendChild(A.element("div", "key-row"));
      line.appendChild(A.element("span", "keys")).appendChild(A.element("kbd", "", row[0]));
      line.appendChild(A.element("span", "", row[1]));
    });
  };
})(window.argonscope);
