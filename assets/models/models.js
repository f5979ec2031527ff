/* The Models page in the browser: theme, the cell that was picked, the address. */
(function () {
  "use strict";

  const root = document.documentElement;

  function theme() { return root.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light"; }

  function setTheme(name) {
    root.setAttribute("data-mantine-color-scheme", name);
    root.setAttribute("data-ag-theme-mode", name);
    try {
      window.localStorage.setItem("mantine-color-scheme-value", name);
    } catch (error) {
      return;   /* a browser that refuses storage forgets the theme */
    }
  }

  function set(id, props) { window.dash_clientside.set_props(id, props); }

  /* Where the display was left, so that the way back leads to the same event and view. */
  function displayAddress() {
    const from = document.createElement("a");
    from.href = document.referrer;
    return from.host === window.location.host && /\/event\//.test(from.pathname) ? from.pathname + from.search : "/";
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.models = {
    theme: function (clicks) {
      if (clicks) { setTheme(theme() === "dark" ? "light" : "dark"); }
      return theme();
    },
    back: displayAddress,
    pick: function (click) {
      if (click) { set("models-cell", { data: click.points[0].customdata }); }
    },
    allEvents: function (clicks) {
      if (clicks) { set("models-cell", { data: null }); }
    },
    address: function (evaluation, shares, cell) {
      if (!evaluation) { return; }
      const query = new URLSearchParams({ evaluation: evaluation });
      if (shares !== "true") { query.set("shares", shares); }
      if (cell) { query.set("cell", cell); }
      window.history.replaceState(null, "", window.location.pathname + "?" + query);
    },
  };
})();
