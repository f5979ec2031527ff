"""Figures of a detector: interactions by efficiency, the shares of every plane, neutrinos identified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from lartpc.classes import PLANES
from viewer import palette
from viewer.figures.curves import SYMBOLS, Shares
from viewer.figures.style import axis, colour, figure
from viewer.figures.words import NONE, count, percent
from viewer.palette import Theme

CAUSES: Final = {"truly_missed": "truly missed", "tiny": "tiny", "dead_wires": "dead wires"}
"""Why an interaction is missed, in words."""
SHARES: Final = {
    "efficiency": "efficiency",
    "charge_efficiency": "charge efficiency",
    "purity": "purity",
    "coverage": "coverage",
}
IDENTIFICATION: Final = {
    "neutrino_kept": "neutrino charge kept",
    "cosmic_removed": "cosmic charge removed",
    "neutrino_share_of_kept": "neutrino in what is kept",
}
_HEIGHT = 440


def efficiency_histogram(
    heights: Mapping[str, Any], covered_from: float, missed_below: float, theme: Theme, title: str, about: str
) -> go.Figure:
    """True interactions by their efficiency, in percent of all; those that are missed by their cause.

    heights: edges (0 to 1) and counts: all, neutrino, and missed: cause -> counts. The neutrinos, with
    class neutrino required, are an outline, in percent of the neutrinos.
    """
    edges = 100 * np.asarray(heights["edges"])
    everything = np.asarray(heights["all"], np.float64)
    missed = {cause: np.asarray(heights["missed"][cause], np.float64) for cause in CAUSES}
    found = everything - sum(missed.values())
    colours = _cause_colours(theme)
    total = max(everything.sum(), 1)
    parts = {"found": (found, colour(theme, "agree")), **{
        words: (missed[cause], colours[cause]) for cause, words in CAUSES.items()
    }}  # fmt: skip
    bars = [
        {
            "type": "bar",
            "x": (edges[1:] + edges[:-1]) / 2,
            "y": 100 * counts / total,
            "width": np.diff(edges),
            "marker": {"color": own, "line": {"width": 1, "color": colour(theme, "panel")}},
            "customdata": [
                [f"{low:g} – {high:g}", count(n)]
                for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True)
            ],
            "hovertemplate": f"efficiency %{{customdata[0]}} %, {name}<br>%{{customdata[1]}} interactions, "
            "%{y:.1f} % of all<extra></extra>",
        }
        for name, (counts, own) in parts.items()
    ]
    neutrinos = np.asarray(heights["neutrino"], np.float64)
    share = 100 * neutrinos / max(neutrinos.sum(), 1)
    outline = {
        "type": "scatter",
        "x": edges,
        "y": np.append(share, share[-1:]),
        "mode": "lines",
        "line": {"shape": "hv", "width": 2, "color": colour(theme, "neutrino")},
        "hovertemplate": "neutrinos, class required: %{y:.1f} %<extra></extra>",
    }
    key = [("■", colour(theme, "agree"), "found"), ("━━", colour(theme, "neutrino"), "neutrinos")]
    key += [("■", colours[cause], words) for cause, words in CAUSES.items() if missed[cause].sum()]
    marks = [100 * end for end in (missed_below, covered_from)]
    return figure(
        theme,
        title,
        about,
        [*bars, outline],
        axis(
            theme,
            "efficiency (%): missed below {:g}, covered from {:g}".format(*marks),
            range=[0, 100],
        ),
        axis(theme, "interactions (%)", rangemode="tozero"),
        key=key,
        height=_HEIGHT,
        barmode="stack",
        bargap=0,
        shapes=[_level(at, colour(theme, "dim")) for at in marks],
    )


def _cause_colours(theme: Theme) -> dict[str, str]:
    return {
        "truly_missed": colour(theme, "disagree"),
        "tiny": palette.plane_colour("V"),
        "dead_wires": colour(theme, "dim"),
    }


def _level(at: float, colour: str) -> dict[str, Any]:
    line = {"dash": "dot", "width": 1.3, "color": colour}
    return {"type": "line", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": line}


def shares_by_plane(
    shares: Mapping[str, Shares],
    published: Mapping[str, Mapping[str, Any]],
    theme: Theme,
    title: str,
    about: str,
) -> go.Figure:
    """Efficiency, charge efficiency, purity and coverage of each plane; shares: plane -> the four."""
    planes = [plane for plane in PLANES if plane in shares]
    points = [
        _points(
            shares[plane],
            0.2 * (i - (len(planes) - 1) / 2),
            palette.plane_colour(plane),
            SYMBOLS[plane][0],
            [f"{words}, plane {plane}" for words in SHARES.values()],
        )
        for i, plane in enumerate(planes)
    ]
    ink = colour(theme, "ink")
    levels = [
        {
            "type": "scatter",
            "x": [i for i, share in enumerate(SHARES) if share in of],
            "y": [100 * of[share] for share in SHARES if share in of],
            "mode": "markers",
            "marker": {
                "symbol": "line-ew",
                "size": 46,
                "line": {"width": 1.6, "color": ink if name == "sparse" else colour(theme, "dim")},
            },
            "hovertemplate": f"published, {name}: %{{y:.1f}} %<extra></extra>",
        }
        for name, of in published.items()
    ]
    lows = [shares[plane].low for plane in planes]
    lows += [np.array([of[share] for share in SHARES if share in of]) for of in published.values()]
    keyed = [(SYMBOLS[plane][1], palette.plane_colour(plane), plane) for plane in planes]
    keyed += [("━", ink, "published, sparse"), ("━", colour(theme, "dim"), "dense")]
    return figure(
        theme,
        title,
        about,
        [*points, *levels],
        axis(theme, "", showgrid=False, **_ticks(_in_two_lines(SHARES))),
        axis(theme, "share (%)", range=[_floor(lows), 101]),
        key=keyed,
    )


def identification(shares: Mapping[str, Shares], theme: Theme, title: str, about: str) -> go.Figure:
    """Neutrinos by positive and by negative; shares: use -> the three of IDENTIFICATION, by charge."""
    looks = {
        "positive": (colour(theme, "neutrino"), "circle", "●", "keep what is called neutrino"),
        "negative": (colour(theme, "accent"), "diamond", "◆", "remove what is called cosmic"),
    }
    points = [
        _points(shares[use], offset, own, symbol, [f"{words}, by {use}" for words in IDENTIFICATION.values()])
        for (use, (own, symbol, _, _)), offset in zip(looks.items(), (-0.1, 0.1), strict=True)
    ]
    return figure(
        theme,
        title,
        about,
        points,
        axis(theme, "", showgrid=False, **_ticks(_in_two_lines(IDENTIFICATION))),
        axis(theme, "charge (%)", range=[0, 103]),
        key=[(mark, own, words) for own, _, mark, words in looks.values()],
    )


def _points(shares: Shares, offset: float, colour: str, symbol: str, names: Sequence[str]) -> dict[str, Any]:
    said = [
        f"{name}: {percent(None if np.isnan(value) else value)}<br>95 %: "
        + (NONE if np.isnan(low) else f"{100 * low:.1f} – {100 * high:.1f} %")
        for name, value, low, high in zip(names, shares.value, shares.low, shares.high, strict=True)
    ]
    return {
        **shares.trace(colour),
        "x": np.arange(len(names)) + offset,
        "mode": "markers",
        "marker": {"size": 9, "symbol": symbol, "color": colour},
        "text": said,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _ticks(names: Sequence[str]) -> dict[str, Any]:
    places = list(range(len(names)))
    return {"tickvals": places, "ticktext": list(names), "tickangle": 0, "range": [-0.5, len(names) - 0.5]}


def _in_two_lines(words: Mapping[str, str]) -> list[str]:
    """Names that fit below a narrow axis: all but the last word, then that."""
    return ["<br>".join(name.rsplit(" ", 1)) for name in words.values()]


def _floor(lows: Sequence[np.ndarray]) -> float:
    """The lower end of an axis of percents: a round number below every interval."""
    values = np.concatenate([*lows, np.ones(1)])
    return max(0.0, 10 * np.floor(10 * float(np.nanmin(values)) - 0.2))
