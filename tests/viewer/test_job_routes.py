"""The HTTP contract of jobs and predictions; no worker runs here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from inference.client import QueueError, SegmenterSettings
from records.asked import AskedLog
from records.predictions import Prediction
from viewer.encoding import decode
from viewer.services import Services

JOB = {"file": "events.h5", "entry": 1, "planes": ["Y"]}


def store_answer(services: Services, key: str) -> None:
    scores = np.full((3, 5), 0.2, np.float32)
    services.predictions.put(key, Prediction("Y", scores, "uresnet", "toy", "c" * 64, "cpu", 0.5))


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
    assert client.post(f"/api/jobs/{job['key']}/cancel").json["state"] == "cancelled"
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
    assert client.get("/api/files/events.h5/events/1").json["answers"] == {"Y": key}
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
