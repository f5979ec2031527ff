"""What the worker does with a job. torch is imported when weights are loaded, not before."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded

from inference.heartbeats import Heartbeats
from inference.jobs import JobFolder, JobRequest, JobRun
from inference.queue import SEGMENT, SOFT_LIMIT_S
from lartpc.event import WireImage
from records.answers import Answer, AnswerStore
from records.folder import DataFolder

MAX_ATTEMPTS = 2
_TELL_EVERY_S = 0.05

_log = logging.getLogger(__name__)


class Network(Protocol):
    """A network with its weights and the settings of a job."""

    def __call__(self, image: WireImage, progress: Callable[[float], None]) -> Answer: ...


class Networks(Protocol):
    """Where the worker takes its networks from."""

    def warm(self) -> None:
        """Load what will be asked for most."""

    def find(self, request: JobRequest) -> Network:
        """The network a job names; raises ValueError with a sentence when there is none."""


class _CancelledError(Exception):
    """The job is not wanted any more; raised between layers to get out of the network."""


class Runner:
    """Runs jobs one after another, and tells in their files how far it is."""

    def __init__(self, folder: DataFolder, worker: str, networks: Networks) -> None:
        self._jobs = JobFolder(folder.jobs)
        self._heartbeats = Heartbeats(folder.workers)
        self._answers = AnswerStore(folder.predictions)
        self._worker = worker
        self._networks = networks

    def run(self, key: str, ticket: str) -> None:
        """Run the job if it is still wanted; what goes wrong is told to the one who asked."""
        request = self._jobs.request(key)
        if request is None or request.ticket != ticket or not self._jobs.wanted(request):
            return
        if self._answers.has(key):
            self._jobs.remove(request)
            return
        run = self._next_run(request)
        if run is not None:
            self._attempt(request, run)

    def _next_run(self, request: JobRequest) -> JobRun | None:
        """The run that begins now, or None when another worker runs it or it was tried enough."""
        before = self._jobs.run(request)
        attempt = 1 if before is None else before.attempt + 1
        if before is not None and before.worker != self._worker and before.worker in self._heartbeats.alive():
            return None
        run = JobRun(self._worker, attempt, time.time())
        if attempt > MAX_ATTEMPTS:
            self._fail(
                request,
                run,
                f"The worker was stopped {MAX_ATTEMPTS} times while it ran this job, so it was given up; "
                "too little memory is the usual reason.",
            )
            return None
        self._jobs.write_run(request, run)
        return run

    def _attempt(self, request: JobRequest, run: JobRun) -> None:
        try:
            image = self._jobs.image(request)
            network = self._networks.find(request)
            answer = network(image, self._progress(request, run))
            if self._jobs.wanted(request):
                self._answers.put(request.key, answer, request.image_hash)
                self._jobs.remove(request)
        except _CancelledError:
            return
        except SoftTimeLimitExceeded:
            self._fail(request, run, f"The network took longer than {SOFT_LIMIT_S} s and was stopped.")
        except Exception as error:
            _log.exception("job %s failed", request.key)
            self._fail(request, run, _reason(error))

    def _progress(self, request: JobRequest, run: JobRun) -> Callable[[float], None]:
        told = time.monotonic()

        def tell(fraction: float) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told < _TELL_EVERY_S:
                return
            told = now
            if not self._jobs.wanted(request):
                raise _CancelledError
            self._jobs.write_run(request, replace(run, progress=min(max(fraction, 0.0), 1.0)))

        return tell

    def _fail(self, request: JobRequest, run: JobRun, reason: str) -> None:
        try:
            self._jobs.write_run(request, replace(run, state="failed", error=reason))
        except OSError:
            # The asking side finds the job unheld, cannot write either, and says so.
            _log.exception("the failure of job %s cannot be told", request.key)


def register_tasks(app: Celery, runner: Runner) -> None:
    """Put the worker's tasks on a Celery app."""
    app.task(runner.run, name=SEGMENT)


def _reason(error: Exception) -> str:
    """One sentence for the user."""
    if isinstance(error, MemoryError):
        return "The worker ran out of memory."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The answer could not be stored: {os.strerror(error.errno).lower()}."
    if isinstance(error, ValueError):
        return str(error)
    return f"The network failed: {type(error).__name__}: {error}"
