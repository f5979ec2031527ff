"""The worker process: `argonscope worker` runs one here, inference.embedded one beside the app.

The worker takes messages; one forked child holds the networks and does the work, so that a child
that is killed is replaced and its job runs again. The child alone imports torch.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import signal
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from billiard.process import active_children
from celery import signals
from celery.worker import state as celery_state

from inference.heartbeats import BEAT_S, Heartbeat, Heartbeats, process_lives
from inference.process import prepare_process
from inference.queue import broker_of, make_queue
from inference.shelf import Shelf
from inference.tasks import Networks, Runner, register_tasks
from records.folder import DataFolder, DataFolderError, data_folder_of

_ORPHAN_WATCH_S = 0.25
_LEAVE_WATCH_S = 0.1

_log = logging.getLogger(__name__)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `argonscope worker`."""
    parser.add_argument(
        "--data-dir", type=Path, metavar="D", help="the app's data folder (default: as for app.py)"
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: %(default)s)")
    parser.add_argument("--parent", type=int, metavar="PID", help="stop when this parent process is gone")
    parser.add_argument(
        "--patience", type=float, default=math.inf, metavar="S",
        help="seconds that a job may run on after SIGTERM (default: until it ends)",
    )  # fmt: skip


def run(given: argparse.Namespace, networks: Networks | None = None) -> int:
    """`argonscope worker`: one more worker on a data folder. Returns the exit code."""
    folder = DataFolder(given.data_dir or data_folder_of(os.environ))
    try:
        folder.prepare(space_needed=0)
        broker = broker_of(os.environ)
    except (DataFolderError, ValueError) as error:
        print(f"The worker cannot start. {error}", file=sys.stderr)
        return 2
    prepare_process()
    if given.parent is not None:
        _when_orphaned(given.parent, _kill_group)
    return run_worker(folder, broker, networks or Shelf(given.device), given.patience)


def main(networks: Networks | None = None) -> int:
    """``python -m inference.worker``, which is how the app starts its own."""
    parser = argparse.ArgumentParser(prog="argonscope worker", description="Run networks for the web page.")
    add_options(parser)
    return run(parser.parse_args(), networks)


def run_worker(
    folder: DataFolder, broker: str | None, networks: Networks, patience_s: float = math.inf
) -> int:
    """Work until SIGTERM or SIGINT, then let the job that runs go on for so many seconds."""
    name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    app = make_queue(folder, broker)
    register_tasks(app, Runner(folder, name, networks))
    life = _Life(folder, name)

    def warm_up(**_: Any) -> None:
        _when_orphaned(os.getppid(), _kill_self)
        networks.warm()
        life.warm_file.write_text(str(os.getpid()))

    signals.worker_process_init.connect(warm_up, weak=False)
    life.begin(patience_s)
    controller = app.Worker(
        hostname=name,
        pool="prefork",
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    try:
        controller.start()
    finally:
        life.end()
    return int(controller.exitcode or 0)


class _Life:
    """The heartbeat of this worker, and its way out."""

    def __init__(self, folder: DataFolder, name: str) -> None:
        self.warm_file = folder.workers / f"{name}.warm"
        self._name = name
        self._heartbeats = Heartbeats(folder.workers)
        self._ended = threading.Event()

    def begin(self, patience_s: float) -> None:
        """Show life from now on, and leave soon after a signal says so."""
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        threading.Thread(target=self._leave_when_told, args=(patience_s,), name="leave", daemon=True).start()

    def end(self) -> None:
        """Show no life any more."""
        self._ended.set()
        self._heartbeats.remove(self._name)
        self.warm_file.unlink(missing_ok=True)

    def _beat(self) -> None:
        started = idle_since = time.time()
        while True:
            now = time.time()
            held = _held()
            idle_since = now if held else idle_since
            try:
                self._heartbeats.write(
                    Heartbeat(
                        id=self._name,
                        host=socket.gethostname(),
                        pid=os.getpid(),
                        started=started,
                        beat=now,
                        idle_since=idle_since,
                        warm=_warm_process(self.warm_file),
                        held=held,
                    )
                )
            except OSError as error:
                _log.warning("the heartbeat cannot be written: %s", error)
            if self._ended.wait(BEAT_S):
                return

    def _leave_when_told(self, patience_s: float) -> None:
        """Celery's own way out takes six seconds even when nothing runs, so this one is quicker: when
        Celery has stopped taking messages and holds none for two looks, nothing can be lost."""
        while celery_state.should_stop is None and celery_state.should_terminate is None:
            time.sleep(_LEAVE_WATCH_S)
        told, empty = time.monotonic(), 0
        while empty < 2 and time.monotonic() - told < patience_s:
            time.sleep(_LEAVE_WATCH_S)
            empty = 0 if _held() else empty + 1
        self.end()
        for child in active_children():
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
        os._exit(0)


def _held() -> list[str]:
    """Tickets that the worker has taken: Celery's task ids."""
    while True:
        try:
            return [request.id for request in celery_state.reserved_requests]
        except RuntimeError:
            continue  # the set changed while it was read


def _warm_process(warm_file: Path) -> int:
    try:
        pid = int(warm_file.read_text())
    except (OSError, ValueError):
        return 0
    return pid if process_lives(pid) else 0


def _when_orphaned(parent: int, end: Callable[[], None]) -> None:
    """Call end soon after the parent is gone, however it went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_ORPHAN_WATCH_S)
        end()

    threading.Thread(target=watch, name="orphan-watch", daemon=True).start()


def _kill_group() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
