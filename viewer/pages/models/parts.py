"""From an evaluation's report to the words and tables of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from lartpc.classes import PIXEL_CLASSES
from viewer.figures.confusion import Cell
from viewer.figures.words import NONE, count, interval, percent, share
from viewer.library import Library
from viewer.pages.models.drawings import Report, about
from viewer.pages.models.pieces import event_id, sample_tile, see, table, tile

_LABELS = [c.label for c in PIXEL_CLASSES]


def head(report: Report) -> list[Component]:
    """The figures that are asked for first, each with its interval and the published one."""
    published, ssnet = report["published"]["sparse_ssnet"], report["published"]["ssnet"]
    sides = report["track_shower"]
    collapsed = report["icpf"]["track_shower"]["all"]["mean"]
    recalls = list(published["recall"].values())
    other = published["track_shower"]
    tiles = [
        tile(
            "Non-zero accuracy",
            report["nonzero_accuracy"],
            f"published, Y: {published['nonzero_accuracy']:.2f}",
        ),
        tile("Mean recall", report["mean_recall"], f"published, Y: {sum(recalls) / len(recalls):.3f}"),
        tile("Track/shower accuracy", sides["accuracy"], f"published, Y: {other['accuracy']:.2f}"),
        tile("Track purity", sides["track"]["purity"], f"published, Y: {other['purity']:.2f}"),
        tile("Shower purity", sides["shower"]["purity"], "not published"),
        tile(
            "Track/shower ICPF",
            collapsed,
            f"published: {percent(ssnet['icpf_track_shower']['test']['mean'])}",
            as_percent=True,
        ),
        sample_tile(report, f"{count(report['pixels'])} pixels"),
    ]
    return [html.Div(tiles, className="tiles"), html.P(_head_note(report), className="note")]


def _head_note(report: Report) -> str:
    published, ssnet = report["published"]["sparse_ssnet"], report["published"]["ssnet"]
    words = (
        f"{about(report)}. Intervals: 95 %, bootstrap over events. Published: {published['title']} "
        f"({published['source']}); ICPF: {ssnet['title']} ({ssnet['source']}). "
        "They are of other simulations: comparable in kind, not digit by digit."
    )
    read, counted = report["accuracy_all_read"], report["pixels"]
    if read["pixels"] != counted:
        words += f" Over all {count(read['pixels'])} pixels that the network reads: {share(read['value'])}."
    return words


def events_title(cell: Cell | None) -> str:
    """What the list of events is about."""
    if cell is None:
        return "Worst events"
    true, predicted = (_LABELS[c] for c in cell)
    return f"True {true}, predicted {predicted}" if true != predicted else f"True {true}, predicted as such"


def events(report: Report, cell: Cell | None, library: Library) -> Component:
    """The worst events over all, or those with most pixels in a cell, each with the way to see it."""
    if cell is None:
        return _worst(report, library)
    if cell[0] == cell[1]:
        return html.P(
            "These pixels are right, so no event stands out. A cell off the diagonal lists its worst events.",
            className="note",
        )
    found = report["worst_by_cell"].get(",".join(_LABELS[c] for c in cell), [])
    if not found:
        return html.P("No event has such pixels.", className="note")
    return _cell_table(report, found, cell, library)


def _worst(report: Report, library: Library) -> Component:
    rows = [
        html.Tr(
            [
                html.Td(str(row["rank"])),
                html.Td(event_id(row)),
                html.Td(percent(row["wrong"])),
                html.Td(count(row["pixels"])),
                see(row, report, library),
            ],
            className="marked" if row["marked"] else "",
        )
        for row in report["worst"]
    ]
    names = ("", "run / subrun / event", "wrong", "pixels", "")
    words = (
        "Marked: the worst 0.05 % of the sample, at least one event. "
        "A click on a cell of the matrix lists the events that are worst in it."
    )
    return html.Div([table(names, rows), html.P(words, className="note")], className="ranked")


def _cell_table(
    report: Report, found: Sequence[Mapping[str, Any]], cell: Cell, library: Library
) -> Component:
    true, predicted = cell
    rows = []
    for row in found:
        of_true = sum(report["per_event"][row["row"]]["confusion"][5 * true : 5 * true + 5])
        rows.append(
            html.Tr(
                [
                    html.Td(event_id(row)),
                    html.Td(count(row["pixels"])),
                    html.Td(percent(row["pixels"] / of_true if of_true else None)),
                    see(row, report, library),
                ]
            )
        )
    names = ("run / subrun / event", "pixels", f"of its {_LABELS[true]}", "")
    note = html.P(
        f"Events with most {_LABELS[true]} pixels taken for {_LABELS[predicted]}.", className="note"
    )
    return html.Div([table(names, rows), note])


def icpf_table(report: Report) -> list[Component]:
    """ICPF of ours, by class, beside the published table."""
    return [
        html.H2("Incorrectly classified pixel fraction (ICPF), per event"),
        html.Div([_own_icpf(report), _published_icpf(report)], className="tables"),
        html.P(
            "A fraction is that of an event's pixels, of one true class where one is named; the mean, median "
            "and 90 % quantile are over events. By charge: pixels weighted by ADC × gain.",
            className="note",
        ),
    ]


def _own_icpf(report: Report) -> Component:
    rows = []
    for kind, words in (("five_class", "five classes"), ("track_shower", "track or shower")):
        own = report["icpf"][kind]
        rows.append(_icpf_row(words, own["all"], own["charge_weighted"]["all"], "strong"))
        rows += [
            _icpf_row(label, figures, own["charge_weighted"]["by_class"][label], "inner")
            for label, figures in own["by_class"].items()
        ]
    return table(("ours", "mean", "95 %", "median", "90 %", "by charge", "events"), rows)


def _icpf_row(name: str, own: Mapping[str, Any], charge: Mapping[str, Any], kind: str) -> Component:
    cells = (
        percent(own["mean"]["value"]),
        interval(own["mean"], as_percent=True) or NONE,
        percent(own["median"]["value"]),
        percent(own["quantile_90"]["value"]),
        percent(charge["mean"]["value"]),
        count(own["events"]),
    )
    return html.Tr([html.Th(name, scope="row"), *map(html.Td, cells)], className=kind)


def _published_icpf(report: Report) -> Component:
    ssnet = report["published"]["ssnet"]
    columns = ("mean", "quantile_90", "shower", "track")
    rows = [
        html.Tr([html.Th(sample, scope="row"), *(html.Td(percent(own[column])) for column in columns)])
        for sample, own in ssnet["icpf_track_shower"].items()
    ]
    published = table(("published", "mean", "90 %", "shower", "track"), rows)
    return html.Div([published, html.P(f"{ssnet['title']} ({ssnet['source']})", className="note")])


def confusion_csv(report: Report) -> str:
    """The matrix as CSV, one cell a line: classes, pixels, and both shares (empty where undefined)."""
    counts = report["confusion_rows_true"]
    columns = [sum(row[p] for row in counts) for p in range(len(_LABELS))]
    lines = ["true,predicted,pixels,share_of_true,share_of_predicted"]
    for t, row in enumerate(counts):
        for p, pixels in enumerate(row):
            shares = (f"{pixels / whole:.6f}" if whole else "" for whole in (sum(row), columns[p]))
            lines.append(",".join([_LABELS[t], _LABELS[p], str(pixels), *shares]))
    return "\n".join(lines) + "\n"
