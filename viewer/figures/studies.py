"""Figures of a study: pure functions from its report and a theme to plotly figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from viewer import palette
from viewer.figures.distributions import icpf_distribution
from viewer.figures.study_tables import (
    PAIRS,
    SOURCES,
    NameOf,
    Report,
    agreement_of,
    comparison_name,
    each_comparison,
    sources,
)
from viewer.figures.style import axis, colour, figure
from viewer.figures.words import events_words, percent
from viewer.palette import Theme

_SYMBOLS = {
    "data": ("circle", "●"),
    "simulation": ("diamond", "◆"),
    "demo": ("square", "■"),
    "unknown": ("cross", "✚"),
}

_APART = (2, 1, 5, 4, 7)
"""Of the palette's colours of instances, those that are not taken for the accent, which stands for people."""


def about(report: Report) -> str:
    """One line on the study, below the title of every figure."""
    state = "complete" if report["complete"] else f"{report['submitted']} of {report['tasks']} tasks"
    return f"{report['title']} · {state}"


def agreement_figure(report: Report, name_of: NameOf, theme: Theme) -> go.Figure:
    """The comparisons with their intervals, in data and in simulation, and the published level."""
    found = each_comparison(report)
    name_of = _short_names(report, name_of)
    order = list(PAIRS.values())
    names = sorted(
        {comparison_name(c, report, name_of) for _, _, c in found},
        key=lambda name: (order.index(name.split(" (")[0]), name),
    )
    shown = sources(report)
    traces = []
    for i, source in enumerate(shown):
        own = [(names.index(comparison_name(c, report, name_of)), c) for _, s, c in found if s == source]
        own = [(place, c) for place, c in own if agreement_of(c)["value"] is not None]
        shares = [agreement_of(c) for _, c in own]
        hue = _source_colour(source, theme)
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [place + 0.16 * (i - (len(shown) - 1) / 2) for place, _ in own],
                "y": [100 * s["value"] for s in shares],
                "error_y": {**_bars(shares), "color": hue},
                "marker": {"size": 10, "symbol": _SYMBOLS[source][0], "color": hue},
                "text": [
                    f"{names[place]}, {SOURCES[source]}: {percent(agreement_of(c)['value'], 2)}"
                    f"<br>{events_words(c['events'])}"
                    for place, c in own
                ],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    level = 100 * report["published"]["agreement_above"]
    lows = [100 * (agreement_of(c)["interval_95"][0] or agreement_of(c)["value"] or 1.0) for *_, c in found]
    ticks = {
        "tickvals": list(range(len(names))),
        "ticktext": [name.replace(" – ", "<br>– ").replace(" (", "<br>(") for name in names],
        "tickfont": {"size": 12 if len(names) <= 4 else 10},
        "range": [-0.5, max(len(names), 1) - 0.5],
    }
    keyed = [(_SYMBOLS[s][1], _source_colour(s, theme), SOURCES[s]) for s in shown]
    return figure(
        theme,
        "Agreement, 95 % intervals",
        about(report),
        traces,
        axis(theme, "", showgrid=False, tickangle=0, **ticks),
        axis(theme, "agreement (%)", range=[min([level, *lows]) - 2, 101]),
        key=[*keyed, ("┅┅", colour(theme, "ink"), f"published: above {level:.0f} %")],
        margin={"l": 64, "r": 18, "t": 82, "b": 66},
        shapes=[_level(level, colour(theme, "ink"))],
    )


def disagreement_figure(comparison: Mapping[str, Any], name: str, report: Report, theme: Theme) -> go.Figure:
    """Events by the share of pixels on which a comparison's two sides differ. name: of the comparison."""
    fractions = [1 - row["agreement"] for row in comparison["per_event"] if row.get("agreement") is not None]
    icpf = comparison["pixels"]["icpf"]["all"] if comparison["pixels"] else {}
    names = {"mean": "mean", "median": "median", "90 % below": "quantile_90"}
    marks = {words: icpf[own]["value"] for words, own in names.items() if own in icpf}
    return icpf_distribution(
        fractions,
        {words: value for words, value in marks.items() if value is not None},
        theme,
        "Pixels on which they differ, event by event (ICPF)",
        name,
    )


