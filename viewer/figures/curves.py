"""Curves with 95 % intervals: errors against a distance, calibration, recall of every plane."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lartpc.classes import PIXEL_CLASSES, PLANES
from viewer import palette
from viewer.figures.style import axis, colour, figure
from viewer.figures.words import count, percent
from viewer.palette import Theme

Floats = NDArray[np.float64]

_SYMBOLS = {"U": "triangle-up", "V": "diamond", "Y": "circle"}


@dataclass(frozen=True)
class Shares:
    """Shares (0 to 1) with the ends of their intervals, and the pixels behind each; NaN where undefined."""

    value: Floats
    low: Floats
    high: Floats
    pixels: Floats

    def bars(self) -> dict[str, object]:
        """Plotly's error bars, in percent."""
        return {
            "type": "data",
            "symmetric": False,
            "array": _filled(100 * (self.high - self.value)),
            "arrayminus": _filled(100 * (self.value - self.low)),
            "thickness": 1.3,
            "width": 3,
        }

    def tips(self) -> Floats:
        """customdata: low and high in percent, pixels in words."""
        words = np.array([count(n) for n in self.pixels], object)
        return np.stack([100 * self.low, 100 * self.high, words], axis=1)


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
    bins = np.arange(len(edges) - 1)
    made = figure(theme, title, about)
    made.add_scatter(
        x=bins,
        y=100 * shares.value,
        error_y={**shares.bars(), "color": colour(theme, "accent")},
        mode="lines+markers",
        line={"color": colour(theme, "accent"), "width": 1.6},
        marker={"size": 6},
        customdata=shares.tips(),
        text=_bin_names(edges),
        hovertemplate="%{text}: %{y:.2f} % wrong<br>95 %: %{customdata[0]:.2f} – %{customdata[1]:.2f} %"
        "<br>%{customdata[2]} pixels<extra></extra>",
    )
    if overall is not None:
        made.add_hline(
            y=100 * overall,
            line={"dash": "dot", "width": 1.3, "color": colour(theme, "dim")},
            annotation={
                "text": f"all pixels {percent(overall)}",
                "font": {"size": 11, "color": colour(theme, "dim")},
            },
            annotation_position="top right",
        )
    ticks = {
        "tickvals": bins - 0.5,
        "ticktext": [f"{edge:g}" for edge in edges[:-1] if edge is not None],
        "range": [-0.5, len(bins) - 0.5],
    }
    made.update_xaxes(**axis(theme, distance, showgrid=False, **ticks))
    made.update_yaxes(**axis(theme, "misclassified (%)", rangemode="tozero"))
    return made


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
    has = shares.pixels > 0
    size = 5 + 11 * np.sqrt(shares.pixels[has] / max(shares.pixels.max(initial=1), 1))
    kept = Shares(shares.value[has], shares.low[has], shares.high[has], shares.pixels[has])
    made = figure(theme, title, about, legend=True)
    made.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"dash": "dot", "width": 1.3, "color": colour(theme, "dim")},
        name="as sure as right",
        hoverinfo="skip",
    )
    made.add_scatter(
        x=100 * confidence[has],
        y=100 * kept.value,
        error_y={**kept.bars(), "color": colour(theme, "accent")},
        mode="lines+markers",
        line={"color": colour(theme, "accent"), "width": 1.6},
        marker={"size": size, "line": {"width": 1, "color": colour(theme, "panel")}},
        name=name,
        customdata=kept.tips(),
        hovertemplate="largest score %{x:.1f} % on average: %{y:.1f} % right"
        "<br>95 %: %{customdata[0]:.1f} – %{customdata[1]:.1f} %<br>%{customdata[2]} pixels<extra></extra>",
    )
    made.update_layout(legend={"itemsizing": "constant"})
    made.update_xaxes(**axis(theme, "largest score (%)", range=[18, 101]))
    made.update_yaxes(**axis(theme, "right (%)", range=[18, 101]))
    return made


def recall_by_plane(
    recalls: Mapping[str, Shares], published: Mapping[str, float], theme: Theme, title: str, about: str
) -> go.Figure:
    """Recall of each class on each plane; recalls: plane -> shares of the five classes.

    published: class label -> recall on the Y plane of the published network.
    """
    made = figure(theme, title, about, legend=True)
    planes = [plane for plane in PLANES if plane in recalls]
    for i, plane in enumerate(planes):
        shares = recalls[plane]
        made.add_scatter(
            x=np.arange(len(PIXEL_CLASSES)) + 0.2 * (i - (len(planes) - 1) / 2),
            y=100 * shares.value,
            error_y={**shares.bars(), "color": palette.plane_colour(plane)},
            mode="markers",
            marker={"size": 9, "symbol": _SYMBOLS[plane], "color": palette.plane_colour(plane)},
            name=plane,
            text=[f"{c.label}, plane {plane}" for c in PIXEL_CLASSES],
            customdata=shares.tips(),
            hovertemplate="%{text}: %{y:.1f} %<br>95 %: %{customdata[0]:.1f} – %{customdata[1]:.1f} %"
            "<br>%{customdata[2]} pixels<extra></extra>",
        )
    made.update_layout(legend_title_text="plane")
    known = [(c, published[c.label]) for c in PIXEL_CLASSES if c.label in published]
    made.add_scatter(
        x=[int(c) for c, _ in known],
        y=[100 * value for _, value in known],
        mode="markers",
        marker={"symbol": "line-ew", "size": 46, "line": {"width": 1.6, "color": colour(theme, "ink")}},
        name="published, Y",
        text=[c.label for c, _ in known],
        hovertemplate="published, plane Y, %{text}: %{y:.1f} %<extra></extra>",
    )
    labels = [c.label for c in PIXEL_CLASSES]
    ticks = {"tickvals": list(range(len(labels))), "ticktext": labels, "range": [-0.5, len(labels) - 0.5]}
    made.update_xaxes(**axis(theme, "true class", showgrid=False, **ticks))
    made.update_yaxes(**axis(theme, "recall (%)", range=[_floor(recalls), 101]))
    return made


def _floor(recalls: Mapping[str, Shares]) -> float:
    """The lower end of the axis: a round number below every interval."""
    lows = np.concatenate([shares.low for shares in recalls.values()] or [np.zeros(1)])
    least = float(np.nanmin(lows)) if np.isfinite(lows).any() else 0.0
    return 10 * np.floor(10 * least - 0.2) if least > 0.02 else 0.0


def _filled(values: Floats) -> Floats:
    return np.nan_to_num(values, nan=0.0)
