"""A study seen by its raters: blind until a task is handed in, whatever they ask the server."""

from __future__ import annotations

import base64
import gzip
import json
import re
import uuid
from typing import Any

import numpy as np
import pytest
from flask import Response
from flask.testing import FlaskClient

from inference.jobs import JobFolder
from records.accounts import create_account
from records.folder import DataFolder
from records.images import labelled_images
from records.predictions import Prediction
from records.studies import define, find_study, freeze
from records.study_answers import study_report
from records.study_definition import StudyDefinition, StudyImageSpec
from viewer.application import create_app
from viewer.encoding import decode
from viewer.services import Services

ADA, BEN, OLGA = ({"X-ArgonScope-Rater": name} for name in ("Ada", "Ben", "Olga"))
WEIGHTS = "c" * 64
"""Of the toy network's plane Y."""
SCORES_AND_NAMES = (np.full((3, 5), 0.2, np.float32), "uresnet", "toy", WEIGHTS, "cpu", 0.1)
"""Of a prediction."""


def make_study(services: Services, **options: Any) -> list[str]:
    """A study of plane Y of two events for Ada and Ben; the job keys of its answers."""
    specs, keys = [], []
    for entry in (0, 1):
        event = services.library.event("events.h5", entry)
        labelled = labelled_images(event)["Y"]
        services.images.put(labelled)
        # Scores that stand nowhere else.
        scores = np.full((3, 5), 0.1, np.float32)
        scores[:, 4] = 0.6181
        key = services.jobs.key(event.images["Y"], _card())
        said = Prediction("Y", scores, "uresnet", "toy", WEIGHTS, "cpu", 0.1)
        services.stored.put(key, said, labelled.content_hash)
        keys.append(key)
        specs.append(
            StudyImageSpec(labelled.content_hash, f"secret stratum {entry}", predictions={WEIGHTS: key})
        )
    definition = StudyDefinition(
        title="Michels",
        question="michel_pixels",
        images=tuple(specs),
        weights=(WEIGHTS,),
        **{"raters": ("Ada", "Ben"), "seed": 5, **options},
    )
    with services.database.writing() as session:
        owner = create_account(session, "Olga", "owner")
        freeze(session, define(session, owner, "m", definition), services.images, services.stored)
    return keys


def _card(network: str = "uresnet") -> Any:
    from viewer import job_routes

    return job_routes.default_weights(network, "Y")


def other_questions(services: Services, client: FlaskClient) -> list[str]:
    """Keys of what was asked of the study's images beside its own answers: the detector, another gain, other
    settings, and a part of the image; answered of the first image, waiting of the second."""
    keys = []
    for entry in (0, 1):
        body = {"file": "events.h5", "entry": entry, "planes": ["Y"]}
        for more in ({"network": "smask-rcnn"}, {"gain": 0.5}, {"settings": {"adc_max": 200}}):
            keys.append(client.post("/api/jobs", json={**body, **more}).json["jobs"]["Y"]["key"])
        masks = [base64.b64encode(bytes([bits])).decode() for bits in (0b011, 0b110)]
        part = {"file": "events.h5", "entry": entry, "plane": "Y", "masks": masks}
        keys += [step["key"] for step in client.post("/api/masking", json=part).json["steps"]]
    jobs = JobFolder(DataFolder(services.settings.data_folder).jobs)
    for key in keys[:5]:  # as the worker does
        request = jobs.request(key)
        assert request is not None
        scores = np.full((3, 5), 0.1, np.float32)
        scores[:, 4] = 0.6181
        said = Prediction("Y", scores, request.network, request.weights, request.weights_hash, "cpu", 0.1)
        services.stored.put(key, said, request.image_hash)
        jobs.remove(request)
    return keys


@pytest.fixture
def bodies() -> list[bytes]:
    """Every answer that the server gave, unpacked, with its headers."""
    return []


@pytest.fixture
def watched(services: Services, bodies: list[bytes]) -> FlaskClient:
    """A client whose every answer is kept."""
    server = create_app(services).server

    def keep(response: Response) -> Response:
        response.direct_passthrough = False
        body = response.get_data()
        packed = response.headers.get("Content-Encoding") == "gzip"
        bodies.append((gzip.decompress(body) if packed else body) + repr(response.headers).encode())
        return response

    server.after_request(keep)
    return server.test_client()


def submit(client: FlaskClient, task: str, who: dict[str, str]) -> Any:
    body = {"id": str(uuid.uuid4()), "time": 1.8e9, "seconds": 3.5, "app_version": "0.1.0"}
    return client.post(f"/api/tasks/{task}/submit", json=body, headers=who)