def equivalence_figure(report: Report, name_of: NameOf, theme: Theme) -> go.Figure:
    """Mean difference of the agreements, network less physicist, with its 90 % interval and the margin."""
    tests = [
        (source, test)
        for source in sources(report)
        for test in report["sources"][source]["human_level"]
        if test["mean_difference"] is not None and test["interval_90"][0] is not None
    ]
    names = [f"{test['test']}, {SOURCES[source]}" for source, test in tests]
    if len(report["weights"]) > 1:
        name_of = _short_names(report, name_of)
        names = [f"{name}, {name_of(t['weights'])}" for name, (_, t) in zip(names, tests, strict=True)]
    agree, miss = colour(theme, "accent"), colour(theme, "dim")
    margin = 100 * report["margin"]
    hues = [agree if test["human_level"] else miss for _, test in tests]
    points = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [100 * test["mean_difference"]],
            "y": [i],
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [100 * (test["interval_90"][1] - test["mean_difference"])],
                "arrayminus": [100 * (test["mean_difference"] - test["interval_90"][0])],
                "thickness": 2,
                "width": 5,
                "color": hues[i],
            },
            "marker": {"size": 10, "color": hues[i]},
            "hovertemplate": f"{names[i]}<br>%{{x:.2f}} %, {events_words(test['events'])}<extra></extra>",
        }
        for i, (_, test) in enumerate(tests)
    ]
    ends = [100 * end for _, test in tests for end in test["interval_90"]]
    reach = 1.15 * max([margin, *map(abs, ends)])
    band = {
        "type": "rect",
        "x0": -margin,
        "x1": margin,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "fillcolor": colour(theme, "border"),
        "line": {"width": 0},
        "layer": "below",
    }
    ticks = {"tickvals": list(range(len(names))), "ticktext": [n.replace(", ", "<br>", 1) for n in names]}
    return figure(
        theme,
        "Equivalence test: network less physicist",
        about(report),
        points,
        axis(theme, "difference of agreement (%), 90 % interval", range=[-reach, reach]),
        axis(theme, "", showgrid=False, range=[-0.6, max(len(names), 1) - 0.4], **ticks),
        key=[
            ("■", colour(theme, "border"), f"margin ±{margin:g} %"),
            ("●", agree, "human level"),
            ("●", miss, "not shown"),
        ],
        margin={"l": 128, "r": 18, "t": 82, "b": 48},
        shapes=[band],
    )


def spectra_figure(report: Report, source: str, name_of: NameOf, theme: Theme) -> go.Figure:
    """Energies of Michel electrons under each labelling, as outlines."""
    spectra = report["sources"][source]["spectra"]
    hues = _labelling_colours(report, theme)
    edges = spectra["edges_mev"]
    shown = {name: own for name, own in spectra["labellings"].items() if own["labellings"]}
    width = edges[1] - edges[0]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": edges,
            "y": [n / own["labellings"] for n in (*own["counts"], own["counts"][-1])],
            "line": {"shape": "hv", "width": 2, "color": hues[name]},
            "name": _labelling(name, report, name_of),
            "hovertemplate": "%{fullData.name}, from %{x} MeV: %{y:.2f}<extra></extra>",
        }
        for name, own in shown.items()
    ]
    return figure(
        theme,
        f"Michel electrons by energy, {SOURCES[source]}",
        about(report),
        traces,
        axis(theme, "energy of primary ionisation (MeV); the last bin holds all above", range=[0, edges[-1]]),
        axis(theme, f"electrons a labelling, per {width:g} MeV", rangemode="tozero"),
        key=[("━━", hues[name], _labelling(name, report, name_of)) for name in shown],
    )


def _short_names(report: Report, name_of: NameOf) -> NameOf:
    """Of several networks, what their names do not share: there is little room along an axis."""
    names = [name_of(weights) for weights in report["weights"]]
    alike = [len(set(letters)) == 1 for letters in zip(*names, strict=False)]
    shared = [*alike, False].index(False) if len(names) > 1 else 0
    return lambda weights: name_of(weights)[shared:] or name_of(weights)


def _labelling(name: str, report: Report, name_of: NameOf) -> str:
    return name_of(name) if name in report["weights"] else name


def _labelling_colours(report: Report, theme: Theme) -> dict[str, str]:
    others = palette.theme_table(theme)["instances"]
    networks = {name: others[_APART[i % len(_APART)]] for i, name in enumerate(report["weights"])}
    return {"physicists": colour(theme, "accent"), "truth": colour(theme, "dim"), **networks}


def _source_colour(source: str, theme: Theme) -> str:
    planes = {"simulation": "U", "demo": "Y", "unknown": "V"}
    return palette.plane_colour(planes[source]) if source in planes else colour(theme, "accent")


def _bars(shares: list[Mapping[str, Any]]) -> dict[str, Any]:
    ends = [(s["value"], *(s["value"] if end is None else end for end in s["interval_95"])) for s in shares]
    return {
        "type": "data",
        "symmetric": False,
        "array": [100 * (high - value) for value, _, high in ends],
        "arrayminus": [100 * (value - low) for value, low, _ in ends],
        "thickness": 1.3,
        "width": 4,
    }


def _level(height: float, hue: str) -> dict[str, Any]:
    line = {"dash": "dot", "width": 1.3, "color": hue}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height, "line": line}
