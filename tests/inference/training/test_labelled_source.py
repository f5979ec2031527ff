"""Human labels among training crops."""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from inference.cards import default_weights
from inference.training.run import train_uresnet, training_config
from inference.training.source import SourceConfig, batches
from lartpc.classes import PixelClass
from lartpc.event import Truth
from lartpc.simulation import simulate
from lartpc.writer import EventWriter


@pytest.fixture
def labels(tmp_path: Path) -> str:
    """One bomb event, of whose plane Y every third pixel is called a Michel electron; no other plane is."""
    event = simulate("bomb", 5, 0)
    classes = np.full(len(event.images["Y"]), PixelClass.UNKNOWN, np.int8)
    classes[::3] = PixelClass.MICHEL
    path = tmp_path / "labels.h5"
    with EventWriter(path, "microboone", "simulation") as writer:
        writer.append(replace(event, truth=Truth(classes={"Y": classes})))
    return str(path)


def test_half_of_the_crops_are_labelled_ones(labels: str) -> None:
    config = SourceConfig(samples=(("bomb", 1.0),), labels=(labels,), pixels=3000)
    source = batches(config, workers=1, first_batch=0)
    crops = [crop for batch in islice(source, 6) for crop in batch]
    source.close()
    # Simulated crops know nearly every pixel.
    labelled = [crop for crop in crops if (crop.classes < 0).mean() > 0.5]
    assert all(set(crop.classes) == {PixelClass.UNKNOWN, PixelClass.MICHEL} for crop in labelled)
    assert 0.1 < len(labelled) / len(crops) < 0.9


def given(labels: str, out: Path, **others: object) -> argparse.Namespace:
    """What the command line gives."""
    values = {
        "plane": "Y", "files": [], "labels": [labels], "pixels": 500, "seed": 0, "published_range": False,
        "truth": "primary", "samples": (("bomb", 1.0),), "filters": None, "minutes": 1.0, "steps": 1,
        "lr": None, "weighting": "balanced", "precision": "fp32", "device": "cpu", "threads": 1,
        "workers": 1, "init": None, "out": out, "validation_events": 1, "recall_weight": 0.4, **others,
    }  # fmt: skip
    return argparse.Namespace(**values)


def test_shipped_weights_are_fine_tuned(labels: str, tmp_path: Path) -> None:
    assert train_uresnet(given(labels, tmp_path / "run")) == 0
    (path,) = (tmp_path / "run").glob("uresnet-5-32-Y.safetensors")
    # One small step leads away from the shipped weights, and not far.
    shipped = default_weights("uresnet", "Y").path
    assert path.read_bytes() != shipped.read_bytes()
    assert path.stat().st_size == shipped.stat().st_size
    assert training_config(given(labels, tmp_path)).learning_rate == 3e-4


def test_files_beside_labels_are_refused(labels: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--files and --labels cannot be together"):
        training_config(given(labels, tmp_path, files=[labels]))
