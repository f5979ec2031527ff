"""The section "Instances" of the panel: boxes, least score, views, and the list of this event."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from viewer import ids
from viewer.components.controls import aria, folding_section, labelled, slider_input
from viewer.defaults import INSTANCE_SCORE, INSTANCE_SCORE_OF_METRICS

INSTANCE_CONTROLS: dict[str, str] = {
    ids.BOXES: "checked",
    ids.TRUE_BOXES: "checked",
    ids.INSTANCE_SCORE: "value",
    ids.INSTANCE_VIEW: "value",
}
"""Control -> the property that the renderer follows."""


def instances_section() -> Component:
    """The section, closed at first; the browser fills in note and list."""
    switches = [
        dmc.Switch(id=ids.BOXES, label="boxes", size="xs", checked=False),
        dmc.Switch(id=ids.TRUE_BOXES, label="true boxes", size="xs", checked=False),
    ]
    least = slider_input(
        ids.INSTANCE_SCORE,
        "Least score of the instances shown",
        min=0,
        max=1,
        step=0.01,
        value=INSTANCE_SCORE,
        marks=[
            {"value": INSTANCE_SCORE_OF_METRICS, "label": f"{INSTANCE_SCORE_OF_METRICS} metrics"},
            {"value": INSTANCE_SCORE, "label": str(INSTANCE_SCORE)},
        ],
    )
    views = dmc.SegmentedControl(
        id=ids.INSTANCE_VIEW,
        data=[
            {"value": "all", "label": "all"},
            {"value": "no-cosmics", "label": "no cosmics"},
            {"value": "neutrino", "label": "neutrino only"},
        ],
        value="all",
        size="xs",
        fullWidth=True,
        className="instance-view",
    )
    about_views = "What a neutrino's mask holds stays in both; masks of the least score set above count."
    return folding_section(
        ids.INSTANCES,
        "Instances",
        [
            html.Div(switches, className="row switches"),
            html.Div(labelled("score ≥", least), className="instance-score"),
            html.Div(views, title=about_views),
            html.P("", id=ids.INSTANCES_NOTE, className="note instances-note", **aria(live="polite")),
            html.Div(id=ids.INSTANCE_LIST, className="instance-list"),
        ],
    )
