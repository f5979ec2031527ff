"""The growing table of particles and of charge deposits of one batch of simulated events."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_COLUMNS = {
    "pdg": (), "parent": (), "event": (), "interaction": (), "kinetic": (), "time_us": (),
    "start": (3,), "direction": (3,), "end": (3,),
}  # fmt: skip
_INTEGERS = {"pdg", "parent", "event", "interaction"}
PROCESSES = ("primary", "delta", "decay", "inelastic", "capture", "conversion")


class ParticleTable:
    """Columns of equal length, one row a particle; ``end`` is filled in by the transport.

    Positions in cm, kinetic energies in MeV, time offset of the interaction in microseconds.
    parent: row of the parent or -1. interaction: number within its event.
    """

    def __init__(self) -> None:
        self._parts: dict[str, list[NDArray[np.generic]]] = {name: [] for name in (*_COLUMNS, "process")}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(
        self,
        pdg: Ints | int,
        start: Array,
        direction: Array,
        kinetic: Array,
        *,
        event: Ints,
        interaction: Ints,
        time_us: Array,
        parent: Ints | int = -1,
        process: str = "primary",
    ) -> Ints:
        """Append particles and return their rows."""
        count = len(kinetic)
        values: dict[str, object] = {
            "pdg": pdg, "parent": parent, "event": event, "interaction": interaction, "kinetic": kinetic,
            "time_us": time_us, "start": start, "direction": direction, "end": start,
            "process": PROCESSES.index(process),
        }  # fmt: skip
        for name, value in values.items():
            kind = np.int64 if name in _INTEGERS or name == "process" else np.float64
            shape = (count, *_COLUMNS.get(name, ()))
            self._parts[name].append(np.array(np.broadcast_to(np.asarray(value, kind), shape)))
        rows = np.arange(self._size, self._size + count)
        self._size += count
        return rows

    def add_children(
        self, parents: Ints, pdg: Ints | int, start: Array, direction: Array, kinetic: Array, process: str
    ) -> Ints:
        """Append one child a parent row; event, interaction and time are the parent's."""
        return self.add(
            pdg,
            start,
            direction,
            kinetic,
            event=self["event"][parents],
            interaction=self["interaction"][parents],
            time_us=self["time_us"][parents],
            parent=parents,
            process=process,
        )

    def __getitem__(self, name: str) -> NDArray:
        parts = self._parts[name]
        if len(parts) != 1:
            shape = (0, *_COLUMNS.get(name, ()))
            parts[:] = [np.concatenate(parts)] if parts else [np.empty(shape)]
        return parts[0]


@dataclass
class Deposits:
    """Energy left in the argon: position cm (n, 3), energy and dE/dx, row of the particle, pixel class."""

    position: list[Array] = field(default_factory=list)
    energy: list[Array] = field(default_factory=list)
    dedx: list[Array] = field(default_factory=list)
    particle: list[Ints] = field(default_factory=list)
    pixel_class: list[NDArray[np.int8]] = field(default_factory=list)

    def add(
        self, position: Array, energy: Array, dedx: Array, particle: Ints, pixel_class: NDArray[np.int8]
    ) -> None:
        """Append n deposits; energy in MeV, dedx in MeV/cm."""
        self.position.append(position)
        self.energy.append(energy)
        self.dedx.append(dedx)
        self.particle.append(particle)
        self.pixel_class.append(pixel_class)


def orthonormal(direction: Array) -> tuple[Array, Array]:
    """Two unit vectors (n, 3) at right angles to each unit direction and to one another."""
    helper = np.where(np.abs(direction[:, :1]) < 0.9, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]])
    first = np.cross(direction, helper)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return first, np.cross(direction, first)


def rotate(direction: Array, cos_theta: Array, phi: Array) -> Array:
    """Directions at polar angle theta and azimuth phi about the given unit directions."""
    first, second = orthonormal(direction)
    sin_theta = np.sqrt(np.clip(1.0 - cos_theta**2, 0.0, None))
    return (
        direction * cos_theta[:, None]
        + first * (sin_theta * np.cos(phi))[:, None]
        + second * (sin_theta * np.sin(phi))[:, None]
    )


def isotropic(rng: np.random.Generator, count: int) -> Array:
    """Unit vectors (count, 3), uniform over the sphere."""
    cos_theta = rng.uniform(-1.0, 1.0, count)
    phi = rng.uniform(0.0, 2.0 * np.pi, count)
    sin_theta = np.sqrt(1.0 - cos_theta**2)
    return np.stack([sin_theta * np.cos(phi), cos_theta, sin_theta * np.sin(phi)], axis=1)
