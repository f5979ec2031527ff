"""The asking side, with heartbeats written by hand in place of a worker."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable

import numpy as np
import pytest

from inference.cards import WeightsCard
from inference.client import JobClient, QueueError
from inference.heartbeats import Heartbeat, Heartbeats
from inference.jobs import JobFolder, JobRun
from lartpc.event import WireImage
from records.answers import AnswerStore
from records.folder import DataFolder
from records.predictions import Prediction

MakeImage = Callable[..., WireImage]
MakeCard = Callable[[str], WeightsCard]


def messages(folder: DataFolder) -> int:
    return len(list((folder.queue / "messages").iterdir()))


def heartbeat(**changes: object) -> Heartbeat:
    now = time.time()
    values = {
        "id": "here-1",
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started": now - 100,
        "beat": now,
        "idle_since": now - 100,
        "warm": os.getpid(),
        "held": [],
    }
    return Heartbeat(**{**values, **changes})  # type: ignore[arg-type]


def test_a_job_waits_until_there_is_a_worker(
    client: JobClient, folder: DataFolder, make_image: MakeImage, make_card: MakeCard
) -> None:
    state = client.submit(make_image(), make_card("quick"))
    assert (state.state, state.position) == ("queued", 0)
    assert state.message is not None
    assert "argonscope worker" in state.message
    assert messages(folder) == 1


def test_the_same_question_is_one_job(
    client: JobClient, folder: DataFolder, make_image: MakeImage, make_card: MakeCard
) -> None:
    first = client.submit(make_image(), make_card("quick"))
    again = client.submit(make_image(), make_card("quick"))
    assert again.key == first.key
    assert messages(folder) == 1


def test_positions_count_the_jobs_ahead(
    client: JobClient, make_image: MakeImage, make_card: MakeCard
) -> None:
    keys = [client.submit(make_image(seed), make_card("quick")).key for seed in range(3)]
    assert [client.state(key).position for key in keys] == [0, 1, 2]
    client.cancel(keys[0])
    assert [client.state(key).position for key in keys] == [None, 0, 1]


def test_a_stored_answer_is_not_asked_for(
    client: JobClient,
    folder: DataFolder,
    predictions: AnswerStore,
    make_image: MakeImage,
    make_card: MakeCard,
) -> None:
    key = client.key(make_image(), make_card("quick"))
    scores = np.zeros((50, 5), np.float32)
    predictions.put(
        key, Prediction("Y", scores, "toy", "quick", "f" * 64, "cpu", 0.5), make_image().content_hash
    )
    state = client.submit(make_image(), make_card("quick"))
    assert (state.state, state.seconds) == ("done", 0.5)
    assert messages(folder) == 0


def test_a_damaged_answer_is_asked_for_again(
    client: JobClient, folder: DataFolder, make_image: MakeImage, make_card: MakeCard
) -> None:
    key = client.key(make_image(), make_card("quick"))
    path = folder.predictions / key[:2] / f"{key}.npz"
    path.parent.mkdir()
    path.write_bytes(b"no zip")
    assert client.submit(make_image(), make_card("quick")).state == "queued"
    assert messages(folder) == 1


def test_a_cancelled_job_can_be_asked_again(
    client: JobClient, make_image: MakeImage, make_card: MakeCard
) -> None:
    key = client.submit(make_image(), make_card("quick")).key
    assert client.cancel(key).state == "cancelled"
    assert client.state(key).state == "cancelled"
    assert client.submit(make_image(), make_card("quick")).state == "queued"


def test_cancelling_what_nobody_asked_is_harmless(client: JobClient) -> None:
    assert client.cancel("0" * 64).state == "unknown"
    assert client.cancel("../x").state == "unknown"


def test_the_reason_of_a_failure_is_shown(
    client: JobClient, folder: DataFolder, make_image: MakeImage, make_card: MakeCard
) -> None:
    key = client.submit(make_image(), make_card("quick")).key
    jobs = JobFolder(folder.jobs)
    request = jobs.request(key)
    assert request is not None
    jobs.write_run(request, JobRun("here-1", 1, time.time(), state="failed", error="It broke."))
    assert (client.state(key).state, client.state(key).error) == ("failed", "It broke.")


def test_a_job_that_a_living_worker_holds_runs(
    client: JobClient, folder: DataFolder, make_image: MakeImage, make_card: MakeCard
) -> None:
    key = client.submit(make_image(), make_card("quick")).key
    jobs = JobFolder(folder.jobs)
    request = jobs.request(key)
    assert request is not None
    Heartbeats(folder.workers).write(heartbeat(held=[request.ticket]))
    jobs.write_run(request, JobRun("here-1", 1, time.time(), progress=0.25))
    assert (client.state(key).state, client.state(key).progress) == ("running", 0.25)


def test_a_job_whose_worker_died_is_sent_once_more_and_then_given_up(
    client: JobClient, folder: DataFolder, make_image: MakeImage, make_card: MakeCard
) -> None:
    key = client.submit(make_image(), make_card("quick")).key
    jobs = JobFolder(folder.jobs)
    request = jobs.request(key)
    assert request is not None
    jobs.write_run(request, JobRun("dead-1", 1, time.time()))
    assert client.state(key).state == "queued"
    assert client.state(key).state == "queued"
    assert messages(folder) == 2
    jobs.write_run(request, JobRun("dead-2", 2, time.time() + 1))
    state = client.state(key)
    assert state.state == "failed"
    assert state.error is not None
    assert "stopped twice" in state.error
    assert messages(folder) == 2


def test_a_job_that_an_idle_worker_does_not_take_was_lost(
    client: JobClient,
    folder: DataFolder,
    make_image: MakeImage,
    make_card: MakeCard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = client.submit(make_image(), make_card("quick")).key
    Heartbeats(folder.workers).write(heartbeat())
    assert client.state(key).state == "queued"
    assert messages(folder) == 1
    now = time.time()
    monkeypatch.setattr("inference.client.time.time", lambda: now + 3)
    assert client.state(key).state == "queued"
    assert messages(folder) == 2


def test_a_job_behind_a_busy_worker_is_not_lost(
    client: JobClient,
    folder: DataFolder,
    make_image: MakeImage,
    make_card: MakeCard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = client.submit(make_image(), make_card("quick")).key
    Heartbeats(folder.workers).write(heartbeat(held=["another ticket"]))
    now = time.time()
    monkeypatch.setattr("inference.client.time.time", lambda: now + 30)
    assert client.state(key).state == "queued"
    assert messages(folder) == 1


def test_a_full_disk_is_a_sentence(
    client: JobClient, make_image: MakeImage, make_card: MakeCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("inference.jobs.np.savez", full)
    with pytest.raises(
        QueueError, match=r"^The data folder cannot be written \(no space left on device\)\.$"
    ):
        client.submit(make_image(), make_card("quick"))
    assert client.state(client.key(make_image(), make_card("quick"))).state == "unknown"


def test_a_broker_out_of_reach_is_a_sentence_without_its_password(
    folder: DataFolder, predictions: AnswerStore, make_image: MakeImage, make_card: MakeCard
) -> None:
    client = JobClient(folder, predictions, broker="redis://:secret@127.0.0.1:1/0")
    with pytest.raises(QueueError, match="cannot be reached") as caught:
        client.submit(make_image(), make_card("quick"))
    assert "secret" not in str(caught.value)
    assert client.state(client.key(make_image(), make_card("quick"))).state == "unknown"
    client.close()


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "ready"),
        ({"warm": 0}, "starting"),
        ({"pid": 2**22 + 1}, "absent"),
        ({"host": "elsewhere"}, "ready"),
        ({"host": "elsewhere", "beat": time.time() - 100}, "absent"),
    ],
)
def test_the_worker_is_ready_starting_or_absent(
    client: JobClient, folder: DataFolder, changes: dict, state: str
) -> None:
    Heartbeats(folder.workers).write(heartbeat(**changes))
    assert client.worker().state == state
