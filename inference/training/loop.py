"""Train a U-ResNet: simulated on the fly or from files, on CPU or CUDA, resumable at any time."""

from __future__ import annotations

import csv
import math
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from inference.networks.uresnet import UResNet, UResNetConfig
from inference.predictor import ADC_SCALE
from inference.sparse.geometry import level_of
from inference.sparse.layers import SparseTensor
from inference.training.crops import CROP, Crop
from inference.training.loss import Weighting, pixel_weights, weighted_cross_entropy
from inference.training.source import SourceConfig, batches
from lartpc.classes import PIXEL_CLASSES

_PRECISION = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class TrainingConfig:
    """One training run. minutes: budget over which the learning rate falls; counted over resumptions."""

    network: UResNetConfig = field(default_factory=UResNetConfig)
    source: SourceConfig = field(default_factory=SourceConfig)
    minutes: float = 30.0
    steps: int | None = None
    learning_rate: float = 2.0e-3
    final_rate: float = 0.01
    warmup_steps: int = 200
    ema: float = 0.999
    weighting: Weighting = "balanced"
    precision: str = "bf16"
    device: str = "cpu"
    threads: int = 2
    workers: int = 1
    checkpoint_minutes: float = 2.0


@dataclass(frozen=True)
class Start:
    """Weights to begin from, and the records of the runs that made them, oldest first."""

    weights: dict[str, Tensor]
    earlier: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class TrainingState:
    """What a checkpoint holds."""

    network: UResNet
    average: dict[str, Tensor]
    optimizer: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0
    crops: int = 0
    earlier: list[dict[str, Any]] = field(default_factory=list)


