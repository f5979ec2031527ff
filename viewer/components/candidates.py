"""Michel and shower candidates: the part of the panel, and the drawer with those of a whole file."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from viewer import ids
from viewer.components.controls import aria, folding_section
from viewer.components.tables import grid, table_drawer


def candidates_section() -> Component:
    """Switches for the marks, and the list of this event's candidates, which the browser fills."""
    switches = [
        dmc.Switch(id=ids.MICHELS, label="Michels", size="xs", checked=False),
        dmc.Switch(id=ids.SHOWERS, label="showers", size="xs", checked=False),
    ]
    cut = dmc.Switch(id=ids.MANY_PIXELS, label="Michels ≥ 10 pixels only", size="xs", checked=False)
    hip = dmc.Switch(id=ids.HIP_TRACKS, label="HIP counts as track", size="xs", checked=False)
    about_hip = "Published: a Michel hangs on MIP pixels. A Bragg peak that is taken for HIP parts the two."
    buttons = [
        dmc.Button("Run", id=ids.CANDIDATES_RUN, size="compact-xs", n_clicks=0, className="run"),
        dmc.Button(
            "Table of this file",
            id=ids.CANDIDATE_TABLE_OPEN,
            size="compact-xs",
            n_clicks=0,
            variant="default",
        ),
    ]
    return folding_section(
        ids.CANDIDATES,
        "Candidates",
        [
            html.Div(switches, className="row switches"),
            html.Div(cut, className="row switches"),
            html.Div(hip, className="row switches", title=about_hip),
            html.P("", id=ids.CANDIDATES_NOTE, className="note candidates-note", **aria(live="polite")),
            html.Div(id=ids.CANDIDATE_LIST, className="candidate-list"),
            html.Div(buttons, className="row"),
        ],
    )


def candidate_table() -> Component:
    """A closed drawer; the browser fills its table entry by entry."""
    buttons = [
        dmc.Button("Run", id=ids.CANDIDATE_TABLE_RUN, size="compact-sm", n_clicks=0, disabled=True),
        dmc.Button(
            "Stop",
            id=ids.CANDIDATE_TABLE_STOP,
            size="compact-sm",
            n_clicks=0,
            disabled=True,
            variant="default",
        ),
        html.Span("", id=ids.CANDIDATE_TABLE_STATE, **aria(live="polite")),
        html.Span(className="grow"),
        dmc.Button(
            "Save as CSV",
            id=ids.CANDIDATE_TABLE_SAVE,
            size="compact-sm",
            n_clicks=0,
            disabled=True,
            variant="default",
        ),
    ]
    return table_drawer(
        ids.CANDIDATE_DRAWER,
        "Candidates of this file",
        960,
        [
            html.Div(buttons, className="row candidate-tools"),
            html.P("", id=ids.CANDIDATE_TABLE_PROBLEM, className="problem", role="alert"),
            html.P("", id=ids.CANDIDATE_TABLE_SUMMARY, className="note candidate-summary"),
            html.Div(grid(ids.CANDIDATE_TABLE, _columns(), row_height=28), className="event-table-box"),
            html.Div(id=ids.CANDIDATE_SPECTRUM, className="candidate-spectrum"),
        ],
    )


def _columns() -> list[dict[str, Any]]:
    number = {"filter": "agNumberColumnFilter", "type": "rightAligned"}
    one_digit = {
        **number,
        "valueFormatter": {"function": "params.value == null ? '' : d3.format('.1f')(params.value)"},
    }
    return [
        {"field": "entry", "headerName": "entry", "minWidth": 66, **number},
        {"field": "event", "headerName": "run / subrun / event", "minWidth": 148},
        {"field": "plane", "headerName": "plane", "minWidth": 62},
        {"field": "kind", "headerName": "kind", "minWidth": 76},
        {"field": "wire", "headerName": "wire", "minWidth": 66, **number},
        {"field": "tick", "headerName": "tick", "minWidth": 66, **number},
        {"field": "pixels", "headerName": "pixels", "minWidth": 66, **number},
        {"field": "adc", "headerName": "ADC", "minWidth": 74, **number},
        {"field": "mev", "headerName": "MeV", "minWidth": 66, **one_digit},
        {"field": "matched", "headerName": "true Michel", "minWidth": 92},
        {"field": "true_mev", "headerName": "true MeV", "minWidth": 82, **one_digit},
    ]
