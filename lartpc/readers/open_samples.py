"""Reader of the MicroBooNE Open Samples (HDF5, WithWire and NoWire).

Shape shorthand: W wires of a plane, T ticks, N lit pixels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PLANES
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Truth, WireImage
from lartpc.gain import estimate_event_gain
from lartpc.readers.base import EventFile, EventSummary, Waveform
from lartpc.readers.blank_wires import with_dead_wires
from lartpc.readers.open_samples_tables import Table
from lartpc.readers.open_samples_truth import Hits, read_hits, read_truth
from lartpc.readers.pixels import Pixels, collect, counted, whole
from lartpc.readers.row_blocks import row_blocks

TICKS_PER_ROW = 6
LIT_ADC = 10.0
"""Pixels above this, in ADC summed over a row's ticks, are kept: the cut of the samples' notebooks."""

NO_WIRE = (
    "This file has no wire_table (a NoWire sample): its reconstructed hits are drawn instead of wire signals."
)
NO_WIRE_ROWS = "wire_table has no rows for this event: {instead}."
COSMICS = "Truth covers the simulated neutrino only: cosmic rays in these samples are recorded data."


def is_open_samples(file: h5py.File) -> bool:
    """Whether the file has the tables of an Open Sample."""
    tables = {name for name in file if isinstance(file.get(name), h5py.Group)}
    return "event_table" in tables and bool(tables & {"wire_table", "hit_table"})


class OpenSamplesFile(EventFile):
    """A file of the MicroBooNE Open Samples. One gain an event, estimated from its pixels."""

    format = "MicroBooNE Open Samples"

    def __init__(self, path: Path, file: h5py.File) -> None:
        super().__init__(path, file)
        self.detector = Detector.load("microboone")
        self._tables = {
            name: Table(path, file, name)
            for name in ("event_table", "wire_table", "hit_table", "edep_table", "particle_table")
            if isinstance(file.get(name), h5py.Group)
        }
        self._ids = self._tables["event_table"].columns["event_id"]
        if self._ids.ndim != 2 or self._ids.shape[1] != 3:
            raise self._error(f"event_table/event_id has shape {self._ids.shape}", "run, subrun, event a row")
        if "wire_table" in self._tables:
            self._check_wires(self._tables["wire_table"].columns["adc"])
        self.source = "simulation" if "particle_table" in self._tables else "unknown"
        self._lit: dict[int, dict[str, int]] = {}

    def _length(self) -> int:
        return len(self._ids)

    def _event_id(self, entry: int) -> EventId:
        run, subrun, event = (int(v) for v in self._ids[entry])
        return EventId(run, subrun, event, self.path.name, entry)

    def _summary(self, entry: int) -> EventSummary:
        """Lit pixels are known once the event has been read: counting them means decoding it."""
        return EventSummary(self._event_id(entry), self._lit.get(entry, {}), self._has_truth(entry))

    def _event(self, entry: int) -> Event:
        event_id = self._event_id(entry)
        self._check_rows(event_id)
        hits = self._hits(entry)
        if self._has_rows("wire_table", entry):
            images, notes = self._wire_images(entry)
        else:
            images, notes = self._hit_images(hits)
        self._lit[entry] = {plane: len(image) for plane, image in images.items()}
        truth = self._truth(entry, images, hits)
        if truth is not None and truth.particles:
            notes = (*notes, COSMICS)
        return Event(event_id, self.detector, images, truth, self.source, notes)

    def _waveform(self, entry: int, plane: str, wire: int) -> Waveform | None:
        if plane not in PLANES or not self._has_rows("wire_table", entry):
            return None
        first, planes, wires = self._wire_rows(entry)
        row = np.flatnonzero((planes == PLANES.index(plane)) & (wires == wire))
        if not len(row):
            return None
        adc = np.asarray(self._tables["wire_table"].columns["adc"][first + row[0]], np.float32)
        return Waveform(np.arange(len(adc), dtype=np.float32), adc)

    def _check_wires(self, adc: h5py.Dataset) -> None:
        if adc.ndim != 2 or not np.issubdtype(adc.dtype, np.number):
            raise self._error(
                f"wire_table/adc has shape {adc.shape} of {adc.dtype}", "numbers of shape (rows, ticks)"
            )

    def _check_rows(self, event: EventId) -> None:
        """Raise EventFileError if a table gives the entry rows of another event."""
        for table in self._tables.values():
            if table.name != "event_table" and table.span(event.entry) is not None:
                table.check_event(event.entry, (event.run, event.subrun, event.event))

    def _has_rows(self, table: str, entry: int) -> bool:
        return table in self._tables and self._tables[table].span(entry) is not None

    def _has_truth(self, entry: int) -> bool:
        return self._has_rows("particle_table", entry)

    def _wire_rows(self, entry: int) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
        """First row of the event in wire_table, and plane number and wire of each of its rows."""
        table = self._tables["wire_table"]
        span = table.span(entry)
        assert span is not None
        planes, wires = (whole(table.read(name, entry)) for name in ("local_plane", "local_wire"))
        return span.start, planes, wires

    def _wire_images(self, entry: int) -> tuple[dict[str, WireImage], tuple[str, ...]]:
        first, planes, wires = self._wire_rows(entry)
        notes: list[str] = []
        images, blank = {}, {}
        for number, plane in enumerate(PLANES):
            rows = np.flatnonzero(planes == number)
            images[plane], blank[plane], more = self._wire_image(plane, first + rows, wires[rows])
            notes.extend(more)
        unknown = int(((planes < 0) | (planes >= len(PLANES))).sum())
        if unknown:
            of, were = ("is", "was") if unknown == 1 else ("are", "were")
            rows_said = counted(unknown, "row")
            notes.append(f"{rows_said} of wire_table {of} of no plane 0, 1 or 2 and {were} left out.")
        images = _with_gain(images)
        return {p: with_dead_wires(i, blank[p]) for p, i in images.items()}, tuple(notes)

    def _wire_image(
        self, plane: str, rows: NDArray[np.int64], wires: NDArray[np.int64]
    ) -> tuple[WireImage, NDArray[np.int64], list[str]]:
        """Image of one plane from its rows of wire_table in file order and the wire of each.

        Also the wires without any signal, and notes. Wires that the file lacks are dead already.
        """
        count = self.detector.plane(plane).wires
        notes = []
        good = (wires >= 0) & (wires < count)
        if not good.all():
            strange = int((~good).sum())
            name, were = ("names", "was") if strange == 1 else ("name", "were")
            notes.append(
                f"{counted(strange, 'row')} of wire_table {name} a wire outside plane {plane} "
                f"(0 to {count - 1}) and {were} left out."
            )
        rows, wires = rows[good], wires[good]
        absent = np.setdiff1d(np.arange(count), wires)
        if len(absent):
            there = count - len(absent)
            notes.append(f"Plane {plane} has {there} of its {count} wires; the others are shown as dead.")
        adc = self._tables["wire_table"].columns["adc"]
        height = -(-adc.shape[1] // TICKS_PER_ROW)
        lit_rows, lit_wires, values, blank = sum_ticks(adc, rows, wires)
        pixels, more = collect(lit_rows, lit_wires, values, (height, count), LIT_ADC, plane)
        return _image(pixels, plane, absent), blank, [*notes, *more]

    def _hits(self, entry: int) -> Hits | None:
        return read_hits(self._tables["hit_table"], entry) if self._has_rows("hit_table", entry) else None

    def _hit_images(self, hits: Hits | None) -> tuple[dict[str, WireImage], tuple[str, ...]]:
        instead = "the image is empty" if hits is None else "its reconstructed hits are drawn instead"
        notes = [NO_WIRE_ROWS.format(instead=instead) if "wire_table" in self._tables else NO_WIRE]
        height = -(-self.detector.readout_ticks // TICKS_PER_ROW)
        images = {}
        for number, plane in enumerate(PLANES):
            shape = (height, self.detector.plane(plane).wires)
            drawn = Hits.none() if hits is None else hits.of_plane(number)
            rows, which, share = drawn.spread(self.detector.readout_ticks, TICKS_PER_ROW)
            pixels, more = collect(
                rows, drawn.wire[which], drawn.integral[which] * share, shape, LIT_ADC, plane
            )
            images[plane] = _image(pixels, plane, np.empty(0, np.int64))
            notes.extend(more)
        return _with_gain(images), tuple(notes)

    def _truth(self, entry: int, images: dict[str, WireImage], hits: Hits | None) -> Truth | None:
        if not self._has_truth(entry):
            return None
        pixels = {p: Pixels(i.rows, i.wires, i.adc, i.shape) for p, i in images.items()}
        return read_truth(self._tables, entry, pixels, hits, self.detector.readout_ticks, TICKS_PER_ROW)


def _image(pixels: Pixels, plane: str, dead: NDArray[Any]) -> WireImage:
    return WireImage(
        plane=plane,
        rows=pixels.rows,
        wires=pixels.wires,
        adc=pixels.adc,
        shape=pixels.shape,
        ticks_per_row=TICKS_PER_ROW,
        dead_wires=dead.astype(np.int32),
    )


def _with_gain(images: dict[str, WireImage]) -> dict[str, WireImage]:
    gain = estimate_event_gain(images.values())
    return {plane: image.with_gain(gain) for plane, image in images.items()}


def sum_ticks(
    adc: h5py.Dataset, rows: NDArray[np.int64], wires: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
    """Rows of wire signals (…, T) summed over every 6 ticks, as loose pixels, and the blank wires.

    rows: the dataset's rows of one plane, ascending; wires: the wire of each. Reads only their span,
    whole chunks of it at a time, so memory stays at a few MB. Pixels at or below the cut are left out,
    values that are not finite are not. Returns image rows, wires, ADC, wires without any signal.
    """
    parts, blank = [], []
    start, stop = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
    for first, block in row_blocks(adc, start, stop):
        here = slice(*np.searchsorted(rows, [first, first + len(block)]))
        block_wires = wires[here]
        if len(block_wires) < len(block):
            block = block[rows[here] - first]
        blank.append(block_wires[~block.any(axis=1)])
        summed = block[:, ::TICKS_PER_ROW].copy()
        with np.errstate(over="ignore", invalid="ignore"):  # such pixels are left out with a note
            for tick in range(1, TICKS_PER_ROW):
                later = block[:, tick::TICKS_PER_ROW]
                summed[:, : later.shape[1]] += later
        wire, row = np.nonzero(~(summed <= LIT_ADC))
        parts.append((row, block_wires[wire], summed[wire, row]))
    if not parts:
        none = np.empty(0, np.int64)
        return none, none, np.empty(0, np.float32), none
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return columns[0], columns[1], columns[2], np.concatenate(blank)
