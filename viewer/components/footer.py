"""The line under the picture, and the list of keys."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from viewer import ids
from viewer.components.controls import aria


def status_line() -> Component:
    """Where the mouse is, and what the reader noted of the file."""
    return html.Footer(
        [
            html.Span("", id=ids.LINE_PLACE, className="line-place"),
            html.Span("", id=ids.LINE_TIME, className="line-time"),
            html.Span("", id=ids.LINE_CHARGE, className="line-charge"),
            html.Span("", id=ids.LINE_CROSSING, className="line-crossing"),
            html.Span("", id=ids.EVENT_NOTES, className="line-notes"),
        ],
        className="status-line",
    )


def key_list() -> Component:
    """What every key does; the renderer fills it from its own table of keys."""
    return dmc.Modal(
        html.Div(id=ids.KEY_LIST, className="key-list"),
        id=ids.HELP,
        title="Keys and mouse",
        size=1060,
        centered=True,
        transitionProps={"duration": 120},
        closeButtonProps=aria(label="Close the list"),
    )
