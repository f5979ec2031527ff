"""Weights of a detector on disk: safetensors in half precision with a JSON card beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from inference.networks.resnet import BLOCKS
from inference.networks.smask_rcnn import SMaskRCNN, SMaskRCNNConfig
from inference.weights_file import load_tensors, save_tensors

_LARGEST = 4096
"""Beyond this a card is a mistake: its network would not fit into memory."""


def save_detector_weights(path: Path, state: Mapping[str, Tensor], card: Mapping[str, Any]) -> None:
    """Write weights (float16, batch-norm statistics float32) and card, each all or nothing."""
    save_tensors(path, state, {}, card)


def load_detector_weights(path: Path, config: SMaskRCNNConfig) -> SMaskRCNN:
    """The network with its weights in float32, ready for evaluation.

    Raises ValueError if the file is none or fits another network.
    """
    network = SMaskRCNN(config)
    network.load_state_dict(load_tensors(path, network.state_dict(), f"an sMask-RCNN with a {config.name}"))
    return network.eval().requires_grad_(False)


def detector_config(card: Mapping[str, Any], name: str = "the card") -> SMaskRCNNConfig:
    """The architecture a card describes. Raises ValueError, with the card's name, if none can be built."""
    try:
        config = SMaskRCNNConfig.from_dict(card["architecture"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{name} has no usable architecture ({error})") from error
    for part, value in config.as_dict().items():
        _check(name, part, value)
    return config


def _check(name: str, part: str, value: Any) -> None:
    if part.startswith("anchor"):
        expected = "1 to 10 numbers above 0"
        good = type(value) is list and 1 <= len(value) <= 10 and all(_positive(each) for each in value)
    elif part == "depth":
        expected, good = " or ".join(map(str, BLOCKS)), type(value) is int and value in BLOCKS
    else:
        least, most = (0, 6) if part == "context" else (1, _LARGEST)
        expected, good = f"{least} to {most}", type(value) is int and least <= value <= most
    if not good:
        raise ValueError(f"{name} has no usable architecture ({part} is {value!r}; expected {expected})")


def _positive(value: Any) -> bool:
    return type(value) in (int, float) and 0.0 < value < 1e5
