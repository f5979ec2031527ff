"""Weights on disk: safetensors in half precision with a JSON card beside them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from inference.networks.uresnet import UResNet, UResNetConfig

OFFSET = "decision.logit_offset"
"""Added to the logits before the softmax: the fixed decision rule, float32 (5,)."""
_LARGEST = {"depth": 10, "filters": 256, "blocks": 8, "classes": 100, "inputs": 100}
"""Beyond these a card is a mistake: its network would not fit into memory."""


def save_weights(path: Path, state: Mapping[str, Tensor], offset: Tensor, card: Mapping[str, Any]) -> None:
    """Write weights and decision rule of a U-ResNet, and the card, each all or nothing."""
    save_tensors(path, state, {OFFSET: offset.float()}, card)


def save_tensors(
    path: Path, state: Mapping[str, Tensor], exact: Mapping[str, Tensor], card: Mapping[str, Any]
) -> None:
    """Write weights (float16, batch-norm statistics float32), tensors as they are, and card."""
    tensors = {
        name: (value.float() if "running" in name else value.half()).contiguous().cpu()
        for name, value in state.items()
    }
    temporary = path.with_suffix(".partial")
    save_file({**tensors, **exact}, temporary)
    temporary.chmod(0o644)
    os.replace(temporary, path)
    write_card(path, card)


def write_card(path: Path, card: Mapping[str, Any]) -> None:
    """Write the JSON card beside a safetensors file."""
    temporary = path.with_suffix(".json.partial")
    temporary.write_text(json.dumps(card, indent=2) + "\n")
    os.replace(temporary, path.with_suffix(".json"))


def load_weights(path: Path, config: UResNetConfig) -> tuple[UResNet, Tensor]:
    """The network with its weights in float32, ready for evaluation, and its logit offset (5,).

    Raises ValueError if the file is none or fits another network.
    """
    network = UResNet(config)
    expected = {**network.state_dict(), OFFSET: torch.zeros(config.classes)}
    values = load_tensors(path, expected, f"a U-ResNet {config.name}")
    offset = values.pop(OFFSET)
    network.load_state_dict(values)
    return network.eval().requires_grad_(False), offset


def load_tensors(path: Path, expected: Mapping[str, Tensor], what: str) -> dict[str, Tensor]:
    """Tensors of a safetensors file in float32, which must be those expected, by name and shape.

    Raises ValueError that names the first that is not, or says that the file is none; what: the
    network it should be of.
    """
    not_weights = f"{path.name}: not weights of {what}, as its card has it"
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ValueError(f"{not_weights} ({_first_line(error)})") from error
    for name in sorted(expected.keys() - tensors.keys()):
        raise ValueError(f"{not_weights} (it has no {name})")
    for name in sorted(tensors.keys() - expected.keys()):
        raise ValueError(f"{not_weights} (it has {name}, which such a network has not)")
    for name, value in expected.items():
        found, shape = tuple(tensors[name].shape), tuple(value.shape)
        if found != shape:
            raise ValueError(f"{not_weights} ({name} has the shape {found}; expected {shape})")
        if not torch.isfinite(tensors[name]).all():
            raise ValueError(
                f"{path.name}: {name} holds values that are not finite; expected trained weights"
            )
    return {name: value.float() for name, value in tensors.items()}


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def config_of(card: Mapping[str, Any], name: str = "the card") -> UResNetConfig:
    """The architecture a card describes. Raises ValueError, with the card's name, if none can be built."""
    try:
        config = UResNetConfig(**card["architecture"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{name} has no usable architecture ({error})") from error
    for part, value in config.as_dict().items():
        if type(value) is not int or not 1 <= value <= _LARGEST[part]:
            raise ValueError(
                f"{name} has no usable architecture ({part} is {value!r}; expected 1 to {_LARGEST[part]})"
            )
    return config


def empty_offset() -> Tensor:
    """The decision rule that changes nothing."""
    return torch.zeros(5)
