"""What an sMask-RCNN learns from one image: five losses, as published (arXiv:1506.01497, 1703.06870).

Shape shorthand: N lit pixels, G true interactions, P proposals, A anchors in all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from inference.detection.boxes import iou
from inference.detection.masks import BOX_CODER, mask_logits, pairs_of
from inference.detection.matcher import match
from inference.detection.propose import RPN_CODER, ProposalSettings, anchors_of, propose
from inference.detection.roi_align import SiteMap, roi_align
from inference.detection.sampler import sample
from inference.networks.smask_rcnn import STRIDE, Looked, SMaskRCNN

_BETA = 1.0 / 9.0


@dataclass(frozen=True)
class LossConfig:
    """neutrino_weight: of a neutrino's class loss, the ratio of the classes' numbers (20 as published).

    anchors: sampled an image, half of them true at most; boxes: proposals sampled, a share of
    `foreground` of them true at most; masks: boxes that learn masks, mask_weight: of their loss, since
    efficiency and purity hang on the masks.
    """

    neutrino_weight: float = 20.0
    anchors: int = 256
    boxes: int = 128
    foreground: float = 0.25
    masks: int = 20
    mask_weight: float = 2.0
    proposals: ProposalSettings = field(default_factory=lambda: ProposalSettings(after=300))


@dataclass(frozen=True)
class Targets:
    """boxes float32 (G, 4) and classes int64 (G,) of the true interactions; owner int64 (N,): position of
    each lit pixel's interaction among them, -1 where it has none."""

    boxes: Tensor
    classes: Tensor
    owner: Tensor


PARTS = ("objectness", "anchor_box", "class", "box", "mask")


def losses(
    network: SMaskRCNN,
    looked: Looked,
    rows: Tensor,
    wires: Tensor,
    shape: tuple[int, int],
    targets: Targets,
    config: LossConfig,
) -> dict[str, Tensor]:
    """The five losses of an image, by name (`PARTS`)."""
    anchors = anchors_of(looked, network.config)
    objectness, anchor_box = _anchor_losses(looked, anchors, targets, config)
    proposals = propose(looked.objectness, looked.offsets, anchors, shape, config.proposals)
    proposals = torch.cat([targets.boxes, proposals])
    matched = match(iou(proposals, targets.boxes), 0.5, 0.5)
    positive, negative = sample(matched, config.boxes, config.foreground)
    places = SiteMap(looked.level)
    chosen = torch.cat([positive, negative])
    boxes, true = proposals[chosen], matched[positive]
    cells = network.config.box_cells
    answer = network.box(roi_align(looked.read, places, boxes, STRIDE, cells))
    labels = torch.zeros(len(chosen), dtype=torch.int64, device=boxes.device)
    labels[: len(positive)] = targets.classes[true] + 1
    weights = torch.ones(network.config.classes + 1, device=boxes.device)
    weights[2] = config.neutrino_weight
    each = functional.cross_entropy(answer.logits, labels, weight=weights, reduction="none")
    class_loss = each.sum() / max(len(chosen), 1)
    number = torch.arange(len(positive), device=boxes.device)
    offsets = answer.offsets[number, targets.classes[true]]
    wanted = BOX_CODER.encode(targets.boxes[true], boxes[: len(positive)])
    box_loss = _smooth(offsets, wanted) / max(len(chosen), 1)
    few = torch.randperm(len(positive), device=boxes.device)[: config.masks]
    mask_loss = _mask_loss(
        network, looked, places, boxes[few], answer.seen[few], targets, true[few], rows, wires
    )
    found = objectness, anchor_box, class_loss, box_loss, config.mask_weight * mask_loss
    return dict(zip(PARTS, found, strict=True))


def _anchor_losses(
    looked: Looked, anchors: Tensor, targets: Targets, config: LossConfig
) -> tuple[Tensor, Tensor]:
    matched = match(iou(anchors, targets.boxes), 0.7, 0.3, best_of_each=True)
    positive, negative = sample(matched, config.anchors, 0.5)
    chosen = torch.cat([positive, negative])
    labels = torch.zeros(len(chosen), device=anchors.device)
    labels[: len(positive)] = 1.0
    objectness = functional.binary_cross_entropy_with_logits(
        looked.objectness[chosen], labels, reduction="sum"
    ) / max(len(chosen), 1)
    wanted = RPN_CODER.encode(targets.boxes[matched[positive]], anchors[positive])
    return objectness, _smooth(looked.offsets[positive], wanted) / max(len(chosen), 1)


def _smooth(found: Tensor, wanted: Tensor) -> Tensor:
    return functional.smooth_l1_loss(found, wanted, beta=_BETA, reduction="sum")


def _mask_loss(
    network: SMaskRCNN,
    looked: Looked,
    places: SiteMap,
    boxes: Tensor,
    seen: Tensor,
    targets: Targets,
    true: Tensor,
    rows: Tensor,
    wires: Tensor,
) -> Tensor:
    """Binary cross-entropy at the lit pixels of each box: mean over a box, then over boxes."""
    pairs = pairs_of(boxes, rows, wires)
    if not len(pairs.box):
        return looked.read.sum() * 0.0
    logits = mask_logits(network, looked, places, boxes, seen, targets.classes[true], pairs)
    labels = (targets.owner[pairs.pixel] == true[pairs.box]).to(logits.dtype)
    each = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    share = 1.0 / pairs.counts.clamp_min(1).to(each.dtype)
    return (each * share[pairs.box]).sum() / len(boxes)
