"""Training images of a detector: boxes, owners, what is left out, and what augmentation keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_detector import tracks_image

from inference.training.images import ImageSourceConfig, TrainingImage, augmented, images, training_image
from inference.training.source import FIRST_TRAINING_SEED
from lartpc.classes import InstanceClass
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Interaction, Truth, WireImage

CONFIG = ImageSourceConfig(least_pixels=2)


def event(classes: list[InstanceClass], instances: list[int], adc: list[float]) -> Event:
    number = np.arange(len(adc), dtype=np.int32)
    image = WireImage("Y", number * 2, number + 3, np.array(adc, np.float32), (50, 60), gain=2.0)
    interactions = tuple(Interaction(10 + n, each, 13, 1.0) for n, each in enumerate(classes))
    truth = Truth(instances={"Y": np.array(instances, np.int32)}, interactions=interactions)
    return Event(EventId(1, 2, 3, "", 4), Detector.load("microboone"), {"Y": image}, truth)


def test_interactions_become_owners_classes_and_boxes() -> None:
    made = training_image(
        event(
            [InstanceClass.COSMIC, InstanceClass.NEUTRINO, InstanceClass.PROTON, InstanceClass.COSMIC],
            [10, 10, 11, 11, 12, 12, 13, -1, 10],
            # × gain 2: the second of interaction 11 and the last of 10 are below 10 and not read.
            [50, 50, 50, 50, 50, 50, 50, 50, 4],
        ),
        "Y",
        CONFIG,
    )
    # 12 is of a class that two classes do not know, 13 has a single pixel.
    assert made.owner.tolist() == [0, 0, 1, 1, -1, -1, -1, -1]
    assert made.classes.tolist() == [0, 1]
    assert made.adc.tolist() == [100.0] * 8
    assert made.boxes.tolist() == [[0, 3, 3, 5], [4, 5, 7, 7]]
    six = training_image(event([InstanceClass.PROTON], [10, 10], [9, 9]), "Y", replace(CONFIG, classes=6))
    assert six.classes.tolist() == [InstanceClass.PROTON]


def test_a_plane_without_truth_is_refused() -> None:
    with pytest.raises(ValueError, match="no true instances on plane U"):
        training_image(event([], [-1], [50]), "U", CONFIG)


def test_augmentation_keeps_what_belongs_together() -> None:
    image = tracks_image(3)
    rng = np.random.default_rng(0)
    flips = 0
    for _ in range(20):
        made = augmented(rng, image, 2)
        order = made.rows.astype(int) * 1000 + made.wires
        assert (np.diff(order) > 0).all()
        assert made.owner.max() == len(made.classes) - 1
        ratio = made.adc / np.where(made.classes[made.owner] == 1, 120.0, 60.0)
        assert np.ptp(ratio[made.owner >= 0]) < 1e-5
        assert 0.7 < ratio[0] < 1.4
        place = set(zip(image.rows.tolist(), image.wires.tolist(), strict=True))
        found = set(zip(made.rows.tolist(), made.wires.tolist(), strict=True))
        mirrored = {(row, image.shape[1] - 1 - wire) for row, wire in found}
        assert found <= place or mirrored <= place
        flips += not found <= place
    assert 3 < flips < 17


def test_wires_of_u_and_v_are_never_flipped() -> None:
    image = replace(tracks_image(3), plane="U")
    place = set(zip(image.rows.tolist(), image.wires.tolist(), strict=True))
    rng = np.random.default_rng(0)
    for _ in range(10):
        made = augmented(rng, image, 2)
        assert set(zip(made.rows.tolist(), made.wires.tolist(), strict=True)) <= place


def test_an_interaction_that_loses_its_pixels_is_no_target() -> None:
    rows = np.arange(40, dtype=np.int32)
    owner = np.where(rows < 2, 0, 1).astype(np.int64)
    image = TrainingImage(
        "U", (40, 40), rows, rows, np.full(40, 50, np.float32), owner, np.array([0, 1], np.int64)
    )
    made = augmented(np.random.default_rng(1), image, 5)
    assert made.classes.tolist() == [1]
    assert set(made.owner[:2].tolist()) <= {-1, 0}
    assert (made.owner[made.rows >= 2] == 0).all()
    assert len(made.boxes) == 1


def test_simulated_images_are_ready_to_train_on() -> None:
    config = ImageSourceConfig(planes=("Y",), sample="bomb", uses=2)
    assert config.seed == FIRST_TRAINING_SEED
    source = images(config, workers=1, first=0)
    try:
        made = [next(source) for _ in range(5)]
    finally:
        source.close()
    for image in made:
        assert image.adc.min() > 6.0
        assert len(image.boxes) == len(image.classes)
        assert (image.boxes[:, 2:] > image.boxes[:, :2]).all()
