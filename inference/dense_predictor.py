"""A dense segmentation network for people who think in NumPy: crops in, scores at their lit pixels out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.networks.dense_uresnet import DenseUResNet, at_sites, dense_input, dense_state
from inference.networks.uresnet import UResNet
from inference.predictor import ADC_SCALE, Segmenter
from inference.settings import SegmenterSettings
from inference.sparse.geometry import level_of
from inference.sparse.layers import SparseTensor
from inference.training.crops import CROP, Crop
from lartpc.classes import PIXEL_CLASSES
from lartpc.event import WireImage
from records.predictions import Prediction

BATCH = 4
"""Crops that go through the network at once; about 80 MB each at 512 px and 16 filters."""

Pixels = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]
"""rows, wires and ADC on the networks' scale, each (N,), sorted by row, then wire."""


class DenseSegmenter(Segmenter):
    """The dense twin of a `Segmenter`: same weights, same decision rule, ordinary convolutions on crops.

    Its answer on weights that were trained sparse is that of another function, see
    `inference.networks.dense_uresnet`; weights that were trained dense are loaded from the same kind
    of file, through `sparse_state`.
    """

    def __init__(
        self,
        network: UResNet,
        offset: Tensor,
        plane: str,
        name: str = "",
        weights_hash: str = "",
        device: str = "cpu",
    ) -> None:
        super().__init__(network, offset, plane, name, weights_hash, device)
        dense = DenseUResNet(network.config)
        dense.load_state_dict(dense_state(network.state_dict()))
        self._network = dense.eval().requires_grad_(False).to(device)

    def __call__(
        self,
        image: WireImage,
        progress: Callable[[float], None] | None = None,
        settings: SegmenterSettings | None = None,
    ) -> Prediction:
        """Scores of every pixel that the settings let the network read; NaN for the others.

        An image larger than 512 × 512 is cut into tiles of at most that, of which those with pixels
        are computed. progress: called between batches of tiles with 0 to 1; may raise to stop the run.
        """
        return replace(super().__call__(image, progress, settings), network="dense uresnet")

    def crops(self, crops: Sequence[Crop], size: int = CROP) -> list[NDArray[np.float32]]:
        """Scores (N, 5) at the lit pixels of each crop of size × size."""
        scores: list[NDArray[np.float32]] = []
        for first in range(0, len(crops), BATCH):
            batch = crops[first : first + BATCH]
            logits = self._batch([(c.rows, c.wires, c.adc) for c in batch], (size, size))
            found = torch.softmax(logits + self._offset, dim=1).cpu().numpy()
            scores += np.split(found, np.cumsum([len(crop.rows) for crop in batch])[:-1])
        return scores

    @torch.no_grad()
    def logits(
        self,
        rows: np.ndarray,
        wires: np.ndarray,
        adc: np.ndarray,
        shape: tuple[int, int],
        progress: Callable[[float], None] | None = None,
    ) -> Tensor:
        """Bare network output float32 (N, 5) for sorted pixels with ADC on the networks' scale."""
        height, width = min(CROP, shape[0]), min(CROP, shape[1])
        tile = rows // height * (-(-shape[1] // width)) + wires // width
        members = [np.flatnonzero(tile == number) for number in np.unique(tile)]
        logits = torch.empty(len(rows), len(PIXEL_CLASSES), device=self.device)
        for first in range(0, len(members), BATCH):
            batch = members[first : first + BATCH]
            pixels = [(rows[m] % height, wires[m] % width, adc[m]) for m in batch]
            logits[np.concatenate(batch)] = self._batch(pixels, (height, width))
            if progress is not None:
                progress(min(1.0, (first + BATCH) / len(members)))
        return logits

    @torch.no_grad()
    def _batch(self, crops: Sequence[Pixels], shape: tuple[int, int]) -> Tensor:
        """Logits at the lit pixels of all crops of one shape, one after another."""
        image = np.repeat(np.arange(len(crops)), [len(rows) for rows, _, _ in crops])
        parts = [torch.from_numpy(np.concatenate(part)).to(self.device) for part in zip(*crops, strict=True)]
        level = level_of(parts[0], parts[1], shape, torch.from_numpy(image).to(self.device))
        features = torch.cat([parts[2] / ADC_SCALE, parts[2].new_zeros(1)])[:, None]
        logits: Tensor = self._network(dense_input(SparseTensor(level, features), len(crops)))
        return at_sites(logits, level)
