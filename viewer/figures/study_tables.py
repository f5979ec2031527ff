"""The report of a study as tables and sentences: plain values, so that the page and the saved HTML agree.

A cell that stands for a number of the report has its key, by which the events behind it are found
(`viewer.pages.studies.numbers`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from viewer.figures.words import NONE, count, events_words, interval, percent, share

Report = Mapping[str, Any]
NameOf = Callable[[str], str]
"""Hash of weights → the name that people know them by."""

PAIRS = {
    "physicist-network": "physicist – network",
    "physicist-physicist": "physicist – physicist",
    "physicist-truth": "physicist – truth",
    "network-truth": "network – truth",
}
SOURCES = {
    "data": "data",
    "unknown": "unknown source",
    "simulation": "simulation",
    "demo": "demo (simulated)",
}
WRONG = {"truth": "truth", "human": "a physicist", "network": "the network", "undecided": "undecided"}
"""Who is wrong by a verdict."""


@dataclass(frozen=True)
class Cell:
    """A value in words. key: of the number behind it, empty where there is none. tip: more words."""

    text: str
    key: str = ""
    tip: str = ""


@dataclass(frozen=True)
class Row:
    """A line of a table. kind: "", "strong" or "inner", how it stands out."""

    name: str
    cells: tuple[Cell, ...]
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its title, the names of its columns (the first is of the names), and a note below."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""


def sources(report: Report) -> list[str]:
    """Where the images of a study come from: data first, then simulation."""
    return [s for s in SOURCES if s in report["sources"]]


def comparison_name(comparison: Mapping[str, Any], report: Report, name_of: NameOf) -> str:
    """Who is compared: "physicist – network"; with the network's name where the study has several."""
    words = PAIRS[comparison["pair"]]
    several = len(report["weights"]) > 1 and comparison["weights"]
    return f"{words} ({name_of(comparison['weights'])})" if several else words


def agreement_of(comparison: Mapping[str, Any]) -> Mapping[str, Any]:
    """Agreement of lit pixels; of whole images where the study asks for no pixels."""
    found: Mapping[str, Any] = (comparison["pixels"] or comparison["michel"])["agreement"]
    return found


def comparison_table(report: Report, name_of: NameOf) -> Table:
    """The four comparisons, each in data and in simulation, beside the published figure."""
    shown = sources(report)
    rows: dict[str, dict[str, tuple[str, Mapping[str, Any]]]] = {}
    for source in shown:
        for i, comparison in enumerate(report["sources"][source]["comparisons"]):
            name = comparison_name(comparison, report, name_of)
            rows.setdefault(name, {})[source] = (f"{source}.comparisons.{i}", comparison)
    ordered = sorted(rows, key=lambda name: [*PAIRS.values()].index(name.split(" (")[0]))
    above = f"above {100 * report['published']['agreement_above']:.0f} %"
    lines = []
    for name in ordered:
        cells: list[Cell] = []
        for source in shown:
            if source not in rows[name]:
                cells += [Cell(NONE), Cell(""), Cell("")]
                continue
            key, comparison = rows[name][source]
            found = agreement_of(comparison)
            figure = "agreement" if comparison["pixels"] else "michel.agreement"
            cells += [
                Cell(percent(found["value"], 2), f"{key}.{figure}"),
                Cell(interval(found, as_percent=True), f"{key}.{figure}"),
                Cell(events_words(comparison["events"]), f"{key}.{figure}"),
            ]
        cells.append(Cell(above if name.startswith(PAIRS["physicist-network"]) else ""))
        lines.append(Row(name, tuple(cells), "strong"))
    columns = [""]
    for source in shown:
        columns += [SOURCES[source], "95 %", "of"]
    pixels = "lit pixels of the images" if report["question"] != "michel_present" else "whole images"
    published = report["published"]
    return Table(
        f"Agreement of {pixels}",
        (*columns, "published"),
        tuple(lines),
        "Intervals: 95 %, bootstrap over events. A click on a number lists the events behind it. "
        f"Published: {published['title']} ({published['source']}).",
    )


def figures_table(report: Report, name_of: NameOf) -> Table:
    """What else follows from the pixels of each comparison."""
    rows = []
    for key, source, comparison in each_comparison(report):
        pixels = comparison["pixels"]
        if pixels is None:
            continue
        icpf = pixels["icpf"]["all"]
        weighted = pixels["icpf"]["charge_weighted"]["all"]
        cells = (
            _number(pixels["agreement_of_charge"], f"{key}.agreement_of_charge", as_percent=True),
            _number(pixels["cohen_kappa"], f"{key}.cohen_kappa"),
            _number(pixels["gwet_ac1"], f"{key}.gwet_ac1"),
            _number(icpf["mean"], f"{key}.icpf", as_percent=True),
            _number(icpf["median"], f"{key}.icpf", as_percent=True),
            _number(icpf["quantile_90"], f"{key}.icpf", as_percent=True),
            _number(weighted["mean"], f"{key}.icpf", as_percent=True),
            Cell(count(pixels["compared"]), f"{key}.agreement"),
        )
        rows.append(Row(_where(comparison, source, report, name_of), cells))
    columns = (
        "",
        "by charge",
        "Cohen’s κ",
        "Gwet’s AC1",
        "ICPF mean",
        "median",
        "90 % below",
        "mean by charge",
        "pixels",
    )
    return Table(
        "Pixels: agreement by charge, chance-corrected, and ICPF",
        columns,
        tuple(rows),
        "ICPF: the share of an event’s pixels on which the two differ. Hold the mouse over a number for its "
        "95 % interval.",
    )


