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


def save_weights(path: Path, state: Mapping[str, Tensor], offset: Tensor, card: Mapping[str, Any]) -> None:
    """Write weights (float16, batch-norm statistics float32) and card, each all or nothing."""
    tensors = {
        name: (value.float() if "running" in name else value.half()).contiguous().cpu()
        for name, value in state.items()
    }
    tensors[OFFSET] = offset.float()
    temporary = path.with_suffix(".partial")
    save_file(tensors, temporary)
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
    try:
        tensors = {name: value.float() for name, value in load_file(path).items()}
        offset = tensors.pop(OFFSET)
        network = UResNet(config)
        network.load_state_dict(tensors)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"{path.name}: not weights of a U-ResNet {config.name} ({first})") from error
    return network.eval().requires_grad_(False), offset


def config_of(card: Mapping[str, Any]) -> UResNetConfig:
    """The architecture a card describes. Raises ValueError if it describes none."""
    try:
        return UResNetConfig(**card["architecture"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"the card has no usable architecture ({error})") from error


def empty_offset() -> Tensor:
    """The decision rule that changes nothing."""
    return torch.zeros(5)
