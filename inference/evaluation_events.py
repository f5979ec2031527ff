"""The events of an evaluation, in batches: simulated or read once for all planes, in processes if wanted."""

from __future__ import annotations

import multiprocessing
import signal
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from inference.evaluated_networks import EvaluatedNetwork, R
from lartpc.event import Event
from lartpc.readers import open_events
from lartpc.simulation import BATCH, simulate_batch

_FILE_BATCH = 4
"""Entries that a process reads at once: enough to outweigh the opening of the file."""

Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]


@dataclass(frozen=True)
class Batch:
    """Events that follow each other in a file, or that are simulated together."""

    first: int
    number: int
    file: Path | None = None
    sample: str = ""
    seed: int = 0

    def events(self) -> Iterator[Event]:
        """The events, in order. Raises EventFileError."""
        if self.file is None:
            size = BATCH[self.sample]
            yield from simulate_batch(self.sample, self.seed, range(self.first, self.first + size))[
                : self.number
            ]
            return
        with open_events(self.file) as events:
            for entry in range(self.first, self.first + self.number):
                yield events[entry]


def simulated(sample: str, seed: int, events: int) -> list[Batch]:
    """The first events of a sample, the same as `argonscope simulate` writes."""
    size = BATCH[sample]
    return [
        Batch(first, min(size, events - first), sample=sample, seed=seed) for first in range(0, events, size)
    ]


def of_files(files: Sequence[Path]) -> list[Batch]:
    """All events of files. Raises EventFileError."""
    batches = []
    for file in files:
        with open_events(file) as events:
            length = len(events)
        batches += [
            Batch(first, min(_FILE_BATCH, length - first), file) for first in range(0, length, _FILE_BATCH)
        ]
    return batches


@contextmanager
def process_map(processes: int, threads: int = 1) -> Iterator[Map]:
    """`map`, in order, in this process or over several; of several, each computes on one thread.

    Where the work ends early, their work in hand is lost. Raises ChildProcessError if one of them dies.
    """
    if processes <= 1:
        torch.set_num_threads(threads)
        yield map
        return
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(processes, context, initializer=_prepare_process)
    try:
        yield pool.map
    except BrokenProcessPool as error:
        raise ChildProcessError(
            "a process of the evaluation has died, perhaps for want of memory; try fewer with --processes"
        ) from error
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def evaluate_batches(
    batches: Sequence[Batch], network: EvaluatedNetwork[R], weights: Mapping[str, Path], mapped: Map
) -> Iterator[dict[str, R]]:
    """Every event on every plane of weights (plane → safetensors file), in order: plane → result.

    Raises EventFileError, ValueError.
    """
    planes = tuple(weights.items())
    for results in mapped(partial(_evaluate, network=network, planes=planes), batches):
        yield from results


def events_at(batches: Sequence[Batch], positions: Sequence[int], mapped: Map) -> Iterator[Event]:
    """The events at these positions, counted over all batches, in the order of the positions.

    Events are simulated again, each batch once: that is cheaper than to keep them all.
    """
    starts = [0]
    for batch in batches:
        starts.append(starts[-1] + batch.number)
    wanted: dict[int, list[int]] = {}
    for position in positions:
        number = bisect_right(starts, position) - 1
        wanted.setdefault(number, []).append(position - starts[number])
    numbers = list(wanted)
    parts = mapped(_pick, [(batches[number], wanted[number]) for number in numbers])
    found = {
        starts[number] + place: event
        for number, events in zip(numbers, parts, strict=True)
        for place, event in zip(wanted[number], events, strict=True)
    }
    return (found[position] for position in positions)


def _prepare_process() -> None:
    # Ctrl-C reaches every process of a terminal: it is the first of them that ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


def _evaluate(
    batch: Batch, network: EvaluatedNetwork[R], planes: tuple[tuple[str, Path], ...]
) -> list[dict[str, R]]:
    return [
        {plane: network.evaluate(event, plane, path) for plane, path in planes} for event in batch.events()
    ]


def _pick(wanted: tuple[Batch, list[int]]) -> list[Event]:
    batch, places = wanted
    events = list(batch.events())
    return [events[place] for place in places]
