"""Reader of our own HDF5 layout (docs/formats.md): images with full truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast, get_args

import h5py
import numpy as np

from lartpc import layout
from lartpc.classes import PLANES, InstanceClass
from lartpc.detector import Detector
from lartpc.errors import EventFileError
from lartpc.event import Event, EventId, Interaction, Particle, Source, Truth, WireImage
from lartpc.layout import EventFlag, PlaneFlag
from lartpc.readers.base import Columns, EventFile, EventSummary, columns


def is_native(file: h5py.File) -> bool:
    """Whether the file says that it has our layout."""
    return bool(file.attrs.get("format") == layout.FORMAT)


class NativeFile(EventFile):
    """A file in our own layout."""

    format = "ArgonScope"

    def __init__(self, path: Path, file: h5py.File) -> None:
        super().__init__(path, file)
        self._check_version()
        self._top = Columns(path, file)
        self._planes = {plane: columns(path, file, f"planes/{plane}") for plane in PLANES}
        self.detector = self._load_detector()
        source = file.attrs.get("source", "unknown")
        self.source = cast(Source, source) if source in get_args(Source) else "unknown"
        self.attributes = self._json(file.attrs.get("attributes", "{}"), "attributes", dict)
        self._strings = self._json(self._top["strings"][()].tobytes(), "strings", list)
        self._check_tables()

    def _length(self) -> int:
        return self._events

    def _event_id(self, entry: int) -> EventId:
        return self._id(entry, self._top["events"][entry])

    def _summary(self, entry: int) -> EventSummary:
        row = self._top["events"][entry]
        images = {plane: self._planes[plane]["images"][entry] for plane in PLANES}
        lit = {p: int(image["pixels"]) for p, image in images.items() if image["flags"] & PlaneFlag.IMAGE}
        return EventSummary(self._id(entry, row), lit, bool(row["flags"] & EventFlag.TRUTH))

    def _event(self, entry: int) -> Event:
        row = self._top["events"][entry]
        images: dict[str, WireImage] = {}
        pixel_truth: dict[str, dict[str, np.ndarray]] = {
            name: {} for name, kind in layout.PIXEL_COLUMNS.items() if kind[0] is not PlaneFlag.IMAGE
        }
        for plane in PLANES:
            image = self._planes[plane]["images"][entry]
            if not image["flags"] & PlaneFlag.IMAGE:
                continue
            images[plane] = self._image(plane, image)
            for name, arrays in pixel_truth.items():
                if image["flags"] & layout.PIXEL_COLUMNS[name][0]:
                    arrays[plane] = self._span(plane, name, image["first_pixel"], image["pixels"])
        truth = self._truth(row, pixel_truth) if row["flags"] & EventFlag.TRUTH else None
        notes = tuple(json.loads(self._string(row["notes"])))
        return Event(self._id(entry, row), self.detector, images, truth, self.source, notes)

    def _id(self, entry: int, row: Any) -> EventId:
        return EventId(int(row["run"]), int(row["subrun"]), int(row["event"]), self.path.name, entry)

    def _image(self, plane: str, row: Any) -> WireImage:
        first, count = row["first_pixel"], row["pixels"]
        image = WireImage(
            plane=plane,
            rows=self._span(plane, "rows", first, count).astype(np.int32),
            wires=self._span(plane, "wires", first, count).astype(np.int32),
            adc=self._span(plane, "adc", first, count),
            shape=(int(row["shape"][0]), int(row["shape"][1])),
            ticks_per_row=int(row["ticks_per_row"]),
            first_tick=int(row["first_tick"]),
            first_wire=int(row["first_wire"]),
            tick_order=-1 if row["tick_order"] < 0 else 1,
            dead_wires=self._span(plane, "dead_wires", row["first_dead"], row["dead"]),
            gain=float(row["gain"]),
        )
        self._check_image(image)
        return image

    def _truth(self, row: Any, pixel_truth: dict[str, dict[str, np.ndarray]]) -> Truth:
        interactions = self._records("interactions", row["first_interaction"], row["interactions"])
        particles = self._records("particles", row["first_particle"], row["particles"])
        return Truth(
            **pixel_truth,
            interactions=tuple(_interaction(record) for record in interactions),
            particles=tuple(self._particle(record) for record in particles),
            vertex_cm=_point(row["vertex_cm"]) if row["flags"] & EventFlag.VERTEX else None,
        )

    def _particle(self, record: Any) -> Particle:
        return Particle(
            id=int(record["id"]),
            pdg=int(record["pdg"]),
            parent=int(record["parent"]),
            interaction=int(record["interaction"]),
            kinetic_energy_mev=float(record["kinetic_energy_mev"]),
            start_cm=_point(record["start_cm"]),
            end_cm=_point(record["end_cm"]),
            process=self._string(record["process"]),
        )

    def _span(self, plane: str, column: str, first: int, count: int) -> np.ndarray:
        return self._slice(self._planes[plane][column], int(first), int(count))

    def _records(self, table: str, first: int, count: int) -> np.ndarray:
        return self._slice(self._top[table], int(first), int(count))

    def _slice(self, dataset: h5py.Dataset, first: int, count: int) -> np.ndarray:
        if first + count > len(dataset):
            raise self._error(
                f"{dataset.name} ends at {len(dataset)}", f"values {first} to {first + count} of an event"
            )
        return np.asarray(dataset[first : first + count])

    def _string(self, index: int) -> str:
        if index >= len(self._strings):
            raise self._error(f"strings has {len(self._strings)} texts", f"one with index {index}")
        return str(self._strings[index])

    def _check_image(self, image: WireImage) -> None:
        rows, wires = image.shape
        if len(image) and (image.rows.max() >= rows or image.wires.max() >= wires):
            raise self._error(
                f"a pixel of plane {image.plane} lies at row {image.rows.max()}, wire {image.wires.max()}",
                f"pixels inside {rows} rows and {wires} wires",
            )
        order = image.rows.astype(np.int64) * wires + image.wires
        if (np.diff(order) <= 0).any():
            raise self._error(
                f"pixels of plane {image.plane} are out of order", "rows, then wires, each once"
            )
        if len(image.dead_wires) and not 0 <= image.dead_wires.min() <= image.dead_wires.max() < wires:
            raise self._error(f"a dead wire of plane {image.plane} does not exist", f"wires below {wires}")
        if not np.isfinite(image.adc).all():
            raise self._error(f"an ADC value of plane {image.plane} is not finite", "finite numbers")

    def _check_version(self) -> None:
        version = self._file.attrs.get("version")
        if version != layout.VERSION:
            raise self._error(f"the layout has version {version}", f"version {layout.VERSION}")

    def _load_detector(self) -> Detector:
        name = str(self._file.attrs.get("detector", ""))
        try:
            return Detector.load(name)
        except ValueError as error:
            raise self._error(str(error), "the name of a known detector") from error

    def _check_tables(self) -> None:
        self._events = len(self._top["events"])
        for plane in PLANES:
            images = self._planes[plane]["images"]
            if len(images) != self._events:
                raise self._error(
                    f"{images.name} has {len(images)} rows", f"one for each of {self._events} events"
                )

    def _json(self, text: Any, where: str, kind: type) -> Any:
        try:
            value = json.loads(text)
        except ValueError as error:
            raise self._error(f"{where} is not JSON", "JSON text") from error
        if not isinstance(value, kind):
            raise EventFileError(self.path.name, f"{where} is {type(value).__name__}", f"a {kind.__name__}")
        return value


def _point(values: Any) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in values)
    return x, y, z


def _interaction(record: Any) -> Interaction:
    boxes = {plane: _box(record[f"box_{plane}"]) for plane in PLANES if record[f"box_{plane}"][0] >= 0}
    known = {c.value for c in InstanceClass}
    kind = int(record["instance_class"])
    return Interaction(
        id=int(record["id"]),
        instance_class=InstanceClass(kind if kind in known else -1),
        pdg=int(record["pdg"]),
        energy_mev=float(record["energy_mev"]),
        boxes=boxes,
    )


def _box(values: Any) -> tuple[int, int, int, int]:
    row_min, wire_min, row_max, wire_max = (int(v) for v in values)
    return row_min, wire_min, row_max, wire_max
