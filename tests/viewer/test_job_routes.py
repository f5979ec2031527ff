"""The HTTP contract of jobs and predictions; no worker runs here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from inference.client import QueueError, SegmenterSettings
from lartpc.classes import InstanceClass
from lartpc.instances import Instance
from records.asked import AskedLog
from records.detections import Detections
from records.predictions import Prediction
from viewer.encoding import decode
from viewer.services import Services

JOB = {"file": "events.h5", "entry": 1, "planes": ["Y"]}


def instances() -> tuple[Instance, ...]:
    """Of three pixels: a neutrino of all, a cosmic of the last."""
    return (
        Instance(InstanceClass.NEUTRINO, 0.875, (0.5, 1, 7.25, 9), np.array([0, 1, 2], np.int32)),
        Instance(InstanceClass.COSMIC, 0.5, (2, 2, 4, 4), np.array([2], np.int32)),
    )


def store_answer(services: Services, key: str) -> None:
    scores = np.full((3, 5), 0.2, np.float32)
    services.stored.put(key, Prediction("Y", scores, "uresnet", "toy", "c" * 64, "cpu", 0.5), "e" * 64)


def submit(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    answer = client.post("/api/jobs", json={**JOB, **changes})
    assert answer.status_code == 200, answer.json
    return answer.json["jobs"]


def test_weights(client: FlaskClient) -> None:
    rows = client.get("/api/weights").json
    assert rows[2] == {
        "network": "uresnet",
        "name": "toy",
        "plane": "Y",
        "sha256": "c" * 64,
        "card": {"steps": 3},
        "default": True,
    }


def test_a_job_is_queued_and_can_be_looked_at_and_cancelled(client: FlaskClient) -> None:
    job = submit(client)["Y"]
    assert (job["state"], job["position"]) == ("queued", 0)
    assert "No worker is running" in job["message"]
    assert client.get(f"/api/jobs?keys={job['key']}").json == {job["key"]: job}
    assert client.post(f"/api/jobs/{job['key']}/cancel", json={}).json["state"] == "cancelled"
    assert submit(client)["Y"]["state"] == "queued"


def test_all_planes_without_being_named(client: FlaskClient) -> None:
    jobs = client.post("/api/jobs", json={"file": "events.h5", "entry": 1}).json["jobs"]
    assert list(jobs) == ["U", "V", "Y"]
    assert len({job["key"] for job in jobs.values()}) == 3


def test_gain_and_settings_make_another_job(client: FlaskClient) -> None:
    variants: list[dict[str, Any]] = [
        {},
        {"gain": 0.25},
        {"gain": {"Y": 0.5}},
        {"settings": {"saturate": False}},
        {"settings": {"adc_min": 5}},
    ]
    assert len({submit(client, **variant)["Y"]["key"] for variant in variants}) == len(variants)
    assert submit(client, gain={"U": 3}) == submit(client)
    assert submit(client, settings={"adc_min": 10})["Y"]["key"] == submit(client)["Y"]["key"]


def test_a_stored_answer_is_there_at_once_and_shows_everywhere(
    client: FlaskClient, services: Services
) -> None:
    key = submit(client)["Y"]["key"]
    store_answer(services, key)
    assert submit(client)["Y"] == {"key": key, "state": "done", "progress": 1.0, "seconds": 0.5}
    assert client.get("/api/files/events.h5/events/1").json["answers"] == {"uresnet": {"Y": key}}
    table = client.get("/api/files/events.h5/events").json
    assert [row["predicted"] for row in table] == [False, True, False]


def test_prediction_body(client: FlaskClient, services: Services) -> None:
    store_answer(services, "d" * 64)
    header, arrays = decode(client.get(f"/api/predictions/{'d' * 64}").data)
    assert (header["plane"], header["weights"], header["device"], header["seconds"]) == (
        "Y",
        "toy",
        "cpu",
        0.5,
    )
    assert arrays["scores"].dtype == np.float16
    np.testing.assert_allclose(arrays["scores"], 0.2, atol=5e-4)


def test_a_detector_is_a_network_like_any_other_with_settings_of_its_own(
    client: FlaskClient, services: Services
) -> None:
    boxes = submit(client, network="smask-rcnn")["Y"]
    assert boxes["state"] == "queued"
    assert boxes == submit(client, network="smask-rcnn", settings={"adc_min": 10})["Y"]
    others = [submit(client, network="smask-rcnn", settings={"adc_min": 5})["Y"], submit(client)["Y"]]
    assert len({job["key"] for job in [boxes, *others]}) == 3
    detections = Detections("Y", instances(), 3, "smask-rcnn", "boxes", "d" * 64, "cpu", 0.5)
    services.stored.put(boxes["key"], detections, "e" * 64)
    assert submit(client, network="smask-rcnn")["Y"]["state"] == "done"
    assert client.get("/api/files/events.h5/events/1").json["answers"] == {"smask-rcnn": {"Y": boxes["key"]}}


def test_instances_are_sent_as_columns_and_ragged_pixels(client: FlaskClient, services: Services) -> None:
    detections = Detections("Y", instances(), 3, "smask-rcnn", "boxes", "d" * 64, "cpu", 0.5)
    services.stored.put("d" * 64, detections, "e" * 64)
    header, arrays = decode(client.get(f"/api/predictions/{'d' * 64}").data)
    assert (header["network"], header["image_pixels"], header["seconds"]) == ("smask-rcnn", 3, 0.5)
    assert arrays["classes"].tolist() == [1, 0]
    assert arrays["scores"].tolist() == [0.875, 0.5]
    assert arrays["boxes"].tolist() == [[0.5, 1, 7.25, 9], [2, 2, 4, 4]]
    assert arrays["offsets"].tolist() == [0, 3, 4]
    assert arrays["pixels"].tolist() == [0, 1, 2, 2]
    assert {name: array.dtype.name for name, array in arrays.items()} == {
        "classes": "int8", "scores": "float32", "boxes": "float32", "offsets": "int32", "pixels": "int32",
    }  # fmt: skip


def test_an_empty_plane_is_sent_as_empty_columns(client: FlaskClient, services: Services) -> None:
    services.stored.put(
        "d" * 64, Detections("Y", (), 0, "smask-rcnn", "boxes", "d" * 64, "cpu", 0.5), "e" * 64
    )
    _, arrays = decode(client.get(f"/api/predictions/{'d' * 64}").data)
    assert [arrays[name].shape for name in ("scores", "boxes", "offsets", "pixels")] == [
        (0,), (0, 4), (1,), (0,),
    ]  # fmt: skip


@pytest.mark.parametrize("route", ["candidates", "masking"])
def test_what_needs_scores_of_pixels_refuses_a_detector(client: FlaskClient, route: str) -> None:
    body = {**JOB, "plane": "Y", "masks": ["Bw=="], "network": "smask-rcnn"}
    answer = client.post(f"/api/{route}", json=body)
    assert (answer.status_code, answer.json["error"]) == (
        400,
        "The network smask-rcnn scores no pixels; expected uresnet.",
    )


def test_a_prediction_that_is_not_stored(client: FlaskClient) -> None:
    answer = client.get(f"/api/predictions/{'e' * 64}")
    assert (answer.status_code, answer.json["error"][:15]) == (404, "This prediction")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"file": None}, "needs file"),
        ({"entry": "1"}, "needs file"),
        ({"entry": True}, "needs file"),
        ({"planes": []}, "expected some of U, V, Y"),
        ({"planes": ["X"]}, "expected some of U, V, Y"),
        ({"planes": [["Y"]]}, "expected some of U, V, Y"),
        ({"planes": "Y"}, "expected some of U, V, Y"),
        ({"gain": 0}, "expected a number above 0"),
        ({"gain": "much"}, "expected a number above 0"),
        ({"gain": True}, "expected a number above 0"),
        ({"network": "other"}, "no weights of the network 'other'"),
        ({"weights": "other"}, "there are toy"),
        ({"weights": {"Y": "other"}}, "there are toy"),
        ({"network": ["uresnet"]}, "no weights of the network ['uresnet']"),
        ({"network": "smask-rcnn", "planes": ["U"]}, "no weights of the network 'smask-rcnn' for plane U"),
        ({"network": "smask-rcnn", "settings": {"saturate": True}}, "an object with some of adc_min."),
        ({"settings": {"speed": 1}}, "expected an object with some of adc_min, adc_max, saturate"),
        ({"settings": {"adc_min": "low"}}, "settings.adc_min is 'low'; expected a number"),
        ({"settings": {"saturate": 1}}, "settings.saturate is 1; expected true or false"),
        ({"settings": [1]}, "expected an object"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(
    client: FlaskClient, changes: dict[str, Any], words: str
) -> None:
    answer = client.post("/api/jobs", json={**JOB, **changes})
    assert answer.status_code == 400
    assert words in answer.json["error"]


def test_an_entry_that_is_not_there(client: FlaskClient) -> None:
    assert client.post("/api/jobs", json={**JOB, "entry": 9}).status_code == 404


@pytest.mark.parametrize("keys", ["", ",", ",".join("a" * 65)])
def test_too_few_or_too_many_keys(client: FlaskClient, keys: str) -> None:
    assert client.get(f"/api/jobs?keys={keys}").status_code == 400


def test_a_foreign_form_cannot_submit(client: FlaskClient) -> None:
    assert client.post("/api/jobs", data="{}", content_type="text/plain").status_code == 400
    assert client.post("/api/jobs", data={"file": "events.h5"}).status_code == 400
    assert client.post("/api/jobs", data="[1]", content_type="application/json").status_code == 400


def test_a_queue_out_of_reach_is_a_sentence(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise QueueError("The data folder cannot be written (no space left on device).")

    monkeypatch.setattr(services.jobs, "submit", refuse)
    answer = client.post("/api/jobs", json=JOB)
    assert (answer.status_code, answer.json["error"]) == (
        503,
        "The data folder cannot be written (no space left on device).",
    )


def test_a_log_that_cannot_be_written_costs_no_job(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(AskedLog, "add", full)
    assert submit(client)["Y"]["state"] == "queued"
    assert "entry 1 of events.h5" in caplog.text


def test_the_worker_is_absent(client: FlaskClient) -> None:
    assert client.get("/api/worker").json["state"] == "absent"


def test_default_settings_are_those_of_the_segmenter() -> None:
    assert SegmenterSettings() == SegmenterSettings(adc_min=10.0, adc_max=300.0, saturate=True)
