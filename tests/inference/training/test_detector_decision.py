"""The decision rule of a detector: offsets in its bias, and how they are chosen."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from small_detector import bold_network, image_of

from inference.training import detector_decision
from inference.training.detector_decision import decide, instances_of, neutrino_merit, with_offsets
from lartpc.classes import InstanceClass
from lartpc.detector import Detector as Geometry
from lartpc.event import Event, EventId, Interaction, Truth
from lartpc.instances import Instance
from records.detections import Detections

COSMIC, NEUTRINO = InstanceClass.COSMIC, InstanceClass.NEUTRINO


@pytest.fixture
def event() -> Event:
    """Twenty pixels, the first ten a neutrino, the rest a cosmic muon."""
    image = image_of(np.ones((1, 20), bool))
    truth = Truth(
        instances={"Y": np.repeat([5, 3], 10).astype(np.int32)},
        interactions=(Interaction(5, NEUTRINO, 14, 1.0), Interaction(3, COSMIC, 13, 1.0)),
    )
    return Event(EventId(1, 1, 1, "", 1), Geometry.load("microboone"), {"Y": image}, truth)


def told(*given: tuple[InstanceClass, float, range]) -> Detections:
    instances = tuple(
        Instance(each, score, (0, 0, 1, 20), np.array(pixels, np.int32)) for each, score, pixels in given
    )
    return Detections("Y", instances, 20, "smask-rcnn", "", "", "cpu", 0.0)


def test_offsets_move_the_logits() -> None:
    network = bold_network()
    moved = with_offsets(network, [0.5, 0.0, -2.0])
    difference = moved.box.logits.bias - network.box.logits.bias
    torch.testing.assert_close(difference, torch.tensor([0.5, 0.0, -2.0]))


def test_neutrinos_by_hand(event: Event) -> None:
    right = told((NEUTRINO, 0.9, range(0, 8)), (COSMIC, 0.9, range(10, 20)))
    assert neutrino_merit([right], "Y", [event]) == pytest.approx(0.8 + 1.0)
    generous = told((NEUTRINO, 0.9, range(0, 8)), (NEUTRINO, 0.9, range(10, 20)))
    assert neutrino_merit([generous], "Y", [event]) == pytest.approx(0.8 + 0.5)
    shy = told((COSMIC, 0.9, range(0, 8)), (NEUTRINO, 0.2, range(0, 10)))
    assert neutrino_merit([shy], "Y", [event]) == 0.0


class Scripted:
    """In place of the detector: the less a neutrino counts, the fewer are called one."""

    def __init__(self, network: torch.nn.Module, plane: str, device: str) -> None:
        bias = network.box.logits.bias  # type: ignore[union-attr, operator]
        self.neutrino = float(bias[2].detach()) - self.before

    before = 0.0

    def __call__(self, image: object) -> Detections:
        second = NEUTRINO if self.neutrino > -1.5 else COSMIC
        # All that is right scores 0.2 and more, what is wrong less.
        return told((NEUTRINO, 0.7, range(0, 10)), (second, 0.21, range(10, 20)), (COSMIC, 0.1, range(5, 15)))


def test_the_best_offsets_are_chosen(monkeypatch: pytest.MonkeyPatch, event: Event) -> None:
    network = bold_network()
    monkeypatch.setattr(Scripted, "before", float(network.box.logits.bias[2].detach()))
    monkeypatch.setattr(detector_decision, "Detector", Scripted)
    decision = decide(network, "Y", [event])
    assert (decision.efficiency, decision.purity, decision.coverage) == (1.0, 1.0, 1.0)
    background, cosmic, neutrino = decision.offsets
    assert cosmic == 0.0
    # The second instance scores too little to count as a neutrino that is none, so all merits are alike.
    assert neutrino == 0.0
    # A cut between 0.1 and 0.21 becomes one of 0.4.
    cut = 1.0 / (1.0 + math.exp(-(math.log(0.4 / 0.6) + background)))
    assert 0.1 < cut <= 0.21


def test_events_without_truth_are_refused(event: Event) -> None:
    with pytest.raises(ValueError, match="no true instances on plane U"):
        instances_of(event, "U")
