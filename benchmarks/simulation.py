"""Simulated events per second: one by one, in batches, and into a file with one and two processes.

In memory it counts the seconds of one core, so that other work on the machine matters little; into a
file, with several processes, those of the clock.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

from benchmarks.table import print_machine, print_table, ratio, spread
from lartpc.simulation import BATCH, SAMPLES, simulate, simulate_batch
from lartpc.simulation.command import write_file

SEED = 900_000
_SINGLES = 4
PROCESSES = (1, 2)
_FILE_EVENTS = 2 * BATCH["bnb"]

Samples = defaultdict[str, list[float]]


def measure(rounds: int) -> tuple[dict[str, Samples], Samples]:
    """Events per second: by sample and way in memory, and by number of processes into a bnb file."""
    memory: dict[str, Samples] = {sample: defaultdict(list) for sample in SAMPLES}
    files: Samples = defaultdict(list)
    with _one_core():
        for sample in SAMPLES:
            simulate(sample, SEED, 0)
        for turn in range(rounds):
            for sample in SAMPLES:
                memory[sample]["single"].append(_singles_rate(sample, SEED + turn))
                memory[sample]["batch"].append(_batch_rate(sample, SEED + turn))
    for turn in range(rounds):
        for processes in PROCESSES:
            files[f"{processes}"].append(_file_rate(SEED + turn, processes))
    return memory, files


def _singles_rate(sample: str, seed: int) -> float:
    start = time.process_time()
    for entry in range(_SINGLES):
        simulate(sample, seed, entry)
    return _SINGLES / (time.process_time() - start)


def _batch_rate(sample: str, seed: int) -> float:
    start = time.process_time()
    simulate_batch(sample, seed, range(BATCH[sample]))
    return BATCH[sample] / (time.process_time() - start)


def _file_rate(seed: int, processes: int) -> float:
    """The whole way of `argonscope simulate`, the start of the processes included."""
    with tempfile.TemporaryDirectory() as folder, redirect_stderr(io.StringIO()):
        start = time.perf_counter()
        write_file(Path(folder) / "events.h5", [("bnb", _FILE_EVENTS)], seed, processes)
        return _FILE_EVENTS / (time.perf_counter() - start)


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process, and what NumPy does in it, on one core."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def report(memory: dict[str, Samples], files: Samples) -> None:
    """Print the tables."""
    unit = "/s"
    print_table(
        "Simulation in memory, events a second of one core: median (smallest–largest)",
        ["sample", "one by one", "batch", "of", "batch / one by one"],
        [
            [
                sample,
                spread(rates["single"], unit, 1),
                spread(rates["batch"], unit, 1),
                f"{BATCH[sample]}",
                ratio(rates["batch"], rates["single"]),
            ]
            for sample, rates in memory.items()
        ],
    )
    print_table(
        f"bnb into a file, events a second by the clock, {_FILE_EVENTS} events, {os.cpu_count()} cores",
        ["processes", "rate", "over one process"],
        [[number, spread(rates, unit, 1), ratio(rates, files["1"])] for number, rates in files.items()],
    )


def main() -> None:
    """``python -m benchmarks simulation``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks simulation", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="repetitions (default: %(default)s)")
    rounds = parser.parse_args().rounds
    print_machine()
    report(*measure(rounds))


if __name__ == "__main__":
    main()
