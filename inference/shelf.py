"""The networks of a worker: each set of weights is loaded once and kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from inference.cards import WeightsCard, available_weights, default_weights
from inference.jobs import JobRequest
from inference.settings import DETECTOR, SETTINGS
from lartpc.event import WireImage
from records.answers import Answer


class LoadedNetwork(Protocol):
    """A segmenter or a detector: `inference.predictor.Segmenter`, `inference.detector.Detector`."""

    weights_hash: str

    def __call__(
        self, image: WireImage, progress: Callable[[float], None] | None = None, settings: Any = None
    ) -> Answer: ...


class Shelf:
    """Networks by the hash of their weights; torch is imported with the first of them."""

    def __init__(self, device: str = "cpu") -> None:
        self._device = device
        self._loaded: dict[str, LoadedNetwork] = {}

    def warm(self) -> None:
        """Load the default weights of every plane, so that the first Run is as quick as the next."""
        import torch

        from inference.sparse.backends import backend_for

        # Planes come one after another, each on all threads: faster than side by side, see benchmarks.
        torch.set_num_threads(os.cpu_count() or 1)
        known = {(card.network, card.plane) for card in available_weights() if card.network in SETTINGS}
        for network, plane in sorted(known):
            self._network(default_weights(network, plane))
        backend = backend_for(self._device).name
        print(f"The networks run on {self._device}, {backend}.", file=sys.stderr, flush=True)

    def find(self, request: JobRequest) -> Callable[[WireImage, Callable[[float], None]], Answer]:
        """The network a job names. Raises ValueError when its weights are not here, or changed."""
        network = self._network(_card(request))
        settings = SETTINGS[request.network](**request.settings)
        return lambda image, progress: network(image, progress=progress, settings=settings)

    def _network(self, card: WeightsCard) -> LoadedNetwork:
        if card.sha256 not in self._loaded:
            self._loaded[card.sha256] = load_network(card.network, card.plane, card.path, self._device)
        return self._loaded[card.sha256]


def load_network(network: str, plane: str, weights: Path | None = None, device: str = "cpu") -> LoadedNetwork:
    """A network of `inference.settings.SETTINGS` by its name; weights: a file, a folder, or the shipped ones.

    Raises ValueError or LookupError where there are none that fit.
    """
    if weights is None:
        default_weights(network, plane)  # says so where there are none, before torch is imported
    if network == DETECTOR:
        from inference.detector import Detector

        detector: LoadedNetwork = Detector.load(plane, weights=weights, device=device)
        return detector
    from inference.predictor import Segmenter

    return Segmenter.load(plane, weights=weights, device=device)


def _card(request: JobRequest) -> WeightsCard:
    for card in available_weights():
        if card.sha256 == request.weights_hash and card.plane == request.plane:
            return card
    raise ValueError(
        f"The weights {request.weights} ({request.weights_hash[:8]}) are not on the worker's shelf; "
        "were they exchanged since the app was started?"
    )
