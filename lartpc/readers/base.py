"""What every open event file offers, whatever its format."""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, overload

import h5py
import numpy as np
from numpy.typing import NDArray

from lartpc.detector import Detector
from lartpc.errors import EventFileError
from lartpc.event import Event, EventId, Source


@dataclass(frozen=True)
class EventSummary:
    """One line of an event table. lit: plane -> lit pixels, without the planes not counted yet."""

    id: EventId
    lit: Mapping[str, int]
    has_truth: bool


@dataclass(frozen=True)
class Waveform:
    """Signal of one wire. tick, adc: float32 (T,)."""

    tick: NDArray[np.float32]
    adc: NDArray[np.float32]


class EventFile(ABC):
    """A lazy sequence of events: ``len``, ``[i]``, slices, iteration, ``with``.

    An event is read when it is asked for, and nothing of it is kept. One file may be used from
    several threads; reads take turns. Reading raises EventFileError, a wrong entry IndexError.
    attributes: what the file says of itself (sample, seed), as far as its format has a place.
    """

    format: ClassVar[str]
    detector: Detector
    source: Source
    attributes: Mapping[str, Any]

    def __init__(self, path: Path, file: h5py.File) -> None:
        self.path = path
        self.attributes = {}
        self._file = file
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return self._length()

    @overload
    def __getitem__(self, entry: int) -> Event: ...
    @overload
    def __getitem__(self, entry: slice) -> list[Event]: ...
    def __getitem__(self, entry: int | slice) -> Event | list[Event]:
        if isinstance(entry, slice):
            return [self[i] for i in range(*entry.indices(len(self)))]
        entry = self._checked(entry)
        with self._reading(f"entry {entry}"):
            return self._event(entry)

    def __iter__(self) -> Iterator[Event]:
        return (self[entry] for entry in range(len(self)))

    def event_id(self, entry: int) -> EventId:
        """Run, subrun and event of an entry, without its pixels."""
        entry = self._checked(entry)
        with self._reading(f"the id of entry {entry}"):
            return self._event_id(entry)

    def summary(self, entry: int) -> EventSummary:
        """Id, lit pixels and whether there is truth, without decoding pixels."""
        entry = self._checked(entry)
        with self._reading(f"the summary of entry {entry}"):
            return self._summary(entry)

    def waveform(self, entry: int, plane: str, wire: int) -> Waveform | None:
        """The signal of one wire in every tick, or None where the file has none of that wire."""
        entry = self._checked(entry)
        with self._reading(f"the waveform of wire {wire} of plane {plane} in entry {entry}"):
            return self._waveform(entry, plane, wire)

    def close(self) -> None:
        """Close the file; reading afterwards raises EventFileError."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _length(self) -> int: ...
    @abstractmethod
    def _event(self, entry: int) -> Event: ...
    @abstractmethod
    def _event_id(self, entry: int) -> EventId: ...
    @abstractmethod
    def _summary(self, entry: int) -> EventSummary: ...
    def _waveform(self, entry: int, plane: str, wire: int) -> Waveform | None:
        return None

    def _checked(self, entry: int) -> int:
        """The entry counted from the start, as a list does it."""
        length = len(self)
        if not -length <= entry < length:
            raise IndexError(f"entry {entry} of {self.path.name}, which has {length} events")
        return entry % length

    @contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        """Hold the file for one read and name what could not be read."""
        with self._lock, readable(self.path, what):
            self._check_open()
            yield

    def _check_open(self) -> None:
        if not self._file:
            raise self._error("is closed", "a file that is open")

    def _error(self, what: str, expected: str) -> EventFileError:
        return EventFileError(self.path.name, what, expected)


@contextmanager
def readable(path: Path, what: str) -> Iterator[None]:
    """Turn what a damaged or strange file makes h5py and numpy raise into an EventFileError.

    This is the boundary to foreign bytes: a column of another type or shape shows itself as any of
    these, and the cause stays attached for whoever looks into it.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise EventFileError(
            path.name, f"{what} cannot be read ({_brief(error)})", "an undamaged file"
        ) from error
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        expected = "tables as in docs/formats.md"
        raise EventFileError(path.name, f"{what} makes no sense ({_brief(error)})", expected) from error


def _brief(error: Exception) -> str:
    """The first line of an error's text without its full stop; of a file that is cut short, so much."""
    cut = re.search(r"truncated file: eof = (\d+),.* stored_eof = (\d+)", str(error))
    if cut:
        return f"it is cut short: {cut[1]} of {cut[2]} bytes are there"
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


@dataclass(frozen=True)
class Columns:
    """The datasets of one group, by name, with errors that say which is missing."""

    path: Path
    group: h5py.Group
    name: str = field(default="")

    def __getitem__(self, column: str) -> h5py.Dataset:
        found = self.group.get(column)
        if not isinstance(found, h5py.Dataset):
            there = ", ".join(sorted(self.group)) or "nothing"
            raise EventFileError(
                self.path.name,
                f"table {self.group.name} has no column {column}",
                f"one beside those it has ({there})",
            )
        return found

    def __contains__(self, column: str) -> bool:
        return isinstance(self.group.get(column), h5py.Dataset)


def columns(path: Path, file: h5py.File, table: str) -> Columns:
    """The columns of a table. Raises EventFileError if the file lacks the table."""
    found = file.get(table)
    if not isinstance(found, h5py.Group):
        there = ", ".join(sorted(file)) or "nothing"
        raise EventFileError(path.name, f"there is no table {table}", f"one beside {there}")
    return Columns(path, found)
