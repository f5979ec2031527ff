"""The record of a training names every run that the weights went through."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.networks.uresnet import UResNetConfig
from inference.training import loop
from inference.training.crops import Crop
from inference.training.loop import TrainingConfig, train
from inference.training.record import chain, training_record
from inference.training.run import starting_point
from inference.training.session import load_checkpoint
from inference.training.source import SourceConfig
from inference.weights_file import save_weights

NETWORK = UResNetConfig(depth=2, filters=4, blocks=1)
CONFIG = TrainingConfig(
    network=NETWORK, source=SourceConfig(planes=("U", "V", "Y")), steps=2, precision="fp32", threads=1
)
ONE_PLANE = replace(CONFIG, source=SourceConfig(planes=("Y",), seed=1_000_003), steps=1)


@pytest.fixture(autouse=True)
def _two_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    place, charge = np.arange(2, dtype=np.int32), np.array([50.0, 80.0], np.float32)
    crop = Crop(place, place, charge, np.array([0, 1], np.int8), np.full(2, 0.01, np.float32))
    monkeypatch.setattr(loop, "batches", lambda *_: (batch for batch in iter(lambda: [crop, crop], None)))


def test_a_plane_that_began_from_a_common_training_says_so(tmp_path: Path) -> None:
    train(CONFIG, tmp_path / "joint")
    train(ONE_PLANE, tmp_path / "Y", starting_point(tmp_path / "joint" / "checkpoint.pt"))
    record = training_record(load_checkpoint(tmp_path / "Y" / "checkpoint.pt"))
    assert (record["step"], record["crops"]) == (1, 2)
    assert record["seeds"] == "simulation seeds from 1000003 on"
    (common,) = record["earlier"]
    assert (common["step"], common["crops"]) == (2, 4)
    assert list(common["source"]["planes"]) == ["U", "V", "Y"]
    assert [run["step"] for run in chain(record)] == [2, 1]


def test_a_resumed_run_keeps_what_came_before_it(tmp_path: Path) -> None:
    train(CONFIG, tmp_path / "joint")
    start = starting_point(tmp_path / "joint" / "checkpoint.pt")
    train(ONE_PLANE, tmp_path / "Y", start)
    train(replace(ONE_PLANE, steps=3), tmp_path / "Y")
    record = training_record(load_checkpoint(tmp_path / "Y" / "checkpoint.pt"))
    assert [run["step"] for run in chain(record)] == [2, 3]


def test_shipped_weights_bring_their_record_along(tmp_path: Path) -> None:
    state = train(CONFIG, tmp_path / "joint")
    record = training_record(load_checkpoint(tmp_path / "joint" / "checkpoint.pt"))
    path = tmp_path / "uresnet-2-4-Y.safetensors"
    card = {"plane": "Y", "network": "uresnet", "architecture": NETWORK.as_dict(), "training": record}
    save_weights(path, state.average, torch.zeros(5), card)
    start = starting_point(path)
    assert [run["step"] for run in start.earlier] == [2]
    train(ONE_PLANE, tmp_path / "Y", start)
    again = training_record(load_checkpoint(tmp_path / "Y" / "checkpoint.pt"))
    assert [run["step"] for run in chain(again)] == [2, 1]
