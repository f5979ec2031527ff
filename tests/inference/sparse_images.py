"""Small sparse images for the tests of layers and networks: random ones and the edge cases."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from inference.sparse.geometry import Level, level_of
from inference.sparse.layers import SparseTensor

MASKS: dict[str, np.ndarray] = {}
"""Lit pixels, bool (rows, wires), by the name of the case."""


def _fill() -> None:
    rng = np.random.default_rng(5)
    one = np.zeros((5, 7), bool)
    one[3, 4] = True
    border = np.ones((9, 11), bool)
    border[1:-1, 1:-1] = False
    track = np.zeros((64, 50), bool)
    track[np.arange(64), (np.arange(64) * 0.7).astype(int)] = True
    track |= rng.random(track.shape) < 0.02
    MASKS.update(
        {
            "no pixel": np.zeros((8, 8), bool),
            "one pixel": one,
            "one cell": np.ones((1, 1), bool),
            "border": border,
            "odd size": rng.random((13, 7)) < 0.4,
            "one row": rng.random((1, 33)) < 0.6,
            "all lit": np.ones((24, 17), bool),
            "random": rng.random((40, 33)) < 0.15,
            "track": track,
        }
    )


_fill()
CASES = tuple(MASKS)


def pixels(case: str) -> tuple[Tensor, Tensor, tuple[int, int]]:
    """rows, wires int64 (N,), sorted, and the shape of a case."""
    mask = MASKS[case]
    rows, wires = np.nonzero(mask)
    return torch.from_numpy(rows), torch.from_numpy(wires), (mask.shape[0], mask.shape[1])


def level(case: str) -> Level:
    rows, wires, shape = pixels(case)
    return level_of(rows, wires, shape)


def random_tensor(sites: Level, channels: int, seed: int = 0) -> SparseTensor:
    """Normal features on the sites of a level, last row zero."""
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(len(sites) + 1, channels, generator=generator)
    features[-1] = 0
    return SparseTensor(sites, features)
