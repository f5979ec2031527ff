"""How every figure looks: the page's colours and letters, so that a saved picture needs no frame."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from viewer import palette
from viewer.palette import Theme

FONT = '-apple-system, "Segoe UI", Inter, Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
HEIGHT = 310
_TOP = 62
_LEGEND_ROW = 20


def figure(theme: Theme, title: str, about: str, *, height: int = HEIGHT, legend: bool = False) -> go.Figure:
    """An empty figure with its title, and below it what was evaluated. legend: with room for one."""
    ink, dim = colour(theme, "ink"), colour(theme, "dim")
    made = go.Figure()
    made.update_layout(
        template=go.layout.Template(),
        height=height,
        margin={"l": 62, "r": 18, "t": _TOP + (_LEGEND_ROW if legend else 0), "b": 48},
        paper_bgcolor=colour(theme, "panel"),
        plot_bgcolor=colour(theme, "panel"),
        font={"family": FONT, "size": 12, "color": ink},
        title={
            "text": title,
            "font": {"size": 14, "weight": 600, "color": ink},
            "subtitle": {"text": about, "font": {"size": 11.5, "color": dim}},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 14, "t": 12},
        },
        showlegend=legend,
        legend={
            "orientation": "h",
            "x": 0.025,
            "xref": "container",
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "font": {"size": 11.5},
            "title": {"font": {"size": 11.5, "color": dim}},
            "itemclick": False,
            "itemdoubleclick": False,
            "bgcolor": "rgba(0,0,0,0)",
        },
        hoverlabel={
            "bgcolor": colour(theme, "panel"),
            "bordercolor": colour(theme, "line"),
            "font": {"family": FONT, "size": 12, "color": ink},
            "align": "left",
        },
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": dim, "activecolor": colour(theme, "accent")},
        dragmode=False,
    )
    return made


def axis(theme: Theme, title: str, **more: Any) -> dict[str, Any]:
    """An axis with its title and unit."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": colour(theme, "dim")}, "standoff": 8},
        "linecolor": colour(theme, "line"),
        "tickcolor": colour(theme, "line"),
        "gridcolor": colour(theme, "border"),
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 4,
        "showline": True,
        "fixedrange": True,
        **more,
    }


def colour(theme: Theme, name: str) -> str:
    """A surface colour of the palette."""
    return palette.surfaces(theme)[name]
