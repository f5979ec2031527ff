"""Reader of larcv3 HDF5 files with sparse 2-D images, label images and clusters.

Shape shorthand: N lit pixels of a plane, K voxels of a product on that plane.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PLANES, InstanceClass
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Interaction, Particle, Truth, WireImage
from lartpc.gain import estimate_event_gain
from lartpc.readers.base import EventFile, EventSummary
from lartpc.readers.larcv3_products import PlaneVoxels, Product, products
from lartpc.readers.pixels import Pixels, collect

SBND_SHAPE = (1280, 2048)
TICKS_PER_ROW = 4
COSMIC_LABELS = {1: InstanceClass.COSMIC, 2: InstanceClass.NEUTRINO}
"""Values of the cosmicseg label image; 0 is background."""

TWO_VOLUMES = (
    "Rows run along x through two drift volumes that join near row 640: time rises with the row in the "
    "first and falls in the second."
)
UNKNOWN_GEOMETRY = "The file does not tell its geometry: lengths assume 3 mm wires and square pixels."
NO_CLASSES = "Instances and their classes are known in this file, pixel classes are not."
_LABEL_WORDS = ("seg", "label", "mask", "truth", "cluster", "instance")
_CHARGE_WORDS = ("wire", "charge", "adc", "data")
_NO_PARENT = 2**32 - 1
_NEUTRINOS = (12, 14, 16)


def is_larcv3(file: h5py.File) -> bool:
    """Whether the file has larcv3's event ids and data products."""
    return isinstance(file.get("Events/event_id"), h5py.Dataset) and isinstance(file.get("Data"), h5py.Group)


class Larcv3File(EventFile):
    """A larcv3 file. One gain an event, estimated from its pixels."""

    format = "larcv3"

    def __init__(self, path: Path, file: h5py.File) -> None:
        super().__init__(path, file)
        self._ids = file["Events/event_id"]
        if not {"run", "subrun", "event"} <= set(self._ids.dtype.names or ()):
            raise self._error("Events/event_id lacks a field", "the fields run, subrun and event")
        found = products(path, file)
        self._charge = self._find_charge(found)
        self._label = _first(found, "sparse2d", ("cosmicseg",))
        self._clusters = _first(found, "cluster2d", ("segmerged", "merged", "instance", "cluster"))
        self._particles = _first(found, "particle", ("neutrino", "mcpart", "particle"))
        simulated = any(product is not None for product in (self._label, self._clusters, self._particles))
        self.source = "simulation" if simulated else "unknown"
        self.detector = self._find_detector()

    def _length(self) -> int:
        return len(self._ids)

    def _event_id(self, entry: int) -> EventId:
        row = self._ids[entry]
        return EventId(int(row["run"]), int(row["subrun"]), int(row["event"]), self.path.name, entry)

    def _summary(self, entry: int) -> EventSummary:
        """Lit pixels as the file counts them, before pixels that are not finite are left out."""
        planes = self._charge.planes(entry)
        lit = {PLANES[p.projection]: p.count for p in planes if p.projection < len(PLANES)}
        return EventSummary(self._event_id(entry), lit, self._clusters is not None)

    def _event(self, entry: int) -> Event:
        images: dict[str, WireImage] = {}
        pixels: dict[str, Pixels] = {}
        notes = [TWO_VOLUMES if self.detector.name == "sbnd_larcv3" else UNKNOWN_GEOMETRY]
        for part in self._charge.planes(entry):
            if part.projection >= len(PLANES):
                notes.append(f"A projection {part.projection} beyond the planes U, V and Y was left out.")
                continue
            plane = PLANES[part.projection]
            ids, values = self._charge.voxels(part)
            wires, rows = _wires_rows(ids, part)
            pixels[plane], more = collect(rows, wires, values, (part.size[1], part.size[0]), 0.0, plane)
            images[plane] = _image(pixels[plane], plane)
            notes.extend(more)
        gain = estimate_event_gain(images.values())
        images = {plane: images[plane].with_gain(gain) for plane in PLANES if plane in images}
        truth = self._truth(entry, pixels)
        if truth is not None and truth.instances:
            notes.append(NO_CLASSES)
        return Event(self._event_id(entry), self.detector, images, truth, self.source, tuple(notes))

    def _find_charge(self, found: dict[tuple[str, str], Product]) -> Product:
        """The sparse2d product that holds charge: named like it, or the only one not named like a label."""
        sparse = [product for (kind, _), product in sorted(found.items()) if kind == "sparse2d"]
        unlabelled = [p for p in sparse if not any(word in p.producer for word in _LABEL_WORDS)]
        named = [p for p in unlabelled if any(word in p.producer for word in _CHARGE_WORDS)]
        for choice in (named, unlabelled):
            if choice:
                return choice[0]
        there = ", ".join(f"{kind}_{producer}" for kind, producer in sorted(found)) or "nothing"
        raise self._error(
            f"no product holds charge (found {there})", "a sparse2d product such as sparse2d_sbndwire"
        )

    def _find_detector(self) -> Detector:
        """SBND for images of its shape, else the generic detector with the sides of the first event."""
        planes = self._charge.planes(0) if len(self._ids) else []
        if not planes or all((p.size[1], p.size[0]) == SBND_SHAPE for p in planes):
            return Detector.load("sbnd_larcv3")
        wires = {PLANES[p.projection]: p.size[0] for p in planes if p.projection < len(PLANES)}
        ticks = TICKS_PER_ROW * max(p.size[1] for p in planes)
        return Detector.load("generic").resized(wires, ticks)

    def _truth(self, entry: int, pixels: dict[str, Pixels]) -> Truth | None:
        particles, vertex = self._particle_truth(entry)
        instances, interactions = self._instance_truth(entry, pixels)
        if not (instances or particles):
            return None
        return Truth(instances=instances, interactions=interactions, particles=particles, vertex_cm=vertex)

    def _instance_truth(
        self, entry: int, pixels: dict[str, Pixels]
    ) -> tuple[dict[str, NDArray[np.int32]], tuple[Interaction, ...]]:
        """Instance of each pixel, and the clusters as interactions with the class most of their pixels have."""
        if self._clusters is None:
            return {}, ()
        instances = {}
        votes: dict[int, NDArray[np.int64]] = {}
        energies: dict[int, float] = {}
        boxes: dict[int, dict[str, tuple[int, int, int, int]]] = {}
        labels = self._labels(entry, pixels)
        for part in self._clusters.planes(entry):
            plane = PLANES[part.projection] if part.projection < len(PLANES) else ""
            if plane not in pixels:
                continue
            lit = pixels[plane]
            ids, values, clusters = self._clusters.cluster_voxels(part)
            for cluster, energy in zip(*_totals(clusters, values), strict=True):
                energies[int(cluster)] = max(energies.get(int(cluster), 0.0), float(energy))
            wires, rows = _wires_rows(ids, part)
            instances[plane] = _largest(lit.index(rows, wires), values, clusters, len(lit.rows))
            for number in np.unique(instances[plane][instances[plane] >= 0]):
                mine = instances[plane] == number
                boxes.setdefault(int(number), {})[plane] = _box(lit, mine)
                seen = (
                    np.bincount(labels[plane][mine], minlength=3)[:3] if plane in labels else np.zeros(3, int)
                )
                votes[int(number)] = votes.get(int(number), np.zeros(3, np.int64)) + seen
        interactions = tuple(
            Interaction(number, _majority(votes[number]), 0, energies[number], boxes[number])
            for number in sorted(boxes)
        )
        return instances, interactions

    def _labels(self, entry: int, pixels: dict[str, Pixels]) -> dict[str, NDArray[np.int64]]:
        """Cosmic label of each lit pixel, 0 where the file gives none; plane -> int64 (N,)."""
        labels: dict[str, NDArray[np.int64]] = {}
        for part in self._label.planes(entry) if self._label else ():
            plane = PLANES[part.projection] if part.projection < len(PLANES) else ""
            if plane not in pixels:
                continue
            ids, values = self._label.voxels(part) if self._label else (np.empty(0, np.int64), np.empty(0))
            wires, rows = _wires_rows(ids, part)
            index = pixels[plane].index(rows, wires)
            labels[plane] = np.zeros(len(pixels[plane].rows), np.int64)
            known = (index >= 0) & np.isin(values, list(COSMIC_LABELS))
            labels[plane][index[known]] = values[known].astype(np.int64)
        return labels

    def _particle_truth(self, entry: int) -> tuple[tuple[Particle, ...], tuple[float, float, float] | None]:
        if self._particles is None:
            return (), None
        rows = self._particles.records(entry, "particles")
        particles = tuple(_particle(row) for row in rows)
        vertices = [p.start_cm for p in particles if abs(p.pdg) in _NEUTRINOS and p.parent < 0]
        return particles, vertices[0] if vertices else None


