"""Simulated events that no file keeps: they are simulated again when they are asked for."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from pathlib import Path

from lartpc.detector import Detector
from lartpc.event import Event, EventId
from lartpc.readers.base import EventFile, EventSummary
from lartpc.simulation import BATCH, SAMPLES, simulate_batch

EVENTS = 1000
"""As many events has a sample that is opened by its name."""


def simulated_name(sample: str, seed: int) -> str:
    """The name that stands for a simulated sample, as `bnb-4242`."""
    return f"{sample}-{seed}"


def is_simulated_name(name: str) -> bool:
    """Whether a name stands for a simulated sample."""
    return re.fullmatch(rf"({'|'.join(SAMPLES)})-\d{{1,9}}", name) is not None


class SimulatedEvents(EventFile):
    """The first events of a sample, the same as `argonscope simulate` writes.

    Events are simulated in batches; the latest batch is kept, as neighbours are often asked for.
    """

    format = "simulated when asked for"
    source = "simulation"

    def __init__(self, name: str) -> None:
        """Raises ValueError for a name that stands for no sample."""
        if not is_simulated_name(name):
            raise ValueError(
                f"{name!r} is no simulated sample; expected one of {SAMPLES} and a seed: bnb-4242"
            )
        self._sample, _, seed = name.partition("-")
        self._seed = int(seed)
        self.path = Path(name)
        self.detector = Detector.load("microboone")
        self.attributes = {"sample": self._sample, "seed": self._seed}
        self._first: int | None = None
        self._batch: list[Event] = []
        self._lock = threading.RLock()

    def close(self) -> None:
        """Forget the latest batch."""
        with self._lock:
            self._first, self._batch = None, []

    def _check_open(self) -> None:
        """There is nothing to open."""

    def _length(self) -> int:
        return EVENTS

    def _event(self, entry: int) -> Event:
        size = BATCH[self._sample]
        first = entry - entry % size
        if self._first != first:
            self._batch = simulate_batch(self._sample, self._seed, range(first, first + size))
            self._first = first
        return replace(self._batch[entry - first], id=self._event_id(entry))

    def _event_id(self, entry: int) -> EventId:
        return EventId(self._seed, SAMPLES.index(self._sample), entry, self.path.name, entry)

    def _summary(self, entry: int) -> EventSummary:
        return EventSummary(self._event_id(entry), lit={}, has_truth=True)
