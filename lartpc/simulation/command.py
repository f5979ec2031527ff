"""`argonscope simulate`: the same file for the same seed, whatever the process count."""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tqdm import tqdm

from lartpc.event import Event, Source
from lartpc.simulation.generate import BATCH, SAMPLES, simulate_batch
from lartpc.writer import EventWriter

_SHORT_BATCH = 4
"""Batch of a mixed file, small so that a few events of each sample cost no more than they must."""


def add_simulate(subparsers: argparse._SubParsersAction) -> None:
    """Add the subcommand to the `argonscope` command line."""
    parser = subparsers.add_parser("simulate", help="write simulated events with truth to a file")
    parser.add_argument("out", metavar="OUT.h5", type=Path)
    parser.add_argument(
        "--sample",
        required=True,
        type=parse_samples,
        metavar="SAMPLE[:N],...",
        help=f"one of {', '.join(SAMPLES)}; or several with their numbers, as bnb:4,michel:4",
    )
    parser.add_argument("--events", type=int, help="number of events (for a single sample)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--demo", action="store_true", help="mark the file as demonstration events")
    parser.set_defaults(run=run)


def parse_samples(text: str) -> list[tuple[str, int | None]]:
    """`bnb` or `bnb:4,michel:4` as (sample, number) pairs. Raises argparse.ArgumentTypeError."""
    pairs: list[tuple[str, int | None]] = []
    for part in text.split(","):
        name, _, number = part.partition(":")
        if name not in SAMPLES:
            raise argparse.ArgumentTypeError(f"unknown sample {name!r}; known: {', '.join(SAMPLES)}")
        if number and not number.isdigit():
            raise argparse.ArgumentTypeError(f"{number!r} in {part!r} is not a number of events")
        pairs.append((name, int(number) if number else None))
    return pairs


def run(arguments: argparse.Namespace) -> int:
    """Carry out `argonscope simulate`."""
    counts = [(name, number if number is not None else arguments.events) for name, number in arguments.sample]
    if any(number is None or number < 1 for _, number in counts):
        raise ValueError("say how many events, 1 or more: --events N, or a number each, as bnb:4")
    source: Source = "demo" if arguments.demo else "simulation"
    write_file(arguments.out, counts, arguments.seed, arguments.processes, source)
    return 0


def write_file(
    out: Path, counts: list[tuple[str, int]], seed: int, processes: int, source: Source = "simulation"
) -> None:
    """Simulate the samples one after another into one file. Raises EventFileError if it cannot be written."""
    total = sum(number for _, number in counts)
    attributes = {"samples": [list(pair) for pair in counts], "seed": seed}
    with EventWriter(out, "microboone", source, attributes) as writer, tqdm(total=total, unit="event") as bar:
        for event in _events(counts, seed, processes):
            writer.append(event)
            bar.update()


def _events(counts: list[tuple[str, int]], seed: int, processes: int) -> Iterator[Event]:
    """All events in order; batches are whole, so that a longer file begins with the shorter one's events."""
    tasks = []
    for sample, number in counts:
        size = BATCH[sample] if len(counts) == 1 else _SHORT_BATCH
        tasks += [(sample, seed, first, size, min(size, number - first)) for first in range(0, number, size)]
    with ExitStack() as stack:
        if processes > 1 and len(tasks) > 1:
            context = multiprocessing.get_context("spawn")
            pool = stack.enter_context(context.Pool(min(processes, len(tasks))))
            batches: Iterator[list[Event]] = pool.imap(_batch, tasks)
        else:
            batches = map(_batch, tasks)
        for batch in batches:
            yield from batch


def _batch(task: tuple[str, int, int, int, int]) -> list[Event]:
    sample, seed, first, size, wanted = task
    return simulate_batch(sample, seed, range(first, first + size))[:wanted]
