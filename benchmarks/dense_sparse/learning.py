"""Accuracy against wall time: ``python -m benchmarks.dense_sparse.learning JSON`` trains and prints JSON.

Both kinds begin from the same weights and see the same crops in the same order; each goes as far as it
gets in the same time. The dense one computes whole crops, with the loss at lit pixels alone.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.dense_sparse.networks import Contender
from benchmarks.dense_sparse.plan import Kind
from benchmarks.dense_sparse.sample import load
from inference.networks.dense_uresnet import DenseNormRelu
from inference.sparse.layers import NormRelu
from inference.training.crops import Crop

MOMENTUM = 0.1
"""Of the batch norms' running statistics, larger than in a long training, which has time to settle."""

_LOOKS = (0.03, 0.06, 0.12, 0.25, 0.4, 0.6, 0.8, 1.0)
"""When the accuracy is measured, in shares of the budget."""


@dataclass(frozen=True)
class Request:
    """A short training. crops, held_out: files of `sample.save`, with crops of size × size."""

    kind: Kind
    crops: str
    held_out: str
    size: int
    batch: int
    filters: int
    depth: int
    minutes: float
    threads: int
    seed: int

    def command(self) -> list[str]:
        """How a process is started that answers."""
        return [sys.executable, "-m", "benchmarks.dense_sparse.learning", json.dumps(asdict(self))]


@dataclass(frozen=True)
class Look:
    """Non-zero accuracy on the held-out crops after some seconds and steps; loss: of the last step."""

    seconds: float
    step: int
    accuracy: float
    loss: float


def main() -> None:
    """Train as the first argument asks."""
    print(json.dumps([asdict(look) for look in learn(Request(**json.loads(sys.argv[1])))]))


def learn(request: Request) -> Iterator[Look]:
    """The looks of one training. The clock runs in steps alone, not while the accuracy is measured.

    A slow network skips the looks that fall into one step.
    """
    torch.set_num_threads(request.threads)
    shape = (request.size, request.size)
    contender = Contender(request.kind, request.depth, request.filters, shape, request.seed)
    settle_quickly(contender.network)
    held_out = load(Path(request.held_out))
    batches = stream(load(Path(request.crops)), request.batch, request.seed)
    spent, step, budget = 0.0, 0, request.minutes * 60.0
    for share in _LOOKS:
        if step and spent >= share * budget:
            continue
        while spent < share * budget or not step:
            batch = next(batches)
            start = time.perf_counter()
            loss = contender.step(batch)
            spent += time.perf_counter() - start
            step += 1
        yield Look(spent, step, accuracy(contender, held_out, request.batch), loss)


def settle_quickly(network: nn.Module) -> None:
    """Give the running statistics of all batch norms the momentum of a short training."""
    for module in network.modules():
        if isinstance(module, (NormRelu, DenseNormRelu)):
            module.momentum = MOMENTUM


def stream(crops: Sequence[Crop], batch: int, seed: int) -> Iterator[list[Crop]]:
    """Batches without end: all crops in a drawn order, and again in another. The same for the same seed."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(crops))
        for first in range(0, len(crops) - batch + 1, batch):
            yield [crops[i] for i in order[first : first + batch]]


def accuracy(contender: Contender, crops: Sequence[Crop], batch: int) -> float:
    """Share of the lit pixels that are labelled right."""
    counts = [contender.right(crops[first : first + batch]) for first in range(0, len(crops), batch)]
    right, known = np.sum(counts, axis=0)
    return float(right) / max(int(known), 1)


if __name__ == "__main__":
    main()