def paint(client: FlaskClient, task: dict[str, Any], who: dict[str, str]) -> Any:
    action = {
        "id": str(uuid.uuid4()), "plane": "Y", "image_hash": task["image_hash"], "tool": "brush",
        "payload": {"class": 4, "pixels": "AQE="}, "time": 1.8e9, "prediction": None, "app_version": "0.1.0",
    }  # fmt: skip
    return client.post(f"/api/tasks/{task['task']}/actions", json={"actions": [action]}, headers=who)


def following(client: FlaskClient, who: dict[str, str]) -> Any:
    return client.post("/api/studies/m/next", json={}, headers=who).json


def test_no_answer_tells_more_than_the_image_until_it_is_handed_in(
    services: Services, watched: FlaskClient, bodies: list[bytes]
) -> None:
    elsewhere = other_questions(services, watched)
    keys = make_study(services, show_answer=True) + elsewhere
    other = following(watched, BEN)
    while other["task"]:
        comment = {
            "id": str(uuid.uuid4()), "plane": "event", "image_hash": other["task"]["image_hash"],
            "tool": "comment", "payload": {"text": "Ben's opinion"}, "time": 1.8e9, "prediction": None,
            "app_version": "0.1.0",
        }  # fmt: skip
        path = f"/api/tasks/{other['task']['task']}/actions"
        assert watched.post(path, json={"actions": [comment]}, headers=BEN).status_code == 200
        submit(watched, other["task"]["task"], BEN)
        ben = other["task"]["task"]
        other = following(watched, BEN)
    bodies.clear()

    answer = following(watched, ADA)
    task = answer["task"]
    token = task["task"]
    assert answer["progress"] == {"total": 2, "submitted": 0, "skipped": 0}
    planes = watched.get(f"/api/tasks/{token}/planes", headers=ADA)
    _, arrays = decode(planes.get_data())
    assert sorted(arrays) == ["Y.adc", "Y.dead", "Y.rows", "Y.wires"]
    assert paint(watched, task, ADA).status_code == 200
    entry = int(arrays["Y.rows"][0])
    job = {"file": "events.h5", "entry": entry, "planes": ["Y"]}
    refused = [
        watched.get(f"/api/tasks/{token}/answer", headers=ADA),
        watched.get(f"/api/tasks/{ben}/answer", headers=ADA),
        watched.get(f"/api/tasks/{ben}/actions", headers=ADA),
        watched.get("/api/studies/m/progress", headers=ADA),
        watched.get(f"/api/files/events.h5/events/{entry}", headers=ADA),
        watched.get(f"/api/files/events.h5/events/{entry}/planes", headers=ADA),
        watched.post("/api/jobs", json=job, headers=ADA),
        watched.post("/api/candidates", json=job, headers=ADA),
        watched.post("/api/tasks", json={"file": "events.h5", "entry": entry}, headers=ADA),
        *(watched.get(f"/api/predictions/{key}", headers=ADA) for key in keys),
        *(watched.get(f"/api/jobs?keys={key}", headers=ADA) for key in keys),
        *(watched.post(f"/api/jobs/{key}/cancel", json={}, headers=ADA) for key in keys),
        watched.get(f"/api/jobs?keys={'f' * 64},{','.join(keys)}", headers=ADA),
    ]
    assert [one.status_code for one in refused] == [403] * len(refused)
    watched.get(f"/api/tasks/{token}/actions", headers=ADA)
    watched.get("/api/studies", headers=ADA)
    watched.get("/study/m", headers=ADA)
    watched.post(f"/api/tasks/{token}/skip", json={}, headers=ADA)
    second = following(watched, ADA)["task"]
    assert second["task"] != token
    watched.get(f"/api/tasks/{second['task']}/planes", headers=ADA)

    # Read every answer: what none of them may hold.
    hashes = [services.library.event("events.h5", i).images["Y"].content_hash for i in (0, 1)]
    scores = np.full(1, 0.6181)
    forbidden = [
        WEIGHTS, *keys, *hashes, "events.h5", "secret stratum", "Ben's opinion", "simulation", "gold",
        "repeat", '"run"', '"truth"', '"answers"', '"place"', "instances",
    ]  # fmt: skip
    assert len(bodies) >= 18
    for body in bodies:
        if b"argonscope-setup" in body:
            continue  # the page itself, the same for everybody
        for word in forbidden:
            assert word.encode() not in body, (word, body[:200])
        assert scores.astype(np.float32).tobytes() not in body
        assert scores.astype(np.float16).tobytes() * 2 not in body
        assert b"X-ArgonScope" not in body

    # Handed in, the answer is there: truth and scores.
    assert submit(watched, token, ADA).json["answer"] is True
    view, shown = decode(watched.get(f"/api/tasks/{token}/answer", headers=ADA).get_data())
    assert shown["truth"].tolist() == [1, 1, -1]
    assert shown[WEIGHTS][0].argmax() == 4
    assert view["place"]["event"] == 100 + entry
    assert watched.get(f"/api/files/events.h5/events/{entry}", headers=ADA).status_code == 200
    other_entry = watched.get(f"/api/files/events.h5/events/{1 - entry}", headers=ADA)
    assert other_entry.status_code == 403
    states = [watched.get(f"/api/jobs?keys={key}", headers=ADA).status_code for key in elsewhere]
    assert states == ([200] * 5 + [403] * 5 if entry == 0 else [403] * 5 + [200] * 5)
    assert watched.get(f"/api/predictions/{elsewhere[5 * entry]}", headers=ADA).status_code in (200, 404)


