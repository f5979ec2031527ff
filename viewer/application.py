"""The Dash applications on one Flask server: routes, pages, and headers that keep it to itself."""

from __future__ import annotations

from pathlib import Path

from dash import Dash
from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

import viewer.pages
from viewer.access import Access
from viewer.login_page import add_login_page
from viewer.pages.studies.address import path_of
from viewer.routes import register_routes
from viewer.services import Services
from viewer.study_access import StudyAccess

ASSETS = Path(__file__).resolve().parent.parent / "assets"
MAX_BODY_BYTES = 1_000_000

_OF_THE_DISPLAY = r"^(\d\d_\w+\.js|(candidates|instances|labelling|masking)\.css)$"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    # Dash writes its own scripts into the page and plotly compiles functions; nothing comes from outside.
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
}


def create_app(services: Services) -> Dash:
    """The display over these services; its `.server`, with the other pages, is what a web server runs."""
    server = Flask(__name__, static_folder=None)
    server.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    access = Access(services.settings.authentication, services.database)
    if access.kind == "local":
        # A foreign name that points here (DNS rebinding) must not read events.
        server.config["TRUSTED_HOSTS"] = list(_LOOPBACK)
    services.cache.init_app(server)
    access.watch(server)
    register_routes(server, services, access)
    add_login_page(server, access)
    server.after_request(_with_headers)
    app = Dash(
        __name__,
        server=server,  # type: ignore[arg-type]  # a Flask app is what its documentation asks for
        title="ArgonScope",
        update_title="",
        assets_folder=str(ASSETS),
        assets_path_ignore=["^models$", "^studies$"],
        serve_locally=True,
    )
    viewer.pages.register(app, services)
    _add_models_page(server, services)
    _add_studies_page(server, services, access)
    return app


def _add_models_page(server: Flask, services: Services) -> None:
    """A Dash app of its own, so that the display loads neither plotly nor this page's layout."""
    app = Dash(
        __name__,
        server=server,  # type: ignore[arg-type]
        url_base_pathname="/models/",
        title="Models · ArgonScope",
        update_title="",
        assets_folder=str(ASSETS),
        assets_ignore=_OF_THE_DISPLAY,
        assets_path_ignore=["^studies$"],
        serve_locally=True,
    )
    viewer.pages.register_models(app, services)


def _add_studies_page(server: Flask, services: Services, access: Access) -> None:
    """Another one, in the style of the Models page. /turing/NAME is its short address for a talk."""
    app = Dash(
        __name__,
        server=server,  # type: ignore[arg-type]
        url_base_pathname="/studies/",
        title="Studies · ArgonScope",
        update_title="",
        assets_folder=str(ASSETS),
        assets_ignore=_OF_THE_DISPLAY,
        serve_locally=True,
    )
    viewer.pages.register_studies(app, services, StudyAccess(access))

    @server.get("/turing/<study>")
    def turing(study: str) -> BaseResponse:
        return redirect(path_of(study, "turing", **request.args.to_dict()))


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
