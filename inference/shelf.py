"""The networks of a worker: each set of weights is loaded once and kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from inference.cards import WeightsCard, available_weights, default_weights
from inference.jobs import JobRequest
from inference.settings import SegmenterSettings
from lartpc.event import WireImage
from records.predictions import Prediction

if TYPE_CHECKING:
    from inference.predictor import Segmenter

NETWORK = "uresnet"


class Shelf:
    """Segmenters by the hash of their weights; torch is imported with the first of them."""

    def __init__(self, device: str = "cpu") -> None:
        self._device = device
        self._loaded: dict[str, Segmenter] = {}

    def warm(self) -> None:
        """Load the default weights of every plane, so that the first Run is as quick as the next."""
        import torch

        # Planes come one after another, each on all threads: faster than side by side, see benchmarks.
        torch.set_num_threads(os.cpu_count() or 1)
        for plane in sorted({card.plane for card in available_weights() if card.network == NETWORK}):
            how = self._segmenter(default_weights(NETWORK, plane)).how
            print(f"The networks of plane {plane} run on {how}.", file=sys.stderr, flush=True)

    def find(self, request: JobRequest) -> Callable[[WireImage, Callable[[float], None]], Prediction]:
        """The segmenter a job names. Raises ValueError when its weights are not here, or changed."""
        settings = SegmenterSettings(**request.settings)
        segmenter = self._segmenter(_card(request))
        return lambda image, progress: segmenter(image, progress=progress, settings=settings)

    def _segmenter(self, card: WeightsCard) -> Segmenter:
        from inference.predictor import Segmenter

        if card.sha256 not in self._loaded:
            self._loaded[card.sha256] = Segmenter.load(card.plane, weights=card.path, device=self._device)
        return self._loaded[card.sha256]


def _card(request: JobRequest) -> WeightsCard:
    for card in available_weights():
        if card.sha256 == request.weights_hash and card.plane == request.plane:
            return card
    raise ValueError(
        f"The weights {request.weights} ({request.weights_hash[:8]}) are not on the worker's shelf; "
        "were they exchanged since the app was started?"
    )
