"""The fixed decision rule of a detector: an offset a class, added to the box head's logits.

Training shows the box head a quarter of true boxes and neutrinos twenty times, so its shares are no
probabilities of the images one looks at. Two offsets, chosen on validation events, set that right:
of the neutrino, which decides what is called one, and of the background, which decides which
instances reach the score of 0.4. They end up in the bias of the head.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from inference.detector import Detector
from inference.networks.smask_rcnn import SMaskRCNN
from inference.training.detector_progress import COVERED, SCORE, quick_figures
from lartpc.classes import InstanceClass
from lartpc.event import Event
from records.detections import Detections

NEUTRINO_OFFSETS = (0.0, -1.0, -2.0, -3.0)
CUTS = tuple(np.arange(0.1, 0.8, 0.025).round(3).tolist())


@dataclass(frozen=True)
class Decision:
    """offsets: a class, background first; efficiency, purity, coverage: with them at a score of 0.4."""

    offsets: tuple[float, ...]
    efficiency: float
    purity: float
    coverage: float

    @property
    def merit(self) -> float:
        """What is maximised: the three figures count alike."""
        return self.efficiency + self.purity + self.coverage


def with_offsets(network: SMaskRCNN, offsets: Sequence[float]) -> SMaskRCNN:
    """The same network with offsets (K + 1,) added to the logits of its classes."""
    shifted = copy.deepcopy(network)
    with torch.no_grad():
        bias = shifted.box.logits.bias
        bias.add_(torch.tensor(list(offsets), device=bias.device))
    return shifted


def decide(network: SMaskRCNN, plane: str, events: Sequence[Event], device: str = "cpu") -> Decision:
    """The best offsets of a plane on events with truth."""
    classes = network.config.classes

    def offsets(neutrino: float) -> list[float]:
        return [0.0, *(neutrino if c == InstanceClass.NEUTRINO else 0.0 for c in range(classes))]

    found = {}
    for neutrino in NEUTRINO_OFFSETS:
        detector = Detector(with_offsets(network, offsets(neutrino)), plane, device=device)
        found[neutrino] = [detector(event.images[plane]) for event in events]
    called = max(found, key=lambda neutrino: neutrino_merit(found[neutrino], plane, events))
    return max((_at(cut, found[called], plane, events, offsets(called)) for cut in CUTS), key=_merit)


def _merit(decision: Decision) -> float:
    return decision.merit


def _at(
    cut: float, found: Sequence[Detections], plane: str, events: Sequence[Event], offsets: list[float]
) -> Decision:
    """The offsets under which a score of `cut` becomes one of 0.4, and the figures there."""
    figures = [
        quick_figures(event.images[plane], instances_of(event, plane), each, cut)
        for event, each in zip(events, found, strict=True)
    ]
    efficiency, purity = (np.concatenate([part[k] for part in figures]) for k in (0, 1))
    offsets = [_logit(cut) - _logit(SCORE), *offsets[1:]]
    covered = efficiency >= COVERED
    means = [float(np.mean(part)) if len(part) else 0.0 for part in (efficiency, purity, covered)]
    return Decision(tuple(offsets), *means)


def neutrino_merit(found: Sequence[Detections], plane: str, events: Sequence[Event]) -> float:
    """Efficiency of neutrinos by instances of that class, plus the share of these that mostly are one."""
    efficiency, right = [], []
    for event, each in zip(events, found, strict=True):
        assert event.truth is not None
        true = instances_of(event, plane)
        ids = [i.id for i in event.truth.interactions if i.instance_class is InstanceClass.NEUTRINO]
        neutrino = np.isin(true, ids) & (event.images[plane].charge >= 10.0)
        called = [
            i for i in each.instances if i.instance_class is InstanceClass.NEUTRINO and i.score >= SCORE
        ]
        if neutrino.any():
            efficiency.append(max((neutrino[i.pixels].sum() / neutrino.sum() for i in called), default=0.0))
        right += [float(neutrino[i.pixels].mean() > 0.5) for i in called]
    return float(np.mean(efficiency or [0.0]) + np.mean(right or [0.0]))


def instances_of(event: Event, plane: str) -> NDArray[np.int32]:
    """The true interaction of each pixel. Raises ValueError where the event does not know it."""
    if event.truth is None or plane not in event.truth.instances:
        raise ValueError(f"{event.id} has no true instances on plane {plane}")
    return event.truth.instances[plane]


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))
