/* The Studies page in the browser: the judge's name, the number whose events are listed, keys, drawing. */
(function () {
  "use strict";

  const NAME = "argonscope.rater";   /* the display keeps the rater's name there, too */
  let known = null;

  function set(id, props) { window.dash_clientside.set_props(id, props); }

  function remembered() {
    try {
      const stored = JSON.parse(window.localStorage.getItem(NAME));
      return typeof stored === "string" ? stored : "";
    } catch (error) {
      return "";   /* a browser that refuses storage forgets the name */
    }
  }

  function remember(name) {
    try {
      window.localStorage.setItem(NAME, JSON.stringify(name || null));
    } catch (error) {
      return;
    }
  }

  /* A number is a link, so that it can be opened elsewhere; a plain click lists its events here. */
  document.addEventListener("click", function (event) {
    const link = event.target.closest ? event.target.closest("a.number") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) { return; }
    event.preventDefault();
    set("studies-number", { data: link.dataset.number });
  });

  document.addEventListener("keydown", function (event) {
    const choices = document.getElementById("studies-choices");
    const id = { ArrowLeft: "studies-choose-left", ArrowRight: "studies-choose-right" }[event.key];
    const typing = /^(INPUT|TEXTAREA)$/.test(event.target.tagName || "");
    if (!id || typing || event.repeat || !choices || choices.offsetParent === null) { return; }
    event.preventDefault();
    document.getElementById(id).click();
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.studies = {
    who: function (value) {
      const first = known === null;
      const name = (first ? value || remembered() : value || "").trim();
      if (name === known) { return window.dash_clientside.no_update; }
      known = name;
      if (first && name !== value) { set("studies-name", { value: name }); }
      if (!first) { remember(name); }
      return name;
    },
    audience: function (search) {
      return new URLSearchParams(search || "").has("audience") ? "audience" : window.dash_clientside.no_update;
    },
    number: function (key) {
      if (!key) { return; }
      window.history.replaceState(null, "", window.location.pathname + "?of=" + encodeURIComponent(key));
      document.querySelectorAll("a.number").forEach(function (link) {
        link.classList.toggle("picked", link.dataset.number === key);
      });
      const detail = document.getElementById("studies-detail");
      if (detail) { detail.scrollTop = 0; }
    },
    drawPair: function (picture, theme, onlyDifferent) {
      if (theme) { window.argonscopePictures.show("studies-pictures", picture, theme, onlyDifferent); }
    },
    drawTurn: function (picture, theme) {
      if (theme) { window.argonscopePictures.show("studies-turn-pictures", picture, theme, false); }
    },
  };
})();
