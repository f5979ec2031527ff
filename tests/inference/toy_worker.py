"""A worker with a toy network in place of a real one: what it does is in the weights' name."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from inference.jobs import JobFolder, JobRequest
from inference.worker import main
from lartpc.event import WireImage
from records.predictions import Prediction


class ToyNetwork:
    """Scores that show gain and ADC; behaviour by name: quick, slow, broken, deadly, full, or
    once slow, which hangs in its first run and is quick in the next."""

    def __init__(self, request: JobRequest, attempt: int) -> None:
        self._request = request
        self._first_run = attempt == 1

    def __call__(self, image: WireImage, progress: Callable[[float], None]) -> Prediction:
        name = self._request.weights
        if name == "broken":
            raise ValueError("The toy network is broken.")
        if name == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "full":
            raise OSError(28, "No space left on device")
        if name == "slow" or (name == "once slow" and self._first_run):
            for step in range(200):
                time.sleep(0.05)
                progress(step / 200)
        scores = np.zeros((len(image), 5), np.float32)
        scores[:, 1] = image.adc * image.gain / 1000
        return Prediction(image.plane, scores, "toy", name, self._request.weights_hash, "cpu", 0.125)


class ToyNetworks:
    """Every name is a network."""

    def __init__(self, jobs: JobFolder) -> None:
        self._jobs = jobs

    def warm(self) -> None:
        """Nothing to load."""

    def find(self, request: JobRequest) -> ToyNetwork:
        """The behaviour of that name."""
        run = self._jobs.run(request)
        return ToyNetwork(request, run.attempt if run else 0)


if __name__ == "__main__":
    folder = Path(sys.argv[sys.argv.index("--data-dir") + 1])
    sys.exit(main(networks=ToyNetworks(JobFolder(folder / "jobs"))))
