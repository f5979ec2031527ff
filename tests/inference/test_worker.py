"""A real worker process with toy networks: done, cancelled, broken, killed, orphaned, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil
import pytest

from inference.cards import WeightsCard
from inference.client import JobClient, JobState
from inference.embedded import EmbeddedWorker
from lartpc.event import WireImage
from records.answers import AnswerStore
from records.folder import DataFolder

T = TypeVar("T")
MakeImage = Callable[..., WireImage]
MakeCard = Callable[[str], WeightsCard]
HERE = Path(__file__).parent
PATIENCE_S = 30.0


def wait_until(look: Callable[[], T | None], what: str) -> T:
    """The first value that is neither None nor false; fails after a time that no machine needs."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        value = look()
        if value:
            return value
        time.sleep(0.02)
    pytest.fail(f"waited {PATIENCE_S:g} s in vain for {what}")


def outcome(client: JobClient, key: str) -> JobState:
    """The state in which a job ends."""

    def ended() -> JobState | None:
        state = client.state(key)
        return state if state.state not in ("queued", "running") else None

    return wait_until(ended, "the end of a job")


def wait_running(client: JobClient, key: str) -> None:
    wait_until(lambda: client.state(key).state == "running", "a job to run")


def wait_ready(client: JobClient) -> None:
    wait_until(lambda: client.worker().state == "ready", "a worker")


def family(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def wait_gone(processes: list[psutil.Process]) -> None:
    def gone() -> bool:
        return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)

    wait_until(gone, "processes to end")


@pytest.fixture
def worker(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedWorker]:
    """A worker that is ready soon, and stopped afterwards."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    made = EmbeddedWorker(folder, module="toy_worker")
    made.start()
    yield made
    made.stop()


def test_an_answer_is_stored_under_the_jobs_key(
    client: JobClient,
    worker: EmbeddedWorker,
    predictions: AnswerStore,
    folder: DataFolder,
    make_image: MakeImage,
    make_card: MakeCard,
) -> None:
    image = make_image(gain=0.5)
    key = client.submit(image, make_card("quick")).key
    state = outcome(client, key)
    assert (state.state, state.seconds, state.progress) == ("done", 0.125, 1.0)
    found = predictions.get(key)
    assert found is not None
    assert predictions.image_of(key) == image.content_hash
    np.testing.assert_allclose(found.scores[:, 1], image.adc * 0.5 / 1000, rtol=1e-3)
    assert client.submit(image, make_card("quick")).state == "done"
    wait_until(lambda: not any(folder.jobs.iterdir()), "the job's files to go")


def test_a_running_job_tells_its_progress_and_can_be_cancelled(
    client: JobClient, worker: EmbeddedWorker, make_image: MakeImage, make_card: MakeCard
) -> None:
    key = client.submit(make_image(), make_card("slow")).key
    wait_until(lambda: (client.state(key).progress or 0) > 0.01, "progress")
    waiting = client.submit(make_image(1), make_card("quick")).key
    assert client.state(waiting).position == 1
    assert client.cancel(key).state == "cancelled"
    assert outcome(client, waiting).state == "done"
    assert client.state(key).state == "cancelled"
    client.submit(make_image(), make_card("slow"))
    wait_running(client, key)
    client.cancel(key)


def test_a_job_cancelled_in_the_queue_never_runs(
    client: JobClient,
    worker: EmbeddedWorker,
    predictions: AnswerStore,
    make_image: MakeImage,
    make_card: MakeCard,
) -> None:
    slow = client.submit(make_image(), make_card("slow")).key
    wait_running(client, slow)
    cancelled = client.submit(make_image(1), make_card("quick")).key
    client.cancel(cancelled)
    last = client.submit(make_image(2), make_card("quick")).key
    client.cancel(slow)
    assert outcome(client, last).state == "done"
    assert not predictions.has(cancelled)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [("broken", "The toy network is broken."), ("full", "no space left on device")],
)
def test_a_failure_is_told_with_its_reason_and_can_be_tried_again(
    client: JobClient,
    worker: EmbeddedWorker,
    make_image: MakeImage,
    make_card: MakeCard,
    behaviour: str,
    reason: str,
) -> None:
    for _ in range(2):
        state = outcome(client, client.submit(make_image(), make_card(behaviour)).key)
        assert state.state == "failed"
        assert state.error is not None
        assert reason in state.error


def test_a_job_that_kills_its_process_runs_twice_and_then_fails(
    client: JobClient, worker: EmbeddedWorker, make_image: MakeImage, make_card: MakeCard
) -> None:
    state = outcome(client, client.submit(make_image(), make_card("deadly")).key)
    assert state.state == "failed"
    assert state.error is not None
    assert "memory" in state.error
    assert outcome(client, client.submit(make_image(), make_card("quick")).key).state == "done"


def test_a_worker_killed_in_mid_job_is_replaced_and_the_job_runs_again(
    client: JobClient, worker: EmbeddedWorker, make_image: MakeImage, make_card: MakeCard
) -> None:
    key = client.submit(make_image(), make_card("once slow")).key
    wait_running(client, key)
    assert worker.pid is not None
    killed = family(worker.pid)
    os.kill(worker.pid, signal.SIGKILL)
    assert outcome(client, key).state == "done"
    wait_gone(killed)


def test_a_child_killed_in_mid_job_is_replaced_and_the_job_runs_again(
    client: JobClient, worker: EmbeddedWorker, make_image: MakeImage, make_card: MakeCard
) -> None:
    key = client.submit(make_image(), make_card("once slow")).key
    wait_running(client, key)
    assert worker.pid is not None
    (child,) = psutil.Process(worker.pid).children()
    child.kill()
    assert outcome(client, key).state == "done"


def test_a_job_asked_before_the_worker_starts_runs_when_it_does(
    client: JobClient,
    folder: DataFolder,
    make_image: MakeImage,
    make_card: MakeCard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = client.submit(make_image(), make_card("quick")).key
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    worker = EmbeddedWorker(folder, module="toy_worker")
    worker.start()
    try:
        assert outcome(client, key).state == "done"
    finally:
        worker.stop()


@pytest.mark.parametrize("busy", [False, True])
def test_stop_leaves_no_process(
    client: JobClient, worker: EmbeddedWorker, make_image: MakeImage, make_card: MakeCard, busy: bool
) -> None:
    wait_ready(client)
    if busy:
        wait_running(client, client.submit(make_image(), make_card("slow")).key)
    assert worker.pid is not None
    processes = family(worker.pid)
    assert len(processes) == 2
    worker.stop()
    wait_gone(processes)
    assert client.worker().state == "absent"


APP_THAT_IS_KILLED = """
import sys, time
from pathlib import Path
from inference.embedded import EmbeddedWorker
from records.folder import DataFolder

EmbeddedWorker(DataFolder(Path(sys.argv[1])), module="toy_worker").start()
time.sleep(600)
"""


def test_a_worker_whose_app_is_killed_ends_by_itself(folder: DataFolder, client: JobClient) -> None:
    path = os.pathsep.join([str(HERE), str(HERE.parent.parent)])
    app = subprocess.Popen(
        [sys.executable, "-c", APP_THAT_IS_KILLED, str(folder.root)], env={**os.environ, "PYTHONPATH": path}
    )
    try:
        wait_ready(client)
        processes = family(app.pid)[1:]
        assert len(processes) == 2
    finally:
        app.kill()
        app.wait()
    wait_gone(processes)