def train(config: TrainingConfig, folder: Path, initial: Start | None = None) -> TrainingState:
    """Train until the budget is spent or SIGINT or SIGTERM arrives; the checkpoint lies in `folder`.

    initial: where to start from if the folder holds no checkpoint. Raises ValueError if the
    checkpoint belongs to another network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(config.threads)
    state = _start(config, initial)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.is_file():
        _restore(state, checkpoint)
    stop = _Stop()
    source = batches(config.source, config.workers, state.step)
    try:
        _run(config, state, source, folder, stop)
    finally:
        source.close()  # type: ignore[attr-defined]
        _save(state, config, checkpoint)
        stop.restore()
    return state


class _Stop:
    """Notes SIGINT and SIGTERM, so that the step in hand ends and a checkpoint is written."""

    def __init__(self) -> None:
        self.asked = False
        self._before = {s: signal.signal(s, self._note) for s in (signal.SIGINT, signal.SIGTERM)}

    def _note(self, *_: Any) -> None:
        self.asked = True

    def restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _start(config: TrainingConfig, initial: Start | None) -> TrainingState:
    torch.manual_seed(config.source.seed)
    network = UResNet(config.network).to(config.device)
    if initial is not None:
        network.load_state_dict(initial.weights)
    optimizer = torch.optim.Adam(network.parameters(), config.learning_rate, foreach=True)
    earlier = [] if initial is None else initial.earlier
    return TrainingState(network, _copy(network), optimizer, earlier=earlier)


def _copy(network: UResNet) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _done(config: TrainingConfig, state: TrainingState) -> float:
    if config.steps is not None:
        return state.step / max(config.steps, 1)
    return state.seconds / (config.minutes * 60.0)


def _run(
    config: TrainingConfig, state: TrainingState, source: Iterator[list[Crop]], folder: Path, stop: _Stop
) -> None:
    saved = last = time.monotonic()
    log = _Log(folder / "log.csv")
    bar = tqdm(total=100.0, initial=100.0 * min(_done(config, state), 1.0), unit="%", bar_format=_BAR)
    while (share := _done(config, state)) < 1.0 and not stop.asked:
        rate = _rate(config, state.step, share)
        batch = next(source)
        loss, confusion = _step(config, state, batch, rate)
        now = time.monotonic()
        state.seconds += now - last
        last = now
        log.add(state, rate, loss, confusion)
        bar.update(100.0 * min(_done(config, state), 1.0) - bar.n)
        bar.set_postfix_str(f"step {state.step}, {state.crops} crops, loss {loss:.3f}")
        if now - saved > config.checkpoint_minutes * 60.0:
            _save(state, config, folder / "checkpoint.pt")
            saved = now
    bar.close()


_BAR = "{l_bar}{bar}| {elapsed}<{remaining} {postfix}"


def _rate(config: TrainingConfig, step: int, share: float) -> float:
    """Linear warm-up, then half a cosine down to the final share of the rate."""
    cosine = config.final_rate + (1.0 - config.final_rate) * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))
    return config.learning_rate * cosine * min(1.0, (step + 1) / max(config.warmup_steps, 1))


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


def _step(
    config: TrainingConfig, state: TrainingState, batch: list[Crop], rate: float
) -> tuple[float, np.ndarray]:
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    x, classes, cluster_weight = collate(batch, config.device, _PRECISION[config.precision])
    logits = state.network(x)
    loss = weighted_cross_entropy(logits, classes, pixel_weights(config.weighting, classes, cluster_weight))
    state.optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state.network.parameters(), 5.0, foreach=True)
    state.optimizer.step()
    state.step += 1
    state.crops += len(batch)
    _average(config, state)
    known = classes >= 0
    pairs = classes[known] * 5 + logits.detach()[known].argmax(1)
    return float(loss.detach()), torch.bincount(pairs, minlength=25).reshape(5, 5).cpu().numpy()


def _average(config: TrainingConfig, state: TrainingState) -> None:
    """Exponential moving average of weights and batch-norm statistics, quick to forget at the start."""
    keep = min(config.ema, (1.0 + state.step) / (10.0 + state.step))
    with torch.no_grad():
        current = state.network.state_dict()
        torch._foreach_lerp_(list(state.average.values()), [current[k] for k in state.average], 1.0 - keep)


class _Log:
    """log.csv: a line every 50 steps with the running accuracy and recalls on training crops."""

    _EVERY = 50
    _HEAD = ("step", "minutes", "crops", "rate", "loss", "accuracy", *(c.name.lower() for c in PIXEL_CLASSES))

    def __init__(self, path: Path) -> None:
        self._path = path
        self._confusion = np.zeros((5, 5))
        self._losses: list[float] = []
        if not path.is_file():
            self._write(self._HEAD)

    def _write(self, values: tuple[object, ...]) -> None:
        with self._path.open("a", newline="") as file:
            csv.writer(file).writerow(values)

    def add(self, state: TrainingState, rate: float, loss: float, confusion: np.ndarray) -> None:
        self._confusion += confusion
        self._losses.append(loss)
        if state.step % self._EVERY:
            return
        right, total = np.diag(self._confusion), np.maximum(self._confusion.sum(axis=1), 1.0)
        numbers = [np.mean(self._losses), right.sum() / total.sum(), *(right / total)]
        start = (state.step, f"{state.seconds / 60.0:.1f}", state.crops, f"{rate:.2e}")
        self._write((*start, *(f"{number:.4f}" for number in numbers)))
        self._confusion[:] = 0.0
        self._losses.clear()


def _save(state: TrainingState, config: TrainingConfig, path: Path) -> None:
    temporary = path.with_suffix(".partial")
    torch.save(
        {
            "network": state.network.state_dict(),
            "average": state.average,
            "optimizer": state.optimizer.state_dict(),
            "counters": {"step": state.step, "seconds": state.seconds, "crops": state.crops},
            "config": asdict(config),
            "earlier": state.earlier,
        },
        temporary,
    )
    os.replace(temporary, path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint's content, read without unpickling objects. Raises ValueError if it is none."""
    try:
        return dict(torch.load(path, weights_only=True, map_location="cpu"))
    except Exception as error:
        raise ValueError(f"{path}: not a checkpoint of `argonscope train` ({error})") from error


def _restore(state: TrainingState, path: Path) -> None:
    saved = load_checkpoint(path)
    if saved["config"]["network"] != state.network.config.as_dict():
        raise ValueError(
            f"{path}: a checkpoint of another network; expected {state.network.config.as_dict()}"
        )
    state.network.load_state_dict(saved["network"])
    state.optimizer.load_state_dict(saved["optimizer"])
    state.average = {name: value.to(state.average[name]) for name, value in saved["average"].items()}
    state.earlier = saved.get("earlier", [])
    for name, value in saved["counters"].items():
        setattr(state, name, value)
