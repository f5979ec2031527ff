"""A wider network that says the same: where training a larger U-ResNet begins.

Function-preserving widening (Net2WiderNet, arXiv:1511.05641): every channel is repeated, and what
reads it is split among its copies at random, so that the copies learn different things from then on.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from inference.networks.uresnet import UResNet, UResNetConfig

_LEAST_SHARE = 0.2


def widened(state: Mapping[str, Tensor], config: UResNetConfig, seed: int = 0) -> dict[str, Tensor]:
    """Weights of a narrower network of the same depth and blocks, as weights of `config`.

    Raises ValueError unless the width is a multiple of the narrower one and all else fits.
    """
    target = UResNet(config).state_dict()
    narrow = filters_of(state)
    copies, rest = divmod(config.filters, narrow)
    if rest or set(state) != set(target):
        raise ValueError(
            f"weights with {narrow} filters cannot be widened to a U-ResNet {config.name}; expected the same "
            "depth and blocks, and a multiple of the filters"
        )
    generator = torch.Generator().manual_seed(seed)
    return {name: _wider(name, value, copies, generator) for name, value in state.items()}


def filters_of(state: Mapping[str, Tensor]) -> int:
    """Width of the first level of a U-ResNet with these weights."""
    return int(state["norm.weight"].shape[0])


def _wider(name: str, value: Tensor, copies: int, generator: torch.Generator) -> Tensor:
    match name, value.ndim:
        case "head.bias", _:
            return value.clone()
        case "stem.weight", _:
            return value.repeat_interleave(copies, dim=2)
        case _, 1:
            return value.repeat_interleave(copies)
        case _, 2:
            return _split(value, 1, copies, generator)
        case _:
            return _split(value.repeat_interleave(copies, dim=2), 1, copies, generator)


def _split(weight: Tensor, dim: int, copies: int, generator: torch.Generator) -> Tensor:
    """Inputs repeated along a dimension, each copy with a share of the weight; the shares add up to 1."""
    parts = torch.rand((copies, *weight.shape), generator=generator) + _LEAST_SHARE
    shares = (parts / parts.sum(dim=0)) * weight
    return torch.stack(list(shares), dim=dim + 1).flatten(dim, dim + 1)
