"""Anchors: boxes of fixed shapes round every active site, from which proposals begin."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def anchor_shapes(sizes: Sequence[float], ratios: Sequence[float]) -> Tensor:
    """Heights and widths in pixels, float32 (sizes · ratios, 2): area size², height over width ratio."""
    size = torch.tensor(sizes, dtype=torch.float32)[:, None]
    root = torch.tensor(ratios, dtype=torch.float32).sqrt()[None]
    return torch.stack([size * root, size / root], dim=2).flatten(0, 1)


def anchors_at(rows: Tensor, wires: Tensor, stride: int, shapes: Tensor) -> Tensor:
    """Every shape (A, 2) round the middle of every site, int64 (N,): boxes float32 (N · A, 4).

    Sites one after another, each with its shapes in order; edges as in `lartpc.instances.Box`.
    """
    centres = (torch.stack([rows, wires], dim=1).to(shapes.dtype) + 0.5) * stride
    halves = 0.5 * shapes
    return torch.cat([centres[:, None] - halves[None], centres[:, None] + halves[None]], dim=2).flatten(0, 1)
