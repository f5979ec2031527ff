"""The worker process: `argonscope worker` runs one here, EmbeddedWorker one beside the web server.

The worker takes messages; one forked child holds the networks and does the work, so that a child
that is killed is replaced and its job runs again. The child alone imports torch.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from celery import signals
from celery.worker import state as celery_state

from inference.heartbeats import BEAT_S, Heartbeat, Heartbeats, process_lives
from inference.queue import make_queue
from inference.tasks import Networks, Runner, register_tasks
from records.folder import DataFolder, DataFolderError

_WATCH_S = 0.25
_STOP_S = 3.0
"""A job that runs may end in this time; then the worker is killed, and the job runs again later."""

_LOG_BYTES = 1_000_000
_SHORTEST_LIFE_S = 10.0
_LONGEST_PAUSE_S = 30.0

_log = logging.getLogger(__name__)


def run_worker(folder: DataFolder, broker: str | None, networks: Networks, parent: int | None = None) -> int:
    """Work until SIGTERM or SIGINT; with a parent, until that process is gone. Returns the exit code."""
    worker = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    if parent is not None:
        _when_orphaned(parent, _kill_group)
    app = make_queue(folder, broker)
    register_tasks(app, Runner(folder, worker, networks))
    warm = folder.workers / f"{worker}.warm"

    def warm_up(**_: Any) -> None:
        _when_orphaned(os.getppid(), _kill_self)
        networks.warm()
        warm.write_text(str(os.getpid()))

    signals.worker_process_init.connect(warm_up, weak=False)
    stop = threading.Event()
    beating = threading.Thread(
        target=_beat, args=(Heartbeats(folder.workers), worker, warm, stop), name="heartbeat", daemon=True
    )
    beating.start()
    try:
        controller = app.Worker(
            hostname=worker,
            pool="prefork",
            loglevel="WARNING",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        controller.start()
        return int(controller.exitcode or 0)
    finally:
        stop.set()
        beating.join()
        Heartbeats(folder.workers).remove(worker)
        warm.unlink(missing_ok=True)


class EmbeddedWorker:
    """A worker beside the web server: started, watched, started again when it dies, stopped with it."""

    def __init__(
        self, folder: DataFolder, broker: str | None = None, module: str = "inference.worker"
    ) -> None:
        """module: what to run with ``python -m``, for tests that bring their own networks."""
        self._folder = folder
        self._broker = broker
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._watcher = threading.Thread(target=self._watch, name="worker-watch", daemon=True)

    @property
    def pid(self) -> int | None:
        """Process number of the worker that runs now."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the worker; returns at once."""
        self._watcher.start()

    def stop(self) -> None:
        """Stop the worker and its children, within a few seconds."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                _log.warning("the worker did not stop in %g s and is killed", _STOP_S)
            _end_group(process)
        if self._watcher.is_alive():
            self._watcher.join()

    def _watch(self) -> None:
        pause = BEAT_S
        while not self._stopping.is_set():
            started = time.monotonic()
            with self._lock:
                if self._stopping.is_set():
                    return
                process = self._process = self._spawn()
            process.wait()
            _end_group(process)
            if self._stopping.is_set():
                return
            lived = time.monotonic() - started
            pause = min(2 * pause, _LONGEST_PAUSE_S) if lived < _SHORTEST_LIFE_S else BEAT_S
            _log.warning("the worker stopped (exit code %s); starting another", process.returncode)
            self._stopping.wait(pause)

    def _spawn(self) -> subprocess.Popen[bytes]:
        log = self._folder.worker_log
        mode = "wb" if log.exists() and log.stat().st_size > _LOG_BYTES else "ab"
        command = [sys.executable, "-P", "-m", self._module]
        command += ["--data-dir", str(self._folder.root), "--parent", str(os.getpid())]
        with log.open(mode) as output:
            # A session of its own: Ctrl-C reaches the app alone, which then stops the worker in order.
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_environment(self._broker),
                start_new_session=True,
            )


def main(arguments: Sequence[str] | None = None, networks: Networks | None = None) -> int:
    """`argonscope worker`: one more worker on a data folder."""
    parser = argparse.ArgumentParser(prog="argonscope worker", description="Run networks for the web page.")
    parser.add_argument("--data-dir", type=Path, required=True, metavar="D", help="the app's data folder")
    parser.add_argument("--parent", type=int, metavar="PID", help="stop when this process is gone")
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: %(default)s)")
    given = parser.parse_args(arguments)
    folder = DataFolder(given.data_dir)
    try:
        folder.prepare()
    except DataFolderError as error:
        print(f"The worker cannot start. {error}", file=sys.stderr)
        return 2
    if networks is None:
        from inference.shelf import Shelf

        networks = Shelf(given.device)
    return run_worker(folder, os.environ.get("ARGONSCOPE_BROKER") or None, networks, given.parent)


def _environment(broker: str | None) -> dict[str, str]:
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH")) if part)
    return {**os.environ, "PYTHONPATH": path, "ARGONSCOPE_BROKER": broker or ""}


def _beat(heartbeats: Heartbeats, worker: str, warm: Path, stop: threading.Event) -> None:
    started = idle_since = time.time()
    while not stop.is_set():
        now = time.time()
        held = _held()
        if held:
            idle_since = now
        try:
            heartbeats.write(
                Heartbeat(
                    id=worker,
                    host=socket.gethostname(),
                    pid=os.getpid(),
                    started=started,
                    beat=now,
                    idle_since=idle_since,
                    warm=_warm_process(warm),
                    held=held,
                )
            )
        except OSError as error:
            _log.warning("the heartbeat cannot be written: %s", error)
        stop.wait(BEAT_S)


def _held() -> list[str]:
    """Tickets that the worker has taken: Celery's task ids."""
    while True:
        try:
            return [request.id for request in celery_state.reserved_requests]
        except RuntimeError:
            continue  # the set changed while it was read


def _warm_process(warm: Path) -> int:
    try:
        pid = int(warm.read_text())
    except (OSError, ValueError):
        return 0
    return pid if process_lives(pid) else 0


def _when_orphaned(parent: int, end: Callable[[], None]) -> None:
    """Call end soon after the parent is gone, however it went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_S)
        end()

    threading.Thread(target=watch, name="orphan-watch", daemon=True).start()


def _kill_group() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the worker and its children; they share a process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


if __name__ == "__main__":
    sys.exit(main())
