"""`argonscope train uresnet`: options to configurations, training, and weights at the end."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from inference.cards import default_weights, read_card
from inference.networks.uresnet import UResNetConfig
from inference.training.export import export
from inference.training.loop import TrainingConfig, train
from inference.training.record import chain, training_record
from inference.training.session import Start, load_checkpoint
from inference.training.source import FIRST_TRAINING_SEED, SourceConfig
from inference.training.widen import filters_of, widened
from inference.weights_file import config_of, load_weights
from lartpc.classes import PLANES

_FILTERS = 16
"""Width of a network that begins from random numbers."""

_RATE, _FINE_TUNING_RATE = 2e-3, 3e-4
"""Peak learning rates from random numbers, and of trained weights on human labels."""


def train_uresnet(given: argparse.Namespace) -> int:
    """Train, and write weights and card for the plane (or each plane) when the budget is spent."""
    begun = given.init or (_shipped(given.plane) if given.labels else None)
    start = None if begun is None else starting_point(begun)
    config = training_config(given, start)
    if start is not None:
        start = replace(start, weights=widened(start.weights, config.network))
    state = train(config, given.out, start)
    budget_spent = (
        state.step >= config.steps if config.steps is not None else state.seconds >= config.minutes * 60.0
    )
    if not budget_spent:
        print(f"Stopped at step {state.step}; the same command goes on from {given.out / 'checkpoint.pt'}.")
        return 0
    paths = export(
        given.out / "checkpoint.pt",
        config.source.planes,
        given.out,
        given.validation_events,
        given.recall_weight,
    )
    for path in paths:
        print(f"Wrote {path}")
    return 0


def _shipped(plane: str) -> Path:
    """Weights to fine-tune: those of the plane; for all planes those of the last. Raises LookupError."""
    return default_weights("uresnet", PLANES[-1] if plane == "all" else plane).path


def training_config(given: argparse.Namespace, start: Start | None = None) -> TrainingConfig:
    """The configuration that the command line asks for; as wide as its start unless it says how wide.

    Raises ValueError for files beside labels.
    """
    if given.files and given.labels:
        raise ValueError("--files and --labels cannot be together; labels are mixed with the simulation")
    source = SourceConfig(
        planes=PLANES if given.plane == "all" else (given.plane,),
        files=tuple(given.files),
        labels=tuple(given.labels),
        pixels=given.pixels,
        seed=FIRST_TRAINING_SEED + given.seed,
        saturate=not given.published_range,
        truth=given.truth,
        **({} if given.samples is None else {"samples": given.samples}),
    )
    filters = given.filters or (_FILTERS if start is None else filters_of(start.weights))
    return TrainingConfig(
        network=UResNetConfig(filters=filters),
        source=source,
        minutes=given.minutes,
        steps=given.steps,
        learning_rate=given.lr or (_FINE_TUNING_RATE if given.labels else _RATE),
        weighting=given.weighting,
        precision=given.precision or fast_precision(given.device),
        device=given.device,
        threads=given.threads,
        workers=given.workers,
    )


def fast_precision(device: str) -> str:
    """bf16 where the processor multiplies it in hardware (AMX, or a recent GPU), else fp32."""
    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    return "bf16" if "amx_bf16" in flags else "fp32"


def starting_point(path: Path) -> Start:
    """Averaged weights of a checkpoint, or those of a safetensors file. Raises ValueError for neither."""
    if path.suffix == ".safetensors":
        card = read_card(path).card
        network, _ = load_weights(path, config_of(card))
        return Start(dict(network.state_dict()), chain(card["training"]))
    saved = load_checkpoint(path)
    return Start(dict(saved["average"]), chain(training_record(saved)))
