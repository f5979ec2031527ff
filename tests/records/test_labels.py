"""The log of labels on both databases: stored once, in order, never changed, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from label_cases import KEY, WEIGHTS, action, labelled, paint, undo
from sqlalchemy import select, text

from records.accounts import AccessError, create_account, find_account
from records.actions import LabelError
from records.database import Database, LabelStoreError
from records.images import ImageStore
from records.label_json import labels_json
from records.labels import append, open_free_task, own_task, read_labels
from records.models import APPEND_ONLY, LabelAction, Task
from records.pixel_runs import encode_pixels
from records.questions import LabelClass

FreeTask = Callable[..., tuple[int, str, dict[str, str]]]


@pytest.fixture
def free_task(tmp_path: Path) -> FreeTask:
    """A rater with a task outside of any study: account, token, hashes by plane."""
    store = ImageStore(tmp_path / "images")

    def make(database: Database, name: str = "Ada", planes: str = "Y") -> tuple[int, str, dict[str, str]]:
        with database.writing() as session:
            account = find_account(session, name) or create_account(session, name)
            task = open_free_task(session, account.id, labelled(planes=planes), store)
            assert all(store.has(name) for name in task.images.values())
            return account.id, task.token, dict(task.images)

    return make


def labels_now(database: Database, token: str) -> Any:
    with database.reading() as session:
        return read_labels(session, session.scalars(select(Task).where(Task.token == token)).one())


def test_what_is_sent_comes_back_and_is_stored_once(database: Database, free_task: FreeTask) -> None:
    account, token, hashes = free_task(database)
    seen = {"key": KEY, "weights": WEIGHTS}
    sent = [
        paint([0, 1, 2], LabelClass.MIP, hashes["Y"], prediction=seen),
        paint([2, 3], LabelClass.MICHEL, hashes["Y"], "lasso"),
        action("verdict", {"verdict": "complete", "michel": "present"}, hashes["Y"], "event"),
    ]
    first = append(database, account, token, sent, clock=lambda: 1000.0)
    assert [s.id for s in first] == [a["id"] for a in sent]
    assert [s.seq for s in first] == sorted(s.seq for s in first)
    assert all(s.new and s.server_time == 1000.0 for s in first)
    more = undo(sent[1])
    again = append(database, account, token, [*sent, more, more], clock=lambda: 2000.0)
    assert [(s.seq, s.server_time, s.new) for s in again[:3]] == [(s.seq, 1000.0, False) for s in first]
    assert again[3] == again[4]
    assert again[3].new
    labels = labels_now(database, token)
    assert labels.planes["Y"].classes[:5].tolist() == [1, 1, 1, -1, -1]
    assert labels.planes["Y"].redo == (sent[1]["id"],)
    assert labels.event.michel == "present"
    assert (labels.last_seq, labels.weights) == (again[3].seq, (WEIGHTS,))


def test_all_of_a_call_is_stored_or_nothing(database: Database, free_task: FreeTask) -> None:
    account, token, hashes = free_task(database)
    bad = paint([40], LabelClass.MIP, hashes["Y"])
    with pytest.raises(
        LabelError, match=r"pixel index 40 is out of range; the image has pixels 0 to 39"
    ) as error:
        append(database, account, token, [paint([0], LabelClass.MIP, hashes["Y"]), bad])
    assert error.value.action == bad["id"]
    assert labels_now(database, token).last_seq == 0


def test_an_id_stands_for_one_action_only(database: Database, free_task: FreeTask) -> None:
    account, token, hashes = free_task(database)
    sent = paint([0], LabelClass.MIP, hashes["Y"])
    append(database, account, token, [sent])
    with pytest.raises(LabelError, match="stored already, with other content"):
        append(database, account, token, [{**paint([1], LabelClass.MIP, hashes["Y"]), "id": sent["id"]}])
    other, other_token, _ = free_task(database, "Ben")
    with pytest.raises(LabelError, match="stored already, with other content"):
        append(database, other, other_token, [sent])


def test_nobody_writes_into_another_ones_task(database: Database, free_task: FreeTask) -> None:
    account, token, hashes = free_task(database)
    other, _, _ = free_task(database, "Ben")
    for stranger, name in ((other, token), (account, "f" * 32)):
        with pytest.raises(AccessError, match="not yours, or does not exist"):
            append(database, stranger, name, [paint([0], LabelClass.MIP, hashes["Y"])])
        with database.reading() as session, pytest.raises(AccessError):
            own_task(session, stranger, name)
    assert labels_now(database, token).last_seq == 0


def test_the_log_cannot_be_changed_even_by_hand(database: Database, free_task: FreeTask) -> None:
    account, token, hashes = free_task(database)
    append(database, account, token, [paint([0], LabelClass.MIP, hashes["Y"])])
    commands = ["UPDATE label_actions SET tool = 'erase'", "DELETE FROM label_actions", "DELETE FROM images"]
    if database.engine.dialect.name == "postgresql":
        commands.append("TRUNCATE label_actions CASCADE")
    else:
        commands.append("INSERT OR REPLACE INTO label_actions SELECT * FROM label_actions")
    for command in commands:
        with pytest.raises(LabelStoreError, match=r"append-only"), database.writing() as session:
            session.execute(text(command))
    assert labels_now(database, token).planes["Y"].classes[0] == LabelClass.MIP
    with database.reading() as session:
        assert set(APPEND_ONLY) <= set(_tables_with_triggers(session))


def _tables_with_triggers(session: Any) -> list[str]:
    if session.get_bind().dialect.name == "sqlite":
        query = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT event_object_table FROM information_schema.triggers"
    return list(session.scalars(text(query)))


def test_two_tabs_at_once_lose_and_double_nothing(database: Database, free_task: FreeTask) -> None:
    account, token, hashes = free_task(database)
    tabs = [[paint([i], i % 5, hashes["Y"]) for i in range(start, 40, 2)] for start in (0, 1)]
    shared = paint([0], LabelClass.UNSURE, hashes["Y"])
    failures: list[BaseException] = []

    def tab(actions: list[dict[str, Any]]) -> None:
        try:
            for one in (*actions, shared):
                append(database, account, token, [one])
                append(database, account, token, [one])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=tab, args=(actions,)) for actions in tabs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    labels = labels_now(database, token)
    np.testing.assert_array_equal(labels.planes["Y"].classes[1:], np.arange(1, 40) % 5)
    with database.reading() as session:
        rows = session.execute(select(LabelAction.seq, LabelAction.id).order_by(LabelAction.seq)).all()
    assert len(rows) == len({name for _, name in rows}) == 41
    for actions in tabs:  # each tab's own order is kept
        names = [a["id"] for a in actions]
        assert [name for _, name in rows if name in set(names)] == names


def test_the_task_of_an_event_is_found_again(sqlite: Database, free_task: FreeTask) -> None:
    account, token, hashes = free_task(sqlite, planes="UVY")
    assert free_task(sqlite, planes="UVY") == (account, token, hashes)
    assert free_task(sqlite, planes="Y")[1] != token
    assert free_task(sqlite, "Ben", planes="UVY")[1] != token
    append(sqlite, account, token, [paint([3], LabelClass.MIP, hashes["U"], plane="U")])
    labels = labels_now(sqlite, token)
    assert list(labels.planes) == ["U", "V", "Y"]
    assert [int(p.classes[3]) for p in labels.planes.values()] == [1, -1, -1]


def test_what_is_no_list_of_actions(sqlite: Database, free_task: FreeTask) -> None:
    account, token, hashes = free_task(sqlite)
    with pytest.raises(LabelError, match="str in place of an action"):
        append(sqlite, account, token, ["brush"])
    with pytest.raises(LabelError, match="1001 actions in one call"):
        append(sqlite, account, token, [paint([0], LabelClass.MIP, hashes["Y"])] * 1001)


def test_the_page_of_a_rater_begins_with_what_is_there(sqlite: Database, free_task: FreeTask) -> None:
    account, token, hashes = free_task(sqlite)
    michel = {"object": "m", "state": "present", "end": [3, 4], "core": encode_pixels([1]), "photons": ""}
    sent = [paint([0, 1], LabelClass.MIP, hashes["Y"]), action("michel", michel, hashes["Y"])]
    append(sqlite, account, token, [*sent, undo(sent[0])])
    assert labels_json(labels_now(sqlite, token)) == {
        "planes": {
            "Y": {
                "classes": {},
                "michels": [michel],
                "showers": [],
                "undo": [sent[1]["id"]],
                "redo": [sent[0]["id"]],
            }
        },
        "event": {"verdict": None, "michel": None, "comment": "", "undo": [], "redo": []},
        "last_seq": 3,
    }
