"""Which true box a proposed one stands for."""

from __future__ import annotations

import torch
from torch import Tensor

BACKGROUND, IGNORED = -1, -2


def match(overlaps: Tensor, foreground: float, background: float, best_of_each: bool = False) -> Tensor:
    """int64 (N,): true box of each proposal, or BACKGROUND, or IGNORED, of their IoU (N, M).

    A proposal stands for the true box it overlaps most if by `foreground` or more; it is background
    below `background` and ignored between. With best_of_each, the proposals that overlap a true box
    as much as any does stand for it however little that is, so that none goes without
    (arXiv:1506.01497, section 3.1.2).
    """
    if overlaps.shape[1] == 0:
        return overlaps.new_full((len(overlaps),), BACKGROUND, dtype=torch.int64)
    best, chosen = overlaps.max(dim=1)
    matched = torch.where(best >= foreground, chosen, torch.where(best < background, BACKGROUND, IGNORED))
    if best_of_each and len(overlaps):
        most = overlaps.max(dim=0).values
        proposal, true = torch.nonzero((overlaps == most[None]) & (most[None] > 0), as_tuple=True)
        matched[proposal] = true
    return matched
