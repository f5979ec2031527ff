"""Pages of the viewer, put on the Dash app by register."""

from __future__ import annotations

from dash import Dash

from viewer.pages import scan
from viewer.pages.index import index_string
from viewer.services import Services


def register(app: Dash, services: Services) -> None:
    """Put the scan page on an app. Its data come from the services' routes, asked for by the browser."""
    app.index_string = index_string()
    app.layout = scan.layout()
    scan.register(app)