def test_answers_of_other_images_stay_open(services: Services, client: FlaskClient) -> None:
    make_study(services)
    body = {"file": "events.h5", "entry": 2, "planes": ["Y"]}
    key = client.post("/api/jobs", json=body, headers=ADA).json["jobs"]["Y"]["key"]
    assert client.get(f"/api/jobs?keys={key}", headers=ADA).json[key]["state"] == "queued"
    assert client.get(f"/api/jobs?keys={'f' * 64}", headers=ADA).json["f" * 64]["state"] == "unknown"
    assert client.post(f"/api/jobs/{key}/cancel", json={}, headers=ADA).status_code == 200
    image = services.library.event("events.h5", 2).images["Y"]
    services.stored.put(key, Prediction("Y", *SCORES_AND_NAMES), image.content_hash)
    assert client.get(f"/api/predictions/{key}", headers=ADA).status_code == 200


def test_an_answer_of_an_older_version_is_closed_while_images_are_open(
    services: Services, client: FlaskClient
) -> None:
    """It does not say of which image it is."""
    key = "9" * 64
    services.stored.put(key, Prediction("Y", *SCORES_AND_NAMES), "e" * 64)
    [path] = services.settings.data_folder.rglob(f"{key}.npz")
    with np.load(path) as stored:
        older = {name: stored[name] for name in stored.files if name != "image_hash"}
    np.savez(path, **older)
    make_study(services)
    assert client.get(f"/api/predictions/{key}").status_code == 200
    refused = client.get(f"/api/predictions/{key}", headers=ADA)
    assert (refused.status_code, "older version" in refused.json["error"]) == (403, True)


def test_the_page_of_a_study_is_the_page_of_everything(services: Services, client: FlaskClient) -> None:
    make_study(services)
    pages = [client.get(path).text for path in ("/study/m", "/event/events.h5/0")]
    study, event = (re.sub(r'"end_id":"[^"]*"', "", page) for page in pages)  # Dash's own, new at every load
    assert study == event


def test_repeats_keep_everything_closed_to_the_end(services: Services, client: FlaskClient) -> None:
    make_study(services, repeats=1, repeat_gap=1, show_answer=True)

    def entries() -> list[int]:
        paths = [f"/api/files/events.h5/events/{entry}" for entry in (0, 1, 2)]
        return [client.get(path, headers=ADA).status_code for path in paths]

    for left in (2, 1, 0):
        assert entries() == [403, 403, 200]
        token = following(client, ADA)["task"]["task"]
        assert submit(client, token, ADA).json["answer"] is (left == 0)
    assert entries() == [200, 200, 200]
    assert client.get(f"/api/tasks/{token}/answer", headers=ADA).status_code == 200


def test_submit_skip_and_resume(services: Services, client: FlaskClient) -> None:
    make_study(services)
    first = following(client, ADA)["task"]["task"]
    assert following(client, ADA)["task"]["task"] == first
    client.post(f"/api/tasks/{first}/skip", json={}, headers=ADA)
    answer = following(client, ADA)
    assert (answer["progress"]["skipped"], answer["number"], answer["task"]["task"] != first) == (1, 2, True)
    assert submit(client, answer["task"]["task"], ADA).json["answer"] is False
    assert client.get(f"/api/tasks/{answer['task']['task']}/answer", headers=ADA).status_code == 403
    assert client.post(f"/api/tasks/{answer['task']['task']}/skip", json={}, headers=ADA).status_code == 409
    assert following(client, ADA)["task"]["task"] == first
    assert submit(client, first, ADA).status_code == 200
    done = following(client, ADA)
    assert (done["task"], done["progress"]) == (None, {"total": 2, "submitted": 2, "skipped": 0})
    assert submit(client, first, ADA).status_code == 200
    assert submit(client, first, BEN).status_code == 403
    bad = client.post(f"/api/tasks/{following(client, BEN)['task']['task']}/submit", json={}, headers=BEN)
    assert bad.status_code == 400


