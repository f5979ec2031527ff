"""Weights that are foreign, cut short, of another network or without a proper card: one sentence each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest
import torch
from safetensors.torch import load_file, save_file

from inference.networks.uresnet import UResNet, UResNetConfig
from inference.predictor import Segmenter
from inference.weights_file import OFFSET, save_weights

CONFIG = UResNetConfig(filters=4, depth=2)
CARD: dict[str, Any] = {"network": "uresnet", "plane": "Y", "architecture": CONFIG.as_dict()}


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "toy.safetensors"
    save_weights(path, UResNet(CONFIG).state_dict(), torch.zeros(5), CARD)
    return path


def refusal(path: Path, plane: str = "Y") -> str:
    with pytest.raises(ValueError, match=r"^toy\.") as caught:
        Segmenter.load(plane, path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_was_saved_loads(weights: Path) -> None:
    assert Segmenter.load("Y", weights).name == "toy"


def test_weights_of_another_plane_or_network(weights: Path) -> None:
    assert refusal(weights, "U").endswith("weights of uresnet for plane Y; expected uresnet for plane U")
    weights.with_suffix(".json").write_text(json.dumps({**CARD, "network": "smask"}))
    assert "weights of smask for plane Y" in refusal(weights)


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ({"filters": 8}, r"not weights of a U-ResNet 2-8.* has the shape .*; expected"),
        ({"depth": 3}, r"not weights of a U-ResNet 3-4.*\(it has no "),
        ({"depth": 1}, r"not weights of a U-ResNet 1-4.*which such a network has not\)"),
        ({"classes": 3}, r"1 inputs and 3 classes; expected 1 and 5"),
        ({"filters": "16"}, r"no usable architecture \(filters is '16'; expected 1 to 256\)"),
        ({"depth": 10**9}, r"no usable architecture \(depth is 1000000000; expected 1 to 10\)"),
        ({"kernel": 5}, r"no usable architecture"),
    ],
)
def test_a_card_of_another_architecture(weights: Path, architecture: dict[str, Any], words: str) -> None:
    changed = {**CARD, "architecture": {**CARD["architecture"], **architecture}}
    weights.with_suffix(".json").write_text(json.dumps(changed))
    assert re.search(words, refusal(weights))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def cut_in_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def random_bytes(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def hdf5(path: Path) -> None:
    path.unlink()
    with h5py.File(path, "w") as file:
        file["events"] = [1, 2, 3]


def something_else(path: Path) -> None:
    save_file({"embedding": torch.zeros(3, 4)}, path)


def without_rule(path: Path) -> None:
    tensors = load_file(path)
    del tensors[OFFSET]
    save_file(tensors, path)


def not_finite(path: Path) -> None:
    save_file({name: torch.full_like(value, torch.nan) for name, value in load_file(path).items()}, path)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut, "not weights of a U-ResNet 2-4"),
        (cut_in_header, "not weights of a U-ResNet 2-4"),
        (random_bytes, "not weights of a U-ResNet 2-4"),
        (hdf5, "not weights of a U-ResNet 2-4"),
        (something_else, "not weights of a U-ResNet 2-4"),
        (without_rule, f"it has no {OFFSET}"),
        (not_finite, "holds values that are not finite"),
    ],
)
def test_a_file_that_is_cut_or_foreign(weights: Path, damage: Callable[[Path], None], words: str) -> None:
    damage(weights)
    assert words in refusal(weights)


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b"\xff\xfe", b'"Y"', b'{"plane": "Y"}'])
def test_a_card_that_is_none(weights: Path, text: bytes) -> None:
    weights.with_suffix(".json").write_bytes(text)
    assert "toy.json: not a card of weights" in refusal(weights)


def test_weights_without_a_card(weights: Path) -> None:
    weights.with_suffix(".json").unlink()
    assert "no such weights, or no card toy.json beside them" in refusal(weights)
