"""The figures of a study's report as a table: one row a number, for a spreadsheet or a plot."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from records.comparison_schema import FIGURES, MICHEL_FIGURES, Json

COLUMNS = (
    "study",
    "definition_hash",
    "source",
    "comparison",
    "first",
    "second",
    "figure",
    "class",
    "value",
    "low_95",
    "high_95",
    "events",
    "labellings",
    "counted",
)
"""counted: pixels, or labellings of whole images, that the number is made of."""


def table(report: Json) -> str:
    """The report's numbers as CSV, the columns of `COLUMNS`; undefined ones are empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    study = {"study": report["study"], "definition_hash": report["definition_hash"]}
    for row in _rows(report):
        writer.writerow({**study, **row})
    return out.getvalue()


def summary(report: Json) -> str:
    """What a study found, in a few lines for a terminal."""
    state = "complete" if report["complete"] else "under way"
    lines = [f"{report['title']}: {report['images']} images, {len(report['raters'])} raters, {state}"]
    for source, found in report["sources"].items():
        for comparison in found["comparisons"]:
            pixels, michel = comparison["pixels"], comparison["michel"]
            share = (pixels or michel)["agreement"]
            who = comparison["pair"] + (f" {comparison['weights'][:8]}" if comparison["weights"] else "")
            lines.append(f"  {source:<11} {who:<28} {_percent(share)}  ({_events(comparison)})")
        for test in found["human_level"]:
            if test["events"] >= 2:
                verdict = "human level" if test["human_level"] else "not shown to be human level"
                lines.append(
                    f"  {source:<11} network {test['weights'][:8]} {test['test']}: {verdict} within "
                    f"{100 * test['margin']:.1f} % (p = {test['p']:.2g}, {_events(test)})"
                )
    published = report["published"]
    lines.append(
        f"  published   agreement above {100 * published['agreement_above']:.0f} % ({published['source']})"
    )
    return "\n".join([*lines, *report["notes"]])


def _events(counted: Json) -> str:
    return f"{counted['events']} event{'' if counted['events'] == 1 else 's'}"


def _percent(share: Json) -> str:
    if share["value"] is None:
        return "undefined"
    low, high = share["interval_95"]
    interval = "" if low is None else f" [{100 * low:.2f}, {100 * high:.2f}]"
    return f"{100 * share['value']:.2f} %{interval}"


def _rows(report: Json) -> Iterator[Json]:
    for source, found in report["sources"].items():
        for comparison in found["comparisons"]:
            about = {"source": source, "comparison": comparison["pair"]}
            yield from _section(about, comparison)
        yield from _alpha(source, found["krippendorff_alpha"])
        for scan in found["double_scan"]:
            yield from _scan(source, scan)
        for test in found["human_level"]:
            yield from _test(source, test)
    for name in ("self_agreement", "gold"):
        for section in report[name]:
            yield from _section({"source": "all", "comparison": name}, section)
    for source, found in report["adjudication"].items():
        yield from _verdicts(source, found)


def _section(about: Json, section: Json) -> Iterator[Json]:
    about = {**about, **{name: section[name] for name in ("first", "second", "events", "labellings")}}
    pixels, michel = section["pixels"], section["michel"]
    if pixels is not None:
        counted = {"counted": pixels["compared"]}
        for name in FIGURES:
            yield {**about, **counted, "figure": name, **_numbers(pixels[name])}
        for weight, icpf in (("icpf", pixels["icpf"]), ("icpf_of_charge", pixels["icpf"]["charge_weighted"])):
            for label, figures in (("all", icpf["all"]), *icpf["by_class"].items()):
                for name in ("mean", "median", "quantile_90"):
                    row = {"figure": f"{weight}_{name}", "class": label, "events": figures["events"]}
                    yield {**about, **row, **_numbers(figures[name])}
    for name in MICHEL_FIGURES:
        yield {**about, "counted": michel["compared"], "figure": f"michel_{name}", **_numbers(michel[name])}


def _alpha(source: str, alpha: Json) -> Iterator[Json]:
    row = {"source": source, "comparison": "physicists", "figure": "krippendorff_alpha"}
    yield {**row, "events": alpha["events"], **_numbers(alpha)}


def _scan(source: str, scan: Json) -> Iterator[Json]:
    about = {"source": source, "comparison": "double scan", "first": scan["first"], "second": scan["second"]}
    for name in ("efficiency_of_first", "efficiency_of_second", "efficiency_of_either", "estimated_number"):
        yield {**about, "events": len(scan["per_event"]), "figure": name, **_numbers(scan[name])}


def _test(source: str, test: Json) -> Iterator[Json]:
    """The interval of an equivalence test is that of 90 %, which has columns of its own nowhere."""
    about = {"source": source, "comparison": f"human level {test['test']}", "second": test["weights"]}
    numbers = {
        "mean_difference": test["mean_difference"],
        "mean_difference_low_90": test["interval_90"][0],
        "mean_difference_high_90": test["interval_90"][1],
        "margin": test["margin"],
        "p": test["p"],
        "human_level": int(test["human_level"]),
    }
    for name, value in numbers.items():
        yield {**about, "events": test["events"], "figure": name, "value": _text(value)}


def _verdicts(source: str, found: Json) -> Iterator[Json]:
    """How many verdicts say that each of them is wrong; class: who, counted: all verdicts."""
    for who, number in found["wrong"].items():
        events = len({(row["file"], row["entry"]) for row in found["per_verdict"] if who in row["wrong"]})
        about = {"source": source, "comparison": "adjudication", "figure": "wrong", "class": who}
        yield {**about, "value": _text(number), "events": events, "counted": found["verdicts"]}


def _numbers(figure: Json) -> Json:
    low, high = figure["interval_95"]
    return {"value": _text(figure["value"]), "low_95": _text(low), "high_95": _text(high)}


def _text(value: Any) -> str:
    return "" if value is None else repr(value)
