"""A segmentation network against truth: what `argonscope evaluate` writes as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PIXEL_CLASSES
from lartpc.event import Event, WireImage
from lartpc.metrics.segmentation import (
    Statistic,
    bootstrap_interval,
    confusion,
    mean_recall,
    nonzero_accuracy,
    recalls,
)
from records.predictions import Prediction

PUBLISHED_Y_PLANE: dict[str, Any] = {
    "source": "MICROBOONE-NOTE-1091-PUB: SparseSSNet [5-32], Y plane, test sample",
    "nonzero_accuracy": 0.95,
    "recall": {"HIP": 0.928, "MIP": 0.981, "shower": 0.941, "delta": 0.782, "Michel": 0.843},
}
"""What was published for another simulation: comparable in kind, not digit by digit."""


def evaluate_segmenter(
    segmenter: Callable[[WireImage], Prediction],
    events: Iterable[Event],
    plane: str,
    decision_rule: str = "argmax of the scores",
) -> dict[str, Any]:
    """Accuracy and recalls of a segmenter on one plane, ready for JSON (undefined numbers are null).

    Counted are the pixels that the network reads and whose true class is known. Intervals are 95 %,
    events resampled. Raises ValueError for an event without pixel classes on the plane.
    """
    counts, seconds, names = [], [], set()
    for event in events:
        prediction = segmenter(event.images[plane])
        counts.append(event_confusion(event, plane, prediction))
        seconds.append(prediction.seconds)
        names.add((prediction.network, prediction.weights, prediction.weights_hash))
    confusions = np.array(counts, np.int64).reshape(-1, len(PIXEL_CLASSES), len(PIXEL_CLASSES))
    return {
        "plane": plane,
        "networks": [
            dict(zip(("network", "weights", "weights_hash"), n, strict=True)) for n in sorted(names)
        ],
        "decision_rule": decision_rule,
        **summarise(confusions),
        "median_seconds": float(np.median(seconds)) if seconds else None,
        "published": PUBLISHED_Y_PLANE,
    }


def event_confusion(event: Event, plane: str, prediction: Prediction) -> NDArray[np.int64]:
    """Confusion (5, 5) of one event's read pixels. Raises ValueError where it has no truth there."""
    if event.truth is None or plane not in event.truth.classes:
        raise ValueError(
            f"entry {event.id.entry} of {event.id.file} has no pixel classes on plane {plane}; "
            "an evaluation needs simulated events with truth"
        )
    read = ~np.isnan(prediction.scores).any(axis=1)
    return confusion(event.truth.classes[plane][read], prediction.scores[read].argmax(axis=1))


def summarise(confusions: NDArray[np.int64]) -> dict[str, Any]:
    """The numbers of confusions (E, 5, 5), one an event."""
    total = confusions.sum(axis=0)
    each, (low, high) = recalls(total), bootstrap_interval(confusions, recalls)
    return {
        "events": len(confusions),
        "pixels": int(total.sum()),
        "nonzero_accuracy": _with_interval(confusions, nonzero_accuracy),
        "mean_recall": _with_interval(confusions, mean_recall),
        "recall": {
            c.label: {**_value(each[c], low[c], high[c]), "pixels": int(total[c].sum())}
            for c in PIXEL_CLASSES
        },
        "classes": [c.label for c in PIXEL_CLASSES],
        "confusion_rows_true": total.tolist(),
    }


def _with_interval(confusions: NDArray[np.int64], statistic: Statistic) -> dict[str, Any]:
    low, high = bootstrap_interval(confusions, statistic)
    return _value(statistic(confusions.sum(axis=0)), low, high)


def _value(value: Any, low: Any, high: Any) -> dict[str, Any]:
    return {"value": _number(value), "interval_95": [_number(low), _number(high)]}


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
