"""The sparse U-ResNet on one Y plane: our paths over spconv and over the matrix-product limit.

    python -m benchmarks uresnet [--filters 16 32] [--threads 2] [--repeats 15]

All contenders run the same weights on the same image, in turn, in one process. spconv is right only
while its scatter-add has one thread, so that is what ours is measured against. The limit is the
time that the network's real work (products of pixels that exist) would take at the rate of a large
matrix product, measured in the same run.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.memory import peak_megabytes, resident_megabytes, watch_peak
from benchmarks.table import ABSENT, print_machine, print_table
from inference.networks.uresnet import UResNet, UResNetConfig
from inference.process import prepare_process
from inference.sparse import kernel
from inference.sparse.backends import Backend, Kernel, PlainTorch, Spconv, backend_for
from inference.sparse.layers import DownConv, InverseConv, Linear, SparseTensor, SubmanifoldConv
from lartpc.simulation import simulate_batch

LIT_PIXELS = 22_000
FASTER = {16: 3.3, 32: 2.5}
"""How many times faster than spconv a network of so many filters shall be."""

OVER_LIMIT = 1.4
"""And how close to matrix products."""

_SEED = 17
_PRODUCT_SIZE = 1536
_REST_S = 0.02
"""OpenMP threads spin for some milliseconds after their work; nobody pays for those of the one before."""
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Plane:
    """Pixels that a network reads, and their charge / 100 as features (N, 1)."""

    rows: Tensor
    wires: Tensor
    shape: tuple[int, int]
    features: Tensor


@dataclass
class Timing:
    """Seconds of every run."""

    wall: list[float] = field(default_factory=list)

    def run(self, work: Callable[[], object]) -> None:
        """Do the work once and note how long it took."""
        time.sleep(_REST_S)
        start = time.perf_counter()
        work()
        self.wall.append(time.perf_counter() - start)


class SpconvInOrder(Spconv):
    """spconv whose scatter-add has one thread; torch's products and what lies between keep theirs."""

    name = "spconv, scatter on one thread"

    def __init__(self) -> None:
        super().__init__(_CPU)
        # Whichever of them spconv was bound to; torch's products count their threads themselves.
        maps = Path("/proc/self/maps").read_text().split()
        self._openmp = [ctypes.CDLL(path) for path in sorted(set(maps)) if "libgomp" in path]

    def network(self, network: nn.Module) -> nn.Module:
        replica, threads = super().network(network), torch.get_num_threads()
        for module in replica.modules():
            if type(module).__module__ == "spconv.pytorch.conv":
                module.register_forward_pre_hook(lambda *_: self._use(1))
                module.register_forward_hook(lambda *_: self._use(threads))
        return replica

    def _use(self, threads: int) -> None:
        for library in self._openmp:
            library.omp_set_num_threads(threads)


class SpconvStock(Spconv):
    """spconv as it comes."""

    name = "spconv, stock"


def crowded_plane() -> Plane:
    """Simulated `bnb` Y planes laid over each other until LIT_PIXELS or more can be read."""
    image = np.zeros((0, 0), np.float32)
    for event in simulate_batch("bnb", _SEED, range(6)):
        found = event.images["Y"]
        if image.size == 0:
            image = np.zeros(found.shape, np.float32)
        image[found.rows, found.wires] += found.adc * np.float32(found.gain)
        read = (image > 10.0) & (image < 300.0)
        if read.sum() >= LIT_PIXELS:
            break
    rows, wires = (torch.from_numpy(axis) for axis in np.nonzero(read))
    shape = (image.shape[0], image.shape[1])
    return Plane(rows, wires, shape, torch.from_numpy(image[read] / 100.0)[:, None])


