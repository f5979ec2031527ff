"""Signs of life of workers: one small file each, so that everybody who shares the data folder sees
whether a job can be expected to run, and which jobs a worker holds."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from records.folder import read_json, write_json

BEAT_S = 0.5
_SILENT_HERE_S = 60.0
"""On this machine the process table knows better; a suspended laptop must not look dead."""
_SILENT_ELSEWHERE_S = 10.0


@dataclass(frozen=True)
class Heartbeat:
    """One worker. held: tickets it has taken from the queue; idle_since: when it last held any.

    warm: process that has its weights loaded, 0 while none has. Times are seconds since 1970.
    """

    id: str
    host: str
    pid: int
    started: float
    beat: float
    idle_since: float
    warm: int = 0
    held: Sequence[str] = ()


@dataclass(frozen=True)
class WorkerState:
    """What the page says about workers in general."""

    state: Literal["ready", "starting", "absent"]
    message: str
    workers: int


class Heartbeats:
    """The folder of heartbeats."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, heartbeat: Heartbeat) -> None:
        """Show this worker as alive now. Raises OSError."""
        write_json(self._folder / f"{heartbeat.id}.json", asdict(heartbeat))

    def remove(self, worker: str) -> None:
        """Take a worker that stops off the list."""
        (self._folder / f"{worker}.json").unlink(missing_ok=True)

    def alive(self) -> dict[str, Heartbeat]:
        """Workers that live, by id; what dead ones of this machine left is cleared away."""
        found: dict[str, Heartbeat] = {}
        for path in self._folder.glob("[!.]*.json"):
            value = read_json(path)
            if value is None:
                continue
            heartbeat = Heartbeat(**value)
            if _lives(heartbeat):
                found[heartbeat.id] = heartbeat
            elif heartbeat.host == socket.gethostname():
                path.unlink(missing_ok=True)
        return found

    def state(self) -> WorkerState:
        """Ready, starting or absent, in one sentence for the user."""
        alive = self.alive()
        if not alive:
            return WorkerState("absent", NO_WORKER, 0)
        if not any(heartbeat.warm for heartbeat in alive.values()):
            return WorkerState("starting", "The worker is starting.", len(alive))
        return WorkerState("ready", "The worker is ready.", len(alive))


NO_WORKER = "No worker is running; start one with `argonscope worker` on the same data folder."


def _lives(heartbeat: Heartbeat) -> bool:
    silence = time.time() - heartbeat.beat
    if heartbeat.host == socket.gethostname():
        return silence < _SILENT_HERE_S and process_lives(heartbeat.pid)
    return silence < _SILENT_ELSEWHERE_S


def process_lives(pid: int) -> bool:
    """Whether this machine runs a process of that number; one that waits to be buried does not count."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
