"""Pages of the viewer, put on the Dash app by register."""

from __future__ import annotations

import dash
from dash import Dash, html

from viewer.services import Services


def register(app: Dash, services: Services) -> None:
    """Register every page and the layout around them."""
    files = services.library.names
    dash.register_page("home", path="/", layout=html.Ul([html.Li(name) for name in files]))
    app.layout = html.Div([html.H1("ArgonScope"), dash.page_container])
