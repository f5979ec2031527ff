"""The detector's weights that come with ArgonScope."""

from __future__ import annotations

import numpy as np
import pytest

from inference.cards import available_weights, default_weights
from inference.detector import Detector
from inference.instance_evaluation import evaluate_instances_of
from inference.settings import DetectorSettings
from lartpc.metrics.published import PUBLISHED_INSTANCES
from lartpc.simulation import simulate_batch


def test_every_plane_ships_one_detector() -> None:
    cards = [card for card in available_weights() if card.network == "smask-rcnn"]
    assert sorted(card.plane for card in cards) == ["U", "V", "Y"]


@pytest.mark.parametrize("plane", ["U", "V", "Y"])
def test_it_is_under_8_mb_and_as_good_as_the_published_one_on_held_out_events(plane: str) -> None:
    card = default_weights("smask-rcnn", plane)
    assert card.path.stat().st_size < 8_000_000
    metrics = card.card["metrics"]
    assert metrics["events"] >= 200
    assert metrics["networks"][0]["weights_hash"] == card.sha256
    found = metrics["interactions"]["all"]
    for figure in ("efficiency", "purity", "coverage"):
        assert found[figure]["value"] >= PUBLISHED_INSTANCES["sparse"][figure]


def test_it_finds_most_of_a_few_events_that_it_never_saw() -> None:
    found = [
        evaluate_instances_of(event, plane, Detector.load(plane), DetectorSettings())
        for event in simulate_batch("bnb", 77, range(2))
        for plane in event.images
    ]
    assert np.concatenate([one.any_class.efficiency for one in found]).mean() > 0.75
    assert np.nanmean(np.concatenate([one.any_class.purity for one in found])) > 0.75
