"""Non-maximum suppression: of boxes, or sets of pixels, that overlap, only the best stays."""

from __future__ import annotations

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor

from inference.detection.boxes import iou

BLOCK = 512
"""Boxes compared at once; each block with the survivors of those before, not with all boxes."""


def nms(boxes: Tensor, scores: Tensor, threshold: float, most: int | None = None) -> Tensor:
    """Positions of the boxes (N, 4) that stay, best score first, `most` of them at the most.

    A box goes if its IoU with a better one that stays is above the threshold. Of equal scores the
    first counts as better.
    """
    order = torch.argsort(scores, descending=True, stable=True)
    kept: list[Tensor] = []
    count = 0
    for block in order.split(BLOCK):
        candidates = boxes[block]
        if kept:
            free = (iou(candidates, boxes[torch.cat(kept)]) <= threshold).all(dim=1)
            block, candidates = block[free], candidates[free]
        stays = greedy((iou(candidates, candidates) > threshold).cpu().numpy())
        kept.append(block[torch.from_numpy(stays).to(block.device)])
        count += len(kept[-1])
        if most is not None and count >= most:
            break
    found = torch.cat(kept) if kept else order
    return found if most is None else found[:most]


def greedy(overlapping: np.ndarray) -> np.ndarray:
    """Positions (K,) that stay, of bool (N, N) in falling order of score."""
    free = np.ones(len(overlapping), bool)
    stays = []
    for position in range(len(overlapping)):
        if free[position]:
            stays.append(position)
            free &= ~overlapping[position]
    return np.array(stays, np.int64)


def mask_nms(masks: list[np.ndarray], pixels: int, threshold: float) -> np.ndarray:
    """Positions of the masks that stay, of masks in falling order of score.

    masks: each the positions of its pixels of an image of that many. A mask goes if of it, or of a
    better one that stays, whichever is smaller, a larger share than the threshold lies in the other:
    then one is a piece of the other. Tracks that cross share few pixels.
    """
    return greedy(mask_overlaps(masks, pixels) > threshold)


def mask_overlaps(masks: list[np.ndarray], pixels: int) -> np.ndarray:
    """Shared pixels over those of the smaller, for every pair of masks, float64 (N, N); 0 for empty ones."""
    sizes = np.array([len(mask) for mask in masks], np.int64)
    columns = np.concatenate(masks) if masks else np.empty(0, np.int64)
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    table = csr_array((np.ones(len(columns), np.float32), columns, bounds), shape=(len(masks), pixels))
    shared = (table @ table.T).toarray().astype(np.float64)
    return shared / np.maximum(np.minimum(sizes[:, None], sizes[None]), 1)
