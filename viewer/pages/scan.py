"""The scan page: its layout, and the wiring of its controls to the renderer in the browser.

The page is the same at every address; the browser reads file, entry and view from it. No callback
here goes to the server.
"""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, dcc, html
from dash.development.base_component import Component

from lartpc.classes import PIXEL_CLASSES, PLANES
from viewer import ids
from viewer.components.candidates import candidate_table
from viewer.components.event_table import event_table
from viewer.components.footer import key_list, status_line
from viewer.components.header import header
from viewer.components.instances import INSTANCE_CONTROLS
from viewer.components.masking import MASKING_BUTTONS, MASKING_CONTROLS
from viewer.components.panel import panel

CONTROLS: dict[str, str] = {
    ids.FILE_SELECT: "value",
    ids.WEIGHTS_SELECT: "value",
    ids.NETWORKS: "value",
    ids.DETECTOR_WEIGHTS_SELECT: "value",
    ids.DETECTOR_ADC_MIN: "value",
    ids.AUTO: "checked",
    ids.ADC_MIN: "value",
    ids.ADC_MAX: "value",
    ids.SATURATE: "checked",
    ids.OVERLAY: "value",
    ids.SCORE_CLASS: "value",
    ids.MEASURE: "value",
    ids.OPACITY: "value",
    ids.COLOUR_MAP: "value",
    ids.CHARGE_RANGE: "value",
    ids.THRESHOLD: "value",
    ids.UNITS: "value",
    ids.VERTEX: "checked",
    ids.KEEP_ZOOM: "checked",
    ids.MICHELS: "checked",
    ids.SHOWERS: "checked",
    ids.MANY_PIXELS: "checked",
    ids.HIP_TRACKS: "checked",
    **{ids.gain(plane): "value" for plane in PLANES},
    **{ids.score_threshold(int(c)): "value" for c in PIXEL_CLASSES},
    **INSTANCE_CONTROLS,
    **MASKING_CONTROLS,
}
"""Control -> the property that the renderer follows."""

BUTTONS: tuple[str, ...] = (
    ids.PREVIOUS,
    ids.NEXT,
    ids.RUN,
    ids.CANCEL,
    ids.GAIN_RESET,
    ids.SAVE_PNG,
    ids.SAVE_SVG,
    ids.TABLE_OPEN,
    ids.HELP_OPEN,
    ids.THEME_TOGGLE,
    ids.PRESENTATION_TOGGLE,
    ids.PANEL_TOGGLE,
    ids.ZOOM_RESET,
    ids.BOX_TOOL,
    ids.CANDIDATES_RUN,
    ids.CANDIDATE_TABLE_OPEN,
    ids.CANDIDATE_TABLE_RUN,
    ids.CANDIDATE_TABLE_STOP,
    ids.CANDIDATE_TABLE_SAVE,
    *MASKING_BUTTONS,
)


def layout() -> Component:
    """The whole page."""
    return dmc.MantineProvider(
        [
            html.Div([header(), panel(), status_line()], className="shell"),
            event_table(),
            candidate_table(),
            key_list(),
            dcc.Store(id=ids.READY, data=True),
        ],
        theme={
            "fontFamily": "var(--as-font)",
            "primaryColor": "blue",
            "primaryShade": {"light": 7, "dark": 8},
            "defaultRadius": "sm",
            "focusRing": "auto",
        },
    )


def register(app: Dash) -> None:
    """Wire every control, button and panel of the page to the renderer."""
    _call(app, "boot", Input(ids.READY, "data"), at_start=True)
    for control, prop in CONTROLS.items():
        _call(app, "control", Input(control, prop))
    for button in BUTTONS:
        _call(app, "press", Input(button, "n_clicks"))
    _call(app, "find", Input(ids.FIND, "n_submit"))
    _call(app, "forgetFind", Input(ids.FIND, "n_blur"))
    _call(app, "pickRow", Input(ids.EVENT_TABLE, "cellClicked"))
    _call(app, "drawerMoved", Input(ids.TABLE_DRAWER, "opened"))
    _call(app, "pickCandidate", Input(ids.CANDIDATE_TABLE, "cellClicked"))
    _call(app, "candidateRowsShown", Input(ids.CANDIDATE_TABLE, "virtualRowData"))
    _call(app, "candidateDrawerMoved", Input(ids.CANDIDATE_DRAWER, "opened"))
    _call(app, "helpMoved", Input(ids.HELP, "opened"))


def _call(app: Dash, function: str, *inputs: Input, at_start: bool = False) -> None:
    app.clientside_callback(
        ClientsideFunction("argonscope", function), *inputs, prevent_initial_call=not at_start
    )
