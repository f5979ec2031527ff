"""Tables of the display: a sortable, filterable grid in a drawer that the browser fills."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash.development.base_component import Component

from viewer.components.controls import aria


def grid(id: str, columns: list[dict[str, Any]], row_height: int = 30) -> Component:
    """An empty grid; rows carry an `id`."""
    return dag.AgGrid(
        id=id,
        rowData=[],
        columnDefs=columns,
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
        dashGridOptions={
            "animateRows": False,
            "rowHeight": row_height,
            "headerHeight": 32,
            "floatingFiltersHeight": 40,
            "theme": "themeQuartz",
        },
        style={"height": "100%"},
    )


def table_drawer(id: str, title: str, size: int, children: list[Component]) -> Component:
    """A drawer at the left, closed at first."""
    return dmc.Drawer(
        children,
        id=id,
        title=title,
        size=size,
        position="left",
        padding="md",
        transitionProps={"duration": 120},
        closeButtonProps=aria(label="Close the table"),
    )
