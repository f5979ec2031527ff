"""A segmentation network for people who think in NumPy: a wire image in, scores a pixel out."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from inference.cards import named_weights
from inference.networks.uresnet import UResNet
from inference.settings import SegmenterSettings, readable
from inference.sparse.backends import backend_for
from inference.weights_file import config_of, load_weights
from lartpc.classes import PIXEL_CLASSES
from lartpc.event import WireImage
from records.predictions import Prediction

ADC_SCALE = 100.0
"""Networks read ADC / 100."""


class Segmenter:
    """A U-ResNet of one plane with its weights and its fixed decision rule."""

    def __init__(
        self,
        network: UResNet,
        offset: Tensor,
        plane: str,
        name: str = "",
        weights_hash: str = "",
        device: str = "cpu",
    ) -> None:
        self._backend = backend_for(device)
        self._network = self._backend.network(network)
        self._offset = offset.to(device)
        self.plane, self.name, self.weights_hash, self.device = plane, name, weights_hash, device

    @property
    def how(self) -> str:
        """Where and by what it computes, for people: "cpu, AVX2 kernel"."""
        return f"{self.device}, {self._backend.name}"

    @classmethod
    def load(cls, plane: str, weights: str | Path | None = None, device: str = "cpu") -> Segmenter:
        """The shipped weights of a plane, or those of a safetensors file.

        weights: a shipped name, the file, or a folder that holds `uresnet-*-<plane>.safetensors`.
        Raises ValueError or LookupError where there are none that fit, ValueError for those of another
        plane or network.
        """
        card = named_weights("uresnet", plane, weights)
        config = config_of(card.card, card.path.with_suffix(".json").name)
        if (config.inputs, config.classes) != (1, len(PIXEL_CLASSES)):
            raise ValueError(
                f"{card.path.name}: a network of {config.inputs} inputs and {config.classes} classes; "
                f"expected 1 and {len(PIXEL_CLASSES)}"
            )
        network, offset = load_weights(card.path, config)
        return cls(network, offset, card.plane, card.name, card.sha256, device)

    def __call__(
        self,
        image: WireImage,
        progress: Callable[[float], None] | None = None,
        settings: SegmenterSettings | None = None,
    ) -> Prediction:
        """Scores of every pixel that the settings let the network read; NaN for the others.

        progress: called between layers with 0 to 1; may raise to stop the run.
        """
        start = time.perf_counter()
        adc, read = readable(image.charge, settings or SegmenterSettings())
        scores = np.full((len(image), len(PIXEL_CLASSES)), np.nan, np.float32)
        if read.any():
            logits = self.logits(image.rows[read], image.wires[read], adc[read], image.shape, progress)
            scores[read] = torch.softmax(logits + self._offset, dim=1).cpu().numpy()
        return Prediction(
            plane=image.plane,
            scores=scores,
            network="uresnet",
            weights=self.name,
            weights_hash=self.weights_hash,
            device=self.how,
            seconds=time.perf_counter() - start,
        )

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
        row, wire, charge = (torch.from_numpy(part).to(self.device) for part in (rows, wires, adc))
        pixels = self._backend.tensor(row, wire, shape, charge[:, None] / ADC_SCALE)
        logits: Tensor = self._network(pixels, progress)
        return logits.float()
