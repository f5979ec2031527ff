"""An evaluation of a network that is known to be right, wrong or silent."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from inference.evaluation import Sample, Weights, compare, counted, report
from inference.settings import SegmenterSettings
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Truth, WireImage
from lartpc.metrics.evaluated_event import EvaluatedEvent
from records.evaluation_schema import check_report
from records.predictions import Prediction

TRUTH = np.array([0, 1, 1, 2, 4, -1], np.int8)
SETTINGS = SegmenterSettings()
WEIGHTS = Weights("uresnet", "toy", "ab" * 32, "argmax of logits")


def event(entry: int = 0, truth: Truth | None = None, adc: float = 50) -> Event:
    number = len(TRUTH)
    wires = np.arange(number, dtype=np.int32)
    image = WireImage("Y", np.zeros(number, np.int32), wires, np.full(number, adc, np.float32), (8, 8))
    known = Truth(classes={"Y": TRUTH}) if truth is None else truth
    return Event(EventId(1, 2, 3, "toy.h5", entry), Detector.load("microboone"), {"Y": image}, known)


def always_mip(image: WireImage) -> Prediction:
    """MIP everywhere, but the network does not read the pixel of wire 0 (the HIP)."""
    scores = np.full((len(image), 5), 0.1, np.float32)
    scores[:, 1] = 0.6
    scores[image.wires == 0] = np.nan
    return Prediction(image.plane, scores, "uresnet", "toy", "ab" * 32, "cpu", 0.25)


def compared(event: Event, settings: SegmenterSettings = SETTINGS) -> EvaluatedEvent:
    return compare(event, "Y", always_mip(event.images["Y"]), settings)


def evaluate(*events: EvaluatedEvent) -> dict:
    return report(events, "Y", WEIGHTS, Sample("files", None, ("toy.h5",), len(events)), SETTINGS)


def test_counts_read_pixels_of_known_truth() -> None:
    found = evaluate(compared(event(0)), compared(event(1)))
    # An event counts MIP, MIP, shower, Michel: the HIP is not read, the last pixel's truth is unknown.
    assert found["events"] == 2
    assert found["pixels"] == 8
    assert found["nonzero_accuracy"] == {"value": 0.5, "interval_95": [0.5, 0.5]}
    assert found["recall"]["MIP"] == {"value": 1.0, "interval_95": [1.0, 1.0], "pixels": 4}
    assert found["purity"]["MIP"] == {"value": 0.5, "interval_95": [0.5, 0.5], "pixels": 8}
    assert found["recall"]["shower"]["value"] == 0.0
    assert found["recall"]["HIP"] == {"value": None, "interval_95": [None, None], "pixels": 0}
    assert found["mean_recall"]["value"] == pytest.approx(1 / 3)
    assert found["confusion_rows_true"][4] == [0, 2, 0, 0, 0]


def test_report_is_json_and_names_rule_weights_and_published_numbers() -> None:
    found = evaluate(compared(event()))
    assert check_report(json.loads(json.dumps(found, allow_nan=False))) == found
    assert found["decision_rule"] == "argmax of logits"
    assert (found["weights"], found["weights_hash"]) == ("toy", "ab" * 32)
    assert found["median_seconds"] == 0.25
    assert found["published"]["sparse_ssnet"]["recall"]["Michel"] == 0.843


@pytest.mark.parametrize("saturate", [False, True])
def test_only_the_published_range_counts_though_a_network_that_saturates_reads_more(saturate: bool) -> None:
    bright = event()
    adc = np.array([50, 50, 300, 400, 10, 50], np.float32)
    bright = replace(bright, images={"Y": replace(bright.images["Y"], adc=adc)})
    settings = SegmenterSettings(saturate=saturate)
    assert counted(bright.images["Y"], settings).tolist() == [True, True, False, False, False, True]
    found = evaluate(compared(bright, settings))
    # Of the four pixels that are read and known, the MIP on wire 1 alone lies in the range.
    assert found["pixels"] == 1
    assert found["nonzero_accuracy"]["value"] == 1.0
    assert found["accuracy_all_read"] == {"value": 0.5, "interval_95": [0.5, 0.5], "pixels": 4}


def test_the_range_is_that_of_adc_times_gain() -> None:
    image = event(adc=7).images["Y"]
    assert not counted(image, SETTINGS).any()
    assert counted(image.with_gain(2.0), SETTINGS).all()


def test_no_events_give_undefined_numbers() -> None:
    found = check_report(evaluate())
    assert found["events"] == found["pixels"] == 0
    assert found["nonzero_accuracy"]["value"] is None
    assert found["median_seconds"] is None


def test_an_event_without_truth_is_refused() -> None:
    with pytest.raises(ValueError, match=r"entry 7 of toy.h5 has no pixel classes on plane Y"):
        compared(event(7, truth=Truth()))


@pytest.mark.parametrize("wrong", [-2, 5])
def test_a_truth_of_unknown_classes_is_refused(wrong: int) -> None:
    classes = TRUTH.copy()
    classes[3] = wrong
    with pytest.raises(
        ValueError, match=rf"entry 7 of toy.h5 has the true class {wrong} on plane Y; expected"
    ):
        compared(event(7, truth=Truth(classes={"Y": classes})))
