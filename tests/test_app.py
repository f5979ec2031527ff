"""The front door as a process of its own: light, quick to stop, and clear when it cannot start."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60.0
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts app.py with options, and ends it, should the test not have done so."""
    started: list[subprocess.Popen[str]] = []

    def run(*options: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(ROOT / "app.py"), "--data-dir", str(tmp_path / "data"), *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    """The address it says it serves."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.fullmatch(r"ArgonScope is at (http://\S+) \(Ctrl-C stops it\)\n", line)
    assert found, line
    return found[1]


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def wait_until(look: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not look():
        if time.monotonic() > end:
            pytest.fail(f"waited {PATIENCE_S:g} s in vain for {what}")
        time.sleep(0.05)


def in_python(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_importing_app_loads_no_torch_and_starts_no_process() -> None:
    code = (
        "import sys, app, psutil; "
        "print('torch' in sys.modules, 'spconv' in sys.modules, len(psutil.Process().children()))"
    )
    assert in_python(code) == "False False 0"


def test_the_server_for_gunicorn_is_light_and_configured_by_the_environment(tmp_path: Path) -> None:
    code = (
        "import sys, app, psutil; client = app.server.test_client(); "
        "print([file['name'] for file in client.get('/api/files').json], client.get('/').status_code, "
        "'torch' in sys.modules, len(psutil.Process().children()), app.server is app.server)"
    )
    printed = in_python(code, ARGONSCOPE_FILES=str(tmp_path / "x.h5"), ARGONSCOPE_DATA=str(tmp_path / "data"))
    assert printed == "['x.h5'] 200 False 0 True"
    assert (tmp_path / "data" / "predictions").is_dir()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_app_and_worker(start: Start, number: signal.Signals) -> None:
    process = start("--port", "0")
    url = address(process)
    wait_until(lambda: get(f"{url}/api/worker")["workers"] == 1, "the worker to show life")
    family = psutil.Process(process.pid).children(recursive=True)
    assert family
    process.send_signal(number)
    assert process.wait(PATIENCE_S) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    gone = [p for p in family if not p.is_running() or p.status() == psutil.STATUS_ZOMBIE]
    assert gone == family


def test_an_app_that_is_killed_leaves_no_worker(start: Start) -> None:
    process = start("--port", "0")
    url = address(process)
    wait_until(lambda: get(f"{url}/api/worker")["workers"] == 1, "the worker to show life")
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    wait_until(
        lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family),
        "the worker to end",
    )


def test_no_worker_is_said_in_words(start: Start) -> None:
    url = address(start("--port", "0", "--no-worker"))
    assert get(f"{url}/api/worker") == {
        "state": "absent",
        "message": "No worker is running; start one with `argonscope worker` on the same data folder.",
        "workers": 0,
    }


def refusal(process: subprocess.Popen[str]) -> str:
    """What it says when it does not start."""
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output) == (2, "")
    return errors


def test_a_port_in_use_is_one_sentence(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(start("--port", str(port)))
    assert said == (
        f"ArgonScope cannot start. Port {port} of 127.0.0.1 cannot be used (address already in use); "
        "name another with --port.\n"
    )


def test_an_address_of_another_machine_is_one_sentence(start: Start) -> None:
    said = refusal(start("--port", "0", "--host", "192.0.2.1", "--auth", "proxy:X-User"))
    assert said.startswith("ArgonScope cannot start. Port 0 of 192.0.2.1 cannot be used")
    assert said.count("\n") == 1


def test_others_are_not_served_without_a_log_in(start: Start) -> None:
    said = refusal(start("--port", "0", "--host", "0.0.0.0"))
    assert said.startswith("ArgonScope cannot start. Others can reach 0.0.0.0, so people must log in")
    assert said.count("\n") == 1


def test_a_data_folder_that_cannot_be_written_is_one_sentence(start: Start, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    said = refusal(start("--data-dir", str(tmp_path / "taken")))
    assert said == (
        f"ArgonScope cannot start. The data folder {tmp_path / 'taken'} cannot be written (not a directory); "
        "name another with --data-dir.\n"
    )


def test_a_file_that_cannot_be_read_is_told_in_the_shell_too(start: Start) -> None:
    process = start("--port", "0", "--no-worker", "nothing.h5")
    address(process)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=PATIENCE_S)[1].startswith("nothing.h5: no such file")
