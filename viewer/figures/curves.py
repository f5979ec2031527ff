"""Curves with 95 % intervals: errors against a distance, calibration, recall of every plane."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lartpc.classes import PIXEL_CLASSES, PLANES
from viewer import palette
from viewer.figures.style import axis, class_names, colour, figure
from viewer.figures.words import count, percent
from viewer.palette import Theme

Floats = NDArray[np.float64]

SYMBOLS = {"U": ("triangle-up", "▲"), "V": ("diamond", "◆"), "Y": ("circle", "●")}
"""Plane -> symbol, and how the key draws it."""
_TIP = "<br>95 %: %{customdata[0]:.1f} – %{customdata[1]:.1f} %<br>%{customdata[2]} pixels<extra></extra>"


@dataclass(frozen=True)
class Shares:
    """Shares (0 to 1) with the ends of their intervals, and the pixels behind each; NaN where undefined."""

    value: Floats
    low: Floats
    high: Floats
    pixels: Floats

    def trace(self, colour: str) -> dict[str, Any]:
        """What a plotly trace of them has in any figure: heights, error bars and tips, in percent."""
        words = np.array([count(n) for n in self.pixels], object)
        return {
            "type": "scatter",
            "y": 100 * self.value,
            "error_y": {
                "type": "data",
                "symmetric": False,
                "array": np.nan_to_num(100 * (self.high - self.value)),
                "arrayminus": np.nan_to_num(100 * (self.value - self.low)),
                "thickness": 1.3,
                "width": 3,
                "color": colour,
            },
            "customdata": np.stack([100 * self.low, 100 * self.high, words], axis=1),
        }


def wrong_by_distance(
    edges: Sequence[float | None],
    shares: Shares,
    overall: float | None,
    distance: str,
    theme: Theme,
    title: str,
    about: str,
) -> go.Figure:
    """Misclassified share of the pixels in bins of a distance, drawn equally wide.

    edges: of the bins, whole numbers; a bin lacks its upper edge, and the last edge is None, no end.
    """
    accent, dim = colour(theme, "accent"), colour(theme, "dim")
    bins = np.arange(len(edges) - 1)
    curve = {
        **shares.trace(accent),
        "x": bins,
        "mode": "lines+markers",
        "line": {"color": accent, "width": 1.6},
        "marker": {"size": 6},
        "text": _bin_names(edges),
        "hovertemplate": "%{text}: %{y:.1f} % wrong" + _TIP,
    }
    entries, lines = [("●", accent, "in the bin, 95 % interval")], []
    if overall is not None:
        lines.append(_level(100 * overall, dim))
        entries.append(("┅┅", dim, f"all pixels {percent(overall)}"))
    ticks = {
        "tickvals": bins - 0.5,
        "ticktext": [f"{edge:g}" for edge in edges[:-1] if edge is not None],
        "range": [-0.5, len(bins) - 0.5],
    }
    return figure(
        theme,
        title,
        about,
        [curve],
        axis(theme, distance, showgrid=False, **ticks),
        axis(theme, "misclassified (%)", rangemode="tozero"),
        key=entries,
        shapes=lines,
    )


def _level(height: float, colour: str) -> dict[str, Any]:
    line = {"dash": "dot", "width": 1.3, "color": colour}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height, "line": line}


def _bin_names(edges: Sequence[float | None]) -> list[str]:
    """[0, 1, 2, 4, None] is 0, 1, 2 – 3, 4 or more."""
    names = []
    for low, high in itertools.pairwise(edges):
        if high is None:
            names.append(f"{low:g} or more")
        else:
            names.append(f"{low:g}" if high - 1 == low else f"{low:g} – {high - 1:g}")
    return names


def reliability(
    confidence: Floats, shares: Shares, name: str, theme: Theme, title: str, about: str
) -> go.Figure:
    """Share of right pixels against the mean of their largest score (0 to 1), beside the diagonal.

    name: of the curve. A larger mark has more pixels.
    """
    accent, dim = colour(theme, "accent"), colour(theme, "dim")
    has = shares.pixels > 0
    kept = Shares(shares.value[has], shares.low[has], shares.high[has], shares.pixels[has])
    lowest = min(18.0, 100 * np.nanmin(kept.value, initial=1.0) - 3)
    diagonal = {
        "type": "scatter",
        "x": [0, 100],
        "y": [0, 100],
        "mode": "lines",
        "line": {"dash": "dot", "width": 1.3, "color": dim},
        "hoverinfo": "skip",
    }
    curve = {
        **kept.trace(accent),
        "x": 100 * confidence[has],
        "mode": "lines+markers",
        "line": {"color": accent, "width": 1.6},
        "marker": {
            "size": 5 + 11 * np.sqrt(kept.pixels / max(kept.pixels.max(initial=1), 1)),
            "line": {"width": 1, "color": colour(theme, "panel")},
        },
        "hovertemplate": "largest score %{x:.1f} % on average: %{y:.1f} % right" + _TIP,
    }
    return figure(
        theme,
        title,
        about,
        [diagonal, curve],
        axis(theme, "largest score (%)", range=[18, 101]),
        axis(theme, "right (%)", range=[lowest, 101]),
        key=[("●", accent, name), ("┅┅", dim, "as sure as right")],
    )


def recall_by_plane(
    recalls: Mapping[str, Shares], published: Mapping[str, float], theme: Theme, title: str, about: str
) -> go.Figure:
    """Recall of each class on each plane; recalls: plane -> shares of the five classes.

    published: class label -> recall on the Y plane of the published network.
    """
    planes = [plane for plane in PLANES if plane in recalls]
    labels = [c.label for c in PIXEL_CLASSES]
    marks = [
        {
            **recalls[plane].trace(palette.plane_colour(plane)),
            "x": np.arange(len(labels)) + 0.2 * (i - (len(planes) - 1) / 2),
            "mode": "markers",
            "marker": {"size": 9, "symbol": SYMBOLS[plane][0], "color": palette.plane_colour(plane)},
            "text": [f"{label}, plane {plane}" for label in labels],
            "hovertemplate": "%{text}: %{y:.1f} %" + _TIP,
        }
        for i, plane in enumerate(planes)
    ]
    ticks = {
        "tickvals": list(range(len(labels))),
        "ticktext": class_names(theme),
        "range": [-0.5, len(labels) - 0.5],
    }
    keyed = [(SYMBOLS[plane][1], palette.plane_colour(plane), plane) for plane in planes]
    return figure(
        theme,
        title,
        about,
        [*marks, _published(published, colour(theme, "ink"))],
        axis(theme, "true class", showgrid=False, **ticks),
        axis(theme, "recall (%)", range=[_floor(recalls), 101]),
        key=[*keyed, ("━━", colour(theme, "ink"), "published, plane Y")],
    )


def _published(recalls: Mapping[str, float], colour: str) -> dict[str, Any]:
    known = [c for c in PIXEL_CLASSES if c.label in recalls]
    return {
        "type": "scatter",
        "x": [int(c) for c in known],
        "y": [100 * recalls[c.label] for c in known],
        "mode": "markers",
        "marker": {"symbol": "line-ew", "size": 46, "line": {"width": 1.6, "color": colour}},
        "text": [c.label for c in known],
        "hovertemplate": "published, plane Y, %{text}: %{y:.1f} %<extra></extra>",
    }


def _floor(recalls: Mapping[str, Shares]) -> float:
    """The lower end of the axis: a round number below every interval."""
    lows = np.concatenate([shares.low for shares in recalls.values()] or [np.zeros(1)])
    least = float(np.nanmin(lows)) if np.isfinite(lows).any() else 0.0
    return 10 * np.floor(10 * least - 0.2) if least > 0.02 else 0.0
