"""Boxes, float32 (N, 4) of row_low, wire_low, row_high, wire_high, and how far they overlap.

Edges as in `lartpc.instances.Box`: pixel (r, w) covers r to r + 1 and w to w + 1.
"""

from __future__ import annotations

import torch
from torch import Tensor


def area(boxes: Tensor) -> Tensor:
    """(N,) in pixels; 0 for a box whose edges are swapped."""
    sides = (boxes[:, 2:] - boxes[:, :2]).clamp_min(0.0)
    return sides[:, 0] * sides[:, 1]


def iou(one: Tensor, other: Tensor) -> Tensor:
    """Intersection over union of every pair, (N, M); 0 where both are empty."""
    shared = _shared(one, other, 0).mul_(_shared(one, other, 1))
    union = (area(one)[:, None] + area(other)[None]).sub_(shared)
    return shared.div_(union.clamp_min_(1e-9))


def _shared(one: Tensor, other: Tensor, axis: int) -> Tensor:
    """Length that every pair shares along an axis, (N, M); one axis at a time is fast, since contiguous."""
    high = torch.minimum(one[:, None, axis + 2], other[None, :, axis + 2])
    low = torch.maximum(one[:, None, axis], other[None, :, axis])
    return high.sub_(low).clamp_min_(0.0)


def clip(boxes: Tensor, shape: tuple[int, int]) -> Tensor:
    """The part of each box that lies in an image of `shape` (rows, wires)."""
    rows = boxes[:, 0::2].clamp(0.0, float(shape[0]))
    wires = boxes[:, 1::2].clamp(0.0, float(shape[1]))
    return torch.stack([rows[:, 0], wires[:, 0], rows[:, 1], wires[:, 1]], dim=1)


def enlarge(boxes: Tensor, share: float, least: float) -> Tensor:
    """Each side moved outwards by a share of the box's length there, or by `least` pixels if that is more."""
    more = ((boxes[:, 2:] - boxes[:, :2]) * share).clamp_min(least)
    return torch.cat([boxes[:, :2] - more, boxes[:, 2:] + more], dim=1)


def sound(boxes: Tensor, least: float) -> Tensor:
    """bool (N,): finite, and no side shorter than `least` pixels."""
    return torch.isfinite(boxes).all(dim=1) & ((boxes[:, 2:] - boxes[:, :2]) >= least).all(dim=1)
