"""Masks pasted onto lit pixels alone, so that a mask is a set of pixels and not an area.

Shape shorthand: B boxes, N lit pixels, P pairs of a box and a pixel in it, S cells a side of a mask.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Pairs:
    """box, pixel: int64 (P,), by box, then pixel; place: float32 (P, 2), 0 to 1 across the box in row and
    wire, of the pixel's middle; counts: int64 (B,), pairs of each box."""

    box: Tensor
    pixel: Tensor
    place: Tensor
    counts: Tensor


def pixels_in(boxes: Tensor, rows: Tensor, wires: Tensor) -> Pairs:
    """The lit pixels (N,) whose middle lies in each box (B, 4); a box without area holds none.

    Pixels must be sorted by row, so that each box looks through its own rows only.
    """
    middle = torch.stack([rows, wires], dim=1).to(boxes.dtype) + 0.5
    lines = middle[:, 0].contiguous()
    first = torch.searchsorted(lines, boxes[:, 0].contiguous()).tolist()
    last = torch.searchsorted(lines, boxes[:, 2].contiguous()).tolist()
    parts = []
    for number, (start, stop) in enumerate(zip(first, last, strict=True)):
        wire = middle[start : max(start, stop), 1]
        parts.append(start + torch.nonzero((wire >= boxes[number, 1]) & (wire < boxes[number, 3]))[:, 0])
    counts = torch.tensor([len(part) for part in parts], dtype=torch.int64, device=boxes.device)
    box = torch.repeat_interleave(torch.arange(len(boxes), device=boxes.device), counts)
    pixel = torch.cat(parts) if parts else box
    place = (middle[pixel] - boxes[box, :2]) / (boxes[box, 2:] - boxes[box, :2])
    return Pairs(box, pixel, place, counts)


def read_masks(masks: Tensor, pairs: Pairs) -> Tensor:
    """What masks (B, S, S) say at each pair's pixel, (P,): bilinear between the middles of the cells,
    and as the outermost cell beyond its middle."""
    cells = masks.shape[1]
    position = (pairs.place * cells - 0.5).clamp(0.0, cells - 1.0)
    first = position.floor().to(torch.int64)
    share = (position - first).to(masks.dtype)
    last = (first + 1).clamp_max(cells - 1)
    flat, start = masks.reshape(-1), pairs.box * cells * cells

    def corner(row: Tensor, wire: Tensor) -> Tensor:
        return flat.index_select(0, start + row * cells + wire)

    upper = torch.lerp(corner(first[:, 0], first[:, 1]), corner(first[:, 0], last[:, 1]), share[:, 1])
    lower = torch.lerp(corner(last[:, 0], first[:, 1]), corner(last[:, 0], last[:, 1]), share[:, 1])
    return torch.lerp(upper, lower, share[:, 0])
