"""Boxes as offsets from others: what a network regresses (arXiv:1311.2524, appendix C)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

LARGEST = math.log(1000.0 / 16.0)
"""A side is never regressed to more than this, in e-folds of the side it starts from: 62 times."""


@dataclass(frozen=True)
class BoxCoder:
    """Shifts of the centre in units of the sides, and logarithms of the sides' ratios, times weights."""

    shift: float = 1.0
    scale: float = 1.0

    def encode(self, boxes: Tensor, references: Tensor) -> Tensor:
        """The offsets (N, 4) that lead from the references to the boxes; both need sides above 0."""
        centre, sides = _parts(boxes)
        from_centre, from_sides = _parts(references)
        return torch.cat(
            [
                self.shift * (centre - from_centre) / from_sides,
                self.scale * (sides / from_sides).log(),
            ],
            dim=1,
        )

    def decode(self, offsets: Tensor, references: Tensor) -> Tensor:
        """The boxes (N, 4) to which offsets (N, 4) lead from the references."""
        centre, sides = _parts(references)
        middle = centre + offsets[:, :2] / self.shift * sides
        half = 0.5 * sides * (offsets[:, 2:] / self.scale).clamp(max=LARGEST).exp()
        return torch.cat([middle - half, middle + half], dim=1)


def _parts(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Centres and sides, each (N, 2)."""
    return 0.5 * (boxes[:, :2] + boxes[:, 2:]), boxes[:, 2:] - boxes[:, :2]