def test_who_sees_which_study(services: Services, client: FlaskClient) -> None:
    make_study(services)
    client.post("/api/who", json={"name": "Cleo"})
    cleo = {"X-ArgonScope-Rater": "Cleo"}
    assert client.get("/api/studies", headers=cleo).json == []
    assert client.post("/api/studies/m/next", json={}, headers=cleo).status_code == 404
    [row] = client.get("/api/studies", headers=ADA).json
    expected = {"name": "m", "title": "Michels", "state": "started", "total": 2, "submitted": 0}
    assert row == {**expected, "joined": True, "owns": False}
    assert client.get("/api/studies", headers=OLGA).json[0]["owns"] is True
    told = client.get("/api/studies/m/progress", headers=OLGA).json
    assert told["Ada"] == {"total": 2, "submitted": 0, "skipped": 0}
    assert client.get("/api/studies/m/progress", headers=BEN).status_code == 403


def test_anyone_may_join_a_study_without_raters(services: Services, client: FlaskClient) -> None:
    make_study(services, raters=())
    client.post("/api/who", json={"name": "Cleo"})
    cleo = {"X-ArgonScope-Rater": "Cleo"}
    assert json.loads(client.get("/api/studies", headers=cleo).text)[0]["joined"] is False
    assert following(client, cleo)["progress"]["total"] == 2


def test_whoever_leaves_an_open_study_sees_its_events_again_and_hands_in_no_more(
    services: Services, client: FlaskClient
) -> None:
    make_study(services, raters=())
    for name in ("Cleo", "Dan"):
        client.post("/api/who", json={"name": name})
    cleo, dan = ({"X-ArgonScope-Rater": name} for name in ("Cleo", "Dan"))
    assert following(client, dan)["may_leave"] is True
    first = following(client, cleo)["task"]
    assert paint(client, first, cleo).status_code == 200
    assert submit(client, first["task"], cleo).json["may_leave"] is True
    second = following(client, cleo)["task"]
    assert paint(client, second, cleo).status_code == 200
    paths = [f"/api/files/events.h5/events/{entry}" for entry in (0, 1)]
    closed = next(r for r in (client.get(path, headers=cleo) for path in paths) if r.status_code == 403)
    assert closed.json["study"] == "m"
    assert client.post("/api/studies/m/leave", json={}, headers=cleo).status_code == 200
    assert [client.get(path, headers=cleo).status_code for path in paths] == [200, 200]
    assert [client.get(path, headers=dan).status_code for path in paths] == [403, 403]

    # Whoever has seen the answers is out for good; what was handed in counts, and nothing leaves the log.
    for refused in (
        submit(client, second["task"], cleo),
        client.post(f"/api/tasks/{second['task']}/skip", json={}, headers=cleo),
        client.post("/api/studies/m/next", json={}, headers=cleo),
        client.post("/api/studies/m/leave", json={}, headers=cleo),
    ):
        assert (refused.status_code, "error" in refused.json) == (409, True)
    told = client.get("/api/studies/m/progress", headers=OLGA).json
    assert told == {
        "Cleo": {"total": 1, "submitted": 1, "skipped": 0}, "Dan": {"total": 2, "submitted": 0, "skipped": 0}
    }  # fmt: skip
    log = client.get(f"/api/tasks/{second['task']}/actions", headers=cleo)
    assert len(log.json["actions"]) == 1
    with services.database.reading() as session:
        study = find_study(session, "m")
        assert study is not None
        report = study_report(session, study, services.images, services.stored)
    assert (report["tasks"], report["submitted"], report["raters"]) == (3, 1, ["Cleo", "Dan"])


def test_a_study_that_names_its_raters_counts_on_them(services: Services, client: FlaskClient) -> None:
    make_study(services)
    assert following(client, ADA)["may_leave"] is False
    refused = client.post("/api/studies/m/leave", json={}, headers=ADA)
    assert (refused.status_code, refused.json["error"][:33]) == (409, "The study m cannot be left: it na")
    assert following(client, ADA)["progress"]["total"] == 2
