"""The figures of a sample with their intervals, as JSON values (docs/evaluation.md has the schema)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PIXEL_CLASSES
from lartpc.event import EventId
from lartpc.metrics import calibration, distances, worst
from lartpc.metrics.bootstrap import Estimate, bootstrap, of_sums
from lartpc.metrics.evaluated_event import EvaluatedEvent
from lartpc.metrics.icpf import icpf, icpf_by_class, over_events
from lartpc.metrics.segmentation import (
    TRACK_SHOWER,
    mean_recall,
    nonzero_accuracy,
    purities,
    recalls,
    track_shower,
)

LABELS = tuple(c.label for c in PIXEL_CLASSES)
_CLASSES = len(PIXEL_CLASSES)
Json = dict[str, Any]


def figures(events: Sequence[EvaluatedEvent], kept: Mapping[int, tuple[str, int]] | None = None) -> Json:
    """All figures of a sample of events on one plane; undefined numbers are None.

    kept: position in `events` → (file, entry) where the event can be opened, for those that were
    written to a file after their evaluation.
    """
    confusions = _stack([e.confusion for e in events], (_CLASSES, _CLASSES))
    charge = _stack([e.charge for e in events], (_CLASSES, _CLASSES))
    places = [_place(e.id, (kept or {}).get(i)) for i, e in enumerate(events)]
    return {
        "events": len(events),
        "pixels": int(confusions.sum()),
        **_five_classes(confusions),
        "accuracy_all_read": _all_read(events),
        "track_shower": _track_shower(track_shower(confusions)),
        "icpf": {
            "five_class": icpf_figures(confusions, charge, LABELS),
            "track_shower": icpf_figures(track_shower(confusions), track_shower(charge), TRACK_SHOWER),
        },
        "edge_distance": _distance([e.edge_distance for e in events], distances.EDGE_BINS),
        "dead_wire_distance": _distance([e.dead_wire_distance for e in events], distances.DEAD_WIRE_BINS),
        "calibration": _calibration([e.calibration for e in events]),
        "per_event": _per_event(confusions, places),
        "worst": _worst(confusions, places),
        "worst_by_cell": _worst_by_cell(confusions, places),
        "median_seconds": float(np.median([e.seconds for e in events])) if events else None,
    }


def number(value: Any) -> float | None:
    """A float for JSON, None where it is undefined."""
    return None if np.isnan(value) else float(value)


def figure(estimate: Estimate) -> Json:
    """A number with its 95 % interval."""
    return {
        "value": number(estimate.value),
        "interval_95": [number(estimate.low), number(estimate.high)],
    }


def _estimate(sums: NDArray[np.number], statistic: Callable[[Any], NDArray[np.float64]]) -> Estimate:
    return bootstrap(of_sums(sums, statistic), len(sums))


def _stack(parts: list[NDArray[Any]], shape: tuple[int, ...]) -> NDArray[Any]:
    return np.stack(parts) if parts else np.zeros((0, *shape), np.int64)


def _five_classes(confusions: NDArray[np.int64]) -> Json:
    total = confusions.sum(axis=0)
    recall, purity = _estimate(confusions, recalls), _estimate(confusions, purities)
    return {
        "nonzero_accuracy": figure(_estimate(confusions, nonzero_accuracy)),
        "mean_recall": figure(_estimate(confusions, mean_recall)),
        "recall": _by_class(recall, total.sum(axis=1)),
        "purity": _by_class(purity, total.sum(axis=0)),
        "classes": list(LABELS),
        "confusion_rows_true": total.tolist(),
    }


def _by_class(estimate: Estimate, pixels: NDArray[np.int64]) -> Json:
    return {
        label: {**figure(estimate[i]), "pixels": int(pixels[i])}
        for i, label in enumerate(LABELS)
    }  # fmt: skip


def _all_read(events: Sequence[EvaluatedEvent]) -> Json:
    confusions = _stack([e.confusion_all_read for e in events], (_CLASSES, _CLASSES))
    return {**figure(_estimate(confusions, nonzero_accuracy)), "pixels": int(confusions.sum())}


def _track_shower(confusions: NDArray[np.number]) -> Json:
    purity, efficiency = _estimate(confusions, purities), _estimate(confusions, recalls)
    return {
        "accuracy": figure(_estimate(confusions, nonzero_accuracy)),
        **{
            name: {"purity": figure(purity[i]), "efficiency": figure(efficiency[i])}
            for i, name in enumerate(TRACK_SHOWER)
        },
        "classes": list(TRACK_SHOWER),
        "confusion_rows_true": confusions.sum(axis=0).tolist(),
    }


def icpf_figures(pixels: NDArray[np.number], charge: NDArray[np.number], labels: Sequence[str]) -> Json:
    """ICPF over events, over all and by true class, of confusions (E, C, C) in pixels and in charge."""
    return {**_icpf_of(pixels, labels), "charge_weighted": _icpf_of(charge, labels)}


def _icpf_of(confusions: NDArray[np.number], labels: Sequence[str]) -> Json:
    by_class = icpf_by_class(confusions)
    return {
        "all": _over_events(icpf(confusions)),
        "by_class": {label: _over_events(by_class[:, i]) for i, label in enumerate(labels)},
    }


def _over_events(fractions: NDArray[np.float64]) -> Json:
    found = {name: figure(estimate) for name, estimate in over_events(fractions).items()}
    return {**found, "events": int(np.count_nonzero(~np.isnan(fractions)))}


def _distance(counts: list[NDArray[np.int64]], bins: NDArray[np.float64]) -> Json:
    stack = _stack(counts, (len(bins) - 1, 2))
    estimate = _estimate(stack, distances.wrong_fraction)
    return {
        "edges": [float(edge) if np.isfinite(edge) else None for edge in bins],
        **_curve("fraction", estimate),
        "pixels": stack[:, :, 1].sum(axis=0).tolist(),
    }


def _calibration(counts: list[NDArray[np.float64]]) -> Json:
    stack = _stack(counts, (_CLASSES, calibration.BINS, 3))
    by_class = {label: _reliability(stack[:, i]) for i, label in enumerate(LABELS)}
    return {
        "edges": np.linspace(0.0, 1.0, calibration.BINS + 1).round(10).tolist(),
        **_reliability(stack.sum(axis=1)),
        "by_class": by_class,
    }


def _reliability(counts: NDArray[np.float64]) -> Json:
    total = counts.sum(axis=0)
    return {
        "confidence": [number(value) for value in calibration.mean_confidence(total)],
        **_curve("accuracy", _estimate(counts, calibration.reliability)),
        "pixels": total[:, calibration.PIXELS].astype(int).tolist(),
        "expected_error": figure(_estimate(counts, calibration.expected_error)),
    }


def _curve(name: str, estimate: Estimate) -> Json:
    intervals = zip(estimate.low, estimate.high, strict=True)
    return {
        name: [number(value) for value in estimate.value],
        "interval_95": [[number(low), number(high)] for low, high in intervals],
    }


def _place(event: EventId, kept: tuple[str, int] | None) -> Json:
    """Where an event can be opened (file None: nowhere, entry is that of the simulation), and its id."""
    file, entry = kept or (event.file or None, event.entry)
    return {"file": file, "entry": entry, "run": event.run, "subrun": event.subrun, "event": event.event}


def _per_event(confusions: NDArray[np.int64], places: list[Json]) -> list[Json]:
    accuracy, collapsed = nonzero_accuracy(confusions), icpf(track_shower(confusions))
    return [
        {
            **place,
            "pixels": int(confusions[i].sum()),
            "accuracy": number(accuracy[i]),
            "icpf": number(1.0 - accuracy[i]),
            "icpf_track_shower": number(collapsed[i]),
            "confusion": confusions[i].ravel().tolist(),
        }
        for i, place in enumerate(places)
    ]


def _worst(confusions: NDArray[np.int64], places: list[Json]) -> list[Json]:
    wrong, marked = icpf(confusions), worst.marked(len(confusions))
    return [
        {
            "rank": rank,
            "row": i,
            **places[i],
            "pixels": int(confusions[i].sum()),
            "wrong": number(wrong[i]),
            "marked": rank <= marked,
        }
        for rank, i in enumerate(worst.worst_events(confusions), start=1)
    ]


def _worst_by_cell(confusions: NDArray[np.int64], places: list[Json]) -> Json:
    return {
        f"{LABELS[true]},{LABELS[predicted]}": [
            {"row": i, **places[i], "pixels": int(confusions[i, true, predicted])} for i in events
        ]
        for (true, predicted), events in worst.worst_by_cell(confusions).items()
    }
