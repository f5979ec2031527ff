"""A balanced handful of proposals to learn from, since nearly all are background."""

from __future__ import annotations

import torch
from torch import Tensor

from inference.detection.matcher import BACKGROUND


def sample(matched: Tensor, number: int, foreground: float) -> tuple[Tensor, Tensor]:
    """Positions of matched and of background proposals, drawn at random, `number` at most in all.

    matched: as `match` gives it. Matched ones fill a share of `foreground` at most, background the rest.
    """
    positive = _some(torch.nonzero(matched >= 0)[:, 0], int(number * foreground))
    negative = _some(torch.nonzero(matched == BACKGROUND)[:, 0], number - len(positive))
    return positive, negative


def _some(positions: Tensor, number: int) -> Tensor:
    if len(positions) <= number:
        return positions
    return positions[torch.randperm(len(positions), device=positions.device)[:number]]
