"""Submit, watch and cancel jobs. Torch-free: this is all that the viewer knows of inference.

The asking side also notices lost jobs: a broker on files forgets a message once it is delivered, so
a worker that is killed outright takes its job with it. A job that no living worker holds is put on
the queue once more, and given up when it is lost again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from kombu.exceptions import OperationalError

from inference.cards import SHIPPED_EVALUATIONS, WeightsCard, available_weights, default_weights
from inference.heartbeats import NO_WORKER, Heartbeat, Heartbeats, WorkerState
from inference.jobs import JobFolder, JobRequest, JobRun, job_key, new_ticket
from inference.queue import HARD_LIMIT_S, SEGMENT, broker_of, make_queue
from inference.settings import (
    DETECTOR,
    SEGMENTER,
    SETTINGS,
    DetectorSettings,
    NetworkSettings,
    SegmenterSettings,
    readable,
)
from lartpc.event import WireImage
from records.answers import AnswerStore
from records.folder import DataFolder

__all__ = [
    "DETECTOR",
    "SEGMENTER",
    "SETTINGS",
    "SHIPPED_EVALUATIONS",
    "DetectorSettings",
    "JobClient",
    "JobState",
    "NetworkSettings",
    "QueueError",
    "SegmenterSettings",
    "WeightsCard",
    "WorkerState",
    "available_weights",
    "broker_of",
    "default_weights",
    "readable",
]

State = Literal["queued", "running", "done", "failed", "cancelled", "unknown"]

_LOST_AFTER_S = 2.0
"""A worker that has been idle this long while a job waits will never get its message."""


class QueueError(Exception):
    """A job cannot be put on the queue; the text is one sentence for the user."""


@dataclass(frozen=True)
class JobState:
    """What the page shows of a job.

    position: jobs to finish first, 0 is next. progress: 0..1. seconds: network time of the answer.
    message: why it waits, in words, where that is worth saying.
    """

    key: str
    state: State
    position: int | None = None
    progress: float | None = None
    error: str | None = None
    seconds: float | None = None
    message: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields that say something."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class JobClient:
    """The asking side of the queue. Safe to use from many threads and many processes."""

    def __init__(self, folder: DataFolder, answers: AnswerStore, broker: str | None = None) -> None:
        self._queue = make_queue(folder, broker)
        self._jobs = JobFolder(folder.jobs)
        self._heartbeats = Heartbeats(folder.workers)
        self._answers = answers
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()
        self._jobs.sweep()

    def key(self, image: WireImage, card: WeightsCard, settings: NetworkSettings | None = None) -> str:
        """The key under which the answer to this question is stored."""
        return job_key(image, card.network, card.sha256, asdict(settings or SETTINGS[card.network]()))

    def submit(
        self,
        image: WireImage,
        card: WeightsCard,
        settings: NetworkSettings | None = None,
        whole: WireImage | None = None,
    ) -> JobState:
        """Ask for an answer; one that is stored, waits or runs already is not asked for again.

        whole: the image that this one is a part of. Raises QueueError when data folder or broker refuse.
        """
        settings = settings or SETTINGS[card.network]()
        key = self.key(image, card, settings)
        with self._lock:
            known = self.state(key)
            if known.state in ("queued", "running", "done"):
                return known
            request = JobRequest(
                key=key,
                ticket=new_ticket(),
                plane=image.plane,
                network=card.network,
                weights=card.name,
                weights_hash=card.sha256,
                settings=asdict(settings),
                submitted=time.time(),
                image_hash=(whole or image).content_hash,
            )
            self._put_down(request, image)
        return self.state(key)

    def state(self, key: str) -> JobState:
        """Where a job stands; puts a lost one on the queue once more."""
        return self.states([key])[key]

    def states(self, keys: Iterable[str]) -> dict[str, JobState]:
        """state of many, with one look at workers and queue."""
        look = _Look(self._jobs, self._heartbeats)
        return {key: self._state(key, look) for key in keys}

    def cancel(self, key: str) -> JobState:
        """Withdraw a job that waits or runs; its answer, if it is there already, stays."""
        request = self._jobs.request(key)
        if request is not None and self.state(key).state in ("queued", "running"):
            self._jobs.cancel(request)
        return self.state(key)

    def image_of(self, key: str) -> str | None:
        """Content hash of the image that a job or a stored answer is of, as `AnswerStore.image_of`."""
        # A job goes away only after its answer is stored, so in this order none is overlooked.
        request = self._jobs.request(key)
        return self._answers.image_of(key) if request is None else request.image_hash

    def worker(self) -> WorkerState:
        """Whether anybody would run a job."""
        return self._heartbeats.state()

    def close(self) -> None:
        """Close the connection to the broker."""
        self._queue.close()

    def _put_down(self, request: JobRequest, image: WireImage) -> None:
        try:
            self._jobs.add(request, image)
            self._send(request)
        except OSError as error:
            self._jobs.remove(request)
            raise QueueError(_disk_sentence(error)) from error
        except QueueError:
            self._jobs.remove(request)
            raise

    def _send(self, request: JobRequest) -> None:
        try:
            self._queue.send_task(SEGMENT, args=[request.key, request.ticket], task_id=request.ticket)
        except OperationalError as error:
            raise QueueError(f"The job queue cannot be reached ({error}); is the broker running?") from error

    def _state(self, key: str, look: _Look) -> JobState:
        if self._answers.has(key):
            return self._done(key)
        request = self._jobs.request(key)
        if request is None:
            # The worker stores an answer before it takes the job away, so look again.
            return self._done(key) if self._answers.has(key) else JobState(key, "unknown")
        if self._jobs.cancelled(request):
            return JobState(key, "cancelled")
        run = self._jobs.run(request)
        if run is not None and run.state == "failed":
            return JobState(key, "failed", error=run.error)
        return self._under_way(request, run, look)

    def _under_way(self, request: JobRequest, run: JobRun | None, look: _Look) -> JobState:
        resent = self._jobs.resent(request)
        sent = request.submitted if resent is None else resent
        if run is not None and run.started >= sent:
            if look.runs(request, run):
                return JobState(request.key, "running", progress=run.progress)
            lost = look.worker_gone(request, run)
        else:
            lost = look.message_gone(request, sent)
        if lost:
            return self._recover(request, run, look)
        return self._queued(request, look)

    def _recover(self, request: JobRequest, run: JobRun | None, look: _Look) -> JobState:
        try:
            if self._jobs.mark_resent(request):
                self._send(request)
                return self._queued(request, look)
            failed = replace(run or JobRun("", 0, 0.0), state="failed", error=_LOST_TWICE)
            if self._jobs.wanted(request):
                self._jobs.write_run(request, failed)
        except OSError as error:
            return JobState(request.key, "failed", error=_disk_sentence(error))
        except QueueError as error:
            return JobState(request.key, "failed", error=str(error))
        return self._state(request.key, look)

    def _queued(self, request: JobRequest, look: _Look) -> JobState:
        return JobState(request.key, "queued", position=look.position(request), message=look.why_waiting())

    def _done(self, key: str) -> JobState:
        if key not in self._seconds:
            answer = self._answers.get(key)
            if answer is None:
                return JobState(key, "unknown")
            self._seconds[key] = answer.seconds
        return JobState(key, "done", progress=1.0, seconds=self._seconds[key])


_LOST_TWICE = (
    "The worker stopped twice while this job was its turn, so it was given up; "
    "too little memory is the usual reason."
)


def _disk_sentence(error: OSError) -> str:
    reason = (error.strerror or type(error).__name__).lower()
    return f"The data folder cannot be written ({reason})."


class _Look:
    """One look at workers and queue, for all keys of one question."""

    def __init__(self, jobs: JobFolder, heartbeats: Heartbeats) -> None:
        self._jobs = jobs
        self._heartbeats = heartbeats
        self._alive: dict[str, Heartbeat] | None = None
        self._ahead: list[str] | None = None

    @property
    def alive(self) -> dict[str, Heartbeat]:
        if self._alive is None:
            self._alive = self._heartbeats.alive()
        return self._alive

    def runs(self, request: JobRequest, run: JobRun) -> bool:
        """A living worker holds it, or took it so lately that it has not said so yet."""
        worker = self.alive.get(run.worker)
        if worker is None or time.time() - run.started > HARD_LIMIT_S:
            return False
        return request.ticket in worker.held or worker.beat < run.started + _LOST_AFTER_S

    def worker_gone(self, request: JobRequest, run: JobRun) -> bool:
        """It ran, and no living worker holds it now."""
        held = any(request.ticket in worker.held for worker in self.alive.values())
        worker = self.alive.get(run.worker)
        settled = worker is None or time.time() - worker.idle_since > _LOST_AFTER_S
        return not held and settled

    def message_gone(self, request: JobRequest, sent: float) -> bool:
        """It waits although a worker has had nothing to do for a while."""
        now = time.time()
        return any(
            now - max(worker.idle_since, sent) > _LOST_AFTER_S and not worker.held
            for worker in self.alive.values()
        )

    def position(self, request: JobRequest) -> int:
        """How many jobs come before it."""
        if self._ahead is None:
            self._ahead = [r.key for r in self._jobs.requests() if self._open(r)]
        return self._ahead.index(request.key) if request.key in self._ahead else 0

    def why_waiting(self) -> str | None:
        """A sentence where waiting has another reason than the jobs ahead."""
        if not self.alive:
            return NO_WORKER
        if not any(worker.warm for worker in self.alive.values()):
            return "The worker is starting."
        return None

    def _open(self, request: JobRequest) -> bool:
        run = self._jobs.run(request)
        return not self._jobs.cancelled(request) and (run is None or run.state == "running")