def michel_table(report: Report, name_of: NameOf) -> Table:
    """Michel electron present or absent, image by image."""
    rows = []
    for key, source, comparison in each_comparison(report):
        michel = comparison["michel"]
        if not michel["compared"]:
            continue
        counts = tuple(
            Cell(count(michel[name]), f"{key}.michel.{name}")
            for name in ("both", "first_alone", "second_alone", "neither")
        )
        figures = tuple(
            _number(michel[name], f"{key}.michel.{name}", as_percent=name in ("efficiency", "purity"))
            for name in ("efficiency", "purity", "cohen_kappa", "gwet_ac1")
        )
        rows.append(Row(_where(comparison, source, report, name_of), counts + figures))
    return Table(
        "Michel electrons: is there one in the image?",
        ("", "both", "first alone", "second alone", "neither", "efficiency", "purity", "κ", "AC1"),
        tuple(rows),
        "First and second: in the order of the line’s name; with truth, truth is the first. Efficiency: the "
        "share of the first’s that the second has too. Purity: the share of the second’s that the first has.",
    )


def double_scan_table(report: Report, name_of: NameOf) -> Table:
    """What two scanners miss, without truth."""
    rows = []
    for source in sources(report):
        for i, scan in enumerate(report["sources"][source]["double_scan"]):
            key = f"{source}.double_scan.{i}"
            names = " and ".join(_scanner(scan[side], report, name_of) for side in ("first", "second"))
            estimate = scan["estimated_number"]
            number = NONE if estimate["value"] is None else f"{estimate['value']:.1f}"
            rows.append(
                Row(
                    f"{names}, {SOURCES[source]}",
                    (
                        *(Cell(count(scan[f"found_by_{who}"]), key) for who in ("first", "second", "both")),
                        *(
                            _number(scan[f"efficiency_of_{who}"], key, as_percent=True)
                            for who in ("first", "second", "either")
                        ),
                        Cell(number, key, _tip(estimate, lambda v: f"{v:.1f}")),
                    ),
                )
            )
    return Table(
        "Double scan: Michel electrons that two scanners find",
        ("", "first", "second", "both", "eff. of first", "of second", "of either", "estimated in all"),
        tuple(rows),
        "From what two independent scanners have in common follows what each of them misses, without truth.",
    )


def raters_table(report: Report) -> Table:
    """All raters together, each with their repeats, and each with the truth of gold images."""
    rows = []
    for source in sources(report):
        alpha = report["sources"][source]["krippendorff_alpha"]
        if alpha["events"]:
            key = f"{source}.krippendorff_alpha"
            cells = (_number(alpha, key), Cell(events_words(alpha["events"]), key))
            rows.append(Row(f"Krippendorff’s α of {alpha['raters']} raters, {SOURCES[source]}", cells))
    for entry, words in (("self_agreement", "again"), ("gold", "with truth of gold images")):
        for i, section in enumerate(report[entry]):
            key = f"{entry}.{i}.{'agreement' if section['pixels'] else 'michel.agreement'}"
            cells = (
                _number(agreement_of(section), key, as_percent=True),
                Cell(events_words(section["events"]), key),
            )
            rows.append(Row(f"{section['rater']}, {words}", cells))
    return Table(
        "Raters: together, with themselves, with gold images",
        ("", "value", "of"),
        tuple(rows),
        "Again: the same image a second time, unannounced. Gold: images of known truth.",
    )


def spectra_table(report: Report, name_of: NameOf) -> Table:
    """Michel electrons by energy under each labelling."""
    rows = []
    for source in sources(report):
        for name, spectrum in report["sources"][source]["spectra"]["labellings"].items():
            if not spectrum["labellings"]:
                continue
            mean = spectrum["mean_mev"]
            key = f"{source}.spectra.{name}"
            cells = (
                Cell(count(spectrum["with_michel"]), key),
                Cell(NONE if mean is None else f"{mean:.1f} MeV", key),
                Cell(count(spectrum["labellings"]), key),
            )
            rows.append(Row(f"{_scanner(name, report, name_of)}, {SOURCES[source]}", cells))
    return Table(
        "Energy of Michel electrons under each labelling",
        ("", "images with a Michel electron", "mean energy", "labellings"),
        tuple(rows),
        "Energy: ADC × gain of the pixels called Michel, by the charge calibration.",
    )


