"""Write events to our own HDF5 layout (docs/formats.md), reproducibly and all or nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import ArrayLike

from lartpc import layout
from lartpc.classes import PLANES
from lartpc.detector import Detector
from lartpc.errors import EventFileError
from lartpc.event import Event, Interaction, Particle, Source, Truth, WireImage
from lartpc.layout import EventFlag, PlaneFlag

_PIXELS_PER_CHUNK = 16384
_RECORDS_PER_CHUNK = 512
_ROOM_BYTES = 32_000_000
"""Free space that an append insists on: more than an event and all buffers take."""


class EventWriter:
    """Appends events to a new file; the file appears under its name only when all went well.

    The values are stored as they are given, without rounding: a writer of simulated events rounds
    the ADC itself if it wants small files. The same events give the same bytes. Use it with
    ``with``; an exception inside removes the unfinished file.
    """

    def __init__(
        self,
        path: str | Path,
        detector: Detector | str,
        source: Source,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """attributes: what else is worth knowing of the file (sample, seed), JSON values.

        Raises EventFileError where the file cannot be made, ValueError for an unknown detector.
        """
        self.path = Path(path)
        self.detector = Detector.load(detector) if isinstance(detector, str) else detector
        self._temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.partial")
        self._strings: dict[str, int] = {}
        self._events = 0
        described = json.dumps(dict(attributes or {}), sort_keys=True)
        with self._writing():
            self._file: h5py.File | None = h5py.File(self._temporary, "w")
        self._file.attrs["format"] = layout.FORMAT
        self._file.attrs["version"] = layout.VERSION
        self._file.attrs["detector"] = self.detector.name
        self._file.attrs["source"] = source
        self._file.attrs["attributes"] = described
        self._create_tables()

    def append(self, event: Event) -> None:
        """Add one event.

        Raises ValueError if it contradicts itself or the file's detector, EventFileError where the
        disk takes no more.
        """
        _check(event, self.detector)
        file = self._open_file()
        with self._writing():
            self._check_room()
            self._append(file, event)
        self._events += 1

    def _append(self, file: h5py.File, event: Event) -> None:
        truth = event.truth or Truth()
        row = np.zeros(1, layout.EVENT)
        row["run"], row["subrun"], row["event"] = event.id.run, event.id.subrun, event.id.event
        flags = EventFlag(0) if event.truth is None else EventFlag.TRUTH
        if truth.vertex_cm is not None:
            flags |= EventFlag.VERTEX
            row["vertex_cm"] = truth.vertex_cm
        row["flags"] = flags
        row["first_interaction"], row["interactions"] = len(file["interactions"]), len(truth.interactions)
        row["first_particle"], row["particles"] = len(file["particles"]), len(truth.particles)
        row["notes"] = self._string(json.dumps(event.notes))
        _extend(file["interactions"], _interaction_rows(truth.interactions))
        _extend(file["particles"], self._particle_rows(truth.particles))
        for plane in PLANES:
            self._append_plane(file["planes"][plane], event.images.get(plane), truth)
        _extend(file["events"], row)

    def attach(self, name: str, text: str) -> None:
        """Put a text beside the events, under `attached/<name>`; readers of events pass it over.

        Raises EventFileError where the disk takes no more.
        """
        file = self._open_file()
        with self._writing():
            self._check_room()
            data = np.frombuffer(text.encode(), np.uint8)
            file.create_dataset(f"attached/{name}", data=data, chunks=True, compression="gzip", shuffle=True)

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._file is None:
            return
        text = json.dumps(list(self._strings)).encode()
        try:
            with self._writing():
                self._file.create_dataset(
                    "strings",
                    data=np.frombuffer(text, np.uint8),
                    chunks=True,
                    compression="gzip",
                    shuffle=True,
                )
                self._file.close()
                os.replace(self._temporary, self.path)
        except EventFileError:
            self.discard()
            raise
        self._file = None

    def discard(self) -> None:
        """Give up: nothing of the file remains."""
        if self._file is not None:
            with suppress(OSError, RuntimeError):  # what cannot be flushed is thrown away all the same
                self._file.close()
            self._file = None
        self._temporary.unlink(missing_ok=True)

    def __len__(self) -> int:
        return self._events

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _check_room(self) -> None:
        """Stop while HDF5 can still close the file: once a write has failed, its close crashes."""
        free = shutil.disk_usage(self._temporary.parent).free
        if free < _ROOM_BYTES:
            raise OSError(f"{free / 1e6:.0f} MB free on the disk, {_ROOM_BYTES / 1e6:.0f} MB needed")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn what HDF5 raises where nothing can be written into an EventFileError."""
        try:
            yield
        except (OSError, RuntimeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            expected = "a folder with room that can be written to"
            raise EventFileError(self.path.name, f"cannot be written ({reason})", expected) from error

    def _open_file(self) -> h5py.File:
        if self._file is None:
            raise ValueError(f"{self.path} is closed: no event can be added")
        return self._file

    def _create_tables(self) -> None:
        file = self._open_file()
        for name, kind in (
            ("events", layout.EVENT),
            ("interactions", layout.INTERACTION),
            ("particles", layout.PARTICLE),
        ):
            _create(file, name, kind, _RECORDS_PER_CHUNK)
        for plane in PLANES:
            group = file.create_group(f"planes/{plane}")
            _create(group, "images", layout.PLANE, _RECORDS_PER_CHUNK)
            _create(group, "dead_wires", np.dtype("<i4"), _PIXELS_PER_CHUNK)
            for name, (_, kind, missing, item) in layout.PIXEL_COLUMNS.items():
                _create(group, name, kind, _PIXELS_PER_CHUNK, item, missing)

    def _string(self, text: str) -> int:
        return self._strings.setdefault(text, len(self._strings))

    def _particle_rows(self, particles: tuple[Particle, ...]) -> np.ndarray:
        rows = np.zeros(len(particles), layout.PARTICLE)
        for row, particle in zip(rows, particles, strict=True):
            for name in ("id", "pdg", "parent", "interaction", "kinetic_energy_mev", "start_cm", "end_cm"):
                row[name] = getattr(particle, name)
            row["process"] = self._string(particle.process)
        return rows

    def _append_plane(self, group: h5py.Group, image: WireImage | None, truth: Truth) -> None:
        row = np.zeros(1, layout.PLANE)
        row["first_pixel"], row["first_dead"] = len(group["rows"]), len(group["dead_wires"])
        if image is not None:
            columns, flags = _pixel_columns(image, truth), PlaneFlag(0)
            for name in ("shape", "ticks_per_row", "first_tick", "first_wire", "tick_order", "gain"):
                row[name] = getattr(image, name)
            row["pixels"], row["dead"] = len(image), len(image.dead_wires)
            for name, (flag, _, _, _) in layout.PIXEL_COLUMNS.items():
                if name in columns:
                    flags |= flag
                    _extend(group[name], columns[name])
                else:
                    group[name].resize(len(group[name]) + len(image), axis=0)
            row["flags"] = flags
            _extend(group["dead_wires"], image.dead_wires)
        _extend(group["images"], row)


def _create(
    group: h5py.Group,
    name: str,
    kind: np.dtype,
    chunk: int,
    item: tuple[int, ...] = (),
    missing: float | None = None,
) -> None:
    """An empty growing dataset; each column of an item has its own chunks, so zeros cost nothing."""
    group.create_dataset(
        name,
        shape=(0, *item),
        maxshape=(None, *item),
        dtype=kind,
        chunks=(chunk, *(1 for _ in item)),
        compression="gzip",
        compression_opts=6,
        shuffle=True,
        fillvalue=missing,
        track_times=False,
    )


def _extend(dataset: h5py.Dataset, values: ArrayLike) -> None:
    added = np.asarray(values)
    if len(added):
        start = len(dataset)
        dataset.resize(start + len(added), axis=0)
        dataset[start:] = added.astype(dataset.dtype, copy=False)


def _pixel_columns(image: WireImage, truth: Truth) -> dict[str, np.ndarray]:
    """Column name -> values, of the columns that this image has."""
    columns: dict[str, np.ndarray] = {"rows": image.rows, "wires": image.wires, "adc": image.adc}
    for name, (flag, _, _, _) in layout.PIXEL_COLUMNS.items():
        if flag is not PlaneFlag.IMAGE and image.plane in getattr(truth, name):
            columns[name] = getattr(truth, name)[image.plane]
    return columns


def _interaction_rows(interactions: tuple[Interaction, ...]) -> np.ndarray:
    rows = np.zeros(len(interactions), layout.INTERACTION)
    for row, interaction in zip(rows, interactions, strict=True):
        for name in ("id", "instance_class", "pdg", "energy_mev"):
            row[name] = getattr(interaction, name)
        for plane in PLANES:
            row[f"box_{plane}"] = interaction.boxes.get(plane, (-1, -1, -1, -1))
    return rows


def _check(event: Event, detector: Detector) -> None:
    if event.detector.name != detector.name:
        raise ValueError(f"the event is of {event.detector.name}, the file of {detector.name}")
    for plane, image in event.images.items():
        if plane not in PLANES or plane != image.plane:
            raise ValueError(f"plane {image.plane!r} under the name {plane!r}; known: {', '.join(PLANES)}")
        _check_image(image)
        for name, values in _pixel_columns(image, event.truth or Truth()).items():
            if len(values) != len(image):
                raise ValueError(f"plane {plane}: {len(values)} {name} for {len(image)} pixels")


def _check_image(image: WireImage) -> None:
    rows, wires = image.shape
    if not (0 <= rows <= layout.MAX_SIDE and 0 <= wires <= layout.MAX_SIDE):
        raise ValueError(f"plane {image.plane}: shape {image.shape}, sides may have {layout.MAX_SIDE} pixels")
    if not len(image):
        return
    if image.rows.min() < 0 or image.rows.max() >= rows:
        raise ValueError(f"plane {image.plane}: a pixel's row is outside 0 to {rows - 1}")
    if image.wires.min() < 0 or image.wires.max() >= wires:
        raise ValueError(f"plane {image.plane}: a pixel's wire is outside 0 to {wires - 1}")
    if not np.isfinite(image.adc).all():
        raise ValueError(f"plane {image.plane}: an ADC value is not finite")
    key = image.rows.astype(np.int64) * wires + image.wires
    if (np.diff(key) <= 0).any():
        raise ValueError(f"plane {image.plane}: pixels are not sorted by row, then wire, each once")
