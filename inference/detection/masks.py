"""Masks of boxes: what the mask head says of a box and the pixel head of each lit pixel in it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.detection.boxes import enlarge
from inference.detection.coder import BoxCoder
from inference.detection.paste import Pairs, pixels_in, read_masks
from inference.detection.roi_align import SiteMap, roi_align
from inference.networks.smask_rcnn import STRIDE, Looked, SMaskRCNN

BOX_CODER = BoxCoder(10.0, 5.0)
"""From proposals to boxes, with the weights that are usual for the second stage."""
MARGIN, LEAST_MARGIN = 0.25, 16.0
"""A mask reaches beyond its box by a quarter of each side, or 16 pixels: few boxes end as their pixels do."""


def pairs_of(boxes: Tensor, rows: Tensor, wires: Tensor) -> Pairs:
    """The lit pixels (N,) that the mask of each box (B, 4) is about."""
    return pixels_in(enlarge(boxes, MARGIN, LEAST_MARGIN), rows, wires)


def mask_logits(
    network: SMaskRCNN,
    looked: Looked,
    places: SiteMap,
    boxes: Tensor,
    seen: Tensor,
    classes: Tensor,
    pairs: Pairs,
) -> Tensor:
    """Of every pair (P,): above 0 where the pixel belongs to the box's interaction.

    seen (B, F): what the box head saw in the boxes; classes int64 (B,).
    """
    wide = enlarge(boxes, MARGIN, LEAST_MARGIN)
    pooled = roi_align(looked.read, places, wide, STRIDE, network.config.mask_cells)
    masks = network.mask(pooled)
    chosen = masks[torch.arange(len(masks), device=masks.device), classes]
    fine = network.pixel(seen, looked.pixels[pairs.pixel], 2.0 * pairs.place - 1.0, pairs.counts.tolist())
    return read_masks(chosen, pairs) + fine


def split_masks(pairs: Pairs, inside: Tensor) -> list[NDArray[np.int64]]:
    """The pixels of each box's mask, of bool (P,) of the pairs."""
    if not len(pairs.counts):
        return []
    pixels, kept = pairs.pixel.cpu().numpy(), inside.cpu().numpy()
    bounds = np.cumsum(pairs.counts.cpu().numpy())[:-1]
    return [p[k] for p, k in zip(np.split(pixels, bounds), np.split(kept, bounds), strict=True)]
