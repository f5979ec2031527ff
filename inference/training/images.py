"""Training images of a detector: a whole wire plane and its true interactions.

Shape shorthand: N lit pixels, G true interactions.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference.settings import DetectorSettings
from inference.training.processes import prepared
from inference.training.source import FIRST_TRAINING_SEED
from lartpc.classes import PLANES
from lartpc.event import Event
from lartpc.simulation import BATCH, simulate_batch


@dataclass(frozen=True)
class ImageSourceConfig:
    """What to train on: whole simulated images. uses: times that an image is shown, each time augmented
    anew; classes: of `InstanceClass`, in its order; least_pixels: of an interaction that is to be found."""

    planes: tuple[str, ...] = PLANES
    sample: str = "bnb"
    uses: int = 2
    classes: int = 2
    adc_min: float = 10.0
    least_pixels: int = 8
    seed: int = FIRST_TRAINING_SEED


@dataclass(frozen=True)
class TrainingImage:
    """rows, wires int32 (N,), sorted; adc float32 (N,) after gain; owner int64 (N,): position of the
    pixel's interaction among the true ones, -1 for none; classes int64 (G,)."""

    plane: str
    shape: tuple[int, int]
    rows: NDArray[np.int32]
    wires: NDArray[np.int32]
    adc: NDArray[np.float32]
    owner: NDArray[np.int64]
    classes: NDArray[np.int64]

    @property
    def boxes(self) -> NDArray[np.float32]:
        """Tight boxes (G, 4) of the interactions' pixels, edges as in `lartpc.instances.Box`."""
        found = np.empty((len(self.classes), 4), np.float32)
        for number in range(len(self.classes)):
            own = self.owner == number
            rows, wires = self.rows[own], self.wires[own]
            found[number] = rows.min(), wires.min(), rows.max() + 1, wires.max() + 1
        return found


def training_image(event: Event, plane: str, config: ImageSourceConfig) -> TrainingImage:
    """A plane as the detector reads it, and the interactions with enough pixels and a class it knows.

    Raises ValueError where the event has no true instances for the plane.
    """
    if event.truth is None or plane not in event.truth.instances:
        raise ValueError(f"{event.id} has no true instances on plane {plane}")
    image = event.images[plane]
    read = image.charge >= DetectorSettings(config.adc_min).adc_min
    owner = np.full(int(read.sum()), -1, np.int64)
    classes: list[int] = []
    instances = event.truth.instances[plane][read]
    for interaction in event.truth.interactions:
        own = instances == interaction.id
        if own.sum() >= config.least_pixels and 0 <= interaction.instance_class < config.classes:
            owner[own] = len(classes)
            classes.append(int(interaction.instance_class))
    pixels = image.rows[read], image.wires[read], image.charge[read]
    return TrainingImage(plane, image.shape, *pixels, owner, np.array(classes, np.int64))


def augmented(rng: np.random.Generator, image: TrainingImage, least_pixels: int) -> TrainingImage:
    """Wires flipped on Y, charge scaled by some 6 %, and a few wires switched off.

    As for pixel classes (`crops.augment`): time is never flipped, nor wires on U and V, where a flip
    turns one plane's view into the other's.
    """
    wires = image.wires
    if image.plane == "Y" and rng.random() < 0.5:
        wires = (image.shape[1] - 1 - wires).astype(np.int32)
    adc = image.adc * np.float32(np.exp(rng.normal(0.0, 0.06)))
    keep = np.ones(len(wires), bool)
    for _ in range(rng.poisson(1.0)):
        first = rng.integers(0, image.shape[1])
        keep &= ~((wires >= first) & (wires < first + rng.integers(1, 12)))
    order = np.flatnonzero(keep)[np.lexsort((wires[keep], image.rows[keep]))]
    flipped = replace(
        image, rows=image.rows[order], wires=wires[order], adc=adc[order], owner=image.owner[order]
    )
    return _without_small(flipped, least_pixels)


def _without_small(image: TrainingImage, least: int) -> TrainingImage:
    """The image without interactions that have lost nearly all their pixels; the pixels stay."""
    numbers = np.bincount(image.owner[image.owner >= 0], minlength=len(image.classes))
    enough = numbers >= least
    if enough.all():
        return image
    position = np.append(np.where(enough, np.cumsum(enough) - 1, -1), -1)
    return replace(image, owner=position[image.owner], classes=image.classes[enough])


def images(config: ImageSourceConfig, workers: int, first: int) -> Generator[TrainingImage, None, None]:
    """Endless images; first moves the seeds on where a run is resumed."""
    return prepared(_images, (config, first), workers, ahead=24)


def _images(config: ImageSourceConfig, first: int, worker: int) -> Iterator[TrainingImage]:
    rng = np.random.default_rng([config.seed, first, worker])
    pool: list[TrainingImage] = []
    while True:
        seed = int(rng.integers(config.seed, 2**31))
        events = simulate_batch(config.sample, seed, range(BATCH[config.sample]))
        new = [training_image(event, plane, config) for event in events for plane in config.planes]
        pool += new * config.uses
        rng.shuffle(pool)
        # Some stay behind, so that an image is not shown twice in a row.
        keep = len(new) * (config.uses - 1) // 2
        while len(pool) > keep:
            image = augmented(rng, pool.pop(), config.least_pixels)
            if len(image.rows):
                yield image
