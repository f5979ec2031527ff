/* ArgonScope in the browser: one global, window.argonscope (here A), to which each file adds a part.
 * Dash loads the files in alphabetical order, before the page is mounted. Nothing here needs a build. */
(function () {
  "use strict";

  const A = (window.argonscope = {});

  A.PLANES = ["U", "V", "Y"];

  /* What the server decided once for Python and browser alike: classes, colours, defaults. */
  A.setup = JSON.parse(document.getElementById("argonscope-setup").textContent);

  /* Path the app is served under, with a slash at both ends. */
  A.base = (function () {
    const config = document.getElementById("_dash-config");
    const prefix = config ? JSON.parse(config.textContent).requests_pathname_prefix : "/";
    return prefix || "/";
  })();

  /* A small event bus: parts tell each other what changed and stay ignorant of who listens. Until the
   * page is mounted there is nothing to show, and nobody is told. */
  A.mounted = false;
  const listeners = {};
  A.on = function (topic, listener) {
    (listeners[topic] = listeners[topic] || []).push(listener);
  };
  A.emit = function (topic, detail) {
    if (!A.mounted) { return; }
    (listeners[topic] || []).forEach(function (listener) { listener(detail); });
  };

  A.clamp = function (value, low, high) {
    return Math.min(Math.max(value, low), high);
  };

  /* Numbers for people: a true minus sign, and thin spaces between thousands from 10 000 on. */
  A.number = function (value, digits) {
    if (value === null || value === undefined || !isFinite(value)) { return "–"; }
    let text = Math.abs(value).toFixed(digits || 0);
    if (Math.abs(value) >= 10000) { text = text.replace(/\B(?=(\d{3})+(?!\d)(?=\.|$))/g, "\u2009"); }
    return (value < 0 && Number(Math.abs(value).toFixed(digits || 0)) !== 0 ? "−" : "") + text;
  };

  A.element = function (tag, className, text) {
    const node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined) { node.textContent = text; }
    return node;
  };

  A.byId = function (id) { return document.getElementById(id); };

  A.setText = function (id, text) {
    const node = A.byId(id);
    if (node && node.textContent !== text) { node.textContent = text; }
  };

  A.isTyping = function (target) {
    if (!target || !target.tagName) { return false; }
    const kind = target.tagName;
    if (kind === "TEXTAREA" || kind === "SELECT" || target.isContentEditable) { return true; }
    if (kind !== "INPUT") { return false; }
    return ["checkbox", "radio", "button", "range"].indexOf(target.type) < 0;
  };
})();
