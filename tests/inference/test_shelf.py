"""The worker's networks: the shipped ones, each loaded once; others are refused by name."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest
import torch

from inference.cards import default_weights
from inference.jobs import JobRequest
from inference.settings import SEGMENTER, SegmenterSettings
from inference.shelf import Shelf
from lartpc.event import WireImage

MakeImage = Callable[..., WireImage]


def request_for(weights_hash: str, settings: SegmenterSettings) -> JobRequest:
    return JobRequest(
        "a" * 64, "b" * 32, "Y", SEGMENTER, "5-16", weights_hash, asdict(settings), time.time()
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


def test_weights_that_were_exchanged_are_refused() -> None:
    with pytest.raises(ValueError, match=r"5-16 \(ffffffff\) are not on the worker's shelf"):
        Shelf().find(request_for("f" * 64, SegmenterSettings()))
