"""What `argonscope evaluate` does differently for each kind of network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from inference.cards import WeightsCard
from inference.evaluation import Kept, Sample, Weights, evaluate_plane, report
from inference.evaluation_table import table
from inference.instance_evaluation import Detect, Gain, evaluate_instances_of, instance_report
from inference.instance_table import instance_table
from inference.predictor import Segmenter
from inference.settings import DetectorSettings, SegmenterSettings
from lartpc.event import Event
from lartpc.metrics.evaluated_event import EvaluatedEvent
from lartpc.metrics.evaluated_instances import EvaluatedInstances
from lartpc.metrics.instance_report import worst_events
from lartpc.metrics.instances import InstanceThresholds
from lartpc.metrics.worst import most_telling

Json = dict[str, Any]
R = TypeVar("R")


class EvaluatedNetwork(Protocol[R]):
    """How one network is run and compared, plane by plane. Crosses into other processes."""

    def load(self, plane: str, weights: Path) -> None:
        """Load weights, to see whether they fit. Raises ValueError, LookupError."""

    def evaluate(self, event: Event, plane: str, weights: Path) -> R:
        """Run weights on one plane of an event and compare. Raises ValueError."""

    def check(self, plane: str, events: Sequence[R]) -> None:
        """Raises ValueError if nothing of a whole sample counts."""

    def telling(self, planes: Sequence[Sequence[R]], number: int) -> list[int]:
        """Positions of the events to look at first."""

    def report(self, events: Sequence[R], card: WeightsCard, sample: Sample, kept: Kept) -> Json:
        """The report of the plane of a card."""

    def table(self, report: Json) -> str:
        """The report as text."""

    def short(self, report: Json) -> Json:
        """What the card of the weights takes over from a report."""


@dataclass(frozen=True)
class EvaluatedSegmenter:
    """U-ResNet: pixel classes."""

    settings: SegmenterSettings = field(default_factory=SegmenterSettings)

    def load(self, plane: str, weights: Path) -> None:
        _segmenter(plane, weights)

    def evaluate(self, event: Event, plane: str, weights: Path) -> EvaluatedEvent:
        return evaluate_plane(event, plane, _segmenter(plane, weights), self.settings)

    def check(self, plane: str, events: Sequence[EvaluatedEvent]) -> None:
        if not sum(int(event.confusion.sum()) for event in events):
            raise ValueError(
                f"plane {plane}: no event has a pixel of known truth with {self.settings.adc_min:g} < ADC × "
                f"gain < {self.settings.adc_max:g}; expected at least one"
            )

    def telling(self, planes: Sequence[Sequence[EvaluatedEvent]], number: int) -> list[int]:
        return most_telling([np.stack([e.confusion for e in events]) for events in planes], number)

    def report(self, events: Sequence[EvaluatedEvent], card: WeightsCard, sample: Sample, kept: Kept) -> Json:
        weights = Weights(card.network, card.name, card.sha256, _rule(card, "argmax of the scores"))
        return report(events, card.plane, weights, sample, self.settings, kept)

    def table(self, report: Json) -> str:
        return table(report)

    def short(self, report: Json) -> Json:
        names = (
            "decision_rule", "events", "pixels", "nonzero_accuracy", "mean_recall", "recall", "classes",
            "confusion_rows_true", "median_seconds",
        )  # fmt: skip
        return {name: report[name] for name in names} | {"published": report["published"]["sparse_ssnet"]}


@dataclass(frozen=True)
class EvaluatedDetector:
    """sMask-RCNN: instances. gain: what the images are read with."""

    settings: DetectorSettings = field(default_factory=DetectorSettings)
    gain: Gain = "own"

    def load(self, plane: str, weights: Path) -> None:
        _detector(plane, weights)

    def evaluate(self, event: Event, plane: str, weights: Path) -> EvaluatedInstances:
        return evaluate_instances_of(event, plane, _detector(plane, weights), self.settings, self.gain)

    def check(self, plane: str, events: Sequence[EvaluatedInstances]) -> None:
        if not any(len(event.pixels) for event in events):
            raise ValueError(
                f"plane {plane}: no event has a pixel of a true interaction with ADC × gain ≥ "
                f"{self.settings.adc_min:g}; expected at least one"
            )

    def telling(self, planes: Sequence[Sequence[EvaluatedInstances]], number: int) -> list[int]:
        return worst_events(planes, InstanceThresholds())[:number]

    def report(
        self, events: Sequence[EvaluatedInstances], card: WeightsCard, sample: Sample, kept: Kept
    ) -> Json:
        rule = _rule(card, "class of the best score")
        weights = Weights(card.network, card.name, card.sha256, rule)
        return instance_report(events, card.plane, weights, sample, self.settings, self.gain, kept)

    def table(self, report: Json) -> str:
        return instance_table(report)

    def short(self, report: Json) -> Json:
        names = (
            "decision_rule", "settings", "thresholds", "events", "interactions", "missed",
            "average_precision", "identification", "median_seconds",
        )  # fmt: skip
        return {name: report[name] for name in names} | {"published": report["published"]["sparse"]}


def _rule(card: WeightsCard, otherwise: str) -> str:
    """How a class follows from the scores, in the words of the card."""
    decision = card.card.get("decision")
    rule = decision.get("rule") if isinstance(decision, dict) else None
    return rule if isinstance(rule, str) else otherwise


@lru_cache(maxsize=8)
def _segmenter(plane: str, weights: Path) -> Segmenter:
    """One set of weights, kept as long as the process lives."""
    return Segmenter.load(plane, weights)


@lru_cache(maxsize=8)
def _detector(plane: str, weights: Path) -> Detect:
    from inference.detector import Detector

    detector: Detect = Detector.load(plane, weights)
    return detector
