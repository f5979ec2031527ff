"""From the report of a detector to the words and tables of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from viewer.figures.instances import EFFICIENCY_PURITY_BINS, Bin, bin_of_event
from viewer.figures.words import NONE, count, interval, percent
from viewer.library import Library
from viewer.pages.models.choice import gain_words
from viewer.pages.models.drawings import Report, about
from viewer.pages.models.pieces import event_id, sample_tile, see, table, tile

_FIGURES = ("efficiency", "charge_efficiency", "purity", "coverage")
_CAUSES = {
    "wrong_class": "called something else",
    "dead_wires": "in dead wires",
    "tiny": "tiny",
    "truly_missed": "truly missed",
}


def head(report: Report) -> list[Component]:
    """The figures that are asked for first, each with its interval and the published ones."""
    everything, neutrino = report["interactions"]["all"], report["interactions"]["neutrino"]
    sparse = report["published"]["sparse"]
    tiles = [
        tile("Efficiency", everything["efficiency"], _beside(report, "efficiency"), as_percent=True),
        tile("Purity", everything["purity"], _beside(report, "purity"), as_percent=True),
        tile("Coverage", everything["coverage"], _beside(report, "coverage"), as_percent=True),
        tile("Charge efficiency", everything["charge_efficiency"], "not published", as_percent=True),
        tile(
            "Neutrino efficiency",
            neutrino["efficiency"],
            f"published {percent(sparse['neutrino_efficiency'])}",
            as_percent=True,
        ),
        tile(
            "AP of masks",
            report["average_precision"]["masks"]["all"]["ap"],
            "not published",
            as_percent=True,
        ),
        sample_tile(report, f"{count(everything['true'])} interactions"),
    ]
    return [html.Div(tiles, className="tiles"), html.P(_head_note(report), className="note")]


def _beside(report: Report, name: str) -> str:
    sparse, dense = (100 * report["published"][kind][name] for kind in ("sparse", "dense"))
    return f"published {sparse:.1f} / {dense:.1f} %"


def _head_note(report: Report) -> str:
    published, thresholds = report["published"], report["thresholds"]
    return (
        f"{about(report)}; {gain_words(report['settings']['gain'])}; pixels with ADC × gain ≥ "
        f"{thresholds['adc_min']:g} and predictions of score ≥ {thresholds['score_min']:g} count. "
        f"Intervals: 95 %, bootstrap over events. Published: {published['sparse']['title']} / "
        f"{published['dense']['title']} ({published['sparse']['source']}). They are of another simulation: "
        "comparable in kind, not digit by digit."
    )


def interactions_table(report: Report) -> list[Component]:
    """All interactions, neutrinos and cosmics, beside the published figures."""
    rows = []
    for group, words in (("all", "all interactions"), ("neutrino", "neutrinos"), ("cosmic", "cosmics")):
        own = report["interactions"][group]
        rows.append(_shares_row(words, own, ("strong",)))
        rows.append(_shares_row("95 % interval", own, ("inner",), as_interval=True))
        means = {**own["per_event"], "coverage": own["per_event"]["fractional_coverage"]}
        numbers = (f"{_mean(means[name])}" for name in ("covered", "true"))
        rows.append(_shares_row("mean of events", means, ("inner",), *numbers))
    rows += [
        html.Tr(
            [
                html.Th(f"published, {name}", scope="row"),
                *(html.Td(percent(of.get(share))) for share in _FIGURES),
                html.Td(f"{of['covered']:.2f}"),
                html.Td(f"{of['true']:.2f}"),
            ]
        )
        for name, of in report["published"].items()
    ]
    sparse = report["published"]["sparse"]
    rows.append(
        html.Tr(
            [
                html.Th("published, neutrinos", scope="row"),
                html.Td(percent(sparse["neutrino_efficiency"])),
                html.Td(percent(sparse["neutrino_charge_efficiency"])),
                *(html.Td(NONE) for _ in range(4)),
            ]
        )
    )
    names = ("", "efficiency", "by charge", "purity", "coverage", "covered", "true")
    words = (
        "Efficiency: the largest share of an interaction's pixels that one mask covers. Purity: of a mask's "
        "pixels on any interaction, the largest share on one. Coverage: interactions with an efficiency of "
        f"at least {percent(report['thresholds']['covered_from'], 0)}. Of neutrinos and cosmics, the class "
        "must be right."
    )
    return [html.H2("Interactions found"), table(names, rows), html.P(words, className="note")]


def _shares_row(
    name: str, figures: Mapping[str, Any], kind: Sequence[str], *numbers: str, as_interval: bool = False
) -> Component:
    cells = [
        (interval(figures[share], as_percent=True).removesuffix(" %") or NONE)
        if as_interval
        else percent(figures[share]["value"])
        for share in _FIGURES
    ]
    if not numbers:
        numbers = ("", "") if as_interval else tuple(count(figures[name]) for name in ("covered", "true"))
    return html.Tr([html.Th(name, scope="row"), *map(html.Td, (*cells, *numbers))], className=" ".join(kind))


def _mean(figure: Mapping[str, Any]) -> str:
    return NONE if figure["value"] is None else f"{figure['value']:.2f}"


def missed_table(report: Report) -> list[Component]:
    """Why interactions are missed, and average precision as COCO has it."""
    thresholds = report["thresholds"]
    words = (
        f"Missed: an efficiency below {percent(thresholds['missed_below'], 0)}. In dead wires: at least "
        f"{percent(thresholds['dead_share'], 0)} of the wires it spans are dead, with "
        f"{thresholds['dead_margin_wires']} more on either side. Tiny: fewer than "
        f"{thresholds['tiny_pixels']} pixels. The first cause that fits counts."
    )
    return [
        html.H2("Interactions missed"),
        _causes(report),
        html.P(words, className="note"),
        html.H3("Average precision (COCO)"),
        _precisions(report),
        html.P(
            "AP: mean over overlaps (intersection over union) of 0.50, 0.55 … 0.95, and over classes; "
            "predictions of every score count.",
            className="note",
        ),
    ]


def _causes(report: Report) -> Component:
    missed = report["missed"]
    rows = []
    for name, words in {"missed": "missed", **_CAUSES}.items():
        cells: list[str] = []
        for group in ("all", "neutrino", "cosmic"):
            own = missed[group][name]
            cells += [percent(own["value"]), count(own["interactions"])]
        cells[2:2] = [interval(missed["all"][name], as_percent=True) or NONE]
        if name == "wrong_class":
            cells[:3] = [NONE] * 3
        kind = "strong" if name == "missed" else "inner"
        rows.append(html.Tr([html.Th(words, scope="row"), *map(html.Td, cells)], className=kind))
    return table(("", "all", "number", "95 %", "neutrinos", "number", "cosmics", "number"), rows)


def _precisions(report: Report) -> Component:
    rows = []
    for kind, of in report["average_precision"].items():
        rows += [
            html.Tr(
                [
                    html.Th(words, scope="row"),
                    html.Td(percent(own["ap"]["value"])),
                    html.Td(interval(own["ap"], as_percent=True) or NONE),
                    html.Td(percent(own["ap_50"]["value"])),
                    html.Td(percent(own["ap_75"]["value"])),
                    html.Td(count(own["true"])),
                ],
                className="strong" if words == kind else "inner",
            )
            for words, own in {kind: of["all"], **of["by_class"]}.items()
        ]
    return table(("", "AP", "95 %", "at 0.50", "at 0.75", "true"), rows)


def events_title(chosen: Bin | None) -> str:
    """What the list of events is about."""
    if chosen is None:
        return "Worst events"
    width = 100 / EFFICIENCY_PURITY_BINS
    efficiency, purity = (f"{width * side:g} – {width * (side + 1):g} %" for side in chosen)
    return f"Efficiency {efficiency}, purity {purity}"


def events(report: Report, chosen: Bin | None, library: Library) -> Component:
    """The worst events over all, or those in a bin of efficiency and purity, each with the way to see it."""
    marked: frozenset[int] = frozenset()
    if chosen is None:
        rows = report["worst"]
        marked = frozenset(row["row"] for row in rows if row["marked"])
        words = (
            "Lowest product of mean efficiency and mean purity first. Marked: the worst 0.05 % of the "
            "sample, at least one event. A click on a bin of the histogram lists its events."
        )
    else:
        rows = [row for row in report["per_event"] if _bin(row) == chosen]
        words = "Events of this bin." if rows else "No event lies in this bin."
    lines = [
        html.Tr(
            [
                html.Td(event_id(row)),
                html.Td(percent(row["efficiency"])),
                html.Td(percent(row["purity"])),
                html.Td(f"{row['covered']} of {row['true']}"),
                see(row, report, library),
            ],
            className="marked" if row.get("row") in marked else "",
        )
        for row in rows
    ]
    names = ("run / subrun / event", "efficiency", "purity", "covered", "")
    listed = [table(names, lines)] if lines else []
    return html.Div([*listed, html.P(words, className="note")])


def _bin(row: Mapping[str, Any]) -> Bin | None:
    if row["efficiency"] is None or row["purity"] is None:
        return None
    return bin_of_event(row["efficiency"], row["purity"])
