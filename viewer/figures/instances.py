"""Figures of a detector, an event at a time: efficiency and purity, interactions covered."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from viewer import palette
from viewer.figures.style import axis, colour, figure
from viewer.figures.words import events_words
from viewer.palette import Theme

EFFICIENCY_PURITY_BINS: Final = 40
"""Bins of each side of the histogram of efficiency and purity, from 0 to 1."""
Bin = tuple[int, int]
"""Efficiency and purity, each the number of a bin."""
_HEIGHT = 440
_PUBLISHED_SYMBOLS = {"dense": ("square-open", "□"), "sparse": ("diamond-open", "◇")}


def bin_of_event(efficiency: float, purity: float) -> Bin:
    """The bin in which an event lies; 1 lies in the last one."""
    last = EFFICIENCY_PURITY_BINS - 1
    return (
        min(int(efficiency * EFFICIENCY_PURITY_BINS + 1e-9), last),
        min(int(purity * EFFICIENCY_PURITY_BINS + 1e-9), last),
    )


def efficiency_purity(
    events: Sequence[tuple[float, float]],
    means: Mapping[str, float | None],
    published: Mapping[str, Mapping[str, Any]],
    theme: Theme,
    title: str,
    about: str,
    chosen: Bin | None = None,
) -> go.Figure:
    """Events by their mean efficiency and mean purity (0 to 1), as a 2-D histogram.

    means: ours, efficiency and purity. published: dense and sparse, the same. A bin's customdata are
    its numbers, "19-18". chosen: the bin to frame.
    """
    bins = EFFICIENCY_PURITY_BINS
    counts = np.zeros((bins, bins))
    for event in events:
        x, y = bin_of_event(*event)
        counts[y, x] += 1
    edges = np.linspace(0, 100, bins + 1)
    names = [f"{low:g} – {high:g} %" for low, high in itertools.pairwise(edges)]
    heat = {
        "type": "heatmap",
        "z": np.where(counts > 0, counts, np.nan),
        "x": (edges[1:] + edges[:-1]) / 2,
        "y": (edges[1:] + edges[:-1]) / 2,
        "zmin": 0,
        "zmax": max(counts.max(), 1),
        "colorscale": _ramp(theme),
        "colorbar": {
            "title": {"text": "events", "font": {"size": 11, "color": colour(theme, "dim")}},
            "thickness": 9,
            "outlinewidth": 0,
            "tickformat": ",d",
            **({"dtick": 1} if counts.max() < 7 else {}),
        },
        "xgap": 1,
        "ygap": 1,
        "hoverongaps": False,
        "customdata": [[f"{x}-{y}" for x in range(bins)] for y in range(bins)],
        "text": [
            [
                f"{events_words(int(n))}<br>efficiency {names[x]}<br>purity {names[y]}"
                for x, n in enumerate(row)
            ]
            for y, row in enumerate(counts)
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }
    marks = [_mark("mean", means, "cross", colour(theme, "disagree"), colour(theme, "panel"))]
    marks += [
        _mark(f"published, {name}", of, _PUBLISHED_SYMBOLS[name][0], colour(theme, "ink"))
        for name, of in published.items()
    ]
    lowest = min([100.0, *(100 * value for event in events for value in event)])
    start = max(0.0, 20 * np.floor(lowest / 20 - 0.1))
    frame = [] if chosen is None else [_frame(chosen, edges, colour(theme, "ink"))]
    key = [("✚", colour(theme, "disagree"), "mean")]
    key += [(_PUBLISHED_SYMBOLS[name][1], colour(theme, "ink"), f"published, {name}") for name in published]
    return figure(
        theme,
        title,
        about,
        [heat, *(mark for mark in marks if mark["x"][0] is not None)],
        axis(theme, "mean efficiency of an event (%)", range=[start, 101], constrain="domain"),
        axis(theme, "mean purity of an event (%)", range=[start, 101], scaleanchor="x", constrain="domain"),
        key=key,
        height=_HEIGHT,
        shapes=frame,
    )


def _mark(name: str, means: Mapping[str, Any], symbol: str, colour: str, rim: str = "") -> dict[str, Any]:
    x, y = (None if means[side] is None else 100 * means[side] for side in ("efficiency", "purity"))
    return {
        "type": "scatter",
        "x": [x if y is not None else None],
        "y": [y],
        "mode": "markers",
        "marker": {
            "symbol": symbol,
            "size": 12,
            "color": colour,
            "line": {"width": 1.6, "color": rim or colour},
        },
        "hovertemplate": f"{name}<br>efficiency %{{x:.1f}} %<br>purity %{{y:.1f}} %<extra></extra>",
    }


def _ramp(theme: Theme) -> list[tuple[float, str]]:
    stops = palette.colour_maps(theme)["viridis"]
    return list(zip(np.linspace(0, 1, len(stops)).tolist(), stops, strict=True))


def _frame(chosen: Bin, edges: np.ndarray, colour: str) -> dict[str, Any]:
    x, y = chosen
    ends = {"x0": edges[x], "x1": edges[x + 1], "y0": edges[y], "y1": edges[y + 1]}
    return {"type": "rect", **ends, "line": {"color": colour, "width": 2.5}}


def covered_against_true(
    events: Sequence[tuple[int, int]],
    means: tuple[float | None, float | None],
    published: Mapping[str, Mapping[str, Any]],
    theme: Theme,
    title: str,
    about: str,
) -> go.Figure:
    """Interactions covered against the true number of an event; a larger mark is more events.

    events: true and covered of each. means: ours. published: dense and sparse, `true` and `covered`.
    """
    pairs, numbers = np.unique(np.array(events, np.int64).reshape(-1, 2), axis=0, return_counts=True)
    most = max(float(pairs.max(initial=1)), 1.0) + 1
    accent, dim, ink = (colour(theme, name) for name in ("accent", "dim", "ink"))
    diagonal = {
        "type": "scatter",
        "x": [0, most],
        "y": [0, most],
        "mode": "lines",
        "line": {"dash": "dot", "width": 1.3, "color": dim},
        "hoverinfo": "skip",
    }
    marks = {
        "type": "scatter",
        "x": pairs[:, 0],
        "y": pairs[:, 1],
        "mode": "markers",
        "marker": {
            "size": 4 + 10 * np.sqrt(numbers / max(numbers.max(initial=1), 1)),
            "color": accent,
            "opacity": 0.75,
            "line": {"width": 1, "color": colour(theme, "panel")},
        },
        "text": [events_words(int(n)) for n in numbers],
        "hovertemplate": "%{y} of %{x} covered<br>%{text}<extra></extra>",
    }
    others = [
        {
            "type": "scatter",
            "x": [x],
            "y": [y],
            "mode": "markers",
            "marker": {"symbol": symbol, "size": 12, "color": own, "line": {"width": 1.6, "color": rim}},
            "hovertemplate": f"{name}: %{{y:.2f}} of %{{x:.2f}}<extra></extra>",
        }
        for name, x, y, symbol, own, rim in [
            ("mean", *means, "cross", colour(theme, "disagree"), colour(theme, "panel")),
            *(
                (f"published, {name}", of["true"], of["covered"], _PUBLISHED_SYMBOLS[name][0], ink, ink)
                for name, of in published.items()
            ),
        ]
        if x is not None and y is not None
    ]
    key = [("●", accent, "events"), ("✚", colour(theme, "disagree"), "mean")]
    key += [(_PUBLISHED_SYMBOLS[name][1], ink, f"published, {name}") for name in published]
    return figure(
        theme,
        title,
        about,
        [diagonal, marks, *others],
        axis(theme, "true interactions of an event", range=[0, most], tickformat=",d"),
        axis(theme, "covered", range=[0, most], tickformat=",d"),
        key=key,
    )
