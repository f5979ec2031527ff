"""From a checkpoint to weights one can ship: averaged weights, decision rule, card."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inference.evaluation_events import simulated
from inference.networks.uresnet import UResNet, UResNetConfig
from inference.predictor import ADC_SCALE, Segmenter
from inference.settings import SegmenterSettings, readable
from inference.training.decision import FIRST_VALIDATION_SEED, Scored, fit_offset
from inference.training.record import chain, training_record
from inference.training.session import load_checkpoint
from inference.weights_file import empty_offset, save_weights
from lartpc.classes import PIXEL_CLASSES
from lartpc.event import Event

VALIDATION = {"bnb": 1, "bomb": 3}
"""Events of each sample that the decision rule is chosen on, for each asked for: about as many pixels."""


def export(
    checkpoint: Path,
    planes: tuple[str, ...],
    folder: Path,
    validation_events: int = 40,
    recall_weight: float = 0.4,
) -> list[Path]:
    """Write `uresnet-<size>-<plane>.safetensors` and its card for each plane.

    The decision rule is chosen on `validation_events` bnb events and three times as many bomb events. Raises
    ValueError.
    """
    saved = load_checkpoint(checkpoint)
    config = UResNetConfig(**saved["config"]["network"])
    folder.mkdir(parents=True, exist_ok=True)
    network = UResNet(config)
    network.load_state_dict(saved["average"])
    found = _validate(network, planes, validation_events)
    events = " and ".join(f"{times * validation_events} {sample}" for sample, times in VALIDATION.items())
    chosen_on = f"{events} events, seed {FIRST_VALIDATION_SEED}: accuracy + {recall_weight:g} mean recall"
    paths = []
    for plane in planes:
        offset = fit_offset(found[plane], recall_weight)
        path = folder / f"uresnet-{config.name}-{plane}.safetensors"
        card = _card(saved, config, plane, offset.tolist(), chosen_on)
        save_weights(path, saved["average"], torch.from_numpy(offset), card)
        paths.append(path)
    return paths


def _validate(network: UResNet, planes: tuple[str, ...], events: int) -> dict[str, list[Scored]]:
    """Logits and true classes of the validation events' pixels, by plane and sample."""
    segmenters = {plane: Segmenter(network, empty_offset(), plane) for plane in planes}
    found: dict[str, list[Scored]] = {plane: [] for plane in planes}
    for sample, times in VALIDATION.items():
        parts = [
            [_scored(segmenter, event, plane) for plane, segmenter in segmenters.items()]
            for batch in simulated(sample, FIRST_VALIDATION_SEED, times * events)
            for event in batch.events()
        ]
        for plane, scored in zip(planes, zip(*parts, strict=True), strict=True):
            logits, classes = zip(*scored, strict=True)
            found[plane].append((np.concatenate(logits), np.concatenate(classes)))
    return found


def _scored(segmenter: Segmenter, event: Event, plane: str) -> Scored:
    assert event.truth is not None
    image, classes = event.images[plane], event.truth.classes[plane]
    adc, read = readable(image.charge, SegmenterSettings())
    logits = segmenter.logits(image.rows[read], image.wires[read], adc[read], image.shape).numpy()
    known = classes[read] >= 0
    return logits[known], classes[read][known].astype(np.int64)


def _card(
    saved: dict[str, Any], config: UResNetConfig, plane: str, offset: list[float], chosen_on: str
) -> dict[str, Any]:
    source, training = saved["config"]["source"], training_record(saved)
    described = json.dumps([run["source"] for run in chain(training)], sort_keys=True).encode()
    return {
        "network": "uresnet",
        "plane": plane,
        "architecture": config.as_dict(),
        "classes": [c.label for c in PIXEL_CLASSES],
        "input": {
            "adc_min": source["adc_min"],
            "adc_max": source["adc_max"],
            "saturate": source["saturate"],
            "scale": ADC_SCALE,
            "note": "reads ADC x gain above adc_min, divided by scale; above adc_max clipped with saturate",
        },
        "decision": {
            "rule": "argmax of the logits plus a fixed offset a class",
            "offset": [round(value, 4) for value in offset],
            "chosen_on": chosen_on,
        },
        "training": training,
        "data_hash": hashlib.sha256(described).hexdigest(),
    }
