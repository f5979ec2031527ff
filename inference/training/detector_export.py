"""From a checkpoint of a detector to weights one can ship: averaged weights and a card."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from inference.detector import NETWORK
from inference.detector_weights import save_detector_weights
from inference.networks.smask_rcnn import SMaskRCNNConfig
from inference.predictor import ADC_SCALE
from inference.training.session import load_checkpoint
from lartpc.classes import InstanceClass


def export_detector(checkpoint: Path, planes: tuple[str, ...], folder: Path) -> list[Path]:
    """Write `smask-rcnn-<trunk>-<plane>.safetensors` and its card for each plane. Raises ValueError."""
    saved = load_checkpoint(checkpoint)
    config = SMaskRCNNConfig.from_dict(saved["config"]["network"])
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for plane in planes:
        path = folder / f"{NETWORK}-{config.name}-{plane}.safetensors"
        save_detector_weights(path, saved["average"], _card(saved, config, plane))
        paths.append(path)
    return paths


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
