"""The fixed decision rule of a detector: an offset added to the box head's logit of the background.

In training the box head sees a quarter of true boxes or more, in an image fewer, so its shares are no
probabilities. The offset, chosen on validation events, makes a score of 0.4 the cut where the
published figures are best; it ends up in the bias of the head.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.detector import Detector
from inference.networks.smask_rcnn import SMaskRCNN
from inference.training.detector_progress import COVERED, SCORE, quick_figures
from lartpc.event import Event

CUTS = tuple(np.arange(0.1, 0.8, 0.025).round(3).tolist())


@dataclass(frozen=True)
class Decision:
    """offset: of the background's logit; efficiency, purity, coverage: with it at a score of 0.4."""

    offset: float
    efficiency: float
    purity: float
    coverage: float

    @property
    def merit(self) -> float:
        """What is maximised: the three figures count alike."""
        return self.efficiency + self.purity + self.coverage


def with_offset(network: SMaskRCNN, offset: float) -> SMaskRCNN:
    """The same network with an offset added to the logit of its background."""
    shifted = copy.deepcopy(network)
    with torch.no_grad():
        shifted.box.logits.bias[0] += offset
    return shifted


def decide(network: SMaskRCNN, plane: str, events: Sequence[Event], device: str = "cpu") -> Decision:
    """The best offset of a plane on events with truth."""
    detector = Detector(network, plane, device=device)
    pairs = [(event, detector(event.images[plane])) for event in events]
    decisions = []
    for cut in CUTS:
        figures = [
            quick_figures(event.images[plane], instances_of(event, plane), found, cut)
            for event, found in pairs
        ]
        efficiency, purity = (np.concatenate([part[k] for part in figures]) for k in (0, 1))
        means = (_mean(part) for part in (efficiency, purity, efficiency >= COVERED))
        decisions.append(Decision(_logit(cut) - _logit(SCORE), *means))
    return max(decisions, key=lambda decision: decision.merit)


def instances_of(event: Event, plane: str) -> NDArray[np.int32]:
    """The true interaction of each pixel. Raises ValueError where the event does not know it."""
    if event.truth is None or plane not in event.truth.instances:
        raise ValueError(f"{event.id} has no true instances on plane {plane}")
    return event.truth.instances[plane]


def _mean(values: NDArray[Any]) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))
