"""How a detector in training does on validation events, now and then."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inference.detector import Detector
from inference.networks.smask_rcnn import SMaskRCNN
from inference.training.decision import FIRST_VALIDATION_SEED
from inference.training.images import ImageSourceConfig
from inference.training.session import TrainingState, append_line
from lartpc.event import Event, WireImage
from lartpc.simulation import simulate_batch
from records.detections import Detections

SCORE, COVERED = 0.4, 0.9
"""Score cut of the published figures, and the efficiency from which an interaction counts as covered."""


class Progress:
    """progress.csv: efficiency, purity and coverage of the averaged weights on a few validation events."""

    _HEAD = ("step", "minutes", "plane", "efficiency", "purity", "coverage", "instances", "found")

    def __init__(self, path: Path, source: ImageSourceConfig, minutes: float, events: int) -> None:
        self._path, self._source, self._minutes, self._number = path, source, minutes, events
        self._events: list[Event] = []
        self._next: float | None = None

    def look(self, state: TrainingState[SMaskRCNN], device: str) -> None:
        """Evaluate if it is time, on all planes that are trained; leaves the state as it is."""
        if self._next is None:
            self._next = state.seconds / 60.0 + self._minutes
        if not self._number or state.seconds / 60.0 < self._next:
            return
        self._next = state.seconds / 60.0 + self._minutes
        if not self._events:
            self._events = simulate_batch(self._source.sample, FIRST_VALIDATION_SEED, range(self._number))
        network = SMaskRCNN(state.network.config)
        network.load_state_dict(state.average)
        for plane in self._source.planes:
            detector = Detector(network, plane, device=device)
            parts = []
            for event in self._events:
                assert event.truth is not None
                image = event.images[plane]
                parts.append(quick_figures(image, event.truth.instances[plane], detector(image)))
            efficiency, purity = (np.concatenate([p[i] for p in parts]) for i in (0, 1))
            numbers = [_mean(efficiency), _mean(purity), _mean(efficiency >= COVERED)]
            start = (state.step, f"{state.seconds / 60.0:.1f}", plane)
            counts = (len(efficiency), len(purity))
            append_line(self._path, self._HEAD, (*start, *(f"{n:.4f}" for n in numbers), *counts))


def quick_figures(
    image: WireImage, instances: np.ndarray, found: Detections, score: float = SCORE, adc_min: float = 10.0
) -> tuple[np.ndarray, np.ndarray]:
    """Efficiency of each true interaction and purity of each instance found with a score, of one plane.

    instances int32 (N,): true interaction of each pixel, -1 for none.
    """
    read = image.charge >= adc_min
    true, owner = np.unique(np.where(read, instances, -1), return_inverse=True)
    sizes = np.bincount(owner, minlength=len(true))
    shared = np.array(
        [
            np.bincount(owner[instance.pixels], minlength=len(true))
            for instance in found.instances
            if instance.score >= score
        ]
    ).reshape(-1, len(true))
    # What belongs to no interaction counts for neither.
    shared, sizes = shared[:, true >= 0], sizes[true >= 0]
    efficiency = (shared / sizes).max(axis=0, initial=0.0)
    total = shared.sum(axis=1)
    purity = shared.max(axis=1, initial=0.0)[total > 0] / total[total > 0]
    return efficiency, purity


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
