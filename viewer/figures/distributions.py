"""Distributions over events: the misclassified fraction of one plane, the accuracy of all planes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lartpc.classes import PLANES
from viewer import palette
from viewer.figures.style import axis, colour, figure
from viewer.figures.words import percent
from viewer.palette import Theme

_BINS = 25
_DASHES = {"solid": "━━", "dash": "╍╍", "dot": "┅┅"}
"""Dash of a line -> how the key draws it."""


def icpf_distribution(
    fractions: Sequence[float], marks: Mapping[str, float], theme: Theme, title: str, about: str
) -> go.Figure:
    """Events by their incorrectly classified pixel fraction (ICPF, 0 to 1).

    marks: up to three lines across, name -> fraction, such as the mean and a quantile.
    """
    values = 100 * np.asarray(fractions, np.float64)
    edges = _edges(values, 0.0)
    # A value on the last edge may be rounded to just above it.
    heights, _ = np.histogram(np.minimum(values, edges[-1]), edges)
    top = 1.06 * max(heights.max(initial=0), 1)
    ink = colour(theme, "ink")
    words = [f"{name} {percent(value)}" for name, value in marks.items()]
    bars = {
        "type": "bar",
        "x": (edges[1:] + edges[:-1]) / 2,
        "y": heights,
        "width": np.diff(edges),
        "marker": {"color": colour(theme, "agree"), "line": {"width": 1, "color": colour(theme, "panel")}},
        "customdata": np.stack([edges[:-1], edges[1:]], axis=1),
        "hovertemplate": "ICPF %{customdata[0]:.1f} – %{customdata[1]:.1f} %<br>%{y} events<extra></extra>",
    }
    lines = [
        {
            "type": "scatter",
            "x": [100 * value] * 2,
            "y": [0, top],
            "mode": "lines",
            "line": {"color": ink, "width": 1.8, "dash": dash},
            "hovertemplate": f"{said}<extra></extra>",
        }
        for value, said, dash in zip(marks.values(), words, _DASHES, strict=False)
    ]
    return figure(
        theme,
        title,
        about,
        [bars, *lines],
        axis(theme, "incorrectly classified pixels of an event (%)", range=_ends(edges)),
        axis(theme, "events", range=[0, top], **_whole(top)),
        key=[(mark, ink, said) for mark, said in zip(_DASHES.values(), words, strict=False)],
        bargap=0,
    )


def accuracy_per_event(
    accuracies: Mapping[str, Sequence[float]], theme: Theme, title: str, about: str
) -> go.Figure:
    """Events by their non-zero accuracy (0 to 1), one outline a plane: plane -> accuracies (E,)."""
    values = {
        plane: 100 * np.asarray(accuracies[plane], np.float64) for plane in PLANES if plane in accuracies
    }
    edges = _edges(np.concatenate([*values.values(), np.zeros(0)]), None, 100.0)
    heights = {plane: np.histogram(own, edges)[0] for plane, own in values.items()}
    outlines = [
        {
            "type": "scatter",
            "x": edges,
            "y": np.append(heights[plane], heights[plane][-1:]),
            "mode": "lines",
            "line": {"shape": "hv", "width": 2, "color": palette.plane_colour(plane)},
            "hovertemplate": f"plane {plane}, from %{{x:.1f}} %<br>%{{y}} events<extra></extra>",
        }
        for plane in values
    ]
    medians = {plane: f"{np.median(own):.1f} %" if len(own) else "–" for plane, own in values.items()}
    marks = [("━━", palette.plane_colour(plane), f"{plane} {said}") for plane, said in medians.items()]
    most = max((own.max(initial=0) for own in heights.values()), default=0)
    return figure(
        theme,
        title,
        about,
        outlines,
        axis(theme, "non-zero accuracy of an event (%)", range=_ends(edges)),
        axis(theme, "events", rangemode="tozero", **_whole(most)),
        key=[("medians", colour(theme, "ink"), ""), *marks],
    )


def _edges(values: NDArray[np.float64], low: float | None, high: float | None = None) -> NDArray[np.float64]:
    """Round edges of equal bins that hold all values, from low or to high where that end is given."""
    first = low if low is not None else float(values.min(initial=100.0))
    last = high if high is not None else float(values.max(initial=1.0))
    width = max((last - first) / _BINS, 1e-6)
    scale = 10.0 ** np.floor(np.log10(width))
    width = scale * next(step for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * scale >= width * (1 - 1e-9))
    start, stop = np.floor(first / width + 1e-9), np.ceil(last / width - 1e-9)
    return width * np.arange(start, max(stop, start + 1) + 1)


def _whole(most: float) -> dict[str, object]:
    """Ticks of an axis that counts: never between whole numbers."""
    return {"tickformat": ",d", **({"dtick": 1} if most < 7 else {})}


def _ends(edges: NDArray[np.float64]) -> list[float]:
    return [float(edges[0]), float(edges[-1])]
