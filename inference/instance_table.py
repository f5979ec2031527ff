"""An evaluation of instances as text: our figures with their intervals beside the published ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_WORST_SHOWN = 5
_FIGURES = (
    ("efficiency", "efficiency"),
    ("charge efficiency", "charge_efficiency"),
    ("purity", "purity"),
    ("coverage", "coverage"),
)


def instance_table(report: Json) -> str:
    """One plane's report for the terminal."""
    parts = (_head, _interactions, _per_event, _missed, _precision, _identification, _worst)
    return "\n".join(line for part in parts for line in part(report))


def _head(report: Json) -> Iterator[str]:
    sample, thresholds = report["sample"], report["thresholds"]
    source = ", ".join(sample["files"]) or f"{sample['name']} with seed {sample['seed']}"
    everything = report["interactions"]["all"]
    gain = report["settings"]["gain"]
    yield f"plane {report['plane']}, {report['weights']}, {source}: {report['events']} events,"
    yield (
        f"{everything['true']} interactions with a pixel of ADC × gain ≥ {thresholds['adc_min']:g} "
        f"(gain: {gain if isinstance(gain, str) else f'{gain:g}'}), "
        f"{everything['predicted']} predictions of score ≥ {thresholds['score_min']:g}"
    )


def _interactions(report: Json) -> Iterator[str]:
    published = report["published"]
    sparse, dense = published["sparse"], published["dense"]
    yield f"{'':38} {'ours':>7}  {'95 % interval':^17}  published: sparse, dense"
    for words, name in _FIGURES:
        beside = f"{_percent(sparse.get(name))} {_percent(dense.get(name))}" if name in sparse else ""
        yield _row(words, report["interactions"]["all"][name], beside)
    for group in ("neutrino", "cosmic"):
        for words, name in _FIGURES:
            own = sparse.get(f"{group}_{name}")
            yield _row(f"{group}, {words}", report["interactions"][group][name], own and _percent(own))


def _per_event(report: Json) -> Iterator[str]:
    published = report["published"]
    own = report["interactions"]["all"]["per_event"]
    for words, name in (*_FIGURES[:3], ("fractional coverage", "fractional_coverage")):
        yield _row(f"{words}, mean of events", own[name])
    yield (
        f"an event: {_mean(own['covered'])} of {_mean(own['true'])} interactions covered, "
        f"{_mean(own['predicted'])} predictions; published "
        + ", ".join(f"{of['covered']} of {of['true']} ({name})" for name, of in published.items())
    )


def _missed(report: Json) -> Iterator[str]:
    below = report["thresholds"]["missed_below"]
    for group, words in (("all", ""), ("neutrino", "neutrino, ")):
        of = report["missed"][group]
        yield _row(f"{words}missed (below {100 * below:.0f} %)", of["missed"])
        for cause in ("wrong_class", "dead_wires", "tiny", "truly_missed"):
            if group != "all" or cause != "wrong_class":
                yield _row(f"  {cause.replace('_', ' ')}", of[cause], f"{of[cause]['interactions']}")


def _precision(report: Json) -> Iterator[str]:
    for kind, of in report["average_precision"].items():
        for name, words in (("ap", "AP"), ("ap_50", "AP at 0.50"), ("ap_75", "AP at 0.75")):
            yield _row(f"{kind}, {words}", of["all"][name])
        for label, own in of["by_class"].items():
            yield _row(f"{kind}, AP of {label}", own["ap"])


def _identification(report: Json) -> Iterator[str]:
    for use, of in report["identification"].items():
        yield _row(f"by {use}: neutrino charge kept", of["neutrino_kept"])
        yield _row(f"by {use}: cosmic charge removed", of["cosmic_removed"])
        yield _row(f"by {use}: neutrino in what is kept", of["neutrino_share_of_kept"])


def _worst(report: Json) -> Iterator[str]:
    yield "worst events:"
    for entry in report["worst"][:_WORST_SHOWN]:
        where = f"entry {entry['entry']} of {entry['file'] or report['sample']['name']}"
        yield (
            f"  {entry['rank']}. {where}: efficiency {_percent(entry['efficiency'])}, purity "
            f"{_percent(entry['purity'])}, {entry['covered']} of {entry['true']} covered"
        )


def _row(name: str, entry: Json, beside: str | None = None) -> str:
    low, high = entry["interval_95"]
    interval = "–" if low is None or high is None else f"{100 * low:.1f} – {100 * high:.1f} %"
    return f"{name:38} {_percent(entry['value']):>7}  {interval:^17}  {beside or ''}".rstrip()


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _mean(entry: Json) -> str:
    return "–" if entry["value"] is None else f"{entry['value']:.2f}"
