"""What an sMask-RCNN learns from one image: five losses, as published (arXiv:1506.01497, 1703.06870).

Shape shorthand: N lit pixels, G true interactions, P proposals, A anchors in all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from inference.detection.boxes import clip, iou, sound
from inference.detection.masks import BOX_CODER, mask_logits, pairs_of
from inference.detection.matcher import match
from inference.detection.propose import LEAST_SIDE, RPN_CODER, ProposalSettings, anchors_of, propose
from inference.detection.roi_align import SiteMap, roi_align
from inference.detection.sampler import sample
from inference.networks.heads import BoxAnswer
from inference.networks.smask_rcnn import STRIDE, Looked, SMaskRCNN
from lartpc.classes import InstanceClass

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
    proposals: ProposalSettings = field(default_factory=lambda: ProposalSettings(before=2000, after=500))


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
    places = SiteMap(looked.level)
    proposals = propose(looked.objectness, looked.offsets, anchors, shape, config.proposals)
    proposals = torch.cat([targets.boxes, proposals])
    positive, negative = sample(_stand_for(proposals, targets), config.boxes, config.foreground)
    first = _look(network, looked, places, proposals[torch.cat([positive, negative])], targets, config)
    # As the detector does: a second look at the boxes found, which are the ones that get masks.
    second = _look(network, looked, places, _found(first, shape), targets, config)
    mask_loss = _mask_loss(network, looked, places, second, targets, config.masks, rows, wires)
    found = (
        objectness,
        anchor_box,
        0.5 * (first.class_loss + second.class_loss),
        0.5 * (first.box_loss + second.box_loss),
        config.mask_weight * mask_loss,
    )
    return dict(zip(PARTS, found, strict=True))


@dataclass(frozen=True)
class _Look:
    """The box head's answer on boxes (B, 4), which of the true ones they stand for (B,), and its losses."""

    boxes: Tensor
    matched: Tensor
    answer: BoxAnswer
    class_loss: Tensor
    box_loss: Tensor


def _stand_for(boxes: Tensor, targets: Targets) -> Tensor:
    return match(iou(boxes, targets.boxes), 0.5, 0.5)


def _look(
    network: SMaskRCNN, looked: Looked, places: SiteMap, boxes: Tensor, targets: Targets, config: LossConfig
) -> _Look:
    matched = _stand_for(boxes, targets)
    answer = network.box(roi_align(looked.read, places, boxes, STRIDE, network.config.box_cells))
    positive = torch.nonzero(matched >= 0)[:, 0]
    true = matched[positive]
    labels = torch.zeros_like(matched)
    labels[positive] = targets.classes[true] + 1
    weights = torch.ones(network.config.classes + 1, device=boxes.device)
    weights[InstanceClass.NEUTRINO + 1] = config.neutrino_weight
    each = functional.cross_entropy(answer.logits, labels, weight=weights, reduction="none")
    offsets = answer.offsets[positive, targets.classes[true]]
    wanted = BOX_CODER.encode(targets.boxes[true], boxes[positive])
    number = max(len(boxes), 1)
    return _Look(boxes, matched, answer, each.sum() / number, _smooth(offsets, wanted) / number)


@torch.no_grad()
def _found(look: _Look, shape: tuple[int, int]) -> Tensor:
    """Where a look leads: the boxes of the likeliest classes."""
    classes = look.answer.logits[:, 1:].argmax(dim=1)
    offsets = look.answer.offsets[torch.arange(len(classes), device=classes.device), classes]
    boxes = clip(BOX_CODER.decode(offsets, look.boxes), shape)
    return boxes[sound(boxes, LEAST_SIDE)]


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
    look: _Look,
    targets: Targets,
    most: int,
    rows: Tensor,
    wires: Tensor,
) -> Tensor:
    """Binary cross-entropy at the lit pixels of `most` boxes: mean over a box, then over boxes."""
    chosen, _ = sample(look.matched, most, 1.0)
    boxes, true = look.boxes[chosen], look.matched[chosen]
    pairs = pairs_of(boxes, rows, wires)
    if not len(pairs.box):
        return looked.read.sum() * 0.0
    classes, seen = targets.classes[true], look.answer.seen[chosen]
    logits = mask_logits(network, looked, places, boxes, seen, classes, pairs)
    labels = (targets.owner[pairs.pixel] == true[pairs.box]).to(logits.dtype)
    each = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    share = 1.0 / pairs.counts.clamp_min(1).to(each.dtype)
    return (each * share[pairs.box]).sum() / len(boxes)
