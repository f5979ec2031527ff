"""The figures of an evaluation of instances, as JSON values (docs/evaluation.md has the schema).

Shape shorthand: E events, T true interactions and P predictions of one event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import InstanceClass
from lartpc.metrics.average_precision import KINDS, Kind, Matches, mean_over_classes, precision_of
from lartpc.metrics.bootstrap import Estimate, Statistic, bootstrap, mean_of, of_sums
from lartpc.metrics.evaluated_instances import IDENTIFICATION, Compared, EvaluatedInstances
from lartpc.metrics.instances import CAUSES, Cause, Floats, InstanceThresholds
from lartpc.metrics.report import figure, number, place_of
from lartpc.metrics.segmentation import ratio
from lartpc.metrics.worst import LISTED, in_turn, marked

Json = dict[str, Any]
GROUPS = ("all", "cosmic", "neutrino")
"""All interactions with predictions of any class; those of one class with predictions of that class."""
EFFICIENCY_BINS = 20

_CLASS_OF = {"cosmic": InstanceClass.COSMIC, "neutrino": InstanceClass.NEUTRINO}
_AP_RESAMPLES = 200
"""Average precision is an integral a resample; its interval gets by with fewer."""
_SUMS = ("efficiency", "charge_efficiency", "covered", "true", "purity", "pure", "predicted")
"""What a group of an event adds up to; pure: predictions that have a purity."""


def instance_figures(
    events: Sequence[EvaluatedInstances],
    thresholds: InstanceThresholds,
    kept: Mapping[int, tuple[str, int]] | None = None,
) -> Json:
    """All figures of a sample of events on one plane; undefined numbers are None.

    kept: position in `events` → (file, entry) where the event can be opened.
    """
    sums = {group: _sums(events, group, thresholds) for group in GROUPS}
    places = [place_of(e.id, (kept or {}).get(i)) for i, e in enumerate(events)]
    return {
        "thresholds": asdict(thresholds),
        "events": len(events),
        "pixels": int(sum(e.pixels.sum() for e in events)),
        "interactions": {group: _group(sums[group]) for group in GROUPS},
        "efficiency_histogram": _histogram(events),
        "missed": {group: _missed(events, group) for group in GROUPS},
        "average_precision": {kind: _precision(events, kind) for kind in KINDS},
        "identification": _identification(events),
        "per_event": _per_event(events, sums, places),
        "worst": _worst(events, sums["all"], places),
        "median_seconds": float(np.median([e.seconds for e in events])) if events else None,
    }


def worst_events(planes: Sequence[Sequence[EvaluatedInstances]], thresholds: InstanceThresholds) -> list[int]:
    """Positions of the events to look at first, the worst first; of the same events on several planes."""
    return in_turn([_ranked(_sums(events, "all", thresholds)) for events in planes])


def of_group(event: EvaluatedInstances, group: str) -> tuple[Compared, NDArray[np.bool_], NDArray[np.bool_]]:
    """The comparison of a group, and which interactions (T,) and predictions (P,) are of it."""
    if group == "all":
        whole = (np.ones(len(event.true_classes), bool), np.ones(len(event.found_classes), bool))
        return event.any_class, *whole
    of = _CLASS_OF[group]
    return event.own_class, event.true_classes == of, event.found_classes == of


def _sums(events: Sequence[EvaluatedInstances], group: str, thresholds: InstanceThresholds) -> Floats:
    """(E, 7), columns as _SUMS."""
    rows = []
    for event in events:
        own, true, found = of_group(event, group)
        efficiency, purity = own.efficiency[true], own.purity[found]
        rows.append(
            [
                efficiency.sum(),
                own.charge_efficiency[true].sum(),
                np.count_nonzero(efficiency >= thresholds.covered_from),
                len(efficiency),
                np.nansum(purity),
                np.count_nonzero(~np.isnan(purity)),
                len(purity),
            ]
        )
    return np.array(rows, np.float64).reshape(len(events), len(_SUMS))


def _share(part: str, whole: str) -> Callable[[Floats], Floats]:
    """One column of sums (..., 7) over another."""
    return lambda sums: ratio(sums[..., _SUMS.index(part)], sums[..., _SUMS.index(whole)])


_SHARES = {
    "efficiency": _share("efficiency", "true"),
    "charge_efficiency": _share("charge_efficiency", "true"),
    "purity": _share("purity", "pure"),
    "coverage": _share("covered", "true"),
}


def _group(sums: Floats) -> Json:
    per_event = {name: share(sums) for name, share in _SHARES.items()}
    per_event["fractional_coverage"] = per_event.pop("coverage")
    numbers = {name: sums[:, _SUMS.index(name)] for name in ("true", "covered", "predicted")}
    return {
        **{name: figure(_estimate(of_sums(sums, share), len(sums))) for name, share in _SHARES.items()},
        **{name: int(values.sum()) for name, values in numbers.items()},
        "per_event": {
            name: figure(_estimate(mean_of(values), len(sums)))
            for name, values in (per_event | numbers).items()
        },
    }


def _estimate(statistic: Statistic, events: int, resamples: int = 1000) -> Estimate:
    return bootstrap(statistic, events, resamples=resamples)


def _histogram(events: Sequence[EvaluatedInstances]) -> Json:
    """Interactions by their efficiency: of each group, and those that are missed by their cause."""
    groups = {group: [own.efficiency[true] for own, true in _true_of(events, group)] for group in GROUPS}
    missed = {
        _word(cause): [own.efficiency[own.causes == cause] for own, _ in _true_of(events, "all")]
        for cause in CAUSES[1:]
    }
    return {
        "edges": np.linspace(0.0, 1.0, EFFICIENCY_BINS + 1).round(10).tolist(),
        **{group: _binned(parts) for group, parts in groups.items()},
        "missed": {cause: _binned(parts) for cause, parts in missed.items()},
    }


def _binned(parts: Sequence[Floats]) -> list[int]:
    """Interactions by efficiency; 1 lies in the last bin, and what rounding puts below an edge above it."""
    bins = np.floor(np.concatenate([np.zeros(0), *parts]) * EFFICIENCY_BINS + 1e-9).astype(np.int64)
    counts = np.bincount(np.minimum(bins, EFFICIENCY_BINS - 1), minlength=EFFICIENCY_BINS)
    return [int(count) for count in counts]


def _true_of(events: Sequence[EvaluatedInstances], group: str) -> list[tuple[Compared, NDArray[np.bool_]]]:
    return [(own, true) for own, true, _ in (of_group(event, group) for event in events)]


def _missed(events: Sequence[EvaluatedInstances], group: str) -> Json:
    """Shares of all interactions of a group, as figures with the number of interactions."""
    counts = np.array(
        [
            [np.count_nonzero(own.causes[true] == cause) for cause in CAUSES] + [np.count_nonzero(true)]
            for own, true in _true_of(events, group)
        ],
        np.float64,
    ).reshape(len(events), len(CAUSES) + 1)
    total = np.concatenate([counts[:, :-1].sum(axis=1, keepdims=True), counts], axis=1)
    names = ("missed", *map(_word, CAUSES))

    def of_all(sums: Floats) -> Floats:
        return ratio(sums[..., :-1], np.broadcast_to(sums[..., -1:], sums[..., :-1].shape))

    shares = _estimate(of_sums(total, of_all), len(events))
    return {
        name: {**figure(shares[i]), "interactions": int(total[:, i].sum())} for i, name in enumerate(names)
    }


def _word(cause: Cause) -> str:
    return cause.name.lower()


def _precision(events: Sequence[EvaluatedInstances], kind: Kind) -> Json:
    """Average precision of each class that occurs in truth, and their mean."""
    nothing = Matches(np.zeros(0), np.zeros((0, 10), bool), 0)
    classes = [
        c for c in InstanceClass if sum(e.matches[kind][c].true for e in events if c in e.matches[kind])
    ]
    of = {c: [e.matches[kind].get(c, nothing) for e in events] for c in classes}
    statistics = {c: precision_of(matches) for c, matches in of.items()}
    true = {c: sum(m.true for m in matches) for c, matches in of.items()}
    return {
        "all": _precisions(mean_over_classes(statistics), len(events), sum(true.values())),
        "by_class": {
            c.name.lower(): _precisions(statistic, len(events), true[c])
            for c, statistic in statistics.items()
        },
    }


def _precisions(statistic: Statistic, events: int, true: int) -> Json:
    """AP over all overlaps, at 0.50 and at 0.75."""

    def three(times: Floats) -> Floats:
        each = statistic(times)
        return np.stack([each.mean(axis=1), each[:, 0], each[:, 5]], axis=1)

    estimate = _estimate(three, events, _AP_RESAMPLES)
    return {**{name: figure(estimate[i]) for i, name in enumerate(("ap", "ap_50", "ap_75"))}, "true": true}


def _identification(events: Sequence[EvaluatedInstances]) -> Json:
    sums = np.array([e.identification for e in events]).reshape(len(events), 2, len(IDENTIFICATION))
    names = ("neutrino_kept", "cosmic_removed", "neutrino_share_of_kept")

    def shares(of: Floats) -> Floats:
        kept, neutrino, removed, cosmic, all_kept = (of[..., i] for i in range(len(IDENTIFICATION)))
        return np.stack([ratio(kept, neutrino), ratio(removed, cosmic), ratio(kept, all_kept)], axis=-1)

    estimate = _estimate(of_sums(sums, shares), len(events))
    return {
        use: {name: figure(estimate[i, j]) for j, name in enumerate(names)}
        for i, use in enumerate(("positive", "negative"))
    }


def _per_event(
    events: Sequence[EvaluatedInstances], sums: Mapping[str, Floats], places: Sequence[Json]
) -> list[Json]:
    shares = {name: share(sums["all"]) for name, share in _SHARES.items() if name != "coverage"}
    neutrino = _SHARES["efficiency"](sums["neutrino"])
    return [
        {
            **places[i],
            "pixels": int(event.pixels.sum()),
            **{name: int(sums["all"][i, _SUMS.index(name)]) for name in ("true", "covered", "predicted")},
            **{name: number(values[i]) for name, values in shares.items()},
            "neutrino_efficiency": number(neutrino[i]),
            "missed": {
                _word(cause): int(np.count_nonzero(event.any_class.causes == cause)) for cause in CAUSES[1:]
            },
        }
        for i, event in enumerate(events)
    ]


def _worst(events: Sequence[EvaluatedInstances], sums: Floats, places: Sequence[Json]) -> list[Json]:
    efficiency, purity = (_SHARES[name](sums) for name in ("efficiency", "purity"))
    listed = max(LISTED, marked(len(events)))
    return [
        {
            "rank": rank,
            "row": i,
            **places[i],
            "pixels": int(events[i].pixels.sum()),
            "efficiency": number(efficiency[i]),
            "purity": number(purity[i]),
            **{name: int(sums[i, _SUMS.index(name)]) for name in ("true", "covered")},
            "marked": rank <= marked(len(events)),
        }
        for rank, i in enumerate(_ranked(sums)[:listed], start=1)
    ]


def _ranked(sums: Floats) -> list[int]:
    """Events of the lowest mean efficiency × mean purity first; without those that have no interaction."""
    true = sums[:, _SUMS.index("true")]
    quality = np.nan_to_num(_SHARES["efficiency"](sums) * _SHARES["purity"](sums))
    return [int(i) for i in np.lexsort((-true, quality)) if true[i]]
