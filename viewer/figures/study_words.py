"""A study in sentences: what its equivalence tests say, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from viewer.figures.study_tables import NameOf, Report, sources
from viewer.figures.words import count, events_words

_WHERE = {
    "data": "In data",
    "simulation": "In simulation",
    "demo": "In the demo events (simulated)",
    "unknown": "In events of unknown source",
}


def human_level_words(test: Mapping[str, Any], source: str, name: str) -> str:
    """What one equivalence test says, in plain sentences. name: of the network."""
    against = test["test"] == "against truth"
    where = _WHERE[source]
    if test["events"] < 2 or test["mean_difference"] is None:
        need = "a physicist and the network against truth" if against else "two physicists and the network"
        return (
            f"{where}, nothing can be said of {name} {test['test']}: the test needs at least two events "
            f"with labels by {need}, and there {'is' if test['events'] == 1 else 'are'} "
            f"{count(test['events'])}."
        )
    low, high = test["interval_90"]
    whom = "truth" if against else "a physicist"
    other = "a physicist" if against else "a second physicist"
    margin = f"±{100 * test['margin']:g} %"
    measured = (
        f"{where}, over {events_words(test['events'])}, the agreement of {name} with {whom} is "
        f"{_points(test['mean_difference'])} that of {other} "
        f"(90 % interval of the difference {_signed(low)} to {_signed(high)})."
    )
    if test["human_level"]:
        return (
            f"{measured} This lies within the margin of {margin} that was set when the study was frozen: "
            f"human level (two one-sided tests, p = {_p(test['p'])})."
        )
    return (
        f"{measured} Human level within the margin of {margin}, set when the study was frozen, is not shown "
        f"(two one-sided tests, p = {_p(test['p'])})."
    )


def human_level_sentences(report: Report, name_of: NameOf) -> list[tuple[str, str, bool]]:
    """(key, sentence, whether human level is shown) of every equivalence test."""
    return [
        (
            f"{source}.human_level.{i}",
            human_level_words(test, source, name_of(test["weights"])),
            bool(test["human_level"]),
        )
        for source in sources(report)
        for i, test in enumerate(report["sources"][source]["human_level"])
        if test["test"] != "against truth" or _has_truth(report, source)
    ]


def missing_words(report: Report) -> list[str]:
    """What the report lacks and why, one sentence each; then the report's own notes."""
    found = []
    there = report["sources"]
    pairs = {c["pair"] for own in there.values() for c in own["comparisons"]}
    if not report["submitted"]:
        found.append("No task has been handed in yet, so nothing is known of the physicists.")
    elif "physicist-physicist" not in pairs:
        found.append(
            "No image has labels by two physicists yet, so physicists cannot be compared with each other, "
            "and human level cannot be tested."
        )
    if not report["weights"]:
        found.append("The study has no network, so nothing is compared with one.")
    if "data" not in there:
        others = "." if "unknown" in there else "; all figures are of simulated events."
        found.append(f"The study has no images from data{others}")
    if not there.keys() - {"data", "unknown"}:
        found.append("The study has no images from simulation, so there is no truth to compare with.")
    elif not pairs & {"physicist-truth", "network-truth"}:
        found.append("No image has a known truth, so nothing is compared with truth.")
    if report["submitted"] and not report["self_agreement"]:
        found.append("No image was labelled twice by one rater, so self-agreement is unknown.")
    if report["submitted"] and not report["gold"]:
        found.append("No gold image (of known truth, to check the rater) was labelled.")
    return found + list(report["notes"])


def _has_truth(report: Report, source: str) -> bool:
    return any(c["pair"].endswith("truth") for c in report["sources"][source]["comparisons"])


def _points(difference: float) -> str:
    points = 100 * difference
    return f"{abs(points):.2f} percentage points {'above' if points >= 0 else 'below'}"


def _signed(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:+.2f}".replace("-", "−")


def _p(value: float | None) -> str:
    if value is None:
        return "undefined"
    return "below 0.0001" if value < 1e-4 else f"{value:.2g}"
