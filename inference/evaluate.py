"""`argonscope evaluate`: the figures of a set of weights on files, or on held-out simulation."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from inference.cards import default_weights, read_card
from inference.evaluation import Sample, Weights, compare, report
from inference.predictor import Segmenter, weights_path
from inference.settings import SegmenterSettings
from inference.training.decision import FIRST_VALIDATION_SEED
from inference.weights_file import write_card
from lartpc.event import Event
from lartpc.readers import open_events
from lartpc.simulation import BATCH, simulate_batch


def run(given: argparse.Namespace) -> int:
    """Carry out `argonscope evaluate`. Raises ValueError for a seed that training or validation may use."""
    check_held_out(given)
    torch.set_num_threads(given.threads)
    segmenter = Segmenter.load(given.plane, given.weights)
    total = None if given.files else given.events
    events = tqdm(held_out_events(given), total=total, unit="event", disable=None)
    card = _card(given)
    settings = SegmenterSettings()
    compared = [
        compare(event, given.plane, segmenter(event.images[given.plane], settings=settings), settings)
        for event in events
    ]
    weights = Weights(card.network, card.name, card.sha256, card.card["decision"]["rule"])
    files = tuple(file.name for file in given.files)
    sample = Sample("files" if files else given.sample, None if files else given.seed, files, len(compared))
    result = report(compared, given.plane, weights, sample, settings)
    if given.json is not None:
        _write(given.json, json.dumps(result, indent=2) + "\n")
    if given.card:
        write_card(card.path, {**card.card, "metrics": result})
    print(table(result))
    return 0


def _card(given: argparse.Namespace) -> Any:
    if given.weights is None:
        return default_weights("uresnet", given.plane)
    return read_card(weights_path(given.weights, given.plane))


def check_held_out(given: argparse.Namespace) -> None:
    """Raises ValueError for a seed of the simulation that training or validation may use."""
    if not given.files and not 0 <= given.seed < FIRST_VALIDATION_SEED:
        raise ValueError(f"seed {given.seed} is not held out; expected one below {FIRST_VALIDATION_SEED}")


def held_out_events(given: argparse.Namespace) -> Iterator[Event]:
    """The events of the named files, or simulated ones of the sample and seed."""
    for file in given.files:
        with open_events(file) as events:
            yield from events
    if given.files:
        return
    size = BATCH[given.sample]
    for first in range(0, given.events, size):
        batch = simulate_batch(given.sample, given.seed, range(first, first + size))
        yield from batch[: given.events - first]


def _write(path: Path, text: str) -> None:
    temporary = path.with_suffix(".partial")
    temporary.write_text(text)
    os.replace(temporary, path)


def table(result: dict[str, Any]) -> str:
    """The figures beside the published ones, as text."""
    beside_ours = result["published"]["sparse_ssnet"]
    published = {"accuracy": beside_ours["nonzero_accuracy"], **beside_ours["recall"]}
    rows = {
        "accuracy": result["nonzero_accuracy"],
        "mean recall": result["mean_recall"],
        **result["recall"],
    }
    lines = [
        f"plane {result['plane']}, {result['sample']['name']}, {result['events']} events",
        f"{'':12} {'ours':>7}  {'95 % interval':^15}  published (Y, their simulation)",
    ]
    for name, entry in rows.items():
        beside = f"{published[name]:.3f}" if name in published else ""
        lines.append(f"{name:12} {_figure(entry['value'])}  {_interval(entry['interval_95']):^15}  {beside}")
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    return f"{'–':>7}" if value is None else f"{value:7.3f}"


def _interval(bounds: list[float | None]) -> str:
    low, high = bounds
    return "–" if low is None or high is None else f"{low:.3f} – {high:.3f}"
