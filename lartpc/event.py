"""An event: identity, one sparse image a wire plane, and the truth where there is any.

Shape shorthand: N lit pixels of one plane, C = 5 pixel classes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import InstanceClass
from lartpc.detector import Detector

Source = Literal["data", "simulation", "demo", "unknown"]


@dataclass(frozen=True)
class EventId:
    """Which event: numbers repeat between real files, so file and entry belong to the identity."""

    run: int
    subrun: int
    event: int
    file: str
    entry: int

    def __str__(self) -> str:
        """In words, as an error names an event; simulated events have no file."""
        return f"entry {self.entry} of {self.file or 'the simulation'}"


@dataclass(frozen=True)
class WireImage:
    """The lit pixels of one wire plane, sorted by row, then wire, each pixel once.

    rows, wires: int32 (N,), 0 <= rows < shape[0] and 0 <= wires < shape[1]; adc: float32 (N,),
    finite, in the file's own units. shape: (rows, wires) of the full plane. Row r covers ticks
    first_tick + r * ticks_per_row and on when tick_order is +1; with -1 row 0 is the latest.
    Column w is wire first_wire + w of the plane (crops start at another wire than 0).
    dead_wires: int32 (D,). gain: factor that brings adc to the networks' scale (MIP near 50 a
    pixel); networks see adc * gain.
    """

    plane: str
    rows: NDArray[np.int32]
    wires: NDArray[np.int32]
    adc: NDArray[np.float32]
    shape: tuple[int, int]
    ticks_per_row: int = 6
    first_tick: int = 0
    first_wire: int = 0
    tick_order: Literal[1, -1] = 1
    dead_wires: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    gain: float = 1.0

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def content_hash(self) -> str:
        """Hex digest of what a network reads (pixels, ADC, shape, time direction), without the gain."""
        digest = hashlib.sha256()
        digest.update(f"{self.plane} {self.shape} {self.ticks_per_row} {self.tick_order}".encode())
        for array in (self.rows, self.wires, self.adc):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def tick_of_row(self, row: int) -> int:
        """Earliest tick of a row."""
        step = row if self.tick_order > 0 else self.shape[0] - 1 - row
        return self.first_tick + step * self.ticks_per_row

    @property
    def charge(self) -> NDArray[np.float32]:
        """ADC on the networks' scale, adc × gain: float32 (N,)."""
        return self.adc * np.float32(self.gain)

    def with_gain(self, gain: float) -> WireImage:
        """The same pixels with another gain."""
        return replace(self, gain=gain)

    def masked(self, kept: NDArray[np.bool_]) -> WireImage:
        """The same image with all but the kept pixels, bool (N,), gone dark."""
        return replace(self, rows=self.rows[kept], wires=self.wires[kept], adc=self.adc[kept])


@dataclass(frozen=True)
class Particle:
    """One true particle. Positions in cm, kinetic energy in MeV; parent and interaction -1 for none."""

    id: int
    pdg: int
    parent: int
    interaction: int
    kinetic_energy_mev: float
    start_cm: tuple[float, float, float]
    end_cm: tuple[float, float, float]
    process: str = ""


@dataclass(frozen=True)
class Interaction:
    """All charge with one ancestor. boxes: plane -> (row_min, wire_min, row_max, wire_max), inclusive."""

    id: int
    instance_class: InstanceClass
    pdg: int
    energy_mev: float
    boxes: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Truth:
    """Truth of a simulated event; every mapping is plane -> array in the pixel order of the image.

    classes: int8 (N,), -1 unknown. instances: int32 (N,), Interaction.id or -1.
    particle_ids: int32 (N,), Particle.id that gave the class, or -1.
    class_charge: float32 (N, C), ADC left by each class; absent in most foreign files.
    """

    classes: Mapping[str, NDArray[np.int8]] = field(default_factory=dict)
    instances: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    particle_ids: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    class_charge: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    interactions: tuple[Interaction, ...] = ()
    particles: tuple[Particle, ...] = ()
    vertex_cm: tuple[float, float, float] | None = None
    """Neutrino (or bomb) vertex as it appears in the image: drift offset included in x."""


@dataclass(frozen=True)
class Event:
    """One trigger: images of up to three planes. notes: plain sentences on what the file lacks."""

    id: EventId
    detector: Detector
    images: Mapping[str, WireImage]
    truth: Truth | None = None
    source: Source = "unknown"
    notes: tuple[str, ...] = ()
