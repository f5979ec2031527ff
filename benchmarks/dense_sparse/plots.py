"""The comparison as one HTML file that needs nothing else."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from benchmarks.dense_sparse.plan import AXES, KINDS
from benchmarks.dense_sparse.tables import PUBLISHED, PUBLISHED_CONDITIONS, conditions, label, ours, ratio

_COLOURS = {"dense": "#D55E00", "sparse": "#0072B2", "time": "#009E73", "memory": "#CC79A7"}
_DASHES = {"inference": "solid", "training": "dash"}
_COLUMNS = {"seconds": "time a batch [s]", "peak_mb": "peak memory [MB]"}
_RATIOS = {"time": "seconds", "memory": "peak_mb"}
_HEIGHT, _WIDTH = 360, 1320

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
    axes = [axis for axis in AXES if axis != "plane" and axis in result["plan"]["values"]]
    figure = make_subplots(
        rows=len(axes),
        cols=3,
        horizontal_spacing=0.07,
        vertical_spacing=0.28 / max(len(axes), 1),
        column_titles=[*_COLUMNS.values(), "dense over sparse"],
    )
    for row, axis in enumerate(axes, 1):
        for mode in result["plan"]["modes"]:
            entries = [e for e in result["points"] if (e["axis"], e["mode"]) == (axis, mode)]
            entries.sort(key=lambda entry: int(entry["value"]))
            for column, name in enumerate(_COLUMNS, 1):
                for kind in KINDS:
                    figure.add_trace(_measured(entries, kind, mode, name, row == column == 1), row, column)
            for what, name in _RATIOS.items():
                figure.add_trace(_ratio(entries, what, mode, name, row == 1), row, 3)
        for what, value in PUBLISHED.items():
            figure.add_hline(
                value,
                row=row,
                col=3,
                line={"color": _COLOURS[what], "width": 1, "dash": "dot"},
                annotation_text=f"{what}, published: {value:g}",
                annotation_font_size=10,
            )
        values = sorted({e["value"] for e in result["points"] if e["axis"] == axis})
        spacing = {"type": "log"} if axis in ("size", "batch", "filters") else {}
        figure.update_xaxes(title_text=AXES[axis], tickvals=values, ticktext=values, row=row, **spacing)
    figure.update_yaxes(type="log", dtick=1, exponentformat="power")
    figure.update_layout(
        template="plotly_white",
        width=_WIDTH,
        height=_HEIGHT * max(len(axes), 1) + 80,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "yref": "container"},
        margin={"t": 110, "l": 60, "r": 20},
    )
    return figure


def _measured(entries: list[dict[str, Any]], kind: str, mode: str, name: str, legend: bool) -> go.Scatter:
    run = [entry for entry in entries if name in entry[kind]]
    return go.Scatter(
        x=[entry["value"] for entry in run],
        y=[entry[kind][name] for entry in run],
        text=[
            f"{label(entry)}, {entry[kind]['pixels']} lit pixels, {entry[kind]['runs']} runs" for entry in run
        ],
        name=f"{kind}, {mode}",
        legendgroup=f"{kind} {mode}",
        showlegend=legend,
        mode="lines+markers",
        line={"color": _COLOURS[kind], "dash": _DASHES[mode]},
        hovertemplate="%{y:.3~g} · %{text}",
    )


def _ratio(entries: list[dict[str, Any]], what: str, mode: str, name: str, legend: bool) -> go.Scatter:
    found = [(entry, ratio(entry, name)) for entry in entries]
    run = [(entry, value) for entry, value in found if value is not None]
    return go.Scatter(
        x=[entry["value"] for entry, _ in run],
        y=[value for _, value in run],
        text=[label(entry) for entry, _ in run],
        name=f"{what} ×, {mode}",
        legendgroup=f"{what} {mode}",
        showlegend=legend,
        mode="lines+markers",
        line={"color": _COLOURS[what], "dash": _DASHES[mode]},
        hovertemplate="%{y:.2~g} × · %{text}",
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
