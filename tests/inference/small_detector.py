"""A detector small enough for tests, and images whose interactions are plain to see."""

from __future__ import annotations

import numpy as np
import torch

from inference.networks.smask_rcnn import SMaskRCNN, SMaskRCNNConfig
from inference.training.images import TrainingImage
from lartpc.event import WireImage

SMALL = SMaskRCNNConfig(
    width=8, context=1, context_width=16, rpn_width=16, read=16, box_width=32, mask_width=8,
    pixel_width=8, pixel_features=4, anchor_sizes=(32.0, 128.0), anchor_ratios=(0.5, 1.0, 2.0),
)  # fmt: skip


def bold_network(config: SMaskRCNNConfig = SMALL, seed: int = 0) -> SMaskRCNN:
    """Random weights whose heads are bold enough to find something."""
    torch.manual_seed(seed)
    made = SMaskRCNN(config)
    with torch.no_grad():
        made.box.logits.weight.normal_(std=0.5)
        made.box.offsets.weight.normal_(std=0.1)
        made.sparse.rpn.objectness.weight.normal_(std=0.5)
    return made.eval()


def image_of(lit: np.ndarray, plane: str = "Y", seed: int = 0) -> WireImage:
    """An image of bool (rows, wires) with any charge above the threshold."""
    rows, wires = (side.astype(np.int32) for side in np.nonzero(lit))
    adc = np.random.default_rng(seed).uniform(15, 200, len(rows)).astype(np.float32)
    return WireImage(plane, rows, wires, adc, (lit.shape[0], lit.shape[1]))


def tracks_image(seed: int, number: int = 3, shape: tuple[int, int] = (128, 160)) -> TrainingImage:
    """Straight tracks across an image, the first a neutrino of twice the charge; each pixel belongs to the
    last track that crosses it."""
    rng = np.random.default_rng(seed)
    owner = np.full(shape, -2)
    for track in range(number):
        start, stop = rng.uniform((0, 0), shape, (2, 2))
        steps = np.linspace(0, 1, 300)[:, None]
        place = np.clip(start * (1 - steps) + stop * steps, 0, np.array(shape) - 1).astype(int)
        owner[place[:, 0], place[:, 1]] = track
    owner[rng.integers(0, shape[0], 5), rng.integers(0, shape[1], 5)] = -1
    rows, wires = np.nonzero(owner > -2)
    owners = owner[rows, wires]
    kept = np.unique(owners[owners >= 0])
    position = np.full(number + 2, -1)
    position[kept] = np.arange(len(kept))
    classes = np.where(kept == 0, 1, 0)
    adc = np.where(owners == 0, 120.0, 60.0).astype(np.float32)
    pixels = rows.astype(np.int32), wires.astype(np.int32), adc
    return TrainingImage("Y", shape, *pixels, position[owners].astype(np.int64), classes.astype(np.int64))
