"""The files that may be opened: short names for them, cached open handles, recent events.

A name in a URL is looked up here and never joined to a path, so no URL can reach another file. The name
of a simulated sample, as bnb-4242, opens its events without a file and is not listed.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lartpc.errors import EventFileError
from lartpc.event import Event, EventId
from lartpc.readers import EventFile, EventSummary, Waveform, open_events
from lartpc.readers.simulated import SimulatedEvents, is_simulated_name

SUFFIXES = (".h5", ".hdf5")
"""Files of these suffixes are taken from a folder; a file named itself may have any."""

_OPEN_FILES = 8
_RECENT_EVENTS = 6

Stamp = tuple[int, int]
"""Size and modification time: an open handle whose file changed on disk is opened again."""


class UnknownFileError(KeyError):
    """No file goes by this short name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"There is no file named {self.name!r} here; see the list of files."


class UnknownEntryError(IndexError):
    """A file has no event at this entry."""

    def __init__(self, name: str, entry: int, entries: int) -> None:
        there = f"entries run from 0 to {entries - 1}" if entries else "the file holds no events"
        super().__init__(f"{name} has no entry {entry}; {there}.")


@dataclass(frozen=True)
class FileInfo:
    """One row of the file list; error says why a file that was named cannot be read."""

    name: str
    format: str | None = None
    source: str | None = None
    detector: str | None = None
    entries: int = 0
    error: str | None = None


@dataclass(frozen=True)
class _Place:
    """A file, and the folder it must not lead out of (None for a file that was named itself)."""

    path: Path
    root: Path | None

    def allowed(self) -> bool:
        """Asked at every opening, because a link can be changed after it was listed."""
        return self.root is None or self.path.resolve().is_relative_to(self.root)


