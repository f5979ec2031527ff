"""The comparison as one HTML file that needs nothing else."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from benchmarks.dense_sparse.plan import AXES, KINDS
from benchmarks.dense_sparse.tables import (
    PUBLISHED,
    PUBLISHED_CONDITIONS,
    conditions,
    label,
    ours,
    ratio,
    value_of,
)

_COLOURS = {"dense": "#D55E00", "sparse": "#0072B2", "time": "#009E73", "memory": "#CC79A7"}
_DASHES = {"inference": "solid", "training": "dash"}
_COLUMNS = {"seconds": "time a batch [s]", "peak_mb": "peak memory [MB]"}
_RATIOS = {"time": "seconds", "memory": "peak_mb"}
_HEIGHT, _HEAD, _WIDTH = 360, 110, 1320

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Dense and sparse U-ResNet</title>
<style>body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: {width}px; color: #222 }}
h1 {{ font-size: 1.4em }} p {{ white-space: pre-line }}</style></head><body>
<h1>What the dense U-ResNet costs over the sparse one</h1>
{body}
</body></html>
"""


def write_page(path: Path, result: Mapping[str, Any]) -> None:
    """Write all plots to one file, under a temporary name first."""
    figures = [comparison(result)]
    if result["learning"] is not None:
        figures.append(learning(result["learning"]))
    parts = [f"<p>{html.escape(conditions(result))}</p>"]
    parts += [f"<p>{html.escape(PUBLISHED_CONDITIONS)}\n{html.escape(ours(result))}</p>"]
    # plotly.js once, with the first figure.
    parts += [figure.to_html(full_html=False, include_plotlyjs=not i) for i, figure in enumerate(figures)]
    temporary = path.with_suffix(".partial")
    temporary.write_text(_PAGE.format(width=_WIDTH, body="\n".join(parts)), encoding="utf-8")
    os.replace(temporary, path)


def comparison(result: Mapping[str, Any]) -> go.Figure:
    """A row an axis: time, peak memory, and dense over sparse beside the published factors."""
    there = {entry["axis"] for entry in result["points"]}
    axes = [axis for axis in AXES if axis != "plane" and axis in there]
    number = max(len(axes), 1)
    figure = make_subplots(
        rows=number,
        cols=3,
        horizontal_spacing=0.07,
        vertical_spacing=0.28 / number,
        column_titles=[*_COLUMNS.values(), "dense over sparse"],
    )
    for row, axis in enumerate(axes, 1):
        entries = [entry for entry in result["points"] if entry["axis"] == axis]
        values = sorted({entry["value"] for entry in entries})
        for trace, column in _traces(entries, values):
            # Time and memory share their lines' names, so that one entry of the legend serves both.
            figure.add_trace(trace.update(showlegend=row == 1 and column != 2), row, column)
        spacing = {"type": "log"} if axis in ("size", "batch", "filters") else {}
        figure.update_xaxes(title_text=AXES[axis], tickvals=values, ticktext=values, row=row, **spacing)
    figure.update_yaxes(type="log", dtick="D2", exponentformat="none")
    figure.update_layout(
        template="plotly_white",
        width=_WIDTH,
        height=_HEIGHT * number + _HEAD,
        legend={"orientation": "h", "yref": "container", "y": 1.0, "yanchor": "top"},
        margin={"t": _HEAD, "l": 60, "r": 40, "b": 60},
        modebar_orientation="v",
    )
    return figure


def _traces(entries: list[dict[str, Any]], values: list[int]) -> Iterator[tuple[go.Scatter, int]]:
    """The lines of one axis, each with the column that it stands in."""
    for mode in dict.fromkeys(entry["mode"] for entry in entries):
        line = sorted((e for e in entries if e["mode"] == mode), key=lambda entry: int(entry["value"]))
        for kind in KINDS:
            for column, name in enumerate(_COLUMNS, 1):
                found = [(entry, *value_of(entry[kind], name)) for entry in line]
                trace = _line(found, f"{kind}, {mode}", _COLOURS[kind], _DASHES[mode])
                yield trace, column
        for what, name in _RATIOS.items():
            found = [(entry, *ratio(entry, name)) for entry in line]
            yield _line(found, f"{what} ×, {mode}", _COLOURS[what], _DASHES[mode]), 3
    for what, value in PUBLISHED.items():
        ends = [values[0], values[-1]]
        dots = {"color": _COLOURS[what], "dash": "dot", "width": 1}
        name = f"{what} ×, published"
        yield go.Scatter(x=ends, y=[value, value], name=name, legendgroup=name, mode="lines", line=dots), 3


def _line(
    found: Sequence[tuple[Mapping[str, Any], float | None, bool]], name: str, colour: str, dash: str
) -> go.Scatter:
    """What was found along an axis; an extrapolated number has an open mark."""
    there = [(entry, value, guessed) for entry, value, guessed in found if value is not None]
    return go.Scatter(
        x=[entry["value"] for entry, _, _ in there],
        y=[value for _, value, _ in there],
        text=[label(entry) + (", extrapolated" if guessed else "") for entry, _, guessed in there],
        name=name,
        legendgroup=name,
        mode="lines+markers",
        line={"color": colour, "dash": dash},
        marker={"size": 7, "symbol": ["circle-open" if guessed else "circle" for _, _, guessed in there]},
        hovertemplate="%{y:.3~g} · %{text}",
    )


def learning(learned: Mapping[str, Any]) -> go.Figure:
    """Non-zero accuracy against wall time and against steps."""
    figure = make_subplots(cols=2, horizontal_spacing=0.08)
    for column, (name, title) in enumerate({"seconds": "wall time [s]", "step": "steps"}.items(), 1):
        for kind in KINDS:
            looks = learned[kind] if isinstance(learned[kind], list) else []
            figure.add_trace(
                go.Scatter(
                    x=[look[name] for look in looks],
                    y=[look["accuracy"] for look in looks],
                    text=[f"step {look['step']}, {look['seconds']:.0f} s" for look in looks],
                    name=kind,
                    legendgroup=kind,
                    showlegend=column == 1,
                    mode="lines+markers",
                    line={"color": _COLOURS[kind]},
                    hovertemplate="%{y:.3f} · %{text}",
                ),
                1,
                column,
            )
        figure.update_xaxes(title_text=title, type="log" if name == "step" else "linear", row=1, col=column)
    figure.update_yaxes(title_text="non-zero accuracy, held out", row=1, col=1)
    figure.update_layout(
        template="plotly_white",
        width=_WIDTH,
        height=_HEIGHT + 80,
        title=f"{learned['network']}, {learned['minutes']:g} minutes each from the same first weights, "
        f"batches of {learned['batch']} crops of {learned['size']} px, same order",
        title_font_size=15,
    )
    return figure
