"""Truth of larcv3 files: clusters as instances, a label image for their classes, particles.

Shape shorthand: N lit pixels of a plane, K voxels of a product on that plane.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PLANES, InstanceClass
from lartpc.event import Interaction, Particle
from lartpc.readers.larcv3_products import PlaneVoxels, Product, wires_rows
from lartpc.readers.pixels import Pixels

COSMIC_LABELS = {1: InstanceClass.COSMIC, 2: InstanceClass.NEUTRINO}
"""Values of the cosmicseg label image; 0 is background."""

_NO_PARENT = 2**32 - 1
_NEUTRINOS = (12, 14, 16)


def read_labels(label: Product, entry: int, pixels: Mapping[str, Pixels]) -> dict[str, NDArray[np.int64]]:
    """Cosmic label of each lit pixel, 0 where the file gives none; plane -> int64 (N,)."""
    labels: dict[str, NDArray[np.int64]] = {}
    for plane, part in _known_planes(label, entry, pixels):
        ids, values = label.voxels(part)
        wires, rows = wires_rows(ids, part)
        index = pixels[plane].index(rows, wires)
        labels[plane] = np.zeros(len(pixels[plane].rows), np.int64)
        known = (index >= 0) & np.isin(values, list(COSMIC_LABELS))
        labels[plane][index[known]] = values[known].astype(np.int64)
    return labels


def read_instances(
    clusters: Product, entry: int, pixels: Mapping[str, Pixels], labels: Mapping[str, NDArray[np.int64]]
) -> tuple[dict[str, NDArray[np.int32]], tuple[Interaction, ...]]:
    """Cluster number of each lit pixel (plane -> int32 (N,), -1 for none), and the clusters.

    A pixel in several clusters belongs to the one with most charge in it. A cluster has the class
    that most of its labelled pixels on all planes have, and the largest energy of any plane.
    """
    instances = {}
    found: dict[int, _Cluster] = {}
    for plane, part in _known_planes(clusters, entry, pixels):
        ids, energy, numbers = clusters.cluster_voxels(part)
        wires, rows = wires_rows(ids, part)
        lit = pixels[plane]
        instances[plane] = _largest(lit.index(rows, wires), energy, numbers, len(lit.rows))
        totals = dict(zip(*_totals(numbers, energy), strict=True))
        for number in np.unique(instances[plane][instances[plane] >= 0]).tolist():
            mine = np.flatnonzero(instances[plane] == number)
            cluster = found.setdefault(number, _Cluster())
            cluster.energy_mev = max(cluster.energy_mev, totals[number])
            cluster.boxes[plane] = _box(lit, mine)
            if plane in labels:
                cluster.votes += np.bincount(labels[plane][mine], minlength=3)
    return instances, tuple(
        Interaction(number, cluster.majority(), 0, cluster.energy_mev, cluster.boxes)
        for number, cluster in sorted(found.items())
    )


def read_particles(product: Product, entry: int) -> tuple[Particle, ...]:
    """The particles of an event; a primary has parent -1."""
    return tuple(_particle(row) for row in product.records(entry, "particles"))


def neutrino_vertex(particles: tuple[Particle, ...]) -> tuple[float, float, float] | None:
    """Where the first neutrino without a parent interacted, in cm."""
    for particle in particles:
        if abs(particle.pdg) in _NEUTRINOS and particle.parent < 0:
            return particle.start_cm
    return None


@dataclass
class _Cluster:
    """What the planes tell of one cluster. votes: pixels with label 0, 1, 2."""

    energy_mev: float = 0.0
    boxes: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    votes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(3, np.int64))

    def majority(self) -> InstanceClass:
        """Class of most labelled pixels; background does not vote."""
        if not self.votes[1:].any():
            return InstanceClass.UNKNOWN
        return COSMIC_LABELS[1 + int(np.argmax(self.votes[1:]))]


def _known_planes(
    product: Product, entry: int, pixels: Mapping[str, Pixels]
) -> Iterator[tuple[str, PlaneVoxels]]:
    for part in product.planes(entry):
        if part.projection < len(PLANES) and PLANES[part.projection] in pixels:
            yield PLANES[part.projection], part


def _largest(
    index: NDArray[np.int64], energy: NDArray[np.float32], numbers: NDArray[np.int64], pixels: int
) -> NDArray[np.int32]:
    """The cluster with most energy in each pixel, -1 for none; int32 (N,)."""
    instances = np.full(pixels, -1, np.int32)
    known = np.flatnonzero(index >= 0)
    order = known[np.argsort(energy[known], kind="stable")]
    instances[index[order]] = numbers[order]
    return instances


def _totals(numbers: NDArray[np.int64], energy: NDArray[np.float32]) -> tuple[list[int], list[float]]:
    """Each cluster number and the energy in it."""
    unique, inverse = np.unique(numbers, return_inverse=True)
    return unique.tolist(), np.bincount(inverse, energy, len(unique)).tolist()


def _box(lit: Pixels, mine: NDArray[np.int64]) -> tuple[int, int, int, int]:
    rows, wires = lit.rows[mine], lit.wires[mine]
    return int(rows.min()), int(wires.min()), int(rows.max()), int(wires.max())


def _particle(row: Any) -> Particle:
    momentum = math.sqrt(float(row["px"]) ** 2 + float(row["py"]) ** 2 + float(row["pz"]) ** 2)
    total = float(row["energy_init"])
    mass = math.sqrt(max(total**2 - momentum**2, 0.0))
    parent = int(row["parent_trackid"])
    return Particle(
        id=int(row["trackid"]),
        pdg=int(row["pdg"]),
        parent=-1 if parent == _NO_PARENT else parent,
        interaction=-1,
        kinetic_energy_mev=1000.0 * (total - mass),
        start_cm=_point(row["vtx"]),
        end_cm=_point(row["end_pt"]),
        process=bytes(row["process"]).decode("utf-8", "replace").rstrip("\0 "),
    )


def _point(row: Any) -> tuple[float, float, float]:
    return float(row["x"]), float(row["y"]), float(row["z"])
