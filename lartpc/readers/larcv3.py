"""Reader of larcv3 HDF5 files with sparse 2-D images, label images and clusters.

The truth of these files is instances and particles; larcv3_truth reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import h5py

from lartpc.classes import PLANES
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Truth, WireImage
from lartpc.gain import estimate_event_gain
from lartpc.readers.base import EventFile, EventSummary
from lartpc.readers.larcv3_products import Product, products, wires_rows
from lartpc.readers.larcv3_truth import neutrino_vertex, read_instances, read_labels, read_particles
from lartpc.readers.pixels import Pixels, collect

SBND_SHAPE = (1280, 2048)
TICKS_PER_ROW = 4
TWO_VOLUMES = (
    "Rows run along x through two drift volumes that join near row 640: time rises with the row in the "
    "first and falls in the second."
)
UNKNOWN_GEOMETRY = "The file does not tell its geometry: lengths assume 3 mm wires and square pixels."
NO_CLASSES = "Instances and their classes are known in this file, pixel classes are not."
_LABEL_WORDS = ("seg", "label", "mask", "truth", "cluster", "instance")
_CHARGE_WORDS = ("wire", "charge", "adc", "data")


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
        truth = self._clusters is not None or self._particles is not None
        return EventSummary(self._event_id(entry), lit, truth)

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
            wires, rows = wires_rows(ids, part)
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
        particles = () if self._particles is None else read_particles(self._particles, entry)
        vertex = neutrino_vertex(particles)
        if self._clusters is None:
            return Truth(particles=particles, vertex_cm=vertex) if particles else None
        labels = {} if self._label is None else read_labels(self._label, entry, pixels)
        instances, interactions = read_instances(self._clusters, entry, pixels, labels)
        return Truth(instances=instances, interactions=interactions, particles=particles, vertex_cm=vertex)


def _first(found: dict[tuple[str, str], Product], kind: str, words: Iterable[str]) -> Product | None:
    """The product of a kind whose producer has the earliest of the words in its name."""
    for word in words:
        for (its_kind, producer), product in sorted(found.items()):
            if its_kind == kind and word in producer:
                return product
    return None


def _image(pixels: Pixels, plane: str) -> WireImage:
    return WireImage(
        plane=plane,
        rows=pixels.rows,
        wires=pixels.wires,
        adc=pixels.adc,
        shape=pixels.shape,
        ticks_per_row=TICKS_PER_ROW,
    )
