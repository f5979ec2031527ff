"""A segmentation network against truth: what `argonscope evaluate` computes and writes as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inference.settings import SegmenterSettings
from lartpc.event import Event, WireImage
from lartpc.metrics.evaluated_event import EvaluatedEvent, evaluate_event
from lartpc.metrics.published import PUBLISHED
from lartpc.metrics.report import figures
from records.evaluation_schema import VERSION
from records.predictions import Prediction


class Segment(Protocol):
    """A network that labels pixels, as `inference.predictor.Segmenter` does."""

    def __call__(self, image: WireImage, *, settings: SegmenterSettings) -> Prediction: ...


@dataclass(frozen=True)
class Sample:
    """What a network is evaluated on. name: the simulated sample, with its seed; or `files`, without."""

    name: str
    seed: int | None
    files: tuple[str, ...]
    events: int


@dataclass(frozen=True)
class Weights:
    """Which weights are evaluated, and the rule that makes a class of their scores."""

    network: str
    name: str
    sha256: str
    decision_rule: str = "argmax of the scores"


@dataclass(frozen=True)
class Kept:
    """Events that were written to a file: their position among the evaluated → entry there."""

    file: str | None = None
    entries: Mapping[int, int] = field(default_factory=dict)

    @property
    def places(self) -> dict[int, tuple[str, int]]:
        """Position → file and entry."""
        return {} if self.file is None else {i: (self.file, entry) for i, entry in self.entries.items()}


def report(
    events: Sequence[EvaluatedEvent],
    plane: str,
    weights: Weights,
    sample: Sample,
    settings: SegmenterSettings,
    kept: Kept | None = None,
) -> dict[str, Any]:
    """The report of one plane, JSON as docs/evaluation.md has it."""
    kept = kept or Kept()
    return {
        **heading(plane, weights, sample, asdict(settings)),
        **figures(events, kept.places),
        "kept_file": kept.file,
        "published": PUBLISHED,
    }


def heading(plane: str, weights: Weights, sample: Sample, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the report of any network begins with."""
    return {
        "version": VERSION,
        "network": weights.network,
        "weights": weights.name,
        "weights_hash": weights.sha256,
        "plane": plane,
        "sample": {**asdict(sample), "files": list(sample.files)},
        "settings": dict(settings),
        "decision_rule": weights.decision_rule,
    }


def counted(image: WireImage, settings: SegmenterSettings) -> NDArray[np.bool_]:
    """The pixels that an evaluation counts, bool (N,): adc_min < ADC × gain < adc_max.

    A network that saturates also reads the pixels above, clipped, as context: the published range
    is what is compared.
    """
    adc = image.charge
    return (adc > settings.adc_min) & (adc < settings.adc_max)


def evaluate_plane(
    event: Event, plane: str, segmenter: Segment, settings: SegmenterSettings
) -> EvaluatedEvent:
    """Run a network on one plane of an event and compare. Raises ValueError as `compare` does."""
    image, _ = image_and_truth(event, plane)
    return compare(event, plane, segmenter(image, settings=settings), settings)


def compare(event: Event, plane: str, prediction: Prediction, settings: SegmenterSettings) -> EvaluatedEvent:
    """One plane of an event against its truth.

    Raises ValueError where the event lacks the plane or its truth, or the truth has unknown classes.
    """
    image, truth = image_and_truth(event, plane)
    return evaluate_event(
        event.id, image, truth, prediction.scores, counted(image, settings), prediction.seconds
    )


def image_and_truth(event: Event, plane: str) -> tuple[WireImage, NDArray[np.int8]]:
    """A plane's image and the true classes of its pixels, (N,). Raises ValueError where one is missing."""
    if plane not in event.images:
        raise ValueError(f"{event.id} has no plane {plane}; it has {', '.join(event.images) or 'none'}")
    if event.truth is None or plane not in event.truth.classes:
        raise ValueError(
            f"{event.id} has no pixel classes on plane {plane}; "
            "an evaluation needs simulated events with truth"
        )
    return event.images[plane], event.truth.classes[plane]
