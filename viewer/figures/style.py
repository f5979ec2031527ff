"""How every figure looks: the page's colours and letters, so that a saved picture needs no frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from lartpc.classes import PIXEL_CLASSES
from viewer import palette
from viewer.palette import Theme

FONT = '-apple-system, "Segoe UI", Inter, Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
HEIGHT = 310
_TOP, _LEFT = 62, 62
_KEY_HEIGHT = 20

KeyEntry = tuple[str, str, str]
"""Mark, its colour, and words."""
Json = dict[str, Any]


def figure(
    theme: Theme,
    title: str,
    about: str,
    traces: Sequence[Json],
    x: Json,
    y: Json,
    *,
    key: Sequence[KeyEntry] = (),
    about_size: float = 11,
    **layout: Any,
) -> go.Figure:
    """A figure with its title, below it what was evaluated, and its key on one line above the plot.

    x, y: axes, as `axis` makes them. layout: what differs from the others. It is made in one go,
    because plotly takes ten times as long to change a figure as to make it.
    """
    margin = {"l": _LEFT, "r": 18, "t": _TOP + (_KEY_HEIGHT if key else 0), "b": 48}
    own = {
        "template": go.layout.Template(),
        "height": HEIGHT,
        "margin": margin,
        **_page_colours(theme),
        "title": _title(theme, title, about, about_size),
        "annotations": [_key(key)] if key else [],
        "xaxis": x,
        "yaxis": y,
        "showlegend": False,
        "dragmode": False,
    }
    return go.Figure(list(traces), own | layout)


def axis(theme: Theme, title: str, **more: Any) -> Json:
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


def class_names(theme: Theme) -> list[str]:
    """The five classes for an axis, each with its colour of the display before it."""
    return [f"<span style='color:{palette.class_colour(c, theme)}'>■</span> {c.label}" for c in PIXEL_CLASSES]


def _page_colours(theme: Theme) -> Json:
    ink, panel = colour(theme, "ink"), colour(theme, "panel")
    return {
        "paper_bgcolor": panel,
        "plot_bgcolor": panel,
        "font": {"family": FONT, "size": 12, "color": ink},
        "hoverlabel": {
            "bgcolor": panel,
            "bordercolor": colour(theme, "line"),
            "font": {"family": FONT, "size": 12, "color": ink},
            "align": "left",
        },
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",
            "color": colour(theme, "dim"),
            "activecolor": colour(theme, "accent"),
        },
    }


def _title(theme: Theme, title: str, about: str, about_size: float) -> Json:
    return {
        "text": title,
        "font": {"size": 14, "weight": 600, "color": colour(theme, "ink")},
        "subtitle": {"text": about, "font": {"size": about_size, "color": colour(theme, "dim")}},
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"l": 14, "t": 12},
    }


def _key(entries: Sequence[KeyEntry]) -> Json:
    """Plotly's own legend breaks into lines as it likes and would cover the title of a narrow figure."""
    marks = [f"<span style='color:{colour}'>{mark}</span> {words}".strip() for mark, colour, words in entries]
    return {
        "text": "    ".join(marks),
        "showarrow": False,
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 14 - _LEFT,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": 4,
        "font": {"size": 11.5},
    }
