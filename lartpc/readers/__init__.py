"""Open a file of events: the format follows from what the file contains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import h5py

from lartpc.errors import EventFileError
from lartpc.readers.base import EventFile, EventSummary, Waveform, readable
from lartpc.readers.larcv3 import Larcv3File, is_larcv3
from lartpc.readers.native import NativeFile, is_native
from lartpc.readers.open_samples import OpenSamplesFile, is_open_samples

__all__ = ["FORMATS", "EventFile", "EventSummary", "Format", "Waveform", "open_events"]


class Format(NamedTuple):
    """One format: how to recognise it, who reads it, and what a file of it has."""

    matches: Callable[[h5py.File], bool]
    reader: Callable[[Path, h5py.File], EventFile]
    needs: str


FORMATS: dict[str, Format] = {
    "ArgonScope": Format(is_native, NativeFile, "the attribute format = argonscope-events"),
    "MicroBooNE Open Samples": Format(
        is_open_samples, OpenSamplesFile, "event_table with wire_table or hit_table"
    ),
    "larcv3": Format(is_larcv3, Larcv3File, "Events/event_id and Data"),
}
"""Every format that can be opened, in the order in which they are tried."""


def open_events(path: str | Path) -> EventFile:
    """Open a file of any known format. Raises EventFileError with one sentence for people."""
    path = Path(path)
    if not path.is_file():
        raise EventFileError(path.name, "there is no such file", "the name of a file")
    with readable(path, "the file"):
        if not h5py.is_hdf5(path):
            raise EventFileError(path.name, "is not an HDF5 file", f"HDF5 of {_known_formats()}")
        file = h5py.File(path, "r")
    try:
        with readable(path, "the file"):
            return _reader(path, file)
    except BaseException:
        file.close()
        raise


def _reader(path: Path, file: h5py.File) -> EventFile:
    for entry in FORMATS.values():
        if entry.matches(file):
            return entry.reader(path, file)
    found = ", ".join(sorted(file)) or "nothing"
    raise EventFileError(path.name, f"is HDF5 of an unknown kind, with {found}", _known_formats())


def _known_formats() -> str:
    """The formats and what each needs, as the end of a sentence."""
    return "one of " + "; ".join(f"{name} ({entry.needs})" for name, entry in FORMATS.items())
