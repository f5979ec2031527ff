"""The table of a file's events, in a drawer."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from lartpc.classes import PLANES
from viewer import ids
from viewer.components.tables import grid, table_drawer


def event_table() -> Component:
    """A closed drawer; the browser fills the table when it opens."""
    return table_drawer(
        ids.TABLE_DRAWER,
        "Events",
        820,
        [
            html.P("", id=ids.TABLE_PROBLEM, className="problem", role="alert"),
            html.Div(grid(ids.EVENT_TABLE, _columns()), className="event-table-box"),
        ],
    )


def _columns() -> list[dict[str, Any]]:
    number = {"filter": "agNumberColumnFilter", "type": "rightAligned"}
    names = ("entry", "run", "subrun", "event")
    ids_of_event = [{"field": name, "headerName": name, "minWidth": 74, **number} for name in names]
    lit = [{"field": plane, "headerName": f"{plane} lit", "minWidth": 74, **number} for plane in PLANES]
    yes_or_no = [{"field": name, "headerName": name, "minWidth": 88} for name in ("truth", "predicted")]
    return [*ids_of_event, *lit, *yes_or_no]
