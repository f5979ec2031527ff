"""The worker process that the app starts beside itself, watches, and takes with it when it ends."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from records.folder import DataFolder

_PATIENCE_S = 2.0
"""How long a job may run on when the app stops; it runs again later."""

_GRACE_S = 1.5
_SHORTEST_LIFE_S = 10.0
_SHORTEST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 30.0
_LOG_BYTES = 1_000_000

_log = logging.getLogger(__name__)


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
        """Stop the worker and its children, within a few seconds; a job that is cut off runs again
        when the app is started next and the job asked for."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE_S + _GRACE_S)
            _end_group(process)
        if self._watcher.is_alive():
            self._watcher.join()

    def _watch(self) -> None:
        pause = _SHORTEST_PAUSE_S
        while not self._stopping.is_set():
            started = time.monotonic()
            reason = self._live_once()
            if self._stopping.is_set():
                return
            soon = time.monotonic() - started < _SHORTEST_LIFE_S
            pause = min(2 * pause, _LONGEST_PAUSE_S) if soon else _SHORTEST_PAUSE_S
            _log.warning("the worker stopped (%s); starting another, see %s", reason, self._folder.worker_log)
            self._stopping.wait(pause)

    def _live_once(self) -> str:
        """Start a worker and wait for its end, of which the reason is returned."""
        try:
            with self._lock:
                if self._stopping.is_set():
                    return "it is not wanted"
                process = self._process = self._spawn()
        except OSError as error:
            return f"it cannot be started: {error}"
        process.wait()
        _end_group(process)
        return f"exit code {process.returncode}"

    def _spawn(self) -> subprocess.Popen[bytes]:
        log = self._folder.worker_log
        mode = "wb" if log.exists() and log.stat().st_size > _LOG_BYTES else "ab"
        command = [sys.executable, "-P", "-m", self._module]
        command += ["--data-dir", str(self._folder.root), "--parent", str(os.getpid())]
        command += ["--patience", str(_PATIENCE_S)]
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


def _environment(broker: str | None) -> dict[str, str]:
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH")) if part)
    return {**os.environ, "PYTHONPATH": path, "ARGONSCOPE_BROKER": broker or ""}


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the worker and its children; they share a process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()
