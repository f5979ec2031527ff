"""The constants of lartpc.calibration, derived from simulated stopping muons and their Michel electrons.

Compared are the energy that was left on wires that are read and the charge in the pixels: for electrons
and tracks one by one, so that the constants are medians and come with their spread. Energy under pixels
that truth gives to another class is left out: what a Michel electron loses to its muon is no matter of
the charge scale.

Shape shorthand: D deposits of one event, N lit pixels of one plane.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from lartpc.calibration import PlaneCalibration
from lartpc.classes import PLANES, PixelClass
from lartpc.event import Event, Particle, Truth, WireImage
from lartpc.simulation import argon
from lartpc.simulation.generate import BATCH, simulate_with_charge
from lartpc.simulation.readout import ADC_PER_ELECTRON, Charge

SEED = 400_000
"""Of the events that the constants come from: none that a training, a validation or an evaluation uses."""
READ_ADC = (10.0, 300.0)
"""The networks read the pixels in between, so only these can be predicted."""
_MIN_ELECTRON_PIXELS = 10
_MIN_TRACK_PIXELS = 50


@dataclass
class _Ratios:
    """One number an electron or track."""

    electron: list[float]
    truth: list[float]
    track: list[float]


def calibrate(events: int = 64, seed: int = SEED) -> dict[str, PlaneCalibration]:
    """The constants of every plane from this many events of the sample `michel`.

    Raises ValueError where the events hold no electron or no track to compare.
    """
    ratios = {plane: _Ratios([], [], []) for plane in PLANES}
    for event, charge in tqdm(_events(events, seed), total=events, unit="event", disable=None):
        for plane in PLANES:
            _compare(_Seen(event, charge, plane), ratios[plane])
    return {plane: _constants(plane, found) for plane, found in ratios.items()}


def _events(events: int, seed: int) -> Iterable[tuple[Event, Charge]]:
    size = BATCH["michel"]
    for first in range(0, events, size):
        yield from simulate_with_charge("michel", seed, range(first, min(first + size, events)))


def _constants(plane: str, found: _Ratios) -> PlaneCalibration:
    if not (found.electron and found.truth and found.track):
        raise ValueError(f"plane {plane}: no electron or no track in these events; expected some of both")
    pairs = [_median_and_spread(np.array(values)) for values in (found.electron, found.truth, found.track)]
    return PlaneCalibration(*(number for pair in pairs for number in pair))


def _median_and_spread(values: NDArray[np.float64]) -> tuple[float, float]:
    """Median, and half of the central 68 % over it."""
    low, middle, high = np.quantile(values, (0.16, 0.5, 0.84))
    return float(middle), float(0.5 * (high - low) / middle)


class _Seen:
    """One plane of an event: its image, its truth, and where each deposit fell.

    pixel: (D,) index of the lit pixel at the deposit, -1 where it is not lit. in_view: (D,) whether the
    wire is read there at all.
    """

    def __init__(self, event: Event, charge: Charge, plane: str) -> None:
        assert event.truth is not None
        self.plane, self.charge = plane, charge
        self.image: WireImage = event.images[plane]
        self.truth: Truth = event.truth
        geometry = event.detector.plane(plane)
        row = np.floor((charge.tick - self.image.first_tick) / self.image.ticks_per_row).astype(np.int64)
        wire = geometry.wire_at(charge.position[:, 1], charge.position[:, 2]) - self.image.first_wire
        column = np.floor(wire + 0.5).astype(np.int64)
        rows, wires = self.image.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < wires) & (charge.electrons > 0.0)
        flat = np.where(inside, row * wires + column, 0)
        lit = np.full(rows * wires, -1)
        lit[self.image.rows.astype(np.int64) * wires + self.image.wires] = np.arange(len(self.image))
        dead = np.isin(flat % wires, self.image.dead_wires)
        self.in_view = inside & ~dead
        self.pixel = np.where(self.in_view, lit[flat], -1)

    def class_at(self) -> NDArray[np.int8]:
        """True class of the pixel at each deposit, -1 where it is unlit: (D,)."""
        return np.where(self.pixel >= 0, self.truth.classes[self.plane][self.pixel], -1)


def _compare(seen: _Seen, ratios: _Ratios) -> None:
    for particle in seen.truth.particles:
        if particle.process == "decay" and abs(particle.pdg) == 11:
            _electron(seen, particle, ratios)
        elif particle.process == "primary" and abs(particle.pdg) == 13:
            _track(seen, particle, ratios)


def _electron(seen: _Seen, particle: Particle, ratios: _Ratios) -> None:
    plane, adc = seen.plane, seen.image.adc
    own = (seen.truth.classes[plane] == PixelClass.MICHEL) & (seen.truth.particle_ids[plane] == particle.id)
    read = own & (adc > READ_ADC[0]) & (adc < READ_ADC[1])
    if read.sum() < _MIN_ELECTRON_PIXELS:
        return
    left = (seen.charge.particle == particle.id) & (seen.charge.pixel_class == PixelClass.MICHEL)
    left &= seen.in_view
    alone = left & np.isin(seen.class_at(), (PixelClass.UNKNOWN, PixelClass.MICHEL))
    of_muon = seen.truth.instances[plane] == particle.interaction
    true_charge = seen.truth.class_charge[plane][of_muon, PixelClass.MICHEL].sum(dtype=np.float64)
    ratios.electron.append(float(seen.charge.energy[alone].sum() / adc[read].sum(dtype=np.float64)))
    ratios.truth.append(float(seen.charge.energy[left].sum() / true_charge))


def _track(seen: _Seen, particle: Particle, ratios: _Ratios) -> None:
    plane, adc = seen.plane, seen.image.adc
    of_track = np.isin(seen.truth.classes[plane], (PixelClass.MIP, PixelClass.DELTA))
    of_track &= (seen.truth.instances[plane] == particle.interaction) & (adc > READ_ADC[0])
    if of_track.sum() < _MIN_TRACK_PIXELS:
        return
    charge = seen.charge
    steps = (charge.particle == particle.id) & (charge.pixel_class == PixelClass.MIP)
    left = (charge.interaction == particle.interaction) & seen.in_view
    left &= np.isin(charge.pixel_class, (PixelClass.MIP, PixelClass.DELTA))
    # Steps are equally long, so their number in view tells the length in view.
    length = float(np.linalg.norm(np.subtract(particle.end_cm, particle.start_cm)))
    length *= float((steps & seen.in_view).sum() / steps.sum())
    dedx = charge.energy[left].sum() / length
    expected = length * dedx * argon.recombination(dedx) / argon.MEV_PER_ELECTRON * ADC_PER_ELECTRON
    ratios.track.append(float(adc[of_track].sum(dtype=np.float64) / expected))
