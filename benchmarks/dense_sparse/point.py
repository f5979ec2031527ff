"""One point in a process of its own: ``python -m benchmarks.dense_sparse.point JSON`` prints JSON.

Peak memory is the largest resident size (VmHWM) beyond what the process had reached when it had
imported all, held its crops and made the network. Not ru_maxrss, which a process inherits from the
one that started it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import torch

from benchmarks.dense_sparse.networks import Contender
from benchmarks.dense_sparse.plan import Kind, Mode, Setting
from benchmarks.dense_sparse.sample import load
from inference.training.crops import Crop

_MOST_RUNS = 20


@dataclass(frozen=True)
class Request:
    """What to measure. crops: a file of `sample.save` with at least as many crops as a batch."""

    kind: Kind
    mode: Mode
    setting: Setting
    crops: str
    threads: int
    seconds: float

    def command(self) -> list[str]:
        """How a process is started that answers."""
        return [sys.executable, "-m", "benchmarks.dense_sparse.point", json.dumps(asdict(self))]


@dataclass(frozen=True)
class Timings:
    """Medians over the runs: on the clock, and of the processor (all threads), in seconds.

    peak_mb: largest resident size of the process (10⁶ bytes) after two runs at the most, because that of a
    fast network, which runs more often, would go on to grow with the allocator's leftovers.
    """

    seconds: float
    processor_seconds: float
    runs: int
    peak_mb: float


def main() -> None:
    """Measure what the first argument asks for."""
    given = json.loads(sys.argv[1])
    shape = (given["setting"]["shape"][0], given["setting"]["shape"][1])
    request = Request(**{**given, "setting": Setting(**{**given["setting"], "shape": shape})})
    print(json.dumps(answer(request)))


def answer(request: Request) -> dict[str, float | int | str]:
    """Timings, with peak_mb beyond the idle process; pixels of the batch; the way, in words."""
    torch.set_num_threads(request.threads)
    setting = request.setting
    batch = load(Path(request.crops), setting.batch)
    contender = Contender(request.kind, setting.depth, setting.filters, setting.shape)
    way, work = _work(contender, request.mode, batch)
    before = peak_mb()
    timings = timed(work, request.seconds)
    return {
        **asdict(timings),
        "peak_mb": timings.peak_mb - before,
        "pixels": sum(len(crop.rows) for crop in batch),
        "way": way,
    }


def _work(contender: Contender, mode: Mode, batch: list[Crop]) -> tuple[str, Callable[[], object]]:
    if mode == "training":
        return "forward, backward and Adam", lambda: contender.step(batch)
    way, run = contender.inference()
    return way, lambda: run(batch)


def timed(work: Callable[[], object], seconds: float) -> Timings:
    """Repeat the work for some seconds. The first run warms up, and counts only where it takes them all."""
    wall: list[float] = []
    processor: list[float] = []
    begin = time.perf_counter()
    while len(wall) < 2 or (time.perf_counter() - begin < seconds and len(wall) <= _MOST_RUNS):
        start, start_processor = time.perf_counter(), time.process_time()
        work()
        processor.append(time.process_time() - start_processor)
        wall.append(time.perf_counter() - start)
        if len(wall) <= 2:
            peak = peak_mb()
        if wall[0] > seconds:
            break
    if len(wall) > 1:
        wall, processor = wall[1:], processor[1:]
    return Timings(median(wall), median(processor), len(wall), peak)


def peak_mb() -> float:
    """Largest resident size that this process has had, 10⁶ bytes. Raises ValueError beside Linux."""
    path = Path("/proc/self/status")
    lines = path.read_text().splitlines() if path.is_file() else []
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError("peak memory is read from /proc/self/status, which is not here; expected Linux")


if __name__ == "__main__":
    main()
