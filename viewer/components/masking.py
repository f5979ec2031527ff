"""The section "Masking study" of the panel: tools, the two runs, the growing region and its plot."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from viewer import ids
from viewer.components.controls import aria, folding_section, icon_button, labelled, slider_input

MASKING_CONTROLS: dict[str, str] = {
    ids.MASK_RADIUS: "value",
    ids.MASK_STEP: "value",
    ids.MASK_SHOW: "value",
}
"""Control -> the property that the renderer follows."""

MASKING_BUTTONS: tuple[str, ...] = (
    ids.MASK_BOX,
    ids.MASK_LASSO,
    ids.MASK_BRUSH,
    ids.MASK_CLEAR,
    ids.MASK_ONLY,
    ids.MASK_REST,
    ids.MASK_SWAP,
    ids.MASK_PLAY,
    ids.MASK_LARGE,
    ids.MASK_SVG,
    ids.MASK_PNG,
    ids.MASK_CSV,
)

_BRUSH_CM = {"min": 0.3, "max": 8, "step": 0.1, "value": 1.2}
"""Radius of the brush; assets/78_masking.js knows the same numbers."""


def masking_section() -> Component:
    """The section, closed at first; the browser fills in its words, table and plot."""
    return folding_section(
        ids.MASKING,
        "Masking study",
        [
            _tools(),
            _runs(),
            html.P("", id=ids.MASK_WORDS, className="masking-words"),
            _shown(),
            html.Div(id=ids.MASK_TABLE),
            _growth(),
            html.Div(id=ids.MASK_PLOT, className="masking-plot"),
            html.P("", id=ids.MASK_STATUS, className="masking-status", role="status"),
        ],
    )


def _tools() -> Component:
    radius = slider_input(ids.MASK_RADIUS, "Radius of the brush in cm", **_BRUSH_CM)
    return html.Div(
        [
            icon_button(ids.MASK_BOX, "region", "Box around a region; shift adds, alt takes away (4)"),
            icon_button(ids.MASK_LASSO, "lasso", "Lasso around a region; shift adds, alt takes away (5)"),
            icon_button(ids.MASK_BRUSH, "brush", "Brush along a track; shift adds, alt takes away (6)"),
            html.Div(radius, className="masking-radius", title="Radius of the brush in cm (, and .)"),
            icon_button(ids.MASK_CLEAR, "bin", "Forget the region", disabled=True),
        ],
        className="row masking-tools",
    )


def _runs() -> Component:
    return html.Div(
        [
            _button(ids.MASK_ONLY, "Only this", "Run the network on the region alone"),
            _button(ids.MASK_REST, "All but this", "Run the network on everything but the region"),
        ],
        className="row",
    )


def _shown() -> Component:
    switch = dmc.SegmentedControl(
        id=ids.MASK_SHOW,
        data=["before", "after"],
        value="after",
        size="xs",
        fullWidth=True,
        disabled=True,
        style={"flex": 1},
        attributes={"root": {"title": "Show the plane before or after the masking (7)"}},
    )
    return labelled("show", switch)


def _growth() -> Component:
    step = slider_input(
        ids.MASK_STEP, "Part of the region that is run alone", min=1, max=20, step=1, value=20, disabled=True
    )
    save = dmc.Menu(
        [
            dmc.MenuTarget(icon_button(ids.MASK_SAVE, "save", "Save plot or numbers")),
            dmc.MenuDropdown(
                [
                    dmc.MenuItem("Plot as PNG", id=ids.MASK_PNG, n_clicks=0),
                    dmc.MenuItem("Plot as SVG", id=ids.MASK_SVG, n_clicks=0),
                    dmc.MenuItem("Numbers as CSV", id=ids.MASK_CSV, n_clicks=0),
                ]
            ),
        ],
        position="bottom-end",
    )
    buttons = html.Div(
        [
            _button(ids.MASK_PLAY, "Play", "Let the region grow from its start, one run a step"),
            icon_button(ids.MASK_SWAP, "swap", "Begin at the other end", disabled=True),
            html.Span(className="grow"),
            icon_button(ids.MASK_LARGE, "large", "Large plot over the planes"),
            save,
        ],
        className="row",
    )
    return html.Div([labelled("length", step), buttons], className="masking-growth")


def _button(id: str, words: str, says: str) -> Component:
    return dmc.Button(
        words,
        id=id,
        size="compact-xs",
        n_clicks=0,
        disabled=True,
        variant="default",
        attributes={"root": {"title": says, **aria(label=f"{words}: {says[0].lower()}{says[1:]}")}},
    )
