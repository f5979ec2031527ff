"""Tables of the Open Samples: one group a table, one dataset a column, events in contiguous rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from lartpc.errors import EventFileError
from lartpc.readers.base import columns


class Table:
    """One table; the rows of an event are found by its row in event_table, never by position."""

    def __init__(self, path: Path, file: h5py.File, name: str) -> None:
        self.path = path
        self.name = name
        self.columns = columns(path, file, name)

    def span(self, entry: int) -> range | None:
        """The rows of an event, or None where it has none in this table."""
        return self._spans.get(entry)

    def read(self, column: str, entry: int) -> NDArray:
        """A column of one event: (rows,) for a scalar column, else (rows, n)."""
        span = self.span(entry) or range(0)
        dataset = self.columns[column]
        if span.stop > len(dataset):
            raise EventFileError(
                self.path.name,
                f"{self.name}/{column} ends at row {len(dataset)}",
                f"rows {span.start} to {span.stop} for entry {entry}",
            )
        values = np.asarray(dataset[span.start : span.stop])
        return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values

    def check_event(self, entry: int, event_id: tuple[int, ...]) -> None:
        """Raise EventFileError unless the rows of an entry carry its run, subrun and event."""
        there = self.read("event_id", entry)
        if there.ndim != 2 or there.shape[1] != len(event_id):
            raise EventFileError(
                self.path.name,
                f"{self.name}/event_id has rows of shape {there.shape[1:]}",
                "run, subrun, event",
            )
        wrong = there[(there != np.asarray(event_id)).any(axis=1)]
        if len(wrong):
            raise EventFileError(
                self.path.name,
                f"{self.name} holds rows of event {_slashed(wrong[0])} for entry {entry}",
                f"rows of {_slashed(event_id)}",
            )

    @cached_property
    def _spans(self) -> dict[int, range]:
        counts = np.asarray(self.columns["event_id.seq_cnt"][()])
        if counts.ndim != 2 or counts.shape[1] != 2 or (counts < 0).any():
            raise EventFileError(
                self.path.name,
                f"{self.name}/event_id.seq_cnt has shape {counts.shape} or negative numbers",
                "an event's row and its count of rows a line",
            )
        stops = np.cumsum(counts[:, 1])
        return {
            int(entry): range(int(stop - count), int(stop))
            for (entry, count), stop in zip(counts, stops, strict=True)
            if count > 0
        }


def _slashed(event_id: Iterable[int]) -> str:
    return "/".join(str(int(number)) for number in event_id)
