"""An evaluation of a network that is known to be right, wrong or silent."""

from __future__ import annotations

import json

import numpy as np
import pytest

from inference.evaluation import PUBLISHED_Y_PLANE, evaluate_segmenter
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Truth, WireImage
from records.predictions import Prediction

TRUTH = np.array([0, 1, 1, 2, 4, -1], np.int8)


def event(entry: int = 0, truth: Truth | None = None) -> Event:
    number = len(TRUTH)
    wires = np.arange(number, dtype=np.int32)
    image = WireImage("Y", np.zeros(number, np.int32), wires, np.full(number, 50, np.float32), (8, 8))
    known = Truth(classes={"Y": TRUTH}) if truth is None else truth
    return Event(EventId(1, 2, 3, "toy.h5", entry), Detector.load("microboone"), {"Y": image}, known)


def always_mip(image: WireImage) -> Prediction:
    """MIP everywhere, but the network does not read the pixel of wire 0 (the HIP)."""
    scores = np.full((len(image), 5), 0.1, np.float32)
    scores[:, 1] = 0.6
    scores[image.wires == 0] = np.nan
    return Prediction(image.plane, scores, "5-16", "toy", "ab" * 32, "cpu", 0.25)


def test_counts_read_pixels_of_known_truth() -> None:
    report = evaluate_segmenter(always_mip, [event(0), event(1)], "Y")
    # An event counts MIP, MIP, shower, Michel: the HIP is not read, the last pixel's truth is unknown.
    assert report["events"] == 2
    assert report["pixels"] == 8
    assert report["nonzero_accuracy"] == {"value": 0.5, "interval_95": [0.5, 0.5]}
    assert report["recall"]["MIP"] == {"value": 1.0, "interval_95": [1.0, 1.0], "pixels": 4}
    assert report["recall"]["shower"]["value"] == 0.0
    assert report["recall"]["HIP"] == {"value": None, "interval_95": [None, None], "pixels": 0}
    assert report["mean_recall"]["value"] == pytest.approx(1 / 3)
    assert report["confusion_rows_true"][4] == [0, 2, 0, 0, 0]


def test_report_is_json_and_names_rule_network_and_published_numbers() -> None:
    report = evaluate_segmenter(always_mip, [event()], "Y", decision_rule="argmax of logits")
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["decision_rule"] == "argmax of logits"
    assert report["networks"] == [{"network": "5-16", "weights": "toy", "weights_hash": "ab" * 32}]
    assert report["median_seconds"] == 0.25
    assert report["published"] is PUBLISHED_Y_PLANE


def test_no_events_give_undefined_numbers() -> None:
    report = evaluate_segmenter(always_mip, [], "Y")
    assert report["events"] == report["pixels"] == 0
    assert report["nonzero_accuracy"]["value"] is None
    assert report["median_seconds"] is None


def test_an_event_without_truth_is_refused() -> None:
    with pytest.raises(ValueError, match=r"entry 7 of toy.h5 has no pixel classes on plane Y"):
        evaluate_segmenter(always_mip, [event(7, truth=Truth())], "Y")
