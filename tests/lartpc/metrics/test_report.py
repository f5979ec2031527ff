"""What a report says of events that were counted by hand, and what it costs."""

from __future__ import annotations

import time

import numpy as np
import pytest
from evaluation_reports import made_up_events

from lartpc.event import EventId, WireImage
from lartpc.metrics.evaluated_event import EvaluatedEvent, evaluate_event
from lartpc.metrics.published import PUBLISHED
from lartpc.metrics.report import figures


def event(entry: int, truth: list[int], predicted: list[int], adc: list[float]) -> EvaluatedEvent:
    """One row of pixels on wires 0, 1, ...; dead is wire 10."""
    number = len(truth)
    rows, wires = np.zeros(number, np.int32), np.arange(number, dtype=np.int32)
    dead = np.array([10], np.int32)
    image = WireImage("Y", rows, wires, np.array(adc, np.float32), (1, 99), dead_wires=dead, gain=0.5)
    scores = np.where(np.arange(5) == np.array(predicted)[:, None], 0.8, 0.05)
    return evaluate_event(
        EventId(7, 2, entry, "", entry), image, np.array(truth), scores, np.ones(number, bool)
    )


@pytest.fixture(scope="module")
def report() -> dict:
    # ADC × gain: HIP of 60 taken for MIP, MIP of 20 right; shower of 40 right, delta of 120 for Michel.
    events = [event(0, [0, 1, -1], [1, 1, 0], [120, 40, 10]), event(1, [2, 3], [2, 4], [80, 240])]
    return figures(events, {1: ("worst.h5", 0)})


def test_track_and_shower(report: dict) -> None:
    assert report["nonzero_accuracy"]["value"] == 0.5
    sides = report["track_shower"]
    assert sides["confusion_rows_true"] == [[2, 0], [0, 2]]
    assert sides["accuracy"]["value"] == sides["shower"]["purity"]["value"] == 1.0
    assert sides["track"]["efficiency"] == {"value": 1.0, "interval_95": [1.0, 1.0]}


def test_icpf_in_both_definitions_by_pixel_and_by_charge(report: dict) -> None:
    five, sides = report["icpf"]["five_class"], report["icpf"]["track_shower"]
    assert five["all"]["mean"] == {"value": 0.5, "interval_95": [0.5, 0.5]}
    # Charge: 60 of 80 and 120 of 160 are wrong.
    assert five["charge_weighted"]["all"]["median"]["value"] == 0.75
    assert five["by_class"]["HIP"]["mean"]["value"] == 1.0
    assert five["by_class"]["HIP"]["events"] == 1
    assert five["by_class"]["Michel"]["mean"]["value"] is None
    assert (
        sides["all"]["quantile_90"]["value"]
        == sides["charge_weighted"]["by_class"]["track"]["mean"]["value"]
        == 0
    )


def test_distances(report: dict) -> None:
    # Image of one row: every pixel lies on the rim. Wires 0 and 1 are 10 and 9 wires from the dead one.
    edge, dead = report["edge_distance"], report["dead_wire_distance"]
    assert (edge["pixels"][0], edge["fraction"][0], edge["fraction"][1]) == (4, 0.5, None)
    assert edge["edges"][-1] is None
    assert dead["pixels"][dead["edges"].index(9)] == 4


def test_calibration(report: dict) -> None:
    calibration = report["calibration"]
    assert calibration["pixels"][15] == 4
    assert calibration["accuracy"][15] == 0.5
    assert calibration["expected_error"]["value"] == pytest.approx(0.3)
    assert calibration["by_class"]["Michel"]["expected_error"]["value"] == pytest.approx(0.8)
    assert calibration["by_class"]["HIP"]["expected_error"]["value"] is None


def test_events_are_referred_to_where_they_can_be_opened(report: dict) -> None:
    first, second = report["per_event"]
    assert (first["file"], first["entry"], first["event"]) == (None, 0, 0)
    assert (second["file"], second["entry"], second["event"]) == ("worst.h5", 0, 1)
    assert (second["pixels"], second["accuracy"], second["icpf_track_shower"]) == (2, 0.5, 0.0)
    assert np.sum(second["confusion"]) == 2
    assert [(w["rank"], w["row"], w["wrong"], w["marked"]) for w in report["worst"]] == [
        (1, 0, 0.5, True),
        (2, 1, 0.5, False),
    ]
    (cell,) = report["worst_by_cell"]["delta,Michel"]
    assert (cell["row"], cell["file"], cell["pixels"]) == (1, "worst.h5", 1)


def test_the_report_is_the_sum_of_its_events() -> None:
    events = made_up_events("Y", 30, seed=4)
    report = figures(events)
    cells = np.array([row["confusion"] for row in report["per_event"]]).sum(axis=0).reshape(5, 5)
    assert cells.tolist() == report["confusion_rows_true"]
    assert sum(report["calibration"]["pixels"]) == sum(report["edge_distance"]["pixels"]) == report["pixels"]
    for entry in (report["nonzero_accuracy"], *report["recall"].values(), *report["purity"].values()):
        low, high = entry["interval_95"]
        assert low < entry["value"] < high


def test_a_thousand_events_take_seconds() -> None:
    events = made_up_events("Y", 20, seed=5) * 50
    start = time.process_time()
    figures(events)
    assert time.process_time() - start < 10


def test_published_rows_of_the_confusion_are_shares_of_the_true_class() -> None:
    published = PUBLISHED["sparse_ssnet"]
    rows = np.array(published["confusion_share_of_true"])
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=0.0015)
    assert np.diagonal(rows).tolist() == list(published["recall"].values())
