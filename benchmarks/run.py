"""From pressing Run to the prediction on screen, three planes, with the app's own warm worker.

Every run has another gain (0.1 % apart), so that none is answered from the store. Beside it: what
the jobs report for the network alone, the same networks called in this process, and the worker's
peak memory.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.browser import Browser, browser
from benchmarks.serving import DEMO_FILE, Served, app
from benchmarks.table import ABSENT, goal, print_machine, print_table, ratio, spread
from inference.predictor import Segmenter
from lartpc.classes import PLANES
from lartpc.event import Event
from lartpc.readers import open_events

OVERHEAD_GOAL_S, MEMORY_GOAL_MB = 0.5, 1000.0
ENTRY = 1
"""A bnb event of the demo, with the most pixels."""

_DRAWN = "window.argonscope && argonscope.timing && argonscope.mounted && argonscope.weights.length"
# The stopwatch looks when a picture was drawn, not at every frame, to leave the cores to the network.
_COUNT_ANSWERS = """(function () {
  window.answered = 0;
  window.paintedAnswers = 0;
  argonscope.on("prediction", function () { window.answered += 1; });
  argonscope.on("drawn", function () { window.paintedAnswers = window.answered; stopwatch.look(); });
  stopwatch.everyFrame = false;
})()"""
_SECONDS = "argonscope.PLANES.map(name => argonscope.event.planes[name].prediction.header.seconds)"

Samples = defaultdict[str, list[float]]


def measure(rounds: int) -> tuple[Samples, dict[str, float]]:
    """Samples by what was measured, in seconds, and the worker's peak memory by process, in MB."""
    samples: Samples = defaultdict(list)
    with open_events(DEMO_FILE) as events:
        event = events[ENTRY]
    segmenters = {plane: Segmenter.load(plane) for plane in PLANES}
    with app() as server, browser() as window:
        server.wait_for_worker()
        window.pages_are_drawn_when(_DRAWN)
        window.open(f"{server.address}/event/{DEMO_FILE.name}/{ENTRY}")
        window.settle()
        window.js(_COUNT_ANSWERS)
        _bare(segmenters, event, 1.0)
        for turn in range(rounds + 1):
            gain = 1 + 0.001 * (turn + 1)
            run, reported, bare = _run(window, gain), sum(window.js(_SECONDS)), _bare(segmenters, event, gain)
            if turn:  # the first warms the worker up
                samples["run"].append(run)
                samples["reported"].append(reported)
                samples["beyond"].append(run - reported)
                samples["bare"].append(bare)
        memory = _peaks_mb(server)
    return samples, memory


def _run(window: Browser, gain: float) -> float:
    """Seconds from the key R to the frame with the answers of all three planes."""
    window.js(f"argonscope.setOption('gain', {{U: {gain}, V: {gain}, Y: {gain}}})")
    window.settle()
    window.wait("argonscope.state().predicted.length === 0 && !argonscope.busy()")
    window.js("(window.answered = window.paintedAnswers = 0, true)")
    return window.press(["r"], "paintedAnswers === 3 && argonscope.look.overlay === 'class'")


def _bare(segmenters: dict[str, Segmenter], event: Event, gain: float) -> float:
    """Seconds of the three networks, one after another, with nothing around them."""
    return sum(segmenters[plane](event.images[plane].with_gain(gain)).seconds for plane in PLANES)


def _peaks_mb(server: Served) -> dict[str, float]:
    """Peak resident memory of the worker's processes: the one that takes messages, its children."""
    [worker] = _children(server.pid)
    peaks = {"worker, messages": _peak_mb(worker)}
    for number, child in enumerate(_children(worker), 1):
        peaks[f"worker, networks {number}"] = _peak_mb(child)
    return peaks


def _peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    raise ValueError(f"/proc/{pid}/status names no peak memory.")


def _children(pid: int) -> list[int]:
    return [child for child, parent in _parents() if parent == pid]


def _parents() -> Iterator[tuple[int, int]]:
    for place in Path("/proc").glob("[0-9]*"):
        try:
            yield int(place.name), int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended meanwhile


def report(samples: Samples, memory: dict[str, float]) -> None:
    """Print the tables."""
    rows = [
        ("Run → all three planes painted", "run", ABSENT),
        ("the network, as the three jobs report it", "reported", ABSENT),
        ("what is beyond that", "beyond", goal(samples["beyond"], OVERHEAD_GOAL_S, "≤ 0.5 s")),
        ("the same networks called without app and browser", "bare", ABSENT),
    ]
    print_table(
        f"Run on three planes of a bnb event, warm worker, {len(samples['run'])} runs: "
        "median (smallest–largest)",
        ["measured", "time", "over the network", "goal"],
        [
            [words, spread(samples[key], "s"), ratio(samples[key], samples["reported"]), aim]
            for words, key, aim in rows
        ],
    )
    total = sum(memory.values())
    memory_rows = [[words, f"{value:.0f} MB", ABSENT] for words, value in memory.items()]
    memory_rows.append(
        ["together, shared pages counted twice", f"{total:.0f} MB", goal([total], MEMORY_GOAL_MB, "< 1 GB")]
    )
    print_table("Peak memory, weights of three planes loaded", ["process", "peak", "goal"], memory_rows)


def main() -> None:
    """``python -m benchmarks run``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="repetitions (default: %(default)s)")
    rounds = parser.parse_args().rounds
    print_machine()
    report(*measure(rounds))


if __name__ == "__main__":
    main()
