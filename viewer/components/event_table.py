"""The table of a file's events, in a drawer."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from lartpc.classes import PLANES
from viewer import ids
from viewer.components.controls import aria


def event_table() -> Component:
    """A closed drawer; the browser fills the table when it opens."""
    return dmc.Drawer(
        [
            html.P("", id=ids.TABLE_PROBLEM, className="problem", role="alert"),
            html.Div(_grid(), className="event-table-box"),
        ],
        id=ids.TABLE_DRAWER,
        title="Events",
        size=820,
        position="left",
        padding="md",
        transitionProps={"duration": 120},
        closeButtonProps=aria(label="Close the table"),
    )


def _grid() -> Component:
    return dag.AgGrid(
        id=ids.EVENT_TABLE,
        rowData=[],
        columnDefs=_columns(),
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "filter": True,
            "floatingFilter": True,
            "suppressFloatingFilterButton": True,
            "suppressHeaderMenuButton": True,
            "suppressHeaderFilterButton": True,
            "flex": 1,
        },
        getRowId="params.data.id",
        dashGridOptions={"animateRows": False, "rowHeight": 30, "headerHeight": 32, "theme": "themeQuartz"},
        style={"height": "100%"},
    )


def _columns() -> list[dict[str, Any]]:
    number = {"filter": "agNumberColumnFilter", "type": "rightAligned"}
    names = ("entry", "run", "subrun", "event")
    ids_of_event = [{"field": name, "headerName": name, "minWidth": 74, **number} for name in names]
    lit = [{"field": plane, "headerName": f"{plane} lit", "minWidth": 74, **number} for plane in PLANES]
    yes_or_no = [{"field": name, "headerName": name, "minWidth": 88} for name in ("truth", "predicted")]
    return [*ids_of_event, *lit, *yes_or_no]
