"""The line at the top: which file and event, and the tools of the page."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from viewer import ids
from viewer.components.controls import aria, icon, icon_button, link_button


def header() -> Component:
    """The whole line; its words are filled in by the browser when an event opens."""
    return html.Header([brand(), _file(), _event(), _about(), _find(), _tools()], className="header")


def brand() -> Component:
    """The name of the app, a link to its first event."""
    return html.A([icon("brand"), "ArgonScope"], href="/", className="brand", title="First event")


def _file() -> Component:
    return dmc.Select(
        id=ids.FILE_SELECT,
        data=[],
        size="xs",
        allowDeselect=False,
        searchable=True,
        withCheckIcon=False,
        nothingFoundMessage="No such file",
        inputProps=aria(label="File"),
        comboboxProps={"width": 320, "position": "bottom-start"},
        className="file-select",
    )


def _event() -> Component:
    return html.Div(
        [
            icon_button(ids.PREVIOUS, "left", "Previous event (←)"),
            html.Div(
                [
                    html.Span("opening", id=ids.EVENT_ID, className="event-id"),
                    html.Span("", id=ids.EVENT_ENTRY, className="event-entry"),
                ],
                className="event-words",
            ),
            icon_button(ids.NEXT, "right", "Next event (→)"),
        ],
        className="event",
        role="group",
        **aria(label="Event"),
    )


def _about() -> Component:
    return html.Div(
        [
            html.Span("", id=ids.EVENT_SOURCE, className="badge", hidden=True),
            html.Span("", id=ids.EVENT_DETECTOR, className="detector"),
        ],
        className="about",
    )


def _find() -> Component:
    return html.Div(
        [
            dmc.TextInput(
                id=ids.FIND,
                placeholder="run/subrun/event or entry",
                size="xs",
                value="",
                autoComplete="off",
                leftSection=icon("find"),
                inputProps=aria(label="Find an event: run/subrun/event, or entry"),
            ),
            html.Div("", id=ids.FIND_PROBLEM, className="find-problem", role="alert", hidden=True),
        ],
        className="find",
    )


def _tools() -> Component:
    return html.Div(
        [
            icon_button(ids.TABLE_OPEN, "table", "Table of events (E)"),
            icon_button(ids.ZOOM_RESET, "whole", "Whole event (Z)"),
            icon_button(ids.BOX_TOOL, "box", "Draw a box to zoom to (W)"),
            dmc.Menu(
                [
                    dmc.MenuTarget(icon_button(ids.SAVE_MENU, "save", "Save the picture")),
                    dmc.MenuDropdown(
                        [
                            dmc.MenuItem("PNG picture", id=ids.SAVE_PNG, n_clicks=0),
                            dmc.MenuItem("SVG picture", id=ids.SAVE_SVG, n_clicks=0),
                        ]
                    ),
                ],
                position="bottom-end",
            ),
            html.Span(className="divider"),
            link_button("/models/", "models", "Models: how accurate the networks are"),
            link_button("/studies/", "studies", "Studies: physicists and networks compared"),
            icon_button(ids.HELP_OPEN, "help", "Keys and mouse (?)"),
            icon_button(ids.THEME_TOGGLE, "theme", "Light or dark (L)"),
            icon_button(ids.PRESENTATION_TOGGLE, "present", "Presentation (F)"),
            icon_button(ids.PANEL_TOGGLE, "panel", "Panel on or off (B)"),
        ],
        className="tools",
    )