def adjudication_table(report: Report) -> Table:
    """Who is wrong where two labellings differ, by the verdicts of adjudication."""
    rows = [
        Row(
            SOURCES[source],
            (
                *(Cell(count(found["wrong"][who]), f"adjudication.{source}.{who}") for who in WRONG),
                Cell(count(found["verdicts"]), f"adjudication.{source}.all"),
            ),
        )
        for source in SOURCES
        if (found := report["adjudication"].get(source)) is not None
    ]
    return Table(
        "Adjudication: who is wrong where two labellings differ",
        ("", *WRONG.values(), "verdicts"),
        tuple(rows),
        "The adjudicator saw two labellings without names. A verdict that both are wrong counts for both.",
    )


def verdict_words(verdict: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Between whom a verdict is, who is wrong, who says so, and why."""
    between = " and ".join(WRONG[kind] for kind in verdict["between"])
    wrong = " and ".join(WRONG[kind] for kind in verdict["wrong"])
    return between, wrong, verdict["by"], verdict["comment"]


def confusion_table(comparison: Mapping[str, Any], key: str, report: Report, name_of: NameOf) -> Table:
    """Pixels by the class that each side gives them; images, where the study asks for no pixels."""
    first, second = (_scanner(comparison[side], report, name_of) for side in ("first", "second"))
    classes = report["classes"]
    if comparison["pixels"] is None:
        michel = comparison["michel"]
        cells = (("neither", "second_alone"), ("first_alone", "both"))
        rows = tuple(
            Row(classes[i], tuple(Cell(count(michel[n]), f"{key}.michel.{n}") for n in names))
            for i, names in enumerate(cells)
        )
    else:
        confusion = comparison["pixels"]["confusion_rows_first"]
        rows = tuple(
            Row(
                label,
                tuple(
                    Cell(count(n), f"{key}.cell.{i}-{j}", f"{_of(n, sum(line))} of what {first} call {label}")
                    for j, n in enumerate(line)
                ),
            )
            for i, (label, line) in enumerate(zip(classes, confusion, strict=True))
        )
    return Table(
        "Confusion",
        (f"{first} ↓  {second} →", *classes),
        rows,
        "Pixels; the diagonal is where the two agree.",
    )


def class_table(comparison: Mapping[str, Any], key: str) -> Table | None:
    """ICPF of each class of the first; None where the study asks for no pixels."""
    if comparison["pixels"] is None:
        return None
    icpf = comparison["pixels"]["icpf"]
    rows = []
    for label, own in (("all", icpf["all"]), *icpf["by_class"].items()):
        by_charge = icpf["charge_weighted"]["all" if label == "all" else "by_class"]
        by_charge = by_charge if label == "all" else by_charge[label]
        rows.append(
            Row(
                label,
                (
                    *(
                        _number(own[name], f"{key}.icpf", as_percent=True)
                        for name in ("mean", "median", "quantile_90")
                    ),
                    _number(by_charge["mean"], f"{key}.icpf", as_percent=True),
                    Cell(count(own["events"]), f"{key}.icpf"),
                ),
                "strong" if label == "all" else "inner",
            )
        )
    columns = ("ICPF", "mean", "median", "90 % below", "mean by charge", "events")
    return Table("Share of pixels that differ, by class of the first", columns, tuple(rows))


def each_comparison(report: Report) -> list[tuple[str, str, Mapping[str, Any]]]:
    """(key, source, comparison) of every comparison, in the order of the page."""
    return [
        (f"{source}.comparisons.{i}", source, comparison)
        for source in sources(report)
        for i, comparison in enumerate(report["sources"][source]["comparisons"])
    ]


def all_tables(report: Report, name_of: NameOf) -> list[Table]:
    """Every table that does not depend on a choice; without those that have no line."""
    made = [
        comparison_table(report, name_of),
        figures_table(report, name_of),
        michel_table(report, name_of),
        raters_table(report),
        double_scan_table(report, name_of),
        spectra_table(report, name_of),
        adjudication_table(report),
    ]
    return [table for table in made if table.rows]


def _where(comparison: Mapping[str, Any], source: str, report: Report, name_of: NameOf) -> str:
    return f"{comparison_name(comparison, report, name_of)}, {SOURCES[source]}"


def _scanner(name: str, report: Report, name_of: NameOf) -> str:
    """A rater by name, a network by the name of its weights."""
    return name_of(name) if name in report["weights"] else name


def _number(figure: Mapping[str, Any], key: str, as_percent: bool = False) -> Cell:
    words = percent if as_percent else share
    return Cell(words(figure["value"]), key, _tip(figure, words))


def _tip(figure: Mapping[str, Any], words: Callable[[float], str]) -> str:
    low, high = figure["interval_95"]
    return "no interval" if low is None or high is None else f"95 %: {words(low)} to {words(high)}"


def _of(part: int, whole: int) -> str:
    return percent(part / whole if whole else None)