def real_work(network: UResNet, plane: Plane) -> float:
    """Floating-point operations of the products of existing pixels, in one run."""
    total = 0.0

    def note(layer: nn.Module, inputs: tuple[SparseTensor, ...], output: SparseTensor) -> None:
        nonlocal total
        level = max(inputs[0].level, output.level, key=len)
        pairs = (level.neighbours < len(level)).sum() if isinstance(layer, SubmanifoldConv) else len(level)
        weight = layer.get_parameter("weight")
        total += 2.0 * int(pairs) * weight.shape[-2] * weight.shape[-1]

    kinds = (SubmanifoldConv, DownConv, InverseConv, Linear)
    hooks = [m.register_forward_hook(note) for m in network.modules() if isinstance(m, kinds)]
    network(PlainTorch(_CPU).tensor(plane.rows, plane.wires, plane.shape, plane.features))
    for hook in hooks:
        hook.remove()
    return total


def contenders() -> list[tuple[Backend, str]]:
    """The ways to run a network that this machine has, each with its `kernel.use`."""
    found: list[tuple[Backend, str]] = []
    if kernel.active():
        found.append((Kernel(), ""))
    found.append((PlainTorch(_CPU), kernel.TORCH))
    if importlib.util.find_spec("spconv") is not None:
        found += [(SpconvInOrder(), kernel.TORCH), (SpconvStock(_CPU), kernel.TORCH)]
    return found


def runner(backend: Backend, network: UResNet, plane: Plane, use: str = "") -> Callable[[], Tensor]:
    """One whole run, from sorted pixels to logits; rule books are built anew each time."""
    replica = backend.network(network)

    def run() -> Tensor:
        with kernel.using(use):
            logits: Tensor = replica(backend.tensor(plane.rows, plane.wires, plane.shape, plane.features))
        return logits

    return run


@torch.no_grad()
def measure(filters: int, plane: Plane, repeats: int) -> list[list[str]]:
    """Rows of the table for one size of network."""
    torch.manual_seed(0)
    network = UResNet(UResNetConfig(filters=filters)).eval()
    work = real_work(network, plane)
    square = torch.randn(_PRODUCT_SIZE, _PRODUCT_SIZE)
    jobs = {backend.name: runner(backend, network, plane, use) for backend, use in contenders()}
    answers = {name: job() for name, job in jobs.items()}
    right = answers.get(SpconvInOrder.name, answers[PlainTorch.name])
    timings = {name: Timing() for name in (*jobs, "product")}
    for _ in range(repeats):
        for name, job in jobs.items():
            timings[name].run(job)
        timings["product"].run(lambda: square @ square)
    share = work / (2.0 * _PRODUCT_SIZE**3)
    rows = []
    for name in jobs:
        off = float((answers[name] - right).abs().max() / right.abs().max())
        cells = row(timings[name], timings.get(SpconvInOrder.name), timings["product"], share)
        goals = (
            f"≥ {FASTER.get(filters, 1.0)} ×, ≤ {OVER_LIMIT}"
            if kernel.active() and name == kernel.name()
            else ABSENT
        )
        rows.append([f"[{network.config.name}]", name, *cells, goals, f"{off:.0e}"])
    return rows


def row(timing: Timing, base: Timing | None, product: Timing, share: float) -> list[str]:
    """Median and least time; how many times faster than spconv, and time over matrix products, each of
    medians, then of least times."""
    cells = [f"{median(timing.wall) * 1e3:.0f} ({min(timing.wall) * 1e3:.0f}) ms"]
    if base is None:
        cells.append(ABSENT)
    else:
        faster = [of(base.wall) / of(timing.wall) for of in (median, min)]
        cells.append(f"{faster[0]:.2f} ({faster[1]:.2f}) ×")
    over = [of(timing.wall) / (of(product.wall) * share) for of in (median, min)]
    return [*cells, f"{over[0]:.2f} ({over[1]:.2f})"]


def measure_training(filters: int, plane: Plane, repeats: int) -> list[str]:
    """A step forwards and backwards over the whole plane: by the kernel, and in plain torch."""
    torch.manual_seed(0)
    network = UResNet(UResNetConfig(filters=filters))

    def step(use: str) -> None:
        with kernel.using(use):
            network.zero_grad()
            tensor = PlainTorch(_CPU).tensor(plane.rows, plane.wires, plane.shape, plane.features)
            network(tensor).square().mean().backward()

    timings = {use: Timing() for use in ("", kernel.TORCH)}
    for _ in range(repeats + 1):
        for use, timing in timings.items():
            timing.run(partial(step, use))
    ours, theirs = (median(timing.wall[1:]) for timing in timings.values())
    return [
        f"[{network.config.name}]",
        f"{ours * 1e3:.0f} ms",
        f"{theirs * 1e3:.0f} ms",
        f"{theirs / ours:.2f} ×",
    ]


