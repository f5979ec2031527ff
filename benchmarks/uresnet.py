"""The sparse U-ResNet on one Y plane: our paths over spconv and over the matrix-product limit.

    python -m benchmarks uresnet [--filters 16 32] [--threads 2] [--repeats 15]

All contenders run the same weights on the same image, in turn, in one process. spconv's answer is
right with one thread alone, but its time with two is that of the stock package. The limit is the
time that the network's real work (products of pixels that exist) would take at the rate of a large
matrix product, measured in the same run.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.table import ABSENT, print_machine, print_table
from inference.networks.uresnet import UResNet, UResNetConfig
from inference.sparse.backends import Backend, PlainTorch, Spconv
from inference.sparse.layers import DownConv, InverseConv, Linear, SparseTensor, SubmanifoldConv
from lartpc.simulation import simulate_batch

LIT_PIXELS = 22_000
_SEED = 17
_PRODUCT_SIZE = 1536
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
    """Seconds of every run: on the clock, and of the processor."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def run(self, work: Callable[[], object]) -> None:
        """Do the work once and note how long it took."""
        wall, processor = time.perf_counter(), time.process_time()
        work()
        self.processor.append(time.process_time() - processor)
        self.wall.append(time.perf_counter() - wall)


class AsTrained(PlainTorch):
    """The layers that training uses, for comparison."""

    name = "plain torch as trained"

    def network(self, network: nn.Module) -> nn.Module:
        return network


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
    network(AsTrained(_CPU).tensor(plane.rows, plane.wires, plane.shape, plane.features))
    for hook in hooks:
        hook.remove()
    return total


def contenders() -> list[Backend]:
    """The ways to run a network that this machine has."""
    found: list[Backend] = [PlainTorch(_CPU), AsTrained(_CPU)]
    if importlib.util.find_spec("spconv") is not None:
        found.append(Spconv(_CPU))
    return found


def runner(backend: Backend, network: UResNet, plane: Plane) -> Callable[[], Tensor]:
    """One whole run, from sorted pixels to logits; rule books are built anew each time."""
    replica = backend.network(network)

    def run() -> Tensor:
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
    jobs = {backend.name: runner(backend, network, plane) for backend in contenders()}
    for job in jobs.values():
        job()
    timings = {name: Timing() for name in (*jobs, "product")}
    for _ in range(repeats):
        for name, job in jobs.items():
            timings[name].run(job)
        timings["product"].run(lambda: square @ square)
    limit = median(timings["product"].wall) * work / (2.0 * _PRODUCT_SIZE**3)
    base = timings.get(Spconv.name)
    return [row(network.config.name, name, timings[name], base, limit) for name in jobs]


def row(size: str, name: str, timing: Timing, base: Timing | None, limit: float) -> list[str]:
    """One line: times, ratio to spconv on the clock and of the processor, ratio to the limit."""
    wall, processor = median(timing.wall), median(timing.processor)
    over = (
        [ABSENT, ABSENT]
        if base is None
        else [f"{wall / median(base.wall):.2f}", f"{processor / median(base.processor):.2f}"]
    )
    return [f"[{size}]", name, f"{wall * 1e3:.0f} ms", *over, f"{wall / limit:.1f}"]


def peak_megabytes(filters: int, plane: Plane) -> float:
    """Largest resident size of a process that holds three planes' weights and has run each once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plane.npz"
        np.savez(path, rows=plane.rows, wires=plane.wires, shape=plane.shape, features=plane.features)
        command = [sys.executable, "-m", "benchmarks.uresnet", "--peak", str(path), "--filters", str(filters)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(answer.stdout.split()[-1])


@torch.no_grad()
def print_peak(filters: int, path: Path) -> None:
    """Three networks, one run each; the process's largest resident size in MB."""
    with np.load(path, allow_pickle=False) as saved:
        rows, wires, features = (torch.from_numpy(saved[name]) for name in ("rows", "wires", "features"))
        plane = Plane(rows, wires, (int(saved["shape"][0]), int(saved["shape"][1])), features)
    backend = PlainTorch(_CPU)
    for run in [runner(backend, UResNet(UResNetConfig(filters=filters)), plane) for _ in range(3)]:
        run()
    # Not ru_maxrss, which a process inherits from the one that started it.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) / 1024.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--filters", type=int, nargs="+", default=[16, 32])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    if given.peak:
        print_peak(given.filters[0], given.peak)
        return
    print_machine()
    plane = crowded_plane()
    rows = [line for filters in given.filters for line in measure(filters, plane, given.repeats)]
    print_table(
        f"U-ResNet, {len(plane.rows)} pixels of {plane.shape[0]} × {plane.shape[1]}, "
        f"{given.threads} threads, medians of {given.repeats} runs in turn",
        ["network", "how", "time", "time / spconv", "CPU time / spconv", "time / matrix products"],
        rows,
    )
    peaks = [[f"[5-{filters}]", f"{peak_megabytes(filters, plane):.0f} MB"] for filters in given.filters]
    print_table("Peak memory of a process with the weights of three planes", ["network", "peak"], peaks)


if __name__ == "__main__":
    main()
