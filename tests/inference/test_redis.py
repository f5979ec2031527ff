"""The same queue on Redis, where a Redis server is at hand."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inference.cards import WeightsCard
from inference.client import JobClient
from inference.embedded import EmbeddedWorker
from lartpc.event import WireImage
from records.answers import AnswerStore
from records.folder import DataFolder

PATIENCE_S = 30.0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """Address of a Redis server of its own."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server on this machine")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait()


def wait_for(look: Callable[[], str], wanted: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while (found := look()) != wanted:
        if time.monotonic() > end:
            pytest.fail(f"waited {PATIENCE_S:g} s in vain for {wanted}; it is {found}")
        time.sleep(0.02)


def test_a_job_is_done_and_one_whose_child_dies_is_given_up(
    broker: str,
    folder: DataFolder,
    predictions: AnswerStore,
    make_image: Callable[..., WireImage],
    make_card: Callable[[str], WeightsCard],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    worker = EmbeddedWorker(folder, broker, module="toy_worker")
    worker.start()
    client = JobClient(folder, predictions, broker)
    try:
        wait_for(lambda: client.worker().state, "ready")
        for behaviour, end in (("quick", "done"), ("deadly", "failed")):
            key = client.submit(make_image(), make_card(behaviour)).key
            wait_for(lambda key=key: client.state(key).state, end)
    finally:
        worker.stop()
        client.close()
