"""From a number of a study's report to the events behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from records.compared import ComparedImage
from viewer.figures.study_tables import (
    PAIRS,
    SOURCES,
    WRONG,
    NameOf,
    Report,
    comparison_name,
    each_comparison,
    verdict_words,
)
from viewer.figures.words import count, percent

_MICHEL = {"neither": 0, "second_alone": 1, "first_alone": 2, "both": 3}
"""Position in an event's table of Michel electrons, rows absent and present by the first."""
_WORDS = {
    "agreement": "agreement",
    "agreement_of_charge": "agreement by charge",
    "cohen_kappa": "Cohen’s κ",
    "gwet_ac1": "Gwet’s AC1",
    "icpf": "ICPF",
    "both": "Michel electrons that both see",
    "first_alone": "Michel electrons that the first alone sees",
    "second_alone": "Michel electrons that the second alone sees",
    "neither": "images in which neither sees a Michel electron",
    "efficiency": "Michel efficiency",
    "purity": "Michel purity",
}

Place = Mapping[str, Any]


@dataclass(frozen=True)
class Behind:
    """The events behind a number. rows: each event's place and its cells, in the order of columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Place, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Chosen:
    """The comparison that a number belongs to, with its key and the source of its events."""

    key: str
    source: str
    comparison: Mapping[str, Any]


def chosen_comparison(report: Report, key: str | None) -> Chosen | None:
    """The comparison of a number; of none in particular, the first; None where there is no comparison."""
    found = [Chosen(*each) for each in each_comparison(report)]
    own = next((c for c in found if key and f"{key}.".startswith(f"{c.key}.")), None)
    source = (key or "").partition(".")[0]
    of_source = next((c for c in found if c.source == source), None)
    return own or of_source or next(iter(found), None)


def events_behind(
    report: Report, key: str, images: Sequence[ComparedImage], name_of: NameOf
) -> Behind | None:
    """The events behind the number of a key, most telling first; None for a key that is none."""
    source, _, rest = key.partition(".")
    kind, _, which = rest.partition(".")
    own = report["sources"].get(source, {})
    try:
        if source in ("self_agreement", "gold"):
            section = report[source][int(kind)]
            words = "with their repeats" if source == "self_agreement" else "with truth of gold images"
            return _of_section(section, which, f"{section['rater']} {words}", report)
        if source == "adjudication":
            return _of_verdicts(report["adjudication"][kind], kind, which)
        if kind == "comparisons":
            index, _, figure = which.partition(".")
            comparison = own["comparisons"][int(index)]
            name = f"{comparison_name(comparison, report, name_of)}, {SOURCES[source]}"
            return _of_section(comparison, figure, name, report)
        if kind == "double_scan":
            return _of_scan(own["double_scan"][int(which)], report, name_of)
        if kind == "human_level":
            return _of_test(own["human_level"][int(which)])
        if kind == "krippendorff_alpha":
            return _of_alpha(own, report)
        if kind == "spectra" and which in own["spectra"]["labellings"]:
            return _of_spectrum(
                images, source, which, name_of(which) if which in report["weights"] else which
            )
    except (KeyError, IndexError, ValueError):
        return None
    return None


def _of_section(section: Mapping[str, Any], figure: str, name: str, report: Report) -> Behind | None:
    rows = section["per_event"]
    if figure.startswith("cell."):
        return _of_cell(rows, figure.removeprefix("cell."), name, report)
    figure = figure or "agreement"
    own = figure.removeprefix("michel.")
    if own not in _WORDS:
        return None
    title = f"{name}: {_WORDS[own]}"
    if figure.startswith("michel.") or section["pixels"] is None:
        if own in _MICHEL:
            rows = [row for row in rows if row["michel"][_MICHEL[own]]]
        ranked = sorted(rows, key=lambda row: -(row["michel"][1] + row["michel"][2]))
        columns = ("both", "first", "second", "neither")
        cells = [tuple(count(row["michel"][_MICHEL[n]]) for n in reversed(_MICHEL)) for row in ranked]
        return Behind(title, columns, _zipped(ranked, cells))
    share = "agreement_of_charge" if own == "agreement_of_charge" else "agreement"
    known = [row for row in rows if row[share] is not None]
    ranked = sorted(known, key=lambda row: row[share])
    cells = [
        (percent(row[share], 2), count(row["pixels"]), count(row["pixels"] - _right(row, report)))
        for row in ranked
    ]
    column = "agreement by charge" if share == "agreement_of_charge" else "agreement"
    return Behind(title, (column, "pixels", "differ"), _zipped(ranked, cells))


def _of_cell(rows: Sequence[Any], cell: str, name: str, report: Report) -> Behind:
    size = len(report["classes"])
    first, second = (int(part) for part in cell.split("-"))
    if not (0 <= first < size and 0 <= second < size):
        raise ValueError(cell)
    place = size * first + second
    ranked = sorted((r for r in rows if r["confusion"][place]), key=lambda r: -r["confusion"][place])
    cells = [(count(row["confusion"][place]), count(row["pixels"])) for row in ranked]
    labels = report["classes"]
    title = f"{name}: {labels[first]} by the first, {labels[second]} by the second"
    return Behind(title, ("such pixels", "pixels"), _zipped(ranked, cells))


def _of_scan(scan: Mapping[str, Any], report: Report, name_of: NameOf) -> Behind:
    names = [
        name_of(scan[side]) if scan[side] in report["weights"] else scan[side] for side in ("first", "second")
    ]
    ranked = sorted(scan["per_event"], key=lambda row: row["found"][2] - row["found"][0] - row["found"][1])
    cells = [tuple(count(n) for n in row["found"]) for row in ranked]
    title = f"Double scan of {names[0]} and {names[1]}: Michel electrons found"
    return Behind(title, (names[0], names[1], "both"), _zipped(ranked, cells))


def _of_test(test: Mapping[str, Any]) -> Behind:
    def difference(row: Mapping[str, Any]) -> float:
        return float(row["network"] - row["physicists"])

    ranked = sorted(test["per_event"], key=difference)
    cells = [
        (percent(row["network"], 2), percent(row["physicists"], 2), f"{100 * difference(row):+.2f} %")
        for row in ranked
    ]
    against = "truth" if test["test"] == "against truth" else "a physicist"
    return Behind(
        f"Agreement with {against}, network and physicist",
        ("network", "physicist", "difference"),
        _zipped(ranked, [tuple(c.replace("-", "−") for c in row) for row in cells]),
    )


def _of_verdicts(found: Mapping[str, Any], source: str, who: str) -> Behind | None:
    if who != "all" and who not in WRONG:
        return None
    rows = [row for row in found["per_verdict"] if who in ("all", *row["wrong"])]
    what = {"all": "all verdicts", "undecided": "it cannot be decided"}.get(who, f"{WRONG.get(who)} is wrong")
    title = f"Adjudication, {SOURCES[source]}: {what}"
    return Behind(title, ("between", "wrong", "by", "why"), _zipped(rows, [*map(verdict_words, rows)]))


def _of_alpha(own: Mapping[str, Any], report: Report) -> Behind | None:
    pair = next((c for c in own["comparisons"] if c["pair"] == "physicist-physicist"), None)
    name = PAIRS["physicist-physicist"]
    return None if pair is None else _of_section(pair, "", f"Krippendorff’s α, {name}", report)


def _of_spectrum(images: Sequence[ComparedImage], source: str, name: str, words: str) -> Behind:
    energies = {
        "physicists": lambda image: [a.energy_mev for a in image.raters.values()],
        "truth": lambda image: [image.truth.energy_mev if image.truth else None],
    }.get(name, _of_network(name))
    rows: list[tuple[Place, tuple[str, ...]]] = []
    for image in images:
        found = [e for e in energies(image) if e] if image.source == source else []
        if found:
            place = {**image.place, "planes": [image.place["plane"]], "images": [image.position]}
            rows.append((place, (", ".join(f"{energy:.1f}" for energy in found),)))
    return Behind(
        f"Michel electrons by {words}, {SOURCES[source]}",
        ("energy (MeV)",),
        tuple(sorted(rows, key=lambda row: row[1], reverse=True)),
    )


def _of_network(weights: str) -> Callable[[ComparedImage], list[float | None]]:
    return lambda image: [image.networks[weights].energy_mev] if weights in image.networks else []


def _right(row: Mapping[str, Any], report: Report) -> int:
    size = len(report["classes"])
    return sum(row["confusion"][i * size + i] for i in range(size))


def _zipped(
    rows: Sequence[Any], cells: Sequence[tuple[str, ...]]
) -> tuple[tuple[Place, tuple[str, ...]], ...]:
    return tuple(zip(rows, cells, strict=True))
