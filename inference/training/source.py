"""Where training batches come from: simulated on the fly in other processes, or files of events."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.settings import SegmenterSettings
from inference.training.crops import Crop, TruthKind, augment, full_plane, random_crops, read_by_network
from inference.training.processes import prepared
from lartpc.classes import PLANES
from lartpc.event import Event
from lartpc.readers import open_events
from lartpc.simulation import BATCH, simulate_batch

FIRST_TRAINING_SEED = 1_000_000
"""Training draws its seeds from here on; every smaller seed is held out."""
CROPS_OF_A_FILE = 3
"""That each plane of an event of a file yields before the next event is read."""


@dataclass(frozen=True)
class SourceConfig:
    """What to train on. samples: (sample, share of the crops). files: used instead of the simulation.

    labels: human labels as events (docs/labels.md), half of the crops beside the simulation, so that
    classes that nobody labelled are not forgotten.
    """

    planes: tuple[str, ...] = PLANES
    samples: tuple[tuple[str, float], ...] = (("bomb", 0.3), ("michel", 0.25), ("bnb", 0.45))
    files: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    adc_min: float = 10.0
    adc_max: float = 300.0
    saturate: bool = True
    truth: TruthKind = "primary"
    pixels: int = 14000
    seed: int = FIRST_TRAINING_SEED

    @property
    def settings(self) -> SegmenterSettings:
        """How the network reads an image, in training as afterwards."""
        return SegmenterSettings(self.adc_min, self.adc_max, self.saturate)


def batches(config: SourceConfig, workers: int, first_batch: int) -> Generator[list[Crop], None, None]:
    """Endless batches of crops; first_batch moves the seeds on where a run is resumed.

    Ends its processes when the iterator is closed. Raises RuntimeError if one of them dies.
    """
    return prepared(_batches, (config, first_batch), workers)


def _batches(config: SourceConfig, first_batch: int, worker: int) -> Iterator[list[Crop]]:
    rng = np.random.default_rng([config.seed, first_batch, worker])
    pool: list[Crop] = []
    for events, crops_each in _events(config, rng):
        for event in events:
            for plane in _planes(config, event):
                pool += _crops(rng, config, event, plane, crops_each)
        rng.shuffle(pool)
        # A pool of several events' crops stays behind, so that a batch mixes events and samples.
        while sum(len(crop.rows) for crop in pool) > 12 * config.pixels:
            yield _take(pool, config.pixels)


def _take(pool: list[Crop], pixels: int) -> list[Crop]:
    batch: list[Crop] = []
    while pool and sum(len(crop.rows) for crop in batch) < pixels:
        batch.append(pool.pop())
    return batch


def _crops(
    rng: np.random.Generator, config: SourceConfig, event: Event, plane: str, number: int
) -> list[Crop]:
    whole = full_plane(event, plane, config.truth)
    small = max(event.images[plane].shape) <= 512
    found = [whole] if small else random_crops(rng, whole, number)
    ready = [read_by_network(augment(rng, crop, flip_wires=plane == "Y"), config.settings) for crop in found]
    return [crop for crop in ready if len(crop.rows) >= 40 and (crop.classes >= 0).any()]


def _planes(config: SourceConfig, event: Event) -> list[str]:
    """Those to learn from: people label the planes that they were asked for."""
    labelled = event.truth.classes if config.labels and event.truth is not None else config.planes
    return [plane for plane in config.planes if plane in labelled]


def _events(config: SourceConfig, rng: np.random.Generator) -> Iterator[tuple[Sequence[Event], int]]:
    """Events and the number of crops to cut from each plane of each."""
    if config.files:
        yield from (([event], CROPS_OF_A_FILE) for event in _of_files(config.files, rng))
    labelled = _of_files(config.labels, rng)
    for events, crops in _simulated(config, rng):
        if not config.labels:
            yield events, crops
            continue
        for event in events:
            yield [event, next(labelled)], crops


def _of_files(paths: Sequence[str], rng: np.random.Generator) -> Iterator[Event]:
    while True:
        for path in rng.permutation(list(paths)):
            with open_events(Path(str(path))) as events:
                for entry in rng.permutation(len(events)):
                    yield events[int(entry)]


def _simulated(config: SourceConfig, rng: np.random.Generator) -> Iterator[tuple[Sequence[Event], int]]:
    # Crops an event yields: one a bomb, a few of the larger images; shares are in crops.
    each = {"bomb": 1, "michel": 6, "bnb": 12}
    names = [name for name, _ in config.samples]
    shares = np.array([share / (each[name] * BATCH[name]) for name, share in config.samples])
    while True:
        sample = str(rng.choice(names, p=shares / shares.sum()))
        seed = int(rng.integers(config.seed, 2**31))
        yield simulate_batch(sample, seed, range(BATCH[sample])), each[sample]
