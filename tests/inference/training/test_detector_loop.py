"""A detector learns, resumes, stops when told, and its weights load again."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision_resnet
from safetensors.torch import save_file
from small_detector import SMALL, tracks_image

from argonscope import main
from inference.cards import read_card
from inference.detector import Detector
from inference.networks.smask_rcnn import SMaskRCNN
from inference.sparse import kernel
from inference.training import detector_loop, detector_run
from inference.training.detector_export import export_detector
from inference.training.detector_loop import DetectorTrainingConfig, begin, step, tensors_of, train
from inference.training.detector_loss import PARTS, LossConfig, losses
from inference.training.detector_progress import quick_figures
from inference.training.images import ImageSourceConfig, TrainingImage
from lartpc.classes import InstanceClass
from lartpc.event import WireImage
from lartpc.instances import Instance
from records.detections import Detections

CONFIG = DetectorTrainingConfig(
    network=SMALL, source=ImageSourceConfig(planes=("Y",)), steps=4, threads=1, warmup_steps=2,
    progress_events=0,
)  # fmt: skip


def empty_image() -> TrainingImage:
    """Three pixels of noise and no interaction."""
    place = np.array([3, 40, 90], np.int32)
    charge, none = np.full(3, 20.0, np.float32), np.full(3, -1, np.int64)
    return TrainingImage("Y", (128, 160), place, place, charge, none, np.empty(0, np.int64))


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """In place of the simulation: images by number; the numbers at which it was begun."""
    begun: list[int] = []

    def toy(_: ImageSourceConfig, __: int, first: int) -> Iterator[TrainingImage]:
        begun.append(first)
        yield from (tracks_image(number) for number in range(first, 10**6))

    monkeypatch.setattr(detector_loop, "images", toy)
    return begun


def test_losses_fall_and_masks_come_out() -> None:
    config = replace(CONFIG, learning_rate=3e-3)
    state = begin(config)
    images = [tracks_image(number) for number in range(2)]
    history = [step(config, state, images[number % 2], 3e-3) for number in range(30)]
    assert state.crops == 30
    # Those of the boxes may rise while more and more boxes are found.
    for part in ("objectness", "class", "mask"):
        first, last = (np.mean([parts[part] for parts in history[k]]) for k in (slice(6), slice(-6, None)))
        assert last < first, part
    image = images[0]
    network = SMaskRCNN(SMALL)
    network.load_state_dict(state.average)
    found = Detector(network, "Y")(WireImage("Y", image.rows, image.wires, image.adc, image.shape))
    efficiency, purity = quick_figures(
        WireImage("Y", image.rows, image.wires, image.adc, image.shape), image.owner.astype(np.int32), found
    )
    assert len(purity)
    assert np.mean(efficiency) > 0.3


@pytest.mark.parametrize("image", [empty_image(), tracks_image(5, number=1)])
def test_images_with_little_or_nothing_give_finite_losses(image: TrainingImage) -> None:
    torch.manual_seed(0)
    network = SMaskRCNN(SMALL).train()
    pixels, rows, wires, targets = tensors_of(image, "cpu")
    parts = losses(network, network.sparse(pixels), rows, wires, image.shape, targets, LossConfig())
    assert tuple(parts) == PARTS
    total = torch.stack(list(parts.values())).sum()
    assert torch.isfinite(total)
    total.backward()
    assert float(parts["objectness"].detach()) > 0
    assert (float(parts["mask"].detach()) > 0) == (len(image.classes) > 0)


def test_losses_and_gradients_are_those_of_plain_torch() -> None:
    found = []
    for use in ("torch", ""):
        with kernel.using(use):
            pixels, rows, wires, targets = tensors_of(tracks_image(1), "cpu")
            torch.manual_seed(3)
            network = SMaskRCNN(SMALL).train()
            parts = losses(network, network.sparse(pixels), rows, wires, (128, 160), targets, LossConfig())
            torch.stack(list(parts.values())).sum().backward()
        stem = network.sparse.trunk.stem.conv.weight.grad
        assert stem is not None
        found.append((parts, stem))
    (plain, plain_stem), (compiled, stem) = found
    for part in PARTS:
        torch.testing.assert_close(compiled[part], plain[part], atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(stem, plain_stem, atol=1e-2 * float(plain_stem.abs().max()), rtol=0)


def test_a_neutrino_counts_as_many_times_as_it_is_rarer() -> None:
    image = replace(tracks_image(5, number=1))
    assert image.classes.tolist() == [1]
    pixels, rows, wires, targets = tensors_of(image, "cpu")
    found = []
    for weight in (1.0, 20.0, 39.0):
        torch.manual_seed(2)
        network = SMaskRCNN(SMALL).train()
        config = LossConfig(neutrino_weight=weight)
        parts = losses(network, network.sparse(pixels), rows, wires, image.shape, targets, config)
        found.append(float(parts["class"].detach()))
    assert found[0] < found[1]
    assert found[2] - found[1] == pytest.approx(found[1] - found[0], rel=1e-3)


def test_it_resumes_where_it_stopped_and_writes_its_losses(
    monkeypatch: pytest.MonkeyPatch, source: list[int], tmp_path: Path
) -> None:
    monkeypatch.setattr(detector_loop, "LOG_STEPS", 6)
    first = train(CONFIG, tmp_path)
    assert (first.step, first.crops) == (4, 4)
    again = train(replace(CONFIG, steps=7), tmp_path)
    assert (again.step, source) == (7, [0, 4])
    with (tmp_path / "log.csv").open() as file:
        (line,) = csv.DictReader(file)
    assert (line["step"], line["images"]) == ("6", "6")
    assert all(0 <= float(line[part]) < 10 for part in PARTS)


def test_sigterm_ends_the_step_in_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stopping(*_: object) -> Iterator[TrainingImage]:
        yield tracks_image(0)
        os.kill(os.getpid(), signal.SIGTERM)
        yield tracks_image(1)

    monkeypatch.setattr(detector_loop, "images", stopping)
    assert train(replace(CONFIG, steps=1000), tmp_path).step == 2
    assert (tmp_path / "checkpoint.pt").is_file()


def test_another_networks_checkpoint_is_refused(source: list[int], tmp_path: Path) -> None:
    train(replace(CONFIG, steps=1), tmp_path)
    with pytest.raises(ValueError, match="a checkpoint of another network"):
        train(replace(CONFIG, network=replace(SMALL, width=4)), tmp_path)


def test_weights_and_card_of_each_plane(source: list[int], tmp_path: Path) -> None:
    state = train(CONFIG, tmp_path)
    paths = export_detector(tmp_path / "checkpoint.pt", ("U", "Y"), tmp_path / "weights", 0)
    assert [path.name for path in paths] == [f"smask-rcnn-resnet18-8-{plane}.safetensors" for plane in "UY"]
    card = read_card(paths[0])
    assert (card.network, card.plane, card.card["classes"]) == ("smask-rcnn", "U", ["cosmic", "neutrino"])
    assert card.card["training"]["images"] == state.crops
    assert card.card["training"]["loss"]["neutrino_weight"] == 20.0
    detector = Detector.load("U", paths[0])
    assert detector.name == "smask-rcnn-resnet18-8-U"
    start = detector_run.starting_point(paths[0], SMALL)
    assert start.earlier[-1]["images"] == state.crops
    torch.testing.assert_close(
        start.weights["box.first.weight"], state.average["box.first.weight"], atol=1e-3, rtol=1e-3
    )
    again = detector_run.starting_point(tmp_path / "checkpoint.pt", SMALL)
    assert torch.equal(again.weights["box.first.weight"], state.average["box.first.weight"])
    with pytest.raises(ValueError, match="weights of another network"):
        detector_run.starting_point(paths[0], replace(SMALL, width=4))


def test_the_command_trains_from_a_translated_trunk_and_writes_weights(
    source: list[int], tmp_path: Path
) -> None:
    state = torchvision_resnet.random_state(18, 8)
    save_file(state, tmp_path / "dense.safetensors")
    trunk = tmp_path / "trunk.safetensors"
    assert main(["translate", str(tmp_path / "dense.safetensors"), "--out", str(trunk)]) == 0
    out = tmp_path / "run"
    arguments = ["train", "smask-rcnn", "--plane", "Y", "--width", "8", "--steps", "1", "--lr", "0"]
    assert main([*arguments, "--init", str(trunk), "--validation-events", "0", "--out", str(out)]) == 0
    (path,) = out.glob("*.safetensors")
    card = read_card(path)
    assert path.name == "smask-rcnn-resnet18-8-Y.safetensors"
    assert card.card["training"]["earlier"] == [{"trunk": "dense.safetensors"}]
    weight = Detector.load("Y", path).network.sparse.trunk.stem.conv.weight
    expected = state["conv1.weight"].sum(1)[:, 2, 5]
    torch.testing.assert_close(weight[2 * 7 + 5, 0], expected, atol=2e-3, rtol=2e-3)


def test_init_with_a_trunk_of_another_size_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_file(torchvision_resnet.random_state(18, 8), tmp_path / "dense.safetensors")
    trunk = tmp_path / "trunk.safetensors"
    main(["translate", str(tmp_path / "dense.safetensors"), "--out", str(trunk)])
    arguments = ["train", "smask-rcnn", "--plane", "Y", "--init", str(trunk), "--out", str(tmp_path / "run")]
    assert main(arguments) == 2
    assert "not weights of the trunk of a resnet18-32" in capsys.readouterr().err


def test_figures_by_hand() -> None:
    number = np.arange(10, dtype=np.int32)
    adc = np.array([50.0] * 9 + [5.0], np.float32)
    image = WireImage("Y", number, number, adc, (10, 10))
    true = np.array([0, 0, 0, 0, 7, 7, 7, 7, -1, 0], np.int32)

    def instance(score: float, pixels: list[int]) -> Instance:
        return Instance(InstanceClass.COSMIC, score, (0, 0, 10, 10), np.array(pixels, np.int32))

    given = (instance(0.9, [0, 1, 2, 4]), instance(0.5, [4, 5, 8]), instance(0.45, [8]), instance(0.3, [6]))
    found = Detections("Y", given, 10, "smask-rcnn", "", "", "cpu", 0.0)
    efficiency, purity = quick_figures(image, true, found)
    # Of interaction 0, three of four pixels that are read; of 7, two of four. The third instance lies
    # on none and the fourth is below the score cut.
    assert efficiency.tolist() == [0.75, 0.5]
    assert purity.tolist() == [0.75, 1.0]
    nothing = Detections("Y", (), 10, "smask-rcnn", "", "", "cpu", 0.0)
    assert [part.tolist() for part in quick_figures(image, true, nothing)] == [[0.0, 0.0], []]
