"""Train a U-ResNet: simulated on the fly or from files, on CPU or CUDA, resumable at any time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from inference.networks.uresnet import UResNet, UResNetConfig
from inference.predictor import ADC_SCALE
from inference.sparse.geometry import level_of
from inference.sparse.layers import SparseTensor
from inference.training import session
from inference.training.crops import CROP, Crop
from inference.training.loss import Weighting, pixel_weights, weighted_cross_entropy
from inference.training.session import RunConfig, Start, TrainingState, append_line, descend
from inference.training.source import SourceConfig, batches
from lartpc.classes import PIXEL_CLASSES

_PRECISION = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class TrainingConfig(RunConfig):
    """One training run of a U-ResNet."""

    network: UResNetConfig = field(default_factory=UResNetConfig)
    source: SourceConfig = field(default_factory=SourceConfig)
    weighting: Weighting = "balanced"
    precision: str = "bf16"


def train(config: TrainingConfig, folder: Path, initial: Start | None = None) -> TrainingState[UResNet]:
    """Train until the budget is spent or SIGINT or SIGTERM arrives; the checkpoint lies in `folder`.

    initial: where to start from if the folder holds no checkpoint. Raises ValueError if the
    checkpoint belongs to another network.
    """
    state = begin(config, initial)
    log = _Log(folder / "log.csv")

    def take(batch: list[Crop], rate: float) -> str:
        loss, confusion = step(config, state, batch, rate)
        log.add(state, rate, loss, confusion)
        return f"{state.crops} crops, loss {loss:.3f}"

    session.run(config, state, folder, lambda: batches(config.source, config.workers, state.step), take)
    return state


def begin(config: TrainingConfig, initial: Start | None = None) -> TrainingState[UResNet]:
    """A network before its first step, from a seed or from given weights."""
    torch.manual_seed(config.source.seed)
    network = UResNet(config.network).to(config.device)
    optimizer = torch.optim.Adam(network.parameters(), config.learning_rate, foreach=True)
    return session.begin(network, optimizer, initial)


def collate(
    crops: list[Crop], device: str, dtype: torch.dtype, shape: tuple[int, int] = (CROP, CROP)
) -> tuple[SparseTensor, Tensor, Tensor]:
    """A batch of crops as network input, classes int64 (N,) and cluster weights float32 (N,)."""
    image = np.repeat(np.arange(len(crops)), [len(crop.rows) for crop in crops])
    joined = {
        name: torch.from_numpy(np.concatenate([getattr(crop, name) for crop in crops])).to(device)
        for name in ("rows", "wires", "adc", "classes", "cluster_weight")
    }
    level = level_of(joined["rows"], joined["wires"], shape, torch.from_numpy(image).to(device))
    features = torch.cat([joined["adc"] / ADC_SCALE, joined["adc"].new_zeros(1)])[:, None].to(dtype)
    return SparseTensor(level, features), joined["classes"].long(), joined["cluster_weight"]


def step(
    config: TrainingConfig, state: TrainingState[UResNet], batch: list[Crop], rate: float
) -> tuple[float, np.ndarray]:
    """One step on a batch: its loss, and its confusion (5, 5), rows true."""
    x, classes, cluster_weight = collate(batch, config.device, _PRECISION[config.precision])
    logits = state.network(x)
    loss = weighted_cross_entropy(logits, classes, pixel_weights(config.weighting, classes, cluster_weight))
    descend(config, state, loss, rate, len(batch))
    known = classes >= 0
    pairs = classes[known] * 5 + logits.detach()[known].argmax(1)
    return float(loss.detach()), torch.bincount(pairs, minlength=25).reshape(5, 5).cpu().numpy()


class _Log:
    """log.csv: a line every 50 steps with the running accuracy and recalls on training crops."""

    _EVERY = 50
    _HEAD = ("step", "minutes", "crops", "rate", "loss", "accuracy", *(c.name.lower() for c in PIXEL_CLASSES))

    def __init__(self, path: Path) -> None:
        self._path = path
        self._confusion = np.zeros((5, 5))
        self._losses: list[float] = []

    def add(self, state: TrainingState[UResNet], rate: float, loss: float, confusion: np.ndarray) -> None:
        self._confusion += confusion
        self._losses.append(loss)
        if state.step % self._EVERY:
            return
        right, total = np.diag(self._confusion), np.maximum(self._confusion.sum(axis=1), 1.0)
        numbers = [np.mean(self._losses), right.sum() / total.sum(), *(right / total)]
        start = (state.step, f"{state.seconds / 60.0:.1f}", state.crops, f"{rate:.2e}")
        append_line(self._path, self._HEAD, (*start, *(f"{number:.4f}" for number in numbers)))
        self._confusion[:] = 0.0
        self._losses.clear()
