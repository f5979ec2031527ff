"""One event's part of an evaluation: sums that add up over events, and nothing a pixel.

Shape shorthand: N pixels of one plane, C = 5 classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PIXEL_CLASSES, PixelClass
from lartpc.event import EventId, WireImage
from lartpc.metrics import calibration, distances
from lartpc.metrics.segmentation import confusion, weighted_confusion


@dataclass(frozen=True)
class EvaluatedEvent:
    """What one plane of one event adds to an evaluation.

    confusion: int64 (C, C), rows true. charge: the same in ADC × gain, float64. edge_distance,
    dead_wire_distance: wrong and all pixels by bin (`distances`). calibration: (C, B, 3)
    (`calibration`). confusion_all_read: of all pixels the network read. seconds: of the network.
    """

    id: EventId
    confusion: NDArray[np.int64]
    charge: NDArray[np.float64]
    edge_distance: NDArray[np.int64]
    dead_wire_distance: NDArray[np.int64]
    calibration: NDArray[np.float64]
    confusion_all_read: NDArray[np.int64]
    seconds: float


def evaluate_event(
    event_id: EventId,
    image: WireImage,
    truth: NDArray[np.integer],
    scores: NDArray[np.floating],
    counted: NDArray[np.bool_],
    seconds: float = 0.0,
) -> EvaluatedEvent:
    """Compare the scores (N, C) of one plane with its true classes (N,), -1 unknown.

    counted: bool (N,), the pixels in the range that counts; of those, pixels that the network read
    (no NaN) and whose truth is known are compared. The predicted class is the argmax of the scores.
    Raises ValueError for a true class that is none of -1 to 4.
    """
    if truth.size and not PixelClass.UNKNOWN <= truth.min() <= truth.max() < len(PIXEL_CLASSES):
        unknown = truth.max() if truth.max() >= len(PIXEL_CLASSES) else truth.min()
        raise ValueError(
            f"{event_id} has the true class {unknown} on plane {image.plane}; "
            f"expected -1 (unknown) to {len(PIXEL_CLASSES) - 1}"
        )
    read = ~np.isnan(scores).any(axis=1) & (truth != PixelClass.UNKNOWN)
    in_range = counted[read]
    everywhere, right_class = scores[read].argmax(axis=1), truth[read]
    predicted, true_class = everywhere[in_range], right_class[in_range]
    wrong = np.zeros(len(image), bool)
    wrong[read] = everywhere != right_class
    compared = read & counted
    charge = image.adc[compared] * np.float64(image.gain)
    edge = distances.edge_distance(image)[compared]
    dead = distances.dead_wire_distance(image)[compared]
    return EvaluatedEvent(
        id=event_id,
        confusion=confusion(true_class, predicted),
        charge=weighted_confusion(true_class, predicted, charge),
        edge_distance=distances.wrong_by_distance(edge, wrong[compared], distances.EDGE_BINS),
        dead_wire_distance=distances.wrong_by_distance(dead, wrong[compared], distances.DEAD_WIRE_BINS),
        calibration=calibration.calibration_counts(scores[compared], true_class),
        confusion_all_read=confusion(right_class, everywhere),
        seconds=seconds,
    )