class Library:
    """Files and folders named on the command line; folders are looked at again at every listing.

    One lock guards all reading: HDF5 itself serves one thread at a time, and a handle that another
    thread reads must not be closed for being the oldest.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)
        self._files: dict[str, _Place] = {}
        self._open: OrderedDict[str, tuple[Stamp, EventFile]] = OrderedDict()
        self._infos: dict[str, tuple[Stamp, FileInfo]] = {}
        self._events: OrderedDict[tuple[str, Stamp, int], Event] = OrderedDict()
        self._summaries: dict[str, tuple[Stamp, list[EventSummary]]] = {}
        self._lock = threading.RLock()
        self.refresh()

    def refresh(self) -> None:
        """Look for new files in the named folders; names given before stay as they are."""
        with self._lock:
            known = {place.path for place in self._files.values()}
            for place in _places(self._paths):
                if place.path not in known:
                    known.add(place.path)
                    self._files[_free_name(place.path.name, self._files)] = place

    @property
    def names(self) -> list[str]:
        """Short names in the order the files were named."""
        return list(self._files)

    def unreadable(self) -> list[str]:
        """One sentence for each named file that cannot be read and each named folder without event files."""
        named = {path.absolute() for path in self._paths if not path.is_dir()}
        infos = [self.info(name) for name in self.names if self._files[name].path in named]
        empty = [path for path in self._paths if path.is_dir() and not any(_places([path]))]
        return [info.error for info in infos if info.error] + [
            f"{path}: the folder holds no event files; expected {' or '.join(SUFFIXES)}." for path in empty
        ]

    def path(self, name: str) -> Path:
        """Where a file lies; of a simulated sample its name alone. Raises UnknownFileError."""
        if self._simulated(name):
            return Path(name)
        place = self._files.get(name)
        if place is None or not place.allowed():
            raise UnknownFileError(name)
        return place.path

    def stamp(self, name: str) -> Stamp:
        """Size and modification time of a file now. Raises UnknownFileError, EventFileError."""
        if self._simulated(name):
            return 0, 0
        path = self.path(name)
        try:
            status = path.stat()
        except OSError as error:
            what = (error.strerror or "cannot be read").lower()
            raise EventFileError(name, what, "a file that can be read") from None
        return status.st_size, status.st_mtime_ns

    def info(self, name: str) -> FileInfo:
        """What the list of files says of one file. Raises UnknownFileError."""
        with self._lock:
            try:
                stamp = self.stamp(name)
                if self._infos.get(name, (None,))[0] != stamp:
                    self._infos[name] = (stamp, self._read_info(name))
                return self._infos[name][1]
            except EventFileError as error:
                return FileInfo(name, error=str(error))

    def entries(self, name: str) -> int:
        """Number of events. Raises UnknownFileError, EventFileError."""
        with self._lock, self._reading(name) as events:
            return len(events)

    def event(self, name: str, entry: int) -> Event:
        """One decoded event. Raises UnknownFileError, UnknownEntryError, EventFileError."""
        with self._lock:
            key = (name, self.stamp(name), entry)
            if key not in self._events:
                with self._reading(name, entry) as events:
                    self._events[key] = events[entry]
                self._count(name, entry, self._events[key])
            self._events.move_to_end(key)
            while len(self._events) > _RECENT_EVENTS:
                self._events.popitem(last=False)
            return self._events[key]

    def event_id(self, name: str, entry: int) -> EventId:
        """Run, subrun and event of an entry. Raises UnknownFileError, UnknownEntryError, EventFileError."""
        with self._lock, self._reading(name, entry) as events:
            return events.event_id(entry)

    def summaries(self, name: str) -> list[EventSummary]:
        """One line an event, read once. Raises UnknownFileError, EventFileError."""
        with self._lock:
            stamp = self.stamp(name)
            if self._summaries.get(name, (None,))[0] != stamp:
                with self._reading(name) as events:
                    rows = [events.summary(entry) for entry in range(len(events))]
                self._summaries[name] = (stamp, rows)
            return self._summaries[name][1]

    def waveform(self, name: str, entry: int, plane: str, wire: int) -> Waveform | None:
        """Full-resolution waveform of a wire, or None where the file has none.

        Raises UnknownFileError, UnknownEntryError, EventFileError.
        """
        with self._lock, self._reading(name, entry) as events:
            return events.waveform(entry, plane, wire)

    def close(self) -> None:
        """Close every handle."""
        with self._lock:
            while self._open:
                self._open.popitem()[1][1].close()
            self._events.clear()

    def _simulated(self, name: str) -> bool:
        return name not in self._files and is_simulated_name(name)

    def _count(self, name: str, entry: int, event: Event) -> None:
        """Complete the table's line of an event whose lit pixels the file does not tell unread."""
        rows = self._summaries.get(name, (None, []))[1]
        if entry < len(rows):
            lit = {plane: len(image) for plane, image in event.images.items()}
            rows[entry] = replace(rows[entry], lit=lit)

    def _read_info(self, name: str) -> FileInfo:
        with self._reading(name) as events:
            return FileInfo(name, events.format, events.source, events.detector.label, len(events))

    @contextmanager
    def _reading(self, name: str, entry: int | None = None) -> Iterator[EventFile]:
        """An open file; what goes wrong inside becomes a sentence that names no path of the server."""
        try:
            events = self._handle(name)
            if entry is not None and not 0 <= entry < len(events):
                raise UnknownEntryError(name, entry, len(events))
            yield events
        except EventFileError as error:
            what = error.what.replace(str(self.path(name)), name)
            raise EventFileError(name, what, error.expected) from error
        except OSError as error:
            self._forget(name)
            what = f"reading stopped in the middle ({type(error).__name__})"
            raise EventFileError(name, what, "a whole file on a disk that can be read") from error

    def _handle(self, name: str) -> EventFile:
        path, stamp = self.path(name), self.stamp(name)
        if name in self._open and self._open[name][0] != stamp:
            self._forget(name)
        if name not in self._open:
            events = SimulatedEvents(name) if self._simulated(name) else open_events(path)
            self._open[name] = (stamp, events)
        self._open.move_to_end(name)
        while len(self._open) > _OPEN_FILES:
            self._forget(next(iter(self._open)))
        return self._open[name][1]

    def _forget(self, name: str) -> None:
        if name in self._open:
            self._open.pop(name)[1].close()


def _places(paths: Iterable[Path]) -> Iterator[_Place]:
    """Files that may be opened: those named, and event files that lie in a named folder."""
    for path in paths:
        if path.is_dir():
            root = path.resolve()
            places = (_Place(file, root) for file in sorted(root.iterdir()) if _looks_like_events(file))
            yield from (place for place in places if place.allowed())
        else:
            yield _Place(path.absolute(), None)


def _looks_like_events(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _free_name(name: str, taken: Container[str]) -> str:
    """The file's own name, or the first of name-2, name-3, ... that is free."""
    stem, suffix = os.path.splitext(name)
    for number in itertools.count(2):
        if name not in taken:
            break
        name = f"{stem}-{number}{suffix}"
    return name
