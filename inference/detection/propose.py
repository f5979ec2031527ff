"""Proposals: the anchors' best boxes, suppressed where they overlap."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from inference.detection.anchors import anchor_shapes, anchors_at
from inference.detection.boxes import clip, sound
from inference.detection.coder import BoxCoder
from inference.detection.nms import nms
from inference.networks.smask_rcnn import STRIDE, Looked, SMaskRCNNConfig

RPN_CODER = BoxCoder()
LEAST_SIDE = 1.0
"""Proposals with a shorter side, in pixels, are dropped, those of no area among them."""


@dataclass(frozen=True)
class ProposalSettings:
    """before: anchors that enter the suppression; overlap: IoU above which one goes; after: that stay.

    Published: 6000, 0.7, 1000.
    """

    before: int = 4000
    overlap: float = 0.7
    after: int = 1000


def anchors_of(looked: Looked, config: SMaskRCNNConfig) -> Tensor:
    """The anchors of all sites, (M · A, 4)."""
    shapes = anchor_shapes(config.anchor_sizes, config.anchor_ratios).to(looked.offsets.device)
    _, rows, wires = looked.level.coordinates
    return anchors_at(rows, wires, STRIDE, shapes)


@torch.no_grad()
def propose(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    shape: tuple[int, int],
    settings: ProposalSettings,
) -> Tensor:
    """Boxes (P, 4) within an image of `shape`, best first, from logits (N), offsets and anchors (N, 4)."""
    best = objectness.topk(min(settings.before, len(objectness))).indices
    boxes = clip(RPN_CODER.decode(offsets[best], anchors[best]), shape)
    usable = sound(boxes, LEAST_SIDE)
    boxes, scores = boxes[usable], objectness[best][usable]
    return boxes[nms(boxes, scores, settings.overlap, settings.after)]