@torch.no_grad()
def measure_planes(filters: int, plane: Plane, repeats: int, threads: int) -> list[str]:
    """Three planes one after another, each on all threads, and side by side, each on one thread."""
    backend = backend_for(_CPU)
    run = runner(
        backend,
        UResNet(UResNetConfig(filters=filters)).eval(),
        plane,
        "" if kernel.active() else kernel.TORCH,
    )

    def alone(_: int) -> Tensor:
        with torch.no_grad():
            return run()

    after, beside = Timing(), Timing()
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(repeats):
            after.run(lambda: [run() for _ in range(3)])
            torch.set_num_threads(1)
            beside.run(lambda: list(pool.map(alone, range(3))))
            torch.set_num_threads(threads)
    times = [f"{median(timing.wall) * 1e3:.0f} ms" for timing in (after, beside)]
    return [f"[5-{filters}]", *times, f"{median(beside.wall) / median(after.wall):.2f}"]


def peak_row(filters: int, plane: Plane) -> list[str]:
    """What a fresh process with three planes' weights holds, idle, and how much more one plane takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plane.npz"
        np.savez(path, rows=plane.rows, wires=plane.wires, shape=plane.shape, features=plane.features)
        command = [sys.executable, "-m", "benchmarks.uresnet", "--peak", str(path), "--filters", str(filters)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
    idle, peak = (float(part) for part in answer.stdout.split()[-2:])
    return [f"[5-{filters}]", f"{idle:.0f} MB", f"{peak - idle:.0f} MB", "< 300 MB"]


@torch.no_grad()
def print_peak(filters: int, path: Path) -> None:
    """Three networks, then one run each: resident MB before, and the most while they ran."""
    with np.load(path, allow_pickle=False) as saved:
        rows, wires, features = (torch.from_numpy(saved[name]) for name in ("rows", "wires", "features"))
        plane = Plane(rows, wires, (int(saved["shape"][0]), int(saved["shape"][1])), features)
    backend = backend_for(_CPU)
    runs = [runner(backend, UResNet(UResNetConfig(filters=filters)), plane, "") for _ in range(3)]
    watch_peak()
    idle = resident_megabytes()
    for run in runs:
        run()
    print(idle, peak_megabytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--filters", type=int, nargs="+", default=[16, 32])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    # As the worker does; the wait policy alone would have to stand before torch.
    prepare_process()
    torch.set_num_threads(given.threads)
    if given.peak:
        print_peak(given.filters[0], given.peak)
        return
    print_machine()
    print(f"CPU networks run on: {kernel.name()}; available: {', '.join(kernel.available())}")
    plane = crowded_plane()
    print_table(
        f"U-ResNet, {len(plane.rows)} pixels of {plane.shape[0]} × {plane.shape[1]}, "
        f"{given.threads} threads: medians (least) of {given.repeats} runs in turn",
        ["network", "how", "time", "faster than spconv*", "over matrix products", "goal", "off by"],
        [line for m in given.filters for line in measure(m, plane, given.repeats)],
    )
    print(f"* {SpconvInOrder.name}: stock spconv adds up in several threads, which race and make it wrong.")
    print_table(
        "A training step over the whole plane, forwards and backwards",
        ["network", kernel.name(), "plain torch", "faster"],
        [measure_training(m, plane, max(given.repeats // 3, 1)) for m in given.filters],
    )
    print_table(
        f"Three planes on {given.threads} threads",
        ["network", "one after another", "side by side", "ratio"],
        [measure_planes(m, plane, max(given.repeats // 3, 1), given.threads) for m in given.filters],
    )
    print_table(
        "Memory of a process with the weights of three planes",
        ["network", "idle", "one plane at its peak", "goal"],
        [peak_row(m, plane) for m in given.filters],
    )


if __name__ == "__main__":
    main()
