"""A training run, of whatever network: its state and checkpoint, its budget, and the loop that spends it."""

from __future__ import annotations

import csv
import math
import os
import signal
import time
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from tqdm import tqdm

Batch = TypeVar("Batch")
_CLIP = 5.0
_BAR = "{l_bar}{bar}| {elapsed}<{remaining} {postfix}"


@dataclass(frozen=True)
class RunConfig:
    """Budget and pace of a run. minutes: over which the learning rate falls, counted over resumptions;
    steps: instead of them; ema: of the averaged weights, which are the ones exported."""

    minutes: float = 30.0
    steps: int | None = None
    learning_rate: float = 2.0e-3
    final_rate: float = 0.01
    warmup_steps: int = 200
    ema: float = 0.999
    device: str = "cpu"
    threads: int = 2
    workers: int = 1
    checkpoint_minutes: float = 2.0


@dataclass(frozen=True)
class Start:
    """Weights to begin from, and the records of the runs that made them, oldest first."""

    weights: dict[str, Tensor]
    earlier: list[dict[str, Any]] = field(default_factory=list)


Network = TypeVar("Network", bound=nn.Module)


@dataclass
class TrainingState(Generic[Network]):
    """What a checkpoint holds. crops: crops, or whole images, that the network has seen."""

    network: Network
    average: dict[str, Tensor]
    optimizer: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0
    crops: int = 0
    earlier: list[dict[str, Any]] = field(default_factory=list)


Step = Callable[[Batch, float], str]
"""One step on a batch at a learning rate; returns what the progress bar shows of it."""


def begin(
    network: Network, optimizer: torch.optim.Optimizer, initial: Start | None = None
) -> TrainingState[Network]:
    """A network before its first step, as it is or from given weights."""
    if initial is not None:
        network.load_state_dict(initial.weights)
    average = {name: value.detach().clone() for name, value in network.state_dict().items()}
    earlier = [] if initial is None else initial.earlier
    return TrainingState(network, average, optimizer, earlier=earlier)


def run(
    config: RunConfig,
    state: TrainingState[Any],
    folder: Path,
    source: Callable[[], Generator[Batch, None, None]],
    step: Step[Batch],
) -> None:
    """Train until the budget is spent or SIGINT or SIGTERM arrives; the checkpoint lies in `folder`.

    Goes on from the checkpoint that lies there; source: the batches from the state's step on. Raises
    ValueError if the checkpoint belongs to another network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(config.threads)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.is_file():
        restore(state, checkpoint)
    stop = _Stop()
    batches = source()
    try:
        _spend(config, state, batches, step, checkpoint, stop)
    finally:
        batches.close()
        save(state, config, checkpoint)
        stop.restore()


def _spend(
    config: RunConfig,
    state: TrainingState[Any],
    batches: Generator[Batch, None, None],
    step: Step[Batch],
    checkpoint: Path,
    stop: _Stop,
) -> None:
    saved = last = time.monotonic()
    bar = tqdm(total=100.0, initial=100.0 * min(share_done(config, state), 1.0), unit="%", bar_format=_BAR)
    while (share := share_done(config, state)) < 1.0 and not stop.asked:
        shown = step(next(batches), learning_rate(config, state.step, share))
        now = time.monotonic()
        state.seconds += now - last
        last = now
        bar.update(100.0 * min(share_done(config, state), 1.0) - bar.n)
        bar.set_postfix_str(f"step {state.step}, {shown}")
        if now - saved > config.checkpoint_minutes * 60.0:
            save(state, config, checkpoint)
            saved = now
    bar.close()


def share_done(config: RunConfig, state: TrainingState[Any]) -> float:
    """The share of the budget that is spent; 1 and more at its end."""
    if config.steps is not None:
        return state.step / max(config.steps, 1)
    return state.seconds / (config.minutes * 60.0)


def learning_rate(config: RunConfig, step: int, share: float) -> float:
    """Linear warm-up, then half a cosine down to the final share of the rate."""
    cosine = config.final_rate + (1.0 - config.final_rate) * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))
    return config.learning_rate * cosine * min(1.0, (step + 1) / max(config.warmup_steps, 1))


def descend(config: RunConfig, state: TrainingState[Any], loss: Tensor, rate: float, seen: int) -> None:
    """One step of the optimiser down a loss, of a batch of `seen` crops or images."""
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    state.optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state.network.parameters(), _CLIP, foreach=True)
    state.optimizer.step()
    state.step += 1
    state.crops += seen
    _average(config, state)


def _average(config: RunConfig, state: TrainingState[Any]) -> None:
    """Exponential moving average of weights and batch-norm statistics, quick to forget at the start."""
    keep = min(config.ema, (1.0 + state.step) / (10.0 + state.step))
    with torch.no_grad():
        current = state.network.state_dict()
        names = [name for name, value in state.average.items() if value.is_floating_point()]
        torch._foreach_lerp_(
            [state.average[name] for name in names], [current[name] for name in names], 1.0 - keep
        )


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


def append_line(path: Path, head: tuple[str, ...], values: tuple[object, ...]) -> None:
    """A line of a CSV file, which begins with its head."""
    new = not path.is_file()
    with path.open("a", newline="") as file:
        csv.writer(file).writerows([head, values] if new else [values])


def save(state: TrainingState[Any], config: RunConfig, path: Path) -> None:
    """Write the checkpoint, all or nothing."""
    temporary = path.with_suffix(".partial")
    torch.save(
        {
            "network": state.network.state_dict(),
            "average": state.average,
            "optimizer": state.optimizer.state_dict(),
            "counters": {"step": state.step, "seconds": state.seconds, "crops": state.crops},
            "config": {**asdict(config), "network": state.network.config.as_dict()},
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


def restore(state: TrainingState[Any], path: Path) -> None:
    """Go on from a checkpoint. Raises ValueError if it is of another network."""
    saved = load_checkpoint(path)
    expected = state.network.config.as_dict()
    if saved["config"]["network"] != expected:
        raise ValueError(f"{path}: a checkpoint of another network; expected {expected}")
    state.network.load_state_dict(saved["network"])
    state.optimizer.load_state_dict(saved["optimizer"])
    state.average = {name: value.to(state.average[name]) for name, value in saved["average"].items()}
    state.earlier = saved.get("earlier", [])
    for name, value in saved["counters"].items():
        setattr(state, name, value)
