"""The detector from image to instances: what it tells, what it refuses, and its dense twin."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_detector import SMALL, bold_network, image_of

from benchmarks.smask_rcnn import STAGES
from inference import detector as module
from inference.dense_detector import CROP, DenseDetector, crops
from inference.detection.propose import ProposalSettings, propose
from inference.detector import MOST, Detector, Suppression
from inference.detector_weights import load_detector_weights, save_detector_weights
from inference.networks.smask_rcnn import PUBLISHED, SMaskRCNNConfig
from inference.settings import DetectorSettings
from inference.sparse import kernel
from lartpc.classes import InstanceClass
from lartpc.event import WireImage
from lartpc.instances import Instance
from records.detections import Detections

CARD: dict[str, Any] = {"network": "smask-rcnn", "plane": "Y", "architecture": SMALL.as_dict()}


@pytest.fixture(scope="module")
def some() -> WireImage:
    """A plane of 200 × 300 with some tracks."""
    rng = np.random.default_rng(4)
    lit = np.zeros((200, 300), bool)
    for _ in range(6):
        steps = np.linspace(0, 1, 400)[:, None]
        track = rng.uniform((0, 0), (199, 299)) * (1 - steps) + rng.uniform((0, 0), (199, 299)) * steps
        lit[track[:, 0].astype(int), track[:, 1].astype(int)] = True
    return image_of(lit)


def check(found: Detections, image: WireImage) -> None:
    """What holds for every answer, whatever it says."""
    scores = [instance.score for instance in found.instances]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) <= MOST
    assert (found.image_pixels, found.plane, found.network[-10:]) == (len(image), image.plane, "smask-rcnn")
    for instance in found.instances:
        assert module.LEAST_SCORE <= instance.score <= 1
        assert instance.instance_class in (InstanceClass.COSMIC, InstanceClass.NEUTRINO)
        assert instance.pixels.dtype == np.int32
        assert (np.diff(instance.pixels) > 0).all()
        assert len(instance.pixels)
        low_row, low_wire, high_row, high_wire = instance.box
        assert 0 <= low_row <= high_row <= image.shape[0]
        assert 0 <= low_wire <= high_wire <= image.shape[1]


def same(one: tuple[Instance, ...], other: tuple[Instance, ...]) -> None:
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert a.instance_class == b.instance_class
        assert a.score == pytest.approx(b.score, abs=1e-3)
        assert a.box == pytest.approx(b.box, abs=0.1)
        assert len(np.setxor1d(a.pixels, b.pixels)) <= 0.01 * len(a.pixels) + 1


def test_instances_of_a_plane(some: WireImage) -> None:
    found = Detector(bold_network(), "Y", "toy", "abc")(some)
    assert len(found.instances) > 3
    check(found, some)
    assert (found.weights, found.weights_hash) == ("toy", "abc")
    assert found.device.startswith("cpu, ")
    assert found.seconds > 0


def test_kernel_and_plain_torch_agree(some: WireImage) -> None:
    with kernel.using("torch"):
        plain = Detector(bold_network(), "Y")(some)
    assert plain.device == "cpu, plain torch"
    same(plain.instances, Detector(bold_network(), "Y")(some).instances)


def test_pixels_below_the_threshold_are_not_read_and_positions_count_them(some: WireImage) -> None:
    detector = Detector(bold_network(), "Y")
    dim = some.adc.copy()
    dim[::3] = 5.0
    image = WireImage("Y", some.rows, some.wires, dim, some.shape)
    read = np.flatnonzero(dim >= 10)
    alone = detector(image.masked(dim >= 10)).instances
    found = detector(image)
    check(found, image)
    assert len(found.instances) == len(alone) > 0
    for whole, part in zip(found.instances, alone, strict=True):
        assert np.array_equal(whole.pixels, read[part.pixels])
    # Gain and threshold decide together.
    assert len(detector(image.with_gain(0.01)).instances) == 0
    lower = detector(image, settings=DetectorSettings(adc_min=1.0))
    assert len(np.unique(np.concatenate([i.pixels for i in lower.instances]))) > len(read) // 2


@pytest.mark.parametrize("lit", [np.zeros((60, 70), bool), np.zeros((1, 1), bool)])
def test_an_empty_plane_has_no_instance(lit: np.ndarray) -> None:
    told: list[float] = []
    found = Detector(bold_network(), "Y")(image_of(lit), told.append)
    assert found.instances == ()
    assert found.image_pixels == 0


@pytest.mark.parametrize("shape", [(100, 120), (1, 1), (17, 33)])
@pytest.mark.parametrize("make", [Detector, DenseDetector])
def test_one_pixel(shape: tuple[int, int], make: type[Detector]) -> None:
    lit = np.zeros(shape, bool)
    lit[shape[0] // 2, shape[1] // 3] = True
    image = image_of(lit)
    found = make(bold_network(), "Y")(image)
    check(found, image)
    assert all(instance.pixels.tolist() == [0] for instance in found.instances)


def test_every_pixel_lit_at_512_by_512() -> None:
    image = image_of(np.ones((512, 512), bool))
    found = Detector(bold_network(), "Y")(image)
    check(found, image)
    assert len(found.instances)


def test_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch, some: WireImage) -> None:
    open_to_all = Suppression(ProposalSettings(overlap=1.0), boxes=1.0, masks=1.0)
    many = Detector(bold_network(), "Y", suppression=open_to_all)(some)
    check(many, some)
    assert len(many.instances) > 90
    monkeypatch.setattr(module, "MOST", 7)
    few = Detector(bold_network(), "Y", suppression=open_to_all)(some)
    same(few.instances, many.instances[: len(few.instances)])
    assert 0 < len(few.instances) <= 7


def test_nothing_likely_is_nothing_found(some: WireImage) -> None:
    sure = bold_network()
    with torch.no_grad():
        sure.box.logits.bias[0] = 1e3
    assert Detector(sure, "Y")(some).instances == ()


def test_proposals_of_no_area_or_no_number_are_dropped() -> None:
    anchors = torch.tensor([[10.0, 10, 30, 30], [-90, -90, -50, -50], [40, 40, 60, 60], [5, 5, 9, 9]])
    offsets = torch.zeros(4, 4)
    offsets[2, 2] = -50.0  # A height of nothing.
    offsets[3, 0] = torch.nan
    found = propose(torch.tensor([0.1, 0.9, 0.8, 0.7]), offsets, anchors, (100, 100), ProposalSettings())
    assert found.tolist() == [[10, 10, 30, 30]]
    none = propose(torch.zeros(0), torch.zeros(0, 4), torch.zeros(0, 4), (9, 9), ProposalSettings())
    assert none.shape == (0, 4)


def test_progress_rises_and_may_stop_the_run(some: WireImage) -> None:
    detector, told = Detector(bold_network(), "Y"), []
    detector(some, told.append)
    assert told == sorted(told)
    assert len(told) == len(STAGES)
    assert told[-1] == 1.0

    def stop(share: float) -> None:
        if share > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        detector(some, stop)


def test_six_classes() -> None:
    six = SMaskRCNNConfig.from_dict({**SMALL.as_dict(), "classes": 6})
    lit = np.random.default_rng(1).random((128, 128)) < 0.1
    classes = {i.instance_class for i in Detector(bold_network(six), "Y")(image_of(lit)).instances}
    assert classes
    assert classes <= {c for c in InstanceClass if c is not InstanceClass.UNKNOWN}


def test_published_sizes() -> None:
    assert (PUBLISHED.name, PUBLISHED.anchors) == ("resnet50", 15)
    assert SMaskRCNNConfig.from_dict(json.loads(json.dumps(PUBLISHED.as_dict()))) == PUBLISHED


def test_dense_twin_agrees_where_all_is_lit() -> None:
    image = image_of(np.ones((96, 112), bool))
    sparse, dense = Detector(bold_network(), "Y")(image), DenseDetector(bold_network(), "Y")(image)
    check(dense, image)
    assert (dense.network, dense.device) == ("dense smask-rcnn", "cpu, dense")
    assert len(dense.instances)
    same(dense.instances, sparse.instances)


def test_dense_twin_on_crops(some: WireImage) -> None:
    parts = list(crops(some, (64, 128)))
    assert np.array_equal(np.sort(np.concatenate([own for _, own in parts])), np.arange(len(some)))
    for part, own in parts:
        row, wire = part.first_tick // some.ticks_per_row, part.first_wire
        assert np.array_equal(part.rows + row, some.rows[own])
        assert np.array_equal(part.wires + wire, some.wires[own])
        assert part.shape == (min(64, 200 - row), min(128, 300 - wire))
    found = DenseDetector(bold_network(), "Y")(parts[1][0])
    check(found, parts[1][0])
    assert CROP == (512, 832)


def test_crops_where_time_runs_upwards() -> None:
    image = image_of(np.ones((10, 4), bool))
    image = WireImage("Y", image.rows, image.wires, image.adc, image.shape, first_tick=60, tick_order=-1)
    for part, own in crops(image, (4, 4)):
        assert part.tick_of_row(0) == image.tick_of_row(int(image.rows[own[0]]))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "smask-rcnn-toy-Y.safetensors"
    save_detector_weights(path, bold_network().state_dict(), CARD)
    return path


def test_what_was_saved_loads(weights: Path, some: WireImage) -> None:
    for given in (weights, weights.parent, str(weights)):
        detector = Detector.load("Y", given)
        assert (detector.name, detector.plane) == ("smask-rcnn-toy-Y", "Y")
    assert len(detector.weights_hash) == 64
    # Half precision moves scores a little.
    found, expected = detector(some).instances, Detector(bold_network(), "Y")(some).instances
    assert found[0].score == pytest.approx(expected[0].score, abs=0.02)


def test_weights_of_another_plane_network_or_folder(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match="weights of smask-rcnn for plane Y; expected smask-rcnn for plane U"
    ):
        Detector.load("U", weights)
    weights.with_suffix(".json").write_text(json.dumps({**CARD, "network": "uresnet"}))
    with pytest.raises(ValueError, match="weights of uresnet for plane Y"):
        Detector.load("Y", weights)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"expected a file smask-rcnn-\*-Y\.safetensors"):
        Detector.load("Y", tmp_path / "empty")


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ({"width": 16}, "has the shape .*; expected"),
        ({"context": 2}, "it has no "),
        ({"context": 0}, "which such a network has not"),
        ({"depth": 34}, "depth is 34; expected 18 or 50"),
        ({"width": "8"}, "width is '8'; expected 1 to 4096"),
        ({"read": 10**9}, "read is 1000000000; expected 1 to 4096"),
        ({"context": -1}, "context is -1; expected 0 to 6"),
        ({"anchor_sizes": []}, "expected 1 to 10 numbers above 0"),
        ({"anchor_ratios": [0, 1]}, "expected 1 to 10 numbers above 0"),
        ({"colour": 1}, "no usable architecture"),
    ],
)
def test_a_card_of_another_architecture(weights: Path, architecture: dict[str, Any], words: str) -> None:
    changed = {**CARD, "architecture": {**CARD["architecture"], **architecture}}
    weights.with_suffix(".json").write_text(json.dumps(changed))
    with pytest.raises(ValueError, match=words):
        Detector.load("Y", weights)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def not_finite(path: Path) -> None:
    state = {name: value * torch.nan for name, value in bold_network().state_dict().items()}
    save_detector_weights(path, state, CARD)


@pytest.mark.parametrize(("damage", "words"), [(cut, "not weights of"), (not_finite, "not finite")])
def test_damaged_weights(weights: Path, damage: Callable[[Path], None], words: str) -> None:
    damage(weights)
    with pytest.raises(ValueError, match=words):
        load_detector_weights(weights, SMALL)
