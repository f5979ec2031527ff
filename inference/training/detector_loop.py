"""Train an sMask-RCNN on simulated whole images, on CPU or CUDA, resumable at any time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from inference.networks.smask_rcnn import SMaskRCNN, SMaskRCNNConfig
from inference.predictor import ADC_SCALE
from inference.sparse.geometry import level_of
from inference.sparse.layers import SparseTensor
from inference.training import session
from inference.training.detector_loss import PARTS, LossConfig, Targets, losses
from inference.training.detector_progress import Progress
from inference.training.images import ImageSourceConfig, TrainingImage, images
from inference.training.session import RunConfig, Start, TrainingState, append_line, descend

LOG_STEPS = 50
"""Steps between two lines of log.csv."""


@dataclass(frozen=True)
class DetectorTrainingConfig(RunConfig):
    """One training run of a detector; a step is one image of one plane. progress_minutes: between two
    looks at validation events, progress_events of them."""

    network: SMaskRCNNConfig = field(default_factory=SMaskRCNNConfig)
    source: ImageSourceConfig = field(default_factory=ImageSourceConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    learning_rate: float = 1.0e-3
    warmup_steps: int = 300
    weight_decay: float = 1.0e-4
    progress_minutes: float = 10.0
    progress_events: int = 4


def train(
    config: DetectorTrainingConfig, folder: Path, initial: Start | None = None
) -> TrainingState[SMaskRCNN]:
    """Train until the budget is spent or SIGINT or SIGTERM arrives; the checkpoint lies in `folder`.

    Writes log.csv (losses, every 50 steps) and progress.csv (figures on validation events). initial:
    where to start from if the folder holds no checkpoint. Raises ValueError if the checkpoint belongs
    to another network.
    """
    state = begin(config, initial)
    log = _Log(folder / "log.csv")
    progress = Progress(
        folder / "progress.csv", config.source, config.progress_minutes, config.progress_events
    )

    def take(image: TrainingImage, rate: float) -> str:
        parts = step(config, state, image, rate)
        log.add(state, rate, parts)
        progress.look(state, config.device)
        return f"{state.crops} images, loss {sum(parts.values()):.3f}"

    session.run(config, state, folder, lambda: images(config.source, config.workers, state.step), take)
    return state


def begin(config: DetectorTrainingConfig, initial: Start | None = None) -> TrainingState[SMaskRCNN]:
    """A network before its first step, from a seed or from given weights."""
    torch.manual_seed(config.source.seed)
    network = SMaskRCNN(config.network).to(config.device)
    optimizer = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay, fused=True
    )
    return session.begin(network, optimizer, initial)


def tensors_of(image: TrainingImage, device: str) -> tuple[SparseTensor, Tensor, Tensor, Targets]:
    """Network input, rows and wires (N,), and targets of an image."""
    arrays = image.rows, image.wires, image.adc, image.boxes, image.classes, image.owner
    rows, wires, adc, boxes, classes, owner = (torch.from_numpy(a).to(device) for a in arrays)
    features = torch.cat([adc / ADC_SCALE, adc.new_zeros(1)])[:, None]
    pixels = SparseTensor(level_of(rows, wires, image.shape), features)
    return pixels, rows, wires, Targets(boxes, classes, owner)


def step(
    config: DetectorTrainingConfig, state: TrainingState[SMaskRCNN], image: TrainingImage, rate: float
) -> dict[str, float]:
    """One step on an image: its losses by part."""
    pixels, rows, wires, targets = tensors_of(image, config.device)
    state.network.train()
    looked = state.network.sparse(pixels)
    parts = losses(state.network, looked, rows, wires, image.shape, targets, config.loss)
    descend(config, state, torch.stack(list(parts.values())).sum(), rate, 1)
    return {name: float(value.detach()) for name, value in parts.items()}


class _Log:
    """log.csv: the mean losses, a line every `LOG_STEPS` steps."""

    _HEAD = ("step", "minutes", "images", "rate", *PARTS)

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sums: defaultdict[str, list[float]] = defaultdict(list)

    def add(self, state: TrainingState[SMaskRCNN], rate: float, parts: dict[str, float]) -> None:
        for name, value in parts.items():
            self._sums[name].append(value)
        if state.step % LOG_STEPS:
            return
        means = (f"{np.mean(self._sums[name]):.4f}" for name in PARTS)
        start = (state.step, f"{state.seconds / 60.0:.1f}", state.crops, f"{rate:.2e}")
        append_line(self._path, self._HEAD, (*start, *means))
        self._sums.clear()
