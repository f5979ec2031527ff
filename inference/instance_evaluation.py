"""A detector against true interactions: what `argonscope evaluate smask-rcnn` computes and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from inference.evaluation import Kept, Sample, Weights, heading
from inference.settings import DetectorSettings
from lartpc.event import Event, WireImage
from lartpc.gain import estimate_gain
from lartpc.metrics.evaluated_instances import EvaluatedInstances, evaluate_instances
from lartpc.metrics.instance_report import instance_figures
from lartpc.metrics.instances import InstanceThresholds
from lartpc.metrics.published import PUBLISHED_INSTANCES
from records.detections import Detections

Gain = Literal["own", "estimated"] | float
"""The gain that an image is read with: the one it comes with, its own estimate, or this one."""


class Detect(Protocol):
    """A network that finds interactions, as `inference.detector.Detector` does."""

    def __call__(self, image: WireImage, *, settings: DetectorSettings) -> Detections: ...


def evaluate_instances_of(
    event: Event, plane: str, detector: Detect, settings: DetectorSettings, gain: Gain = "own"
) -> EvaluatedInstances:
    """Run a detector on one plane of an event and compare. Raises ValueError as `compare_instances` does."""
    image, _ = image_and_interactions(event, plane)
    read = with_gain(image, gain)
    detections = detector(read, settings=settings)
    return compare_instances(event, read, detections, InstanceThresholds(adc_min=settings.adc_min))


def compare_instances(
    event: Event, image: WireImage, detections: Detections, thresholds: InstanceThresholds
) -> EvaluatedInstances:
    """What was found on one plane of an event against its truth; image: as the detector read it.

    Raises ValueError where the event lacks the plane or its true instances, or the detections are of
    another image.
    """
    _, interaction = image_and_interactions(event, image.plane)
    if detections.image_pixels != len(image):
        raise ValueError(
            f"{event.id}: detections of an image of {detections.image_pixels} pixels on plane {image.plane}; "
            f"expected {len(image)}"
        )
    assert event.truth is not None
    classes = {one.id: one.instance_class for one in event.truth.interactions}
    return evaluate_instances(
        event.id, image, interaction, classes, detections.instances, thresholds, detections.seconds
    )


def image_and_interactions(event: Event, plane: str) -> tuple[WireImage, NDArray[np.int32]]:
    """A plane's image and the interaction of each pixel, (N,). Raises ValueError where one is missing."""
    if plane not in event.images:
        raise ValueError(f"{event.id} has no plane {plane}; it has {', '.join(event.images) or 'none'}")
    if event.truth is None or plane not in event.truth.instances:
        raise ValueError(
            f"{event.id} has no true instances on plane {plane}; "
            "an evaluation needs simulated events with truth"
        )
    return event.images[plane], event.truth.instances[plane]


def with_gain(image: WireImage, gain: Gain) -> WireImage:
    """The image with the gain that an evaluation asks for."""
    if gain == "own":
        return image
    return image.with_gain(estimate_gain(image) if gain == "estimated" else gain)


def instance_report(
    events: Sequence[EvaluatedInstances],
    plane: str,
    weights: Weights,
    sample: Sample,
    settings: DetectorSettings,
    gain: Gain = "own",
    kept: Kept | None = None,
) -> dict[str, Any]:
    """The report of one plane, JSON as docs/evaluation.md has it."""
    kept = kept or Kept()
    return {
        **heading(plane, weights, sample, {**asdict(settings), "gain": gain}),
        **instance_figures(events, InstanceThresholds(adc_min=settings.adc_min), kept.places),
        "kept_file": kept.file,
        "published": PUBLISHED_INSTANCES,
    }
