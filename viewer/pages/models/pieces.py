"""Pieces that both kinds of evaluation are told in: tiles, tables, links to events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from viewer.components.controls import aria
from viewer.figures.words import events_words, interval, percent, share
from viewer.library import Library
from viewer.pages.models.choice import DETECTOR
from viewer.pages.models.drawings import Report
from viewer.pages.models.links import event_link


def tile(name: str, estimate: Mapping[str, Any], beside: str, as_percent: bool = False) -> Component:
    """A figure with its interval, and what is published beside it."""
    words = percent if as_percent else share
    return html.Div(
        [
            html.Span(name, className="tile-name"),
            html.Span(words(estimate["value"]), className="tile-value"),
            html.Span(
                interval(estimate, as_percent) or "no interval", title="95 % interval, bootstrap over events"
            ),
            html.Span(beside, className="tile-beside", title=beside),
        ],
        className="tile",
    )


def sample_tile(report: Report, counted: str) -> Component:
    """The size of the sample and how long the network took; counted: "1 596 536 pixels"."""
    seconds = report["median_seconds"]
    return html.Div(
        [
            html.Span("Sample", className="tile-name"),
            html.Span(events_words(report["events"]), className="tile-value"),
            html.Span(counted),
            html.Span("" if seconds is None else f"{seconds:.2f} s an event", className="tile-beside"),
        ],
        className="tile",
    )


def event_id(row: Mapping[str, Any]) -> str:
    """Run, subrun and event of a row; its entry where the file numbers no events."""
    numbers = (row["run"], row["subrun"], row["event"])
    return f"entry {row['entry']}" if max(numbers) < 0 else " / ".join(map(str, numbers))


def see(row: Mapping[str, Any], report: Report, library: Library) -> Component:
    """A cell of a table with the way to see an event, or why there is none."""
    look, title = _look(report)
    link = event_link(row, report["plane"], report["weights"], library, look)
    if link.address is None:
        return html.Td(link.words, className="dim")
    said = f"See {event_id(row)} in the display"
    return html.Td(html.A(link.words, href=link.address, title=title, **aria(label=said)))


def _look(report: Report) -> tuple[dict[str, str], str]:
    """How the display shows an event of a report, as in its address, and that in words."""
    if report["network"] != DETECTOR:
        return {"overlay": "disagreement"}, "Open it in the display, where it differs from truth"
    score, gain = report["thresholds"]["score_min"], report["settings"]["gain"]
    look = {"overlay": "detections", "boxes": "found_true", "least": f"{score:g}"}
    if not isinstance(gain, str):
        look["gain"] = f"{report['plane']}{gain:g}"
    return look, "Open it in the display, with the boxes found and the true ones"


def table(names: Sequence[str], rows: Sequence[Component]) -> Component:
    """A table with a line of names."""
    return html.Table(
        [html.Thead(html.Tr([html.Th(name, scope="col") for name in names])), html.Tbody(list(rows))],
        className="figures-table",
    )
