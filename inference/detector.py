"""A detector of interactions for people who think in NumPy: a wire image in, instances out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from inference.cards import named_weights
from inference.detection.boxes import clip, sound
from inference.detection.masks import BOX_CODER, mask_logits, pairs_of, split_masks
from inference.detection.nms import mask_nms, nms
from inference.detection.propose import LEAST_SIDE, ProposalSettings, anchors_of, propose
from inference.detection.roi_align import SiteMap, roi_align
from inference.detector_weights import detector_config, load_detector_weights
from inference.networks.smask_rcnn import STRIDE, Looked, SMaskRCNN
from inference.predictor import ADC_SCALE
from inference.settings import DetectorSettings
from inference.sparse.backends import own_backend_for
from lartpc.classes import InstanceClass
from lartpc.event import WireImage
from lartpc.instances import Instance
from records.detections import Detections

NETWORK = "smask-rcnn"
LEAST_SCORE = 0.05
MOST = 100
"""Instances with less score, and beyond this number, are not told."""
_BOXES_AT_ONCE = 32


@dataclass(frozen=True)
class Suppression:
    """boxes: IoU above which the lesser of two boxes goes before masks are made, `most` of which stay;
    masks: share of the smaller mask's pixels above which the lesser of two instances goes.

    Published is 0.3 for boxes and none for masks. A fifth of the true boxes overlap another by more
    than that, since tracks cross, but true masks share no pixels: so boxes are suppressed late.
    """

    proposals: ProposalSettings = field(default_factory=ProposalSettings)
    boxes: float = 0.6
    most: int = 200
    masks: float = 0.6


@dataclass(frozen=True)
class Found:
    """boxes (B, 4), classes and scores (B,); looked_at (B, 4): the boxes in which the box head saw `seen`
    (B, F), about which the masks are."""

    boxes: Tensor
    classes: Tensor
    scores: Tensor
    looked_at: Tensor
    seen: Tensor

    def some(self, chosen: Tensor) -> Found:
        """Those of some positions, or where a bool (B,) is set."""
        parts = self.boxes, self.classes, self.scores, self.looked_at, self.seen
        return Found(*(part[chosen] for part in parts))

    def instance(self, number: int, pixels: np.ndarray) -> Instance:
        """One of them, with its mask."""
        low_row, low_wire, high_row, high_wire = self.boxes[number].tolist()
        return Instance(
            InstanceClass(int(self.classes[number])),
            float(self.scores[number]),
            (low_row, low_wire, high_row, high_wire),
            pixels.astype(np.int32),
        )


class Detector:
    """An sMask-RCNN of one plane with its weights."""

    def __init__(
        self,
        network: SMaskRCNN,
        plane: str,
        name: str = "",
        weights_hash: str = "",
        device: str = "cpu",
        suppression: Suppression | None = None,
    ) -> None:
        network = network.eval().to(device)
        self._backend = own_backend_for(device)
        self._sparse = self._backend.network(network.sparse)
        self.network = network
        self._suppression = suppression or Suppression()
        self.plane, self.name, self.weights_hash, self.device = plane, name, weights_hash, device

    @classmethod
    def load(cls, plane: str, weights: str | Path | None = None, device: str = "cpu") -> Detector:
        """The shipped weights of a plane, or those of a safetensors file.

        weights: a shipped name, the file, or a folder that holds `smask-rcnn-*-<plane>.safetensors`.
        Raises ValueError or LookupError where there are none that fit, ValueError for those of another
        plane or network.
        """
        card = named_weights(NETWORK, plane, weights)
        config = detector_config(card.card, card.path.with_suffix(".json").name)
        network = load_detector_weights(card.path, config)
        return cls(network, card.plane, card.name, card.sha256, device)

    @property
    def how(self) -> str:
        """Where and by what it computes, for people: "cpu, AVX2 kernel"."""
        return f"{self.device}, {self._backend.name}"

    def __call__(
        self,
        image: WireImage,
        progress: Callable[[float], None] | None = None,
        settings: DetectorSettings | None = None,
    ) -> Detections:
        """The instances of an image, best first, with a score of at least 0.05 and at most 100.

        progress: called between stages with 0 to 1; may raise to stop the run.
        """
        start = time.perf_counter()
        read = image.charge >= (settings or DetectorSettings()).adc_min
        instances: tuple[Instance, ...] = ()
        if read.any():
            pixels = image.rows[read], image.wires[read], image.charge[read]
            found = self._find(*pixels, image.shape, progress or _unwatched)
            positions = np.flatnonzero(read).astype(np.int32)
            instances = tuple(replace(each, pixels=positions[each.pixels]) for each in found)
        return Detections(
            plane=image.plane,
            instances=instances,
            image_pixels=len(image),
            network=NETWORK,
            weights=self.name,
            weights_hash=self.weights_hash,
            device=self.how,
            seconds=time.perf_counter() - start,
        )

    @torch.no_grad()
    def _find(
        self,
        rows: np.ndarray,
        wires: np.ndarray,
        adc: np.ndarray,
        shape: tuple[int, int],
        progress: Callable[[float], None],
    ) -> tuple[Instance, ...]:
        """Instances whose pixels are positions among those given, (N,)."""
        row, wire, charge = (torch.from_numpy(part).to(self.device) for part in (rows, wires, adc))
        looked = self._look(row, wire, charge, shape, lambda share: progress(0.6 * share))
        anchors = anchors_of(looked, self.network.config)
        proposals = propose(looked.objectness, looked.offsets, anchors, shape, self._suppression.proposals)
        progress(0.7)
        places = SiteMap(looked.level)
        found = self._classify(looked, places, proposals, shape)
        progress(0.8)
        masks = self._masks(looked, places, found, row, wire)
        progress(0.9)
        kept = mask_nms(masks, len(rows), self._suppression.masks)
        instances = [found.instance(int(best), masks[best]) for best in kept if len(masks[best])]
        progress(1.0)
        return tuple(instances[:MOST])

    def _look(
        self,
        rows: Tensor,
        wires: Tensor,
        charge: Tensor,
        shape: tuple[int, int],
        watch: Callable[[float], None],
    ) -> Looked:
        """The sparse part on lit pixels with ADC on the networks' scale."""
        looked: Looked = self._sparse(
            self._backend.tensor(rows, wires, shape, charge[:, None] / ADC_SCALE), watch
        )
        return looked

    def _classify(self, looked: Looked, places: SiteMap, proposals: Tensor, shape: tuple[int, int]) -> Found:
        """What the proposals turn out to be, best first."""
        found = self._judge(looked, places, proposals, shape)
        found = found.some(found.scores >= LEAST_SCORE)
        # A second look, at the boxes that were found and not at the proposals that led there.
        found = self._judge(looked, places, found.boxes, shape)
        found = found.some(found.scores >= LEAST_SCORE)
        return found.some(nms(found.boxes, found.scores, self._suppression.boxes, self._suppression.most))

    def _masks(
        self, looked: Looked, places: SiteMap, found: Found, rows: Tensor, wires: Tensor
    ) -> list[np.ndarray]:
        """The pixels of each mask; a few boxes at a time, since all may hold all pixels."""
        masks = []
        parts = (found.looked_at, found.seen, found.classes)
        for boxes, seen, classes in zip(*(part.split(_BOXES_AT_ONCE) for part in parts), strict=True):
            pairs = pairs_of(boxes, rows, wires)
            logits = mask_logits(self.network, looked, places, boxes, seen, classes, pairs)
            masks += split_masks(pairs, logits > 0)
        return masks

    def _judge(self, looked: Looked, places: SiteMap, boxes: Tensor, shape: tuple[int, int]) -> Found:
        """The box head's answer on each of some boxes (B, 4); those that it leads out of the image go."""
        cells = self.network.config.box_cells
        answer = self.network.box(roi_align(looked.read, places, boxes, STRIDE, cells))
        shares = answer.logits.softmax(dim=1)
        classes = shares[:, 1:].argmax(dim=1)
        offsets = answer.offsets[torch.arange(len(classes), device=classes.device), classes]
        led_to = clip(BOX_CODER.decode(offsets, boxes), shape)
        found = Found(led_to, classes, 1.0 - shares[:, 0], boxes, answer.seen)
        return found.some(sound(led_to, LEAST_SIDE))


def _unwatched(_: float) -> None: ...
