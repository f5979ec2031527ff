"""The page where people log in, whole in one answer, so that nothing else is served before."""

from __future__ import annotations

from flask import Flask, Response, abort

from viewer import palette
from viewer.access import LOGIN_PAGE, Access


def add_login_page(server: Flask, access: Access) -> None:
    """Serve the page, where people log in with a password."""

    @server.get(LOGIN_PAGE)
    def login_page() -> Response:
        if access.kind != "accounts":
            abort(404)
        response = Response(_page(), mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response


def _page() -> str:
    return _HTML.replace("@light@", palette.css_variables("light")).replace(
        "@dark@", palette.css_variables("dark")
    )


_HTML = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Log in · ArgonScope</title>
<link rel="icon" href="data:,">
<style>
:root { @light@ }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { @dark@ } }
:root[data-theme="dark"] { @dark@ }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--as-page);
  color: var(--as-ink); font: 14px/1.4 "Segoe UI", Roboto, Arial, "Liberation Sans", sans-serif; }
form { width: 300px; padding: 26px 28px; background: var(--as-panel); border: 1px solid var(--as-border);
  border-radius: 6px; }
h1 { margin: 0 0 16px; font-size: 18px; }
label { display: block; margin: 12px 0 4px; color: var(--as-dim); }
input { box-sizing: border-box; width: 100%; padding: 7px 9px; font: inherit; color: inherit;
  background: var(--as-page); border: 1px solid var(--as-line); border-radius: 4px; }
button { margin-top: 18px; width: 100%; padding: 8px; font: inherit; font-weight: 600; color: var(--as-panel);
  background: var(--as-accent); border: 0; border-radius: 4px; cursor: pointer; }
p { margin: 12px 0 0; min-height: 20px; color: var(--as-warn); }
</style>
</head>
<body>
<form id="login">
<h1>ArgonScope</h1>
<label for="name">Name</label>
<input id="name" autocomplete="username" required maxlength="80" autofocus>
<label for="password">Password</label>
<input id="password" type="password" autocomplete="current-password" required maxlength="200">
<button>Log in</button>
<p id="problem" role="alert"></p>
</form>
<script>
(function () {
  "use strict";
  try {
    document.documentElement.dataset.theme = window.localStorage.getItem("mantine-color-scheme-value") || "";
  } catch (error) { document.documentElement.dataset.theme = ""; }
  const field = function (id) { return document.getElementById(id); };
  field("login").addEventListener("submit", function (event) {
    event.preventDefault();
    fetch("/api/login", {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: field("name").value, password: field("password").value }),
    }).then(function (response) {
      if (response.ok) {
        /* Only a place of this site, so that no link can lead elsewhere through here. */
        const wanted = new URL(new URLSearchParams(location.search).get("next") || "/", location.origin);
        location.replace(wanted.origin === location.origin ? wanted.pathname + wanted.search : "/");
        return undefined;
      }
      return response.json().then(function (body) { field("problem").textContent = body.error; });
    }).catch(function () { field("problem").textContent = "The server does not answer."; });
  });
})();
</script>
</body>
</html>
"""
