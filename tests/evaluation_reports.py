"""Made-up evaluations, for tests of whatever reads them: invented scores through the real metrics."""

from __future__ import annotations

from typing import Any

import numpy as np

from inference.evaluation import Kept, Sample, Weights, compare, report
from inference.settings import SegmenterSettings
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Truth, WireImage
from lartpc.metrics.evaluated_event import EvaluatedEvent
from records.predictions import Prediction

SHARES = [0.04, 0.62, 0.2, 0.09, 0.05]
"""Of the true classes, HIP to Michel."""
CONFUSION = [
    [0.80, 0.17, 0.03, 0.00, 0.00],
    [0.01, 0.96, 0.01, 0.02, 0.00],
    [0.01, 0.02, 0.87, 0.09, 0.01],
    [0.00, 0.05, 0.12, 0.82, 0.01],
    [0.00, 0.03, 0.09, 0.02, 0.86],
]
"""Share of each true class (row) that is predicted as each class (column)."""


def made_up_report(
    plane: str = "Y",
    events: int = 12,
    seed: int = 1,
    weights: str = "uresnet-5-16-Y",
    kept_file: str | None = "worst.h5",
    kept: dict[int, int] | None = None,
) -> dict[str, Any]:
    """A report that is complete and of plausible figures.

    kept: position of an event → its entry in kept_file; by default the first four events are kept.
    """
    entries = {i: i for i in range(min(4, events))} if kept is None else kept
    return report(
        made_up_events(plane, events, seed),
        plane,
        Weights("uresnet", weights, "ab" * 32, "argmax of the logits plus a fixed offset a class"),
        Sample("bnb", seed, (), events),
        SegmenterSettings(),
        Kept(kept_file, entries),
    )


def made_up_events(plane: str, events: int, seed: int) -> list[EvaluatedEvent]:
    """Events of 400 pixels, predicted according to CONFUSION, some better and some worse."""
    rng = np.random.default_rng(seed)
    return [_event(rng, plane, seed, entry) for entry in range(events)]


def _event(rng: np.random.Generator, plane: str, seed: int, entry: int) -> EvaluatedEvent:
    shape, number = (120, 160), 400
    places = np.sort(rng.choice(shape[0] * shape[1], number, replace=False))
    rows, wires = (part.astype(np.int32) for part in np.divmod(places, shape[1]))
    adc = rng.gamma(3.0, 20.0, number).astype(np.float32) + 5
    image = WireImage(plane, rows, wires, adc, shape, dead_wires=np.array([40, 41], np.int32))
    truth = rng.choice(6, number, p=[*(0.99 * np.array(SHARES)), 0.01]).astype(np.int8)
    truth[truth == 5] = -1
    identity = EventId(seed, 2, entry, "", entry)
    event = Event(
        identity, Detector.load("microboone"), {plane: image}, Truth(classes={plane: truth}), "simulation"
    )
    scores = _scores(rng, truth, skill=rng.uniform(0.6, 1.0))
    prediction = Prediction(plane, scores, "uresnet", "made up", "ab" * 32, "cpu", 0.2 + entry / 1000)
    return compare(event, plane, prediction, SegmenterSettings())


def _scores(rng: np.random.Generator, truth: np.ndarray, skill: float) -> np.ndarray:
    rows = np.array(CONFUSION)[np.maximum(truth, 0)]
    rows = skill * rows + (1 - skill) / 5
    predicted = (rows.cumsum(axis=1) > rng.random(len(truth))[:, None]).argmax(axis=1)
    logits = rng.normal(0.0, 0.7, (len(truth), 5))
    logits[np.arange(len(truth)), predicted] += rng.uniform(1.5, 5.0, len(truth))
    scores = np.exp(logits)
    return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
