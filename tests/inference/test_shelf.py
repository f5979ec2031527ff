"""The worker's networks: the shipped ones, each loaded once; others are refused by name."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from inference.cards import WeightsCard, default_weights
from inference.jobs import JobRequest
from inference.settings import SEGMENTER, DetectorSettings, SegmenterSettings
from inference.shelf import Shelf
from lartpc.event import WireImage
from records.detections import Detections

MakeImage = Callable[..., WireImage]


def request_for(weights_hash: str, settings: SegmenterSettings) -> JobRequest:
    return JobRequest(
        "a" * 64, "b" * 32, "Y", SEGMENTER, "5-16", weights_hash, asdict(settings), time.time(), "e" * 64
    )  # fmt: skip


def test_a_shipped_network_answers_with_the_settings_of_the_job(make_image: MakeImage) -> None:
    card = default_weights(SEGMENTER, "Y")
    image = make_image()
    told: list[float] = []
    network = Shelf().find(request_for(card.sha256, SegmenterSettings(adc_max=150.0, saturate=False)))
    prediction = network(image, told.append)
    read = image.adc < 150
    assert 0 < read.sum() < len(image)
    np.testing.assert_array_equal(np.isnan(prediction.scores).any(axis=1), ~read)
    assert prediction.weights_hash == card.sha256
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1


def test_weights_are_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from inference.predictor import Segmenter

    load, loaded = Segmenter.load, []

    def count(plane: str, **options: object) -> Segmenter:
        loaded.append(plane)
        return load(plane, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Segmenter, "load", count)
    threads = torch.get_num_threads()
    shelf = Shelf()
    shelf.warm()
    torch.set_num_threads(threads)
    planes = list(loaded)
    assert planes == ["U", "V", "Y"]
    shelf.find(request_for(default_weights(SEGMENTER, "Y").sha256, SegmenterSettings()))
    assert loaded == planes


def test_a_detector_is_found_by_its_network_and_gets_its_own_settings(
    make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, asked = [], []

    class Detector:
        @classmethod
        def load(cls, plane: str, weights: Path, device: str) -> Detector:
            loaded.append((plane, weights, device))
            return cls()

        def __call__(self, image: WireImage, **how: object) -> Detections:
            asked.append(how["settings"])
            return Detections(image.plane, (), len(image), "smask-rcnn", "boxes", "d" * 64, "cpu", 0.5)

    module = ModuleType("inference.detector")
    module.Detector = Detector  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "inference.detector", module)
    card = WeightsCard("boxes", Path("boxes"), "Y", "smask-rcnn", "d" * 64)
    monkeypatch.setattr("inference.shelf.available_weights", lambda: [card])
    request = JobRequest(
        "a" * 64, "b" * 32, "Y", "smask-rcnn", "boxes", "d" * 64, {"adc_min": 5.0}, time.time(), "e" * 64
    )
    shelf = Shelf("cpu")
    for _ in range(2):
        answer = shelf.find(request)(make_image(), lambda fraction: None)
        assert isinstance(answer, Detections)
    assert loaded == [("Y", Path("boxes"), "cpu")]
    assert asked == [DetectorSettings(5.0)] * 2


def test_weights_that_were_exchanged_are_refused() -> None:
    with pytest.raises(ValueError, match=r"5-16 \(ffffffff\) are not on the worker's shelf"):
        Shelf().find(request_for("f" * 64, SegmenterSettings()))
