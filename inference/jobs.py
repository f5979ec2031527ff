"""Jobs as files that web process and worker share: what was asked, and how far it is.

``jobs/<key>.json`` says what was asked and under which ticket; a new ticket replaces a cancelled or
failed one. ``jobs/<ticket>/`` holds the rest, each file with one writer: image.npz, cancelled and
resent from the side that asks, run.json from the worker. Messages carry key and ticket, so one that
comes late, or twice, finds out that it is no longer wanted.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lartpc.event import WireImage
from records.answers import is_key
from records.folder import read_json, write_json

_TICKET = re.compile(r"[0-9a-f]{32}")
_KEPT_S = 24 * 3600.0
"""How long a failed or cancelled job is remembered."""


@dataclass(frozen=True)
class JobRequest:
    """What was asked. submitted: seconds since 1970. weights: name; weights_hash: their SHA-256.

    image_hash: content hash of the image, of all of it where a part is asked about.
    """

    key: str
    ticket: str
    plane: str
    network: str
    weights: str
    weights_hash: str
    settings: Mapping[str, Any]
    submitted: float
    image_hash: str


@dataclass(frozen=True)
class JobRun:
    """What the worker says of it. attempt counts from 1; worker is the id of its heartbeat."""

    worker: str
    attempt: int
    started: float
    progress: float = 0.0
    state: Literal["running", "failed"] = "running"
    error: str | None = None


def job_key(image: WireImage, network: str, weights_hash: str, settings: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of everything that decides the answer, so that equal questions are one job."""
    identity = [image.content_hash, float(image.gain), image.plane, network, weights_hash, dict(settings)]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


class JobFolder:
    """The files of all jobs. Methods raise OSError when the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, request: JobRequest, image: WireImage) -> None:
        """Put a job down: its pixels first, so that a request never stands without them."""
        former = self.request(request.key)
        place = self._place(request.ticket)
        place.mkdir(parents=True)
        _write_image(place / "image.npz", image)
        write_json(self._request_path(request.key), asdict(request))
        if former is not None:
            shutil.rmtree(self._place(former.ticket), ignore_errors=True)

    def request(self, key: str) -> JobRequest | None:
        """What was asked under a key, or None."""
        value = read_json(self._request_path(key)) if is_key(key) else None
        if value is None or not _TICKET.fullmatch(str(value.get("ticket"))):
            return None
        try:
            return JobRequest(**value)
        except TypeError:
            return None

    def requests(self) -> list[JobRequest]:
        """All jobs on file, oldest first."""
        found = (self.request(path.stem) for path in self._folder.glob("*.json"))
        return sorted((r for r in found if r is not None), key=lambda request: request.submitted)

    def image(self, request: JobRequest) -> WireImage:
        """The pixels to run on. Raises OSError, ValueError when they are gone or damaged."""
        return _read_image(self._place(request.ticket) / "image.npz")

    def run(self, request: JobRequest) -> JobRun | None:
        """How far the worker is, or None before it started."""
        value = read_json(self._place(request.ticket) / "run.json")
        return None if value is None else JobRun(**value)

    def write_run(self, request: JobRequest, run: JobRun) -> None:
        """Tell how far it is. A failed one first gives its pixels back, so that even a full disk has
        room for the reason."""
        place = self._place(request.ticket)
        if run.state == "failed":
            (place / "image.npz").unlink(missing_ok=True)
        if place.is_dir():
            write_json(place / "run.json", asdict(run))

    def cancel(self, request: JobRequest) -> None:
        """Mark as not wanted any more; the worker looks between layers."""
        place = self._place(request.ticket)
        try:
            (place / "cancelled").touch()
        except FileNotFoundError:
            return  # its answer was stored just now, and the job removed
        (place / "image.npz").unlink(missing_ok=True)

    def cancelled(self, request: JobRequest) -> bool:
        """Whether the one who asked withdrew it."""
        return (self._place(request.ticket) / "cancelled").exists()

    def wanted(self, request: JobRequest) -> bool:
        """Whether this very ticket is still to be run."""
        current = self.request(request.key)
        return current is not None and current.ticket == request.ticket and not self.cancelled(request)

    def resent(self, request: JobRequest) -> float | None:
        """When a lost job was put on the queue a second time (seconds since 1970), or None."""
        try:
            return (self._place(request.ticket) / "resent").stat().st_mtime
        except OSError:
            return None

    def mark_resent(self, request: JobRequest) -> bool:
        """Claim the one second try of a job; False if it was claimed before."""
        try:
            (self._place(request.ticket) / "resent").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def remove(self, request: JobRequest) -> None:
        """Forget a job whose answer is stored, unless a newer ticket stands in its place."""
        current = self.request(request.key)
        if current is None or current.ticket == request.ticket:
            self._request_path(request.key).unlink(missing_ok=True)
        shutil.rmtree(self._place(request.ticket), ignore_errors=True)

    def sweep(self, now: float | None = None) -> None:
        """Forget failed and cancelled jobs of yesterday, and tickets that nothing points to."""
        now = time.time() if now is None else now
        for request in self.requests():
            run = self.run(request)
            over = self.cancelled(request) or (run is not None and run.state == "failed")
            if over and now - request.submitted > _KEPT_S:
                self.remove(request)
        tickets = {request.ticket for request in self.requests()}
        for place in self._folder.iterdir():
            loose = place.is_dir() and place.name not in tickets
            if loose and now - place.stat().st_mtime > _KEPT_S:
                shutil.rmtree(place, ignore_errors=True)

    def _request_path(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _place(self, ticket: str) -> Path:
        return self._folder / ticket


def new_ticket() -> str:
    """A name for one submission of a job."""
    return uuid.uuid4().hex


def _write_image(path: Path, image: WireImage) -> None:
    text = json.dumps(
        {
            "plane": image.plane,
            "shape": image.shape,
            "ticks_per_row": image.ticks_per_row,
            "first_tick": image.first_tick,
            "first_wire": image.first_wire,
            "tick_order": image.tick_order,
            "gain": image.gain,
        }
    )
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        np.savez(
            file,
            rows=image.rows,
            wires=image.wires,
            adc=image.adc,
            dead_wires=image.dead_wires,
            metadata=np.frombuffer(text.encode(), np.uint8),
        )
    os.replace(temporary, path)


def _read_image(path: Path) -> WireImage:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        metadata = json.loads(arrays["metadata"].tobytes())
        metadata["shape"] = tuple(metadata["shape"])
        return WireImage(
            rows=arrays["rows"],
            wires=arrays["wires"],
            adc=arrays["adc"],
            dead_wires=arrays["dead_wires"],
            **metadata,
        )
