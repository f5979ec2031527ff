"""The sMask-RCNN on one Y plane: dense over sparse, the shipped detector stage by stage, and what it costs.

    python -m benchmarks smask-rcnn [--threads 2] [--repeats 5] [--no-dense]

Dense and sparse have the same weights and the same heads and read the same image, in turn, in one
process; the dense twin is folded and in channels-last order, the fastest that torch has on CPU.
Published (MICROBOONE-NOTE-1081-PUB, ten cores): trunk 3.172 s over 0.1758 s, 18 ×; full detection
8.438 s over 5.79 s, 1.46 ×.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks.memory import peak_megabytes, watch_peak
from benchmarks.table import ABSENT, goal, print_machine, print_table, ratio, spread
from inference.cards import available_weights
from inference.dense_detector import DenseDetector
from inference.detection.propose import ProposalSettings
from inference.detector import NETWORK, Detector, Suppression
from inference.networks.dense_layers import Dense
from inference.networks.resnet import ResNet
from inference.networks.smask_rcnn import PUBLISHED, SMaskRCNN, SMaskRCNNConfig
from inference.predictor import ADC_SCALE
from inference.process import prepare_process
from inference.sparse import kernel
from inference.sparse.backends import Backend, own_backend_for
from lartpc.classes import PLANES
from lartpc.event import WireImage
from lartpc.simulation import simulate_batch

LIT_PIXELS = 24_000
PUBLISHED_PROPOSALS = ProposalSettings(before=6000, overlap=0.7, after=1000)
STAGES = (
    "trunk",
    "context",
    "RPN",
    "features of pixels",
    "proposals, NMS",
    "class and box, two looks",
    "masks",
    "suppression of masks",
)
"""What lies between two calls of a detector's progress."""
_SEED = 17


def crowded_plane(pixels: int) -> WireImage:
    """Simulated `bnb` Y planes laid over each other until this many pixels are lit, and none more."""
    image = np.zeros((0, 0), np.float32)
    for event in simulate_batch("bnb", _SEED, range(8)):
        found = event.images["Y"]
        if image.size == 0:
            image = np.zeros(found.shape, np.float32)
        image[found.rows, found.wires] += found.charge
        if (image >= 10.0).sum() >= pixels:
            break
    rows, wires = (side.astype(np.int32) for side in np.nonzero(image >= 10.0))
    whole = WireImage("Y", rows, wires, image[rows, wires], (image.shape[0], image.shape[1]))
    # The surplus goes from one side, so that what stays is as dense as before.
    last = np.sort(wires)[min(pixels, len(wires)) - 1]
    return whole.masked(wires <= last)


class Seconds(dict[str, list[float]]):
    """Seconds of every run, by name."""

    def take(self, name: str, work: Callable[[], object]) -> None:
        """Do the work once and note how long it took."""
        start = time.perf_counter()
        work()
        self.setdefault(name, []).append(time.perf_counter() - start)


def shipped_network() -> tuple[SMaskRCNN, str]:
    """The shipped detector of plane Y, or one of its size with weights from a seed, and which it is."""
    torch.manual_seed(0)
    if any((card.network, card.plane) == (NETWORK, "Y") for card in available_weights()):
        detector = Detector.load("Y")
        return detector.network, detector.name
    return SMaskRCNN(SMaskRCNNConfig()).eval(), "weights from a seed"


@torch.no_grad()
def trunk_rows(image: WireImage, repeats: int, dense: bool) -> list[list[str]]:
    """ResNet-50 to C4, dense over sparse."""
    torch.manual_seed(0)
    trunk = ResNet(PUBLISHED.trunk).eval()
    backends: list[Backend] = [own_backend_for("cpu"), *([Dense()] if dense else [])]
    rows, wires, charge = (torch.from_numpy(part) for part in (image.rows, image.wires, image.charge))
    networks = [backend.network(trunk) for backend in backends]
    seconds = Seconds()
    for turn in range(repeats + 1):
        for backend, network in zip(backends, networks, strict=True):

            def run(backend: Backend = backend, network: torch.nn.Module = network) -> None:
                network(backend.tensor(rows, wires, image.shape, charge[:, None] / ADC_SCALE))

            if turn or backend.name != "dense":
                seconds.take(backend.name, run)
    return _compared("ResNet-50 trunk", seconds, backends[0].name, "≥ 25 × (published 18 ×)")


def detection_rows(
    name: str, network: SMaskRCNN, proposals: ProposalSettings, image: WireImage, repeats: int, dense: bool
) -> list[list[str]]:
    """The whole detection, dense over sparse."""
    suppression = Suppression(proposals)
    detectors = [Detector(network, "Y", suppression=suppression)]
    if dense:
        detectors.append(DenseDetector(network, "Y", suppression=suppression))
    seconds = Seconds()
    for turn in range(repeats + 1):
        for detector in detectors:
            if turn or not isinstance(detector, DenseDetector):
                seconds.take(detector.how, lambda d=detector: d(image))  # type: ignore[misc]
    wanted = "≥ 10 × (published 1.46 ×)" if name.startswith("detection, ResNet-50") else ABSENT
    return _compared(name, seconds, detectors[0].how, wanted)


