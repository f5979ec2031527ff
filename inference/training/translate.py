"""`argonscope translate`: a dense ResNet's weights, in torchvision's naming, as the sparse trunk's start.

Names there and here: `conv1`, `bn1` are the stem; `layer1` to `layer3` the stages C2 to C4; a
`downsample` of convolution and norm is the shortcut. `layer4` and `fc` are beyond C4 and left out.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from inference.networks.resnet import BLOCKS, ResNet, ResNetConfig
from inference.weights_file import save_tensors

TRUNK = "resnet trunk"
"""What the card of a translated file calls its network."""


def translate(given: argparse.Namespace) -> int:
    """Read a checkpoint, write the trunk's weights and a card."""
    state = read_state(given.checkpoint)
    config = config_of_state(state, given.checkpoint.name)
    card = {
        "network": TRUNK,
        "plane": "all",
        "architecture": {"depth": config.depth, "width": config.width},
        "translated_from": given.checkpoint.name,
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    save_tensors(given.out, {}, translated(state, config, given.checkpoint.name), card)
    print(f"Wrote {given.out}: the trunk of a {config.name}")
    return 0


def read_state(path: Path) -> dict[str, Tensor]:
    """Tensors by name of a safetensors file, or of one that torch saved; nothing else is unpickled.

    Raises ValueError where it holds anything but tensors.
    """
    try:
        found: Any = (
            load_file(path)
            if path.suffix == ".safetensors"
            else torch.load(path, weights_only=True, map_location="cpu")
        )
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file; expected a checkpoint of a dense ResNet") from None
    except (Exception, SafetensorError) as error:
        first = (str(error) or type(error).__name__).splitlines()[0]
        raise ValueError(f"{path.name}: not a checkpoint of a dense ResNet ({first})") from error
    found = found.get("state_dict", found) if isinstance(found, Mapping) else found
    if not isinstance(found, Mapping) or not all(isinstance(value, Tensor) for value in found.values()):
        raise ValueError(f"{path.name}: not a checkpoint of a dense ResNet; expected tensors by their names")
    return {name.removeprefix("module."): value for name, value in found.items()}


def config_of_state(state: Mapping[str, Tensor], name: str) -> ResNetConfig:
    """Depth and width of a dense ResNet, of its tensors. Raises ValueError for one that is not known."""
    depth = 50 if any(re.fullmatch(r"layer1\.0\.conv3\.weight", key) for key in state) else 18
    stem = state.get("conv1.weight")
    if stem is None or stem.dim() != 4:
        raise ValueError(f"{name}: no conv1.weight; expected the names of torchvision's ResNet")
    blocks = tuple(
        len({key.split(".")[1] for key in state if key.startswith(f"layer{stage}.")}) for stage in (1, 2, 3)
    )
    if blocks != BLOCKS[depth]:
        raise ValueError(
            f"{name}: a ResNet with {blocks} blocks in its stages; expected {BLOCKS[18]} or {BLOCKS[50]}"
        )
    return ResNetConfig(depth, len(stem))


def translated(state: Mapping[str, Tensor], config: ResNetConfig, name: str) -> dict[str, Tensor]:
    """The state of a `ResNet`. Colours are added up, since a wire image has one channel for all three.

    Raises ValueError that names the first tensor which is missing or of another shape.
    """
    found = {}
    for key, value in ResNet(config).state_dict().items():
        dense = dense_name(key)
        if dense not in state:
            raise ValueError(f"{name}: it has no {dense}, as a {config.name} has")
        tensor = state[dense].float()
        if value.dim() == 3:
            if dense == "conv1.weight":
                tensor = tensor.sum(dim=1, keepdim=True)
            tensor = tensor.permute(2, 3, 1, 0).flatten(0, 1)
        if tensor.shape != value.shape:
            raise ValueError(
                f"{name}: {dense} has the shape {tuple(state[dense].shape)}, which a {config.name} has not"
            )
        found[key] = tensor.contiguous()
    return found


def dense_name(key: str) -> str:
    """torchvision's name of a tensor of a `ResNet`."""
    kind = key.rsplit(".", 1)[1]
    norm = ".norm." in key
    if key.startswith("stem."):
        return f"bn1.{kind}" if norm else "conv1.weight"
    stage, block, part = re.fullmatch(r"stages\.(\d+)\.(\d+)\.(\w+)\..*", key).groups()  # type: ignore[union-attr]
    place = f"layer{int(stage) + 1}.{block}"
    if part == "shortcut":
        return f"{place}.downsample.{int(norm)}.{kind}"
    return f"{place}.{part.replace('conv', 'bn') if norm else part}.{kind}"
