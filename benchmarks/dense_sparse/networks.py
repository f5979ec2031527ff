"""The two networks behind one face: a batch of crops in, logits and classes of its lit pixels out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from benchmarks.dense_sparse.plan import Kind
from inference.networks.dense_uresnet import DenseUResNet, at_sites, dense_input, dense_state
from inference.networks.uresnet import UResNet, UResNetConfig
from inference.sparse.backends import Backend, backend_for
from inference.sparse.layers import SparseTensor
from inference.training.crops import Crop
from inference.training.loop import collate
from inference.training.loss import pixel_weights, weighted_cross_entropy

LEARNING_RATE = 1e-3
"""Of Adam, as published."""


class Contender:
    """A network for training, dense or sparse, with its optimizer. Both kinds begin from the same weights."""

    def __init__(self, kind: Kind, depth: int, filters: int, shape: tuple[int, int], seed: int = 0) -> None:
        torch.manual_seed(seed)
        config = UResNetConfig(depth=depth, filters=filters)
        self.network: nn.Module = UResNet(config)
        if kind == "dense":
            initial = dense_state(self.network.state_dict())
            self.network = DenseUResNet(config)
            self.network.load_state_dict(initial)
        self._kind, self._shape, self._depth = kind, shape, depth
        self._optimizer = torch.optim.Adam(self.network.parameters(), LEARNING_RATE, foreach=True)

    def step(self, crops: Sequence[Crop]) -> float:
        """One step of training on a batch of crops, from its pixels to the changed weights; the loss."""
        self.network.train()
        logits, classes = self._logits(crops)
        loss = weighted_cross_entropy(logits, classes, pixel_weights("none", classes, logits.new_empty(0)))
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0, foreach=True)
        self._optimizer.step()
        return float(loss.detach())

    @torch.no_grad()
    def right(self, crops: Sequence[Crop]) -> tuple[int, int]:
        """How many lit pixels of known class the network labels right, and how many there are."""
        self.network.eval()
        logits, classes = self._logits(crops)
        known = classes >= 0
        return int((logits.argmax(1) == classes)[known].sum()), int(known.sum())

    def inference(self) -> tuple[str, Callable[[Sequence[Crop]], Tensor]]:
        """How the network is run for its answer alone, in words, and the way: crops to logits."""
        if self._kind == "sparse":
            backend = backend_for("cpu")
            return backend.name, torch.no_grad()(self._by_backend(backend))
        self.network.eval().requires_grad_(False)
        way = torch.no_grad()(lambda crops: self._logits(crops)[0])
        return "ordinary convolutions, channels last", way

    def _by_backend(self, backend: Backend) -> Callable[[Sequence[Crop]], Tensor]:
        """Backends take one image: a batch is laid out in a tall one, with room for a pixel between crops
        at every level, so that none sees another."""
        network, step = backend.network(self.network), 2 ** (self._depth - 1)
        stride = (-(-self._shape[0] // step) + 1) * step

        def run(crops: Sequence[Crop]) -> Tensor:
            x, _ = self._collated(crops)
            image, rows, wires = x.level.coordinates
            tall = (stride * len(crops), self._shape[1])
            logits: Tensor = network(backend.tensor(image * stride + rows, wires, tall, x.sites))
            return logits

        return run

    def _logits(self, crops: Sequence[Crop]) -> tuple[Tensor, Tensor]:
        x, classes = self._collated(crops)
        if self._kind == "sparse":
            return self.network(x), classes
        return at_sites(self.network(dense_input(x, len(crops))), x.level), classes

    def _collated(self, crops: Sequence[Crop]) -> tuple[SparseTensor, Tensor]:
        x, classes, _ = collate(list(crops), "cpu", torch.float32, self._shape)
        return x, classes