def _compared(what: str, seconds: Seconds, base: str, wanted: str) -> list[list[str]]:
    """A row for each way; the first run of the sparse one warms it and does not count."""
    seconds[base] = seconds[base][1:]
    return [
        [
            what,
            how,
            spread(times, "s"),
            ratio(times, seconds[base]) if how != base else ABSENT,
            wanted if how != base else ABSENT,
        ]
        for how, times in seconds.items()
    ]


def stage_rows(detector: Detector, image: WireImage, repeats: int) -> tuple[list[list[str]], list[float]]:
    """Median of each stage and its share, and the seconds of whole runs."""
    runs, whole = [], []
    for _ in range(repeats + 2):
        marks = [time.perf_counter()]
        detector(image, lambda _, marks=marks: marks.append(time.perf_counter()))  # type: ignore[misc]
        runs.append(np.diff(marks))
        whole.append(marks[-1] - marks[0])
    stages = np.median(runs[2:], axis=0)
    rows = [
        [name, f"{1e3 * stage:.0f} ms", f"{stage / stages.sum():.0%}"]
        for name, stage in zip(STAGES, stages, strict=True)
    ]
    return rows, whole[2:]


def cost_rows(network: SMaskRCNN, repeats: int) -> list[list[str]]:
    """Seconds against lit pixels, and against proposals."""
    rows = []
    for pixels in (3_000, 6_000, 12_000, 24_000, 48_000):
        image = crowded_plane(pixels)
        rows.append([f"{len(image)} lit pixels", *_timed(network, image, ProposalSettings(), repeats)])
    image = crowded_plane(LIT_PIXELS)
    for number in (50, 100, 200, 500, 1000):
        settings = ProposalSettings(before=4 * number, after=number)
        rows.append([f"{number} proposals", *_timed(network, image, settings, repeats)])
    return rows


def _timed(
    network: SMaskRCNN, image: WireImage, proposals: ProposalSettings, repeats: int
) -> tuple[str, str]:
    detector = Detector(network, "Y", suppression=Suppression(proposals))
    seconds = Seconds()
    for _ in range(repeats + 1):
        seconds.take("", lambda: detector(image))
    return spread(seconds[""][1:], "s"), f"{len(detector(image).instances)}"


def peak_of(image: WireImage, dense: bool, threads: int) -> float:
    """Resident MB at the peak of a process that holds the weights of three planes and detects once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.npz"
        np.savez(path, rows=image.rows, wires=image.wires, adc=image.charge, shape=image.shape)
        command = [sys.executable, "-m", "benchmarks.smask_rcnn", "--peak", str(path)]
        command += ["--threads", str(threads), *(["--no-dense"] if not dense else [])]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(answer.stdout.split()[-1])


def print_peak(path: Path, dense: bool) -> None:
    """In a process of its own: resident MB at the peak."""
    with np.load(path, allow_pickle=False) as saved:
        shape = (int(saved["shape"][0]), int(saved["shape"][1]))
        image = WireImage("Y", saved["rows"], saved["wires"], saved["adc"], shape)
    make = DenseDetector if dense else Detector
    network, _ = shipped_network()
    detectors = [make(network, plane) for plane in PLANES]
    watch_peak()
    detectors[-1](image)
    print(peak_megabytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--no-dense", action="store_true", help="leave the dense twin out")
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    prepare_process()
    torch.set_num_threads(given.threads)
    if given.peak:
        print_peak(given.peak, not given.no_dense)
        return
    print_machine()
    dense = not given.no_dense
    image = crowded_plane(LIT_PIXELS)
    network, name = shipped_network()
    detector = Detector(network, "Y")
    print(f"Sparse layers run on: {kernel.name()}; the shipped detector: {network.config.name}, {name}")
    torch.manual_seed(0)
    published = SMaskRCNN(PUBLISHED).eval()
    rows = trunk_rows(image, given.repeats, dense)
    rows += detection_rows(
        "detection, ResNet-50, 1000 proposals", published, PUBLISHED_PROPOSALS, image, given.repeats, dense
    )
    rows += detection_rows("detection, shipped", network, ProposalSettings(), image, given.repeats, dense)
    print_table(
        f"{len(image)} lit pixels of {image.shape[0]} × {image.shape[1]}, {given.threads} threads, "
        f"{given.repeats} runs in turn: median (least–most)",
        ["what", "how", "time", "dense over sparse", "goal"],
        rows,
    )
    stages, whole = stage_rows(detector, image, given.repeats)
    print_table("The shipped detector, stage by stage", ["stage", "time", "share"], stages)
    print(f"Whole: {spread(whole, 's')}; {goal(whole, 0.7, '< 0.7 s warm')}")
    peaks = [["sparse", peak_of(image, False, given.threads), "< 1000 MB"]]
    if dense:
        peaks.append(["dense", peak_of(image, True, given.threads), ABSENT])
    print_table(
        "Resident memory at its peak, weights of three planes loaded",
        ["detector", "peak", "goal"],
        [[str(how), f"{peak:.0f} MB", str(wanted)] for how, peak, wanted in peaks],
    )
    print_table(
        "What the shipped detector costs", ["with", "time", "instances"], cost_rows(network, given.repeats)
    )


if __name__ == "__main__":
    main()
