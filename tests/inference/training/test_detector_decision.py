"""The decision rule of a detector: an offset in its bias, and how it is chosen."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from small_detector import bold_network, image_of

from inference.training import detector_decision
from inference.training.detector_decision import decide, instances_of, with_offset
from lartpc.classes import InstanceClass
from lartpc.detector import Detector as Geometry
from lartpc.event import Event, EventId, Interaction, Truth
from lartpc.instances import Instance
from records.detections import Detections


@pytest.fixture
def event() -> Event:
    """Twenty pixels of two interactions, ten each."""
    image = image_of(np.ones((1, 20), bool))
    truth = Truth(
        instances={"Y": np.repeat([5, 3], 10).astype(np.int32)},
        interactions=tuple(Interaction(n, InstanceClass.COSMIC, 13, 1.0) for n in (5, 3)),
    )
    return Event(EventId(1, 1, 1, "", 1), Geometry.load("microboone"), {"Y": image}, truth)


def told(*given: tuple[float, range]) -> Detections:
    instances = tuple(
        Instance(InstanceClass.COSMIC, score, (0, 0, 1, 20), np.array(pixels, np.int32))
        for score, pixels in given
    )
    return Detections("Y", instances, 20, "smask-rcnn", "", "", "cpu", 0.0)


def test_the_offset_is_that_of_the_background() -> None:
    network = bold_network()
    difference = with_offset(network, 0.5).box.logits.bias - network.box.logits.bias
    torch.testing.assert_close(difference, torch.tensor([0.5, 0.0, 0.0]))


@pytest.mark.parametrize("wrong", [0.15, 0.6])
def test_a_score_of_four_tenths_becomes_the_best_cut(
    monkeypatch: pytest.MonkeyPatch, event: Event, wrong: float
) -> None:
    # Both interactions are found whole, the second with the least score; a third instance lies across.
    found = told((0.9, range(0, 10)), (wrong + 0.1, range(10, 20)), (wrong, range(5, 15)))
    monkeypatch.setattr(detector_decision, "Detector", lambda *_, **__: lambda image: found)
    decision = decide(bold_network(), "Y", [event])
    assert (decision.efficiency, decision.purity, decision.coverage) == (1.0, 1.0, 1.0)
    # A score of that cut has, with the offset on the background's logit, the one of 0.4.
    cut = 1.0 / (1.0 + math.exp(-(math.log(0.4 / 0.6) + decision.offset)))
    assert wrong < cut <= wrong + 0.1


def test_events_without_truth_are_refused(event: Event) -> None:
    with pytest.raises(ValueError, match="no true instances on plane U"):
        instances_of(event, "U")
