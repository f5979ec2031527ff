"""Simulated crops of any size with their natural sparsity, and files of them for other processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from benchmarks.dense_sparse.plan import PLANE
from inference.settings import SegmenterSettings
from inference.training.crops import Crop, full_plane, random_crops, read_by_network
from lartpc.classes import PLANES
from lartpc.event import Event
from lartpc.simulation import BATCH, simulate_batch

LEAST_PIXELS = 40


def crops(sample: str, size: int, number: int, seed: int) -> list[Crop]:
    """Windows of size × size on simulated planes, U, V and Y in turn, each round a random lit pixel.

    A plane no larger than that is taken whole.
    """
    rng = np.random.default_rng([seed, size])
    found: list[Crop] = []
    for event in _events(sample, seed):
        for plane in PLANES:
            whole = full_plane(event, plane)
            small = max(event.images[plane].shape) <= size
            cut = [whole] if small else random_crops(rng, whole, 1, LEAST_PIXELS, size)
            found += [crop for crop in map(_read, cut) if len(crop.rows) >= LEAST_PIXELS]
        if len(found) >= number:
            break
    return found[:number]


def whole_planes(number: int, seed: int) -> list[Crop]:
    """Whole Y planes of `bnb` events."""
    events = _events("bnb", seed)
    return [_read(full_plane(next(events), PLANE)) for _ in range(number)]


def _read(crop: Crop) -> Crop:
    return read_by_network(crop, SegmenterSettings())


def _events(sample: str, seed: int) -> Iterator[Event]:
    first = 0
    while True:
        yield from simulate_batch(sample, seed, range(first, first + BATCH[sample]))
        first += BATCH[sample]


def save(path: Path, chosen: Sequence[Crop]) -> None:
    """Write crops for `load`."""
    arrays = {
        field.name: np.concatenate([getattr(crop, field.name) for crop in chosen]) for field in fields(Crop)
    }
    arrays["lengths"] = np.array([len(crop.rows) for crop in chosen])
    np.savez(path, allow_pickle=False, **arrays)


def load(path: Path, number: int | None = None) -> list[Crop]:
    """The first crops of a file; all of them without a number."""
    with np.load(path, allow_pickle=False) as saved:
        ends = np.cumsum(saved["lengths"][:number])
        parts = {field.name: np.split(saved[field.name][: ends[-1]], ends[:-1]) for field in fields(Crop)}
    return [Crop(*columns) for columns in zip(*parts.values(), strict=True)]
