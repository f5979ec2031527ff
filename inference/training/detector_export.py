"""From a checkpoint of a detector to weights one can ship: averaged weights and a card."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from inference.detector import NETWORK
from inference.detector_weights import save_detector_weights
from inference.evaluation_events import simulated
from inference.networks.smask_rcnn import SMaskRCNN, SMaskRCNNConfig
from inference.predictor import ADC_SCALE
from inference.training.decision import FIRST_VALIDATION_SEED
from inference.training.detector_decision import Decision, decide, with_offset
from inference.training.session import load_checkpoint
from lartpc.classes import InstanceClass


def export_detector(
    checkpoint: Path, planes: tuple[str, ...], folder: Path, validation_events: int = 40
) -> list[Path]:
    """Write `smask-rcnn-<trunk>-<plane>.safetensors` and its card for each plane. Raises ValueError.

    The decision rule is chosen on validation events; with none, the network's own is kept.
    """
    saved = load_checkpoint(checkpoint)
    config = SMaskRCNNConfig.from_dict(saved["config"]["network"])
    folder.mkdir(parents=True, exist_ok=True)
    network = SMaskRCNN(config)
    network.load_state_dict(saved["average"])
    batches = simulated("bnb", FIRST_VALIDATION_SEED, validation_events)
    events = [event for batch in batches for event in batch.events()]
    paths = []
    for plane in planes:
        path = folder / f"{NETWORK}-{config.name}-{plane}.safetensors"
        card, decided = _card(saved, config, plane), network
        if events:
            decision = decide(network, plane, events)
            decided = with_offset(network, decision.offset)
            card["decision"] = _described(decision, len(events))
        save_detector_weights(path, decided.state_dict(), card)
        paths.append(path)
    return paths


def _described(decision: Decision, events: int) -> dict[str, Any]:
    return {
        "rule": "the score is 1 less the share of the background, the class the likeliest of the others; "
        "an offset of the background's logit is part of the head's bias",
        "offset": round(decision.offset, 4),
        "chosen_on": f"{events} bnb events, seed {FIRST_VALIDATION_SEED}: "
        "efficiency + purity + coverage at a score of 0.4",
        "there": {name: round(getattr(decision, name), 4) for name in ("efficiency", "purity", "coverage")},
    }


def _card(saved: dict[str, Any], config: SMaskRCNNConfig, plane: str) -> dict[str, Any]:
    run, counters = saved["config"], saved["counters"]
    training = {
        **{name: run[name] for name in ("source", "loss", "learning_rate", "weight_decay", "minutes")},
        "seeds": f"simulation seeds from {run['source']['seed']} on",
        "step": counters["step"],
        "seconds": counters["seconds"],
        "images": counters["crops"],
        "earlier": list(saved.get("earlier", [])),
    }
    sources = [record.get("source") for record in (*training["earlier"], training)]
    return {
        "network": NETWORK,
        "plane": plane,
        "architecture": config.as_dict(),
        "classes": [InstanceClass(number).name.lower() for number in range(config.classes)],
        "input": {
            "adc_min": run["source"]["adc_min"],
            "scale": ADC_SCALE,
            "note": "reads ADC x gain from adc_min on, divided by scale; the rest counts as zero",
        },
        "training": training,
        "data_hash": hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest(),
    }
