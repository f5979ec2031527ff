"""What pixel weights and primary-ionisation truth bring: short trainings of a U-ResNet on one plane.

    python -m benchmarks training [--steps 1500] [--plane Y] [--events 48] [--json OUT]

The counterpart of Table V of arXiv:1903.05663. All networks begin alike and see the same crops in the
same order; each is judged on held-out events by the truth that it was taught, by argmax, without a
decision rule.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.table import print_machine, print_table
from inference.networks.uresnet import UResNet, UResNetConfig
from inference.training.crops import Crop, TruthKind, full_plane, read_by_network
from inference.training.loop import TrainingConfig, begin, collate, step
from inference.training.loss import Weighting
from inference.training.session import TrainingState, learning_rate
from inference.training.source import SourceConfig, batches
from lartpc.classes import PIXEL_CLASSES, PLANES
from lartpc.metrics.bootstrap import Estimate, bootstrap, of_sums
from lartpc.metrics.segmentation import confusion, mean_recall, nonzero_accuracy, recalls
from lartpc.simulation import BATCH, simulate_batch

_SEED = 4242
_MICHEL_SEED = 4243
_PIXELS = 7000
PUBLISHED = "published: Michel 0.566 → 0.957 and delta 0.857 → 0.972 with both (arXiv:1903.05663, 3-D)"


@dataclass(frozen=True)
class Trial:
    """One way to teach: what carries the class of an electron, and how pixels are weighted."""

    truth: TruthKind
    weighting: Weighting


TRIALS = (
    Trial("all", "none"),
    Trial("all", "clusters"),
    Trial("primary", "none"),
    Trial("primary", "clusters"),
    Trial("primary", "balanced"),
)


def config_of(trial: Trial, given: argparse.Namespace) -> TrainingConfig:
    """The same for every trial but for what it tries."""
    source = SourceConfig(
        planes=(given.plane,),
        samples=(("bomb", 0.35), ("michel", 0.3), ("bnb", 0.35)),
        truth=trial.truth,
        pixels=_PIXELS,
    )
    return TrainingConfig(
        network=UResNetConfig(filters=given.filters),
        source=source,
        steps=given.steps,
        weighting=trial.weighting,
        precision="fp32",
    )


def teach(given: argparse.Namespace) -> dict[Trial, TrainingState[UResNet]]:
    """All trials, batch by batch side by side. Crops of both truths come from the same seeds."""
    configs = {trial: config_of(trial, given) for trial in TRIALS}
    states = {trial: begin(config) for trial, config in configs.items()}
    sources: dict[str, Iterator[list[Crop]]] = {
        trial.truth: batches(config.source, workers=1, first_batch=0) for trial, config in configs.items()
    }
    for number in tqdm(range(given.steps), unit="step", disable=None):
        found = {truth: next(source) for truth, source in sources.items()}
        for trial, config in configs.items():
            rate = learning_rate(config, number, number / given.steps)
            step(config, states[trial], found[trial.truth], rate)
    for source in sources.values():
        source.close()  # type: ignore[attr-defined]
    return states


def held_out(plane: str, events: int, truth: TruthKind, config: TrainingConfig) -> Iterator[Crop]:
    """Whole planes as a network reads them: half of the events bnb, half michel."""
    for sample, seed in (("bnb", _SEED), ("michel", _MICHEL_SEED)):
        size = BATCH[sample]
        for first in range(0, events // 2, size):
            for event in simulate_batch(sample, seed, range(first, first + size)):
                yield read_by_network(full_plane(event, plane, truth), config.source.settings)


@torch.no_grad()
def judge(state: TrainingState[UResNet], planes: list[Crop]) -> NDArray[np.int64]:
    """Confusions (E, 5, 5) of the averaged weights, by argmax."""
    state.network.load_state_dict(state.average)
    state.network.eval()
    found = []
    for plane in planes:
        x, classes, _ = collate([plane], "cpu", torch.float32, shape=(4096, 4096))
        found.append(confusion(classes.numpy(), state.network(x).argmax(dim=1).numpy()))
    return np.array(found)


def figures(confusions: NDArray[np.int64]) -> dict[str, tuple[float, float, float]]:
    """Accuracy, mean recall and recalls, each with the ends of its interval over events."""

    def estimate(figure: Callable[[Any], NDArray[np.float64]]) -> Estimate:
        return bootstrap(of_sums(confusions, figure), len(confusions))

    by_class = estimate(recalls)
    found = {"accuracy": estimate(nonzero_accuracy), "mean recall": estimate(mean_recall)}
    found |= {c.label: by_class[c] for c in PIXEL_CLASSES}
    return {name: (float(e.value), float(e.low), float(e.high)) for name, e in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--plane", choices=PLANES, default="Y")
    parser.add_argument("--filters", type=int, default=16)
    parser.add_argument("--events", type=int, default=48)
    parser.add_argument("--json", type=Path, metavar="OUT")
    given = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    print_machine()
    states = teach(given)
    results: dict[Trial, dict[str, tuple[float, float, float]]] = {}
    for truth in ("all", "primary"):
        chosen = [trial for trial in TRIALS if trial.truth == truth]
        planes = list(held_out(given.plane, given.events, chosen[0].truth, config_of(chosen[0], given)))
        results |= {trial: figures(judge(states[trial], planes)) for trial in chosen}
    names = ("accuracy", "mean recall", *(c.label for c in PIXEL_CLASSES))
    print_table(
        f"[5-{given.filters}] on {given.plane}, {given.steps} steps of {_PIXELS} pixels, "
        f"{given.events} held-out events; {PUBLISHED}",
        ["truth", "pixel weights", *names],
        [
            [
                trial.truth,
                trial.weighting,
                *(f"{v[0]:.3f} ({v[1]:.3f}–{v[2]:.3f})" for v in map(results[trial].get, names) if v),
            ]
            for trial in TRIALS
        ],
    )
    if given.json is not None:
        listed = [{"truth": t.truth, "weighting": t.weighting, **results[t]} for t in TRIALS]
        given.json.write_text(json.dumps({"steps": given.steps, "trials": listed}, indent=2) + "\n")


if __name__ == "__main__":
    main()
