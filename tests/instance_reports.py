"""Made-up evaluations of a detector: its predictions are the truth, with noise, through the real metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
from instance_images import COSMIC, NEUTRINO, strip

from inference.evaluation import Kept, Sample, Weights
from inference.instance_evaluation import Gain, compare_instances, instance_report
from inference.settings import DetectorSettings
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Interaction, Truth, WireImage
from lartpc.instances import Instance
from lartpc.metrics.evaluated_instances import EvaluatedInstances
from lartpc.metrics.instances import InstanceThresholds, true_instances
from records.detections import Detections


def made_up_instance_report(
    plane: str = "Y",
    events: int = 12,
    seed: int = 1,
    weights: str = "smask-rcnn-18-Y",
    gain: Gain = "own",
    kept_file: str | None = "worst.h5",
    kept: dict[int, int] | None = None,
) -> dict[str, Any]:
    """A report that is complete and of plausible figures.

    kept: position of an event → its entry in kept_file; by default the first four events are kept.
    """
    entries = {i: i for i in range(min(4, events))} if kept is None else kept
    return instance_report(
        made_up_instances(plane, events, seed),
        plane,
        Weights("smask-rcnn", weights, "cd" * 32, "class of the best score"),
        Sample("bnb", seed, (), events),
        DetectorSettings(),
        gain,
        Kept(kept_file, entries),
    )


def made_up_instances(plane: str, events: int, seed: int) -> list[EvaluatedInstances]:
    """Events of nine cosmics and a neutrino along one row, found well, badly or not at all."""
    rng = np.random.default_rng(seed)
    return [_event(rng, plane, seed, entry) for entry in range(events)]


def _event(rng: np.random.Generator, plane: str, seed: int, entry: int) -> EvaluatedInstances:
    lengths = rng.integers(5, 60, 10)
    ids = np.repeat(np.arange(10), lengths).astype(np.int32)
    image = strip(rng.gamma(3.0, 20.0, len(ids)) + 5, dead=range(40, 60))
    image = WireImage(plane, image.rows, image.wires, image.adc, image.shape, dead_wires=image.dead_wires)
    interactions = tuple(Interaction(i, NEUTRINO if i == 4 else COSMIC, 13, 1000.0) for i in range(10))
    truth = Truth(instances={plane: ids}, interactions=interactions)
    identity = EventId(seed, 2, entry, "", entry)
    event = Event(identity, Detector.load("microboone"), {plane: image}, truth, "simulation")
    instances = noisy_instances(rng, image, ids, interactions)
    said = Detections(
        plane, instances, len(image), "smask-rcnn", "made up", "cd" * 32, "cpu", 0.4 + entry / 1000
    )
    return compare_instances(event, image, said, InstanceThresholds())


def noisy_instances(
    rng: np.random.Generator, image: WireImage, ids: np.ndarray, interactions: tuple[Interaction, ...]
) -> tuple[Instance, ...]:
    """True interactions with pixels lost and taken in, some missed, some called something else."""
    classes = {one.id: one.instance_class for one in interactions}
    said = []
    for one in true_instances(image, ids, classes):
        if rng.random() < (0.5 if len(one.pixels) < 30 else 0.07):
            continue
        kept = one.pixels[rng.random(len(one.pixels)) < rng.beta(18, 1)]
        low_row, low_wire, high_row, high_wire = one.box
        inside = (image.rows >= low_row) & (image.rows < high_row)
        inside &= (image.wires >= low_wire - 8) & (image.wires < high_wire + 8)
        taken = np.flatnonzero(inside & (rng.random(len(image)) < 0.2 * rng.random()))
        called = one.instance_class if rng.random() < 0.93 else COSMIC
        box = (low_row, low_wire + rng.normal(0, 2), high_row, high_wire + rng.normal(0, 2))
        said.append(Instance(called, float(rng.beta(8, 2)), box, np.union1d(kept, taken).astype(np.int32)))
    return tuple(sorted(said, key=lambda instance: -instance.score))
