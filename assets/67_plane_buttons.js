/* Buttons over the plane names in the left margin: one plane fills the page, or all are back. */
(function (A) {
  "use strict";

  const buttons = {};

  A.mountPlaneButtons = function (stage) {
    A.PLANES.forEach(function (name, i) {
      const button = stage.appendChild(A.element("button", "plane-button"));
      button.type = "button";
      button.hidden = true;
      button.addEventListener("click", function () { A.toggleFocus(name); });
      button.dataset.key = String(i + 1);
      buttons[name] = button;
    });
  };

  A.toggleFocus = function (name) {
    if (name !== "all" && !(A.event && A.event.planes && A.event.planes[name])) { return; }
    A.setLook({ focus: A.look.focus === name ? "all" : name });
  };

  A.placePlaneButtons = function () {
    const style = A.style();
    A.PLANES.forEach(function (name) {
      const button = buttons[name];
      const pane = A.panes.find(function (one) { return one.plane === name; });
      button.hidden = !pane;
      if (!pane) { return; }
      const alone = A.look.focus === name;
      const words = alone ? "Show all planes (key 0)" : "Let plane " + name + " fill the page (key " + button.dataset.key + ")";
      button.setAttribute("aria-label", words);
      button.title = words;
      button.style.top = pane.y - 4 + "px";
      button.style.left = "1px";
      button.style.width = style.letter * 2.6 + 8 + "px";
      button.style.height = style.letter * 1.35 + 2 + "px";
    });
  };
})(window.argonscope);
