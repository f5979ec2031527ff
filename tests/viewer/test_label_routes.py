"""The routes that take labels in and give them back."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text

from records.labels import own_task, read_labels
from records.pixel_runs import encode_pixels
from viewer.services import Services

ADA = {"X-ArgonScope-Rater": "Ada"}


@pytest.fixture
def task(client: FlaskClient) -> dict[str, Any]:
    """Ada's task of the first event."""
    client.post("/api/who", json={"name": "Ada"})
    opened: dict[str, Any] = client.post(
        "/api/tasks", json={"file": "events.h5", "entry": 0}, headers=ADA
    ).json
    return opened


def brush(task: dict[str, Any], pixels: list[int], label: int = 1, plane: str = "Y") -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "plane": plane,
        "image_hash": task["planes"][plane]["image_hash"],
        "tool": "brush",
        "payload": {"class": label, "pixels": encode_pixels(pixels)},
        "time": 1.8e9,
        "prediction": {"key": "ab" * 32, "weights": "cd" * 32},
        "app_version": "0.1.0",
    }


def send(client: FlaskClient, task: dict[str, Any], actions: list[Any], after: int = 0) -> Any:
    body = {"actions": actions, "after": after}
    return client.post(f"/api/tasks/{task['task']}/actions", json=body, headers=ADA)


def test_an_event_is_opened_as_ones_own_task(client: FlaskClient, task: dict[str, Any]) -> None:
    assert {plane: one["pixels"] for plane, one in task["planes"].items()} == {"U": 3, "V": 3, "Y": 3}
    labels = [choice["label"] for choice in task["choices"]]
    assert labels == ["HIP", "MIP", "shower", "delta", "Michel", "unsure", "cannot be labelled"]
    again = client.post("/api/tasks", json={"file": "events.h5", "entry": 0}, headers=ADA).json
    assert again["task"] == task["task"]
    other = client.post("/api/tasks", json={"file": "events.h5", "entry": 1}, headers=ADA).json
    assert other["task"] != task["task"]
    assert client.post("/api/tasks", json={"file": "events.h5", "entry": 9}, headers=ADA).status_code == 404
    assert client.post("/api/tasks", json={"file": "events.h5"}, headers=ADA).status_code == 400
    assert client.post("/api/tasks", json={"file": "events.h5", "entry": 0}).status_code == 401


def test_what_is_sent_twice_is_stored_once_and_everybody_catches_up(
    client: FlaskClient, services: Services, task: dict[str, Any]
) -> None:
    one, two, three = brush(task, [0]), brush(task, [1, 2], 4), brush(task, [2], 0)
    first = send(client, task, [one]).json
    assert first["actions"] == [{"seq": first["stored"][one["id"]], "id": one["id"], "plane": "Y"}]
    again = send(client, task, [one, two]).json
    assert again["stored"][one["id"]] == first["stored"][one["id"]]
    # Another window, which knows of nothing yet, sends: it hears of both, in full.
    other = send(client, task, [three]).json
    assert [action["id"] for action in other["actions"]] == [one["id"], two["id"], three["id"]]
    assert [action.get("payload") for action in other["actions"]] == [one["payload"], two["payload"], None]
    log = client.get(f"/api/tasks/{task['task']}/actions", headers=ADA).json
    assert [(a["id"], a["tool"]) for a in log["actions"]] == [(a["id"], "brush") for a in (one, two, three)]
    assert (log["more"], log["submitted"]) == (False, False)
    after = client.get(
        f"/api/tasks/{task['task']}/actions?after={log['actions'][1]['seq']}", headers=ADA
    ).json
    assert [action["id"] for action in after["actions"]] == [three["id"]]
    with services.database.reading() as session:
        labels = read_labels(session, own_task(session, 1, task["task"]))
    assert labels.planes["Y"].classes.tolist() == [1, 4, 0]
    assert labels.weights == ("cd" * 32,)


def test_a_long_log_comes_in_pages(
    client: FlaskClient, task: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.label_routes.LOG_PAGE", 2)
    sent = [brush(task, [i]) for i in range(3)]
    answer = send(client, task, sent).json
    assert (len(answer["stored"]), len(answer["actions"]), answer["more"]) == (3, 2, True)
    last = answer["actions"][-1]["seq"]
    rest = client.get(f"/api/tasks/{task['task']}/actions?after={last}", headers=ADA).json
    assert ([a["id"] for a in rest["actions"]], rest["more"]) == ([sent[2]["id"]], False)


def test_an_action_that_is_none_is_named_and_nothing_is_stored(
    client: FlaskClient, task: dict[str, Any]
) -> None:
    good, bad = brush(task, [0]), brush(task, [7])
    answer = send(client, task, [good, bad])
    assert (answer.status_code, answer.json["action"]) == (400, bad["id"])
    assert "pixels 0 to 2" in answer.json["error"]
    assert client.get(f"/api/tasks/{task['task']}/actions", headers=ADA).json["actions"] == []
    assert send(client, task, "brush").status_code == 400  # type: ignore[arg-type]


def test_a_full_disk_is_told_in_a_sentence(
    client: FlaskClient, services: Services, task: dict[str, Any]
) -> None:
    """SQLite itself finds the disk full: the database may not grow any more."""

    def no_more(connection: Any, _record: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    services.database.engine.dispose()
    event.listen(services.database.engine, "connect", no_more)
    stored = 0
    for _ in range(40):
        answer = send(client, task, [{**brush(task, [0, 2]), "id": str(uuid.uuid4())} for _ in range(25)])
        if answer.status_code != 200:
            break
        stored += 25
    assert answer.status_code == 507
    assert answer.json == {"error": "The server's disk is full, so nothing was stored."}
    event.remove(services.database.engine, "connect", no_more)
    services.database.engine.dispose()
    assert len(client.get(f"/api/tasks/{task['task']}/actions", headers=ADA).json["actions"]) == stored
    assert send(client, task, [brush(task, [1])]).status_code == 200


def test_a_database_that_fails_is_told_in_a_sentence(
    client: FlaskClient, services: Services, task: dict[str, Any]
) -> None:
    with services.database.engine.begin() as connection:
        connection.execute(text("DROP TABLE submissions"))
        connection.execute(text("ALTER TABLE label_actions RENAME TO elsewhere"))
    answer = send(client, task, [brush(task, [0])])
    assert answer.status_code == 503
    assert answer.json == {"error": "The server's label database cannot be used now, so nothing was stored."}