def _first(found: dict[tuple[str, str], Product], kind: str, words: Iterable[str]) -> Product | None:
    """The product of a kind whose producer has the earliest of the words in its name."""
    for word in words:
        for (its_kind, producer), product in sorted(found.items()):
            if its_kind == kind and word in producer:
                return product
    return None


def _wires_rows(ids: NDArray[np.int64], part: PlaneVoxels) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Wire and drift row of voxel ids: id = wire * rows + row."""
    wires, rows = np.divmod(ids, max(part.size[1], 1))
    return wires, rows


def _image(pixels: Pixels, plane: str) -> WireImage:
    return WireImage(
        plane=plane,
        rows=pixels.rows,
        wires=pixels.wires,
        adc=pixels.adc,
        shape=pixels.shape,
        ticks_per_row=TICKS_PER_ROW,
    )


def _largest(
    index: NDArray[np.int64], values: NDArray[np.float32], clusters: NDArray[np.int64], pixels: int
) -> NDArray[np.int32]:
    """The cluster with most charge in each pixel, -1 for none; int32 (N,)."""
    instances = np.full(pixels, -1, np.int32)
    known = np.flatnonzero(index >= 0)
    order = known[np.argsort(values[known], kind="stable")]
    instances[index[order]] = clusters[order]
    return instances


def _totals(
    clusters: NDArray[np.int64], values: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Each cluster and the sum of its values."""
    numbers, inverse = np.unique(clusters, return_inverse=True)
    return numbers, np.bincount(inverse, values, len(numbers))


def _majority(votes: NDArray[np.int64]) -> InstanceClass:
    """Class of most labelled pixels; background pixels do not vote."""
    if not votes[1:].any():
        return InstanceClass.UNKNOWN
    return COSMIC_LABELS[1 + int(np.argmax(votes[1:]))]


def _box(lit: Pixels, mine: NDArray[np.bool_]) -> tuple[int, int, int, int]:
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
