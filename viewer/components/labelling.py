"""The section "Labelling" of the panel, which the browser fills: its tools work there alone."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from viewer import ids
from viewer.components.controls import folding_section

LABEL_OVERLAY = dmc.Radio(label="labels", value="labels", size="xs", className="label-overlay")
"""Among the overlays while an event is being labelled."""


def labelling_section() -> Component:
    """The section, closed at first; assets/74_label_panel.js puts tools, palette and objects into it."""
    return folding_section(ids.LABELLING, "Labelling", [html.Div(id=ids.LABELLING_BODY)])
