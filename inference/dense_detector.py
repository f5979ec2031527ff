"""The dense twin of a `Detector`: same weights, ordinary convolutions over every pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from torch import Tensor

from inference.detector import Detector, Suppression
from inference.networks.dense_layers import Dense
from inference.networks.smask_rcnn import Looked, SMaskRCNN
from inference.settings import DetectorSettings
from lartpc.event import WireImage
from records.detections import Detections

CROP = (512, 832)
"""Rows and wires of the crops to which the published dense detector was confined."""


class DenseDetector(Detector):
    """Trunk, RPN and features at every place of the image, lit or not; proposals begin everywhere.

    On weights that were trained sparse its answer is that of another function, see
    `inference.networks.dense_layers`. A whole plane takes some 3 GB with a ResNet-50; `crops` are what
    smaller machines can do.
    """

    def __init__(
        self,
        network: SMaskRCNN,
        plane: str,
        name: str = "",
        weights_hash: str = "",
        device: str = "cpu",
        suppression: Suppression | None = None,
    ) -> None:
        super().__init__(network, plane, name, weights_hash, device, suppression)
        self._backend = Dense()
        self._sparse = self._backend.network(network.sparse)

    def __call__(
        self,
        image: WireImage,
        progress: Callable[[float], None] | None = None,
        settings: DetectorSettings | None = None,
    ) -> Detections:
        """The instances of an image, as `Detector` tells them."""
        return replace(super().__call__(image, progress, settings), network="dense smask-rcnn")

    def _look(
        self,
        rows: Tensor,
        wires: Tensor,
        charge: Tensor,
        shape: tuple[int, int],
        watch: Callable[[float], None],
    ) -> Looked:
        looked = super()._look(rows, wires, charge, shape, watch)
        return replace(looked, pixels=looked.pixels[rows.long() * shape[1] + wires.long()])


def crops(image: WireImage, shape: tuple[int, int] = CROP) -> Iterator[tuple[WireImage, np.ndarray]]:
    """The tiles of an image that hold pixels, each with the positions of its pixels in the image.

    Each is an image of its own, of `shape` or less at the far edges.
    """
    across = -(-image.shape[1] // shape[1])
    tile = image.rows // shape[0] * across + image.wires // shape[1]
    for number in np.unique(tile):
        row, wire = int(number) // across * shape[0], int(number) % across * shape[1]
        size = (min(shape[0], image.shape[0] - row), min(shape[1], image.shape[1] - wire))
        own = np.flatnonzero(tile == number)
        below = row if image.tick_order > 0 else image.shape[0] - row - size[0]
        part = replace(
            image,
            rows=image.rows[own] - np.int32(row),
            wires=image.wires[own] - np.int32(wire),
            adc=image.adc[own],
            shape=size,
            first_tick=image.first_tick + below * image.ticks_per_row,
            first_wire=image.first_wire + wire,
        )
        yield part, own
