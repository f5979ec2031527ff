"""A worker whose network is a rule on the charge; what else it does is in the weights' name."""

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


class RuleNetwork:
    """HIP above 120 ADC after gain, else MIP. quick; slow: 10 s; broken: fails; deadly: dies in its
    first run; counting: the MIP score of N lit pixels is N / (N + 50), the rest is HIP."""

    def __init__(self, request: JobRequest, attempt: int) -> None:
        self._request = request
        self._attempt = attempt

    def __call__(self, image: WireImage, progress: Callable[[float], None]) -> Prediction:
        name = self._request.weights
        if name == "broken":
            raise ValueError("The rule network is broken on purpose.")
        if name == "deadly" and self._attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "slow":
            for step in range(200):
                time.sleep(0.05)
                progress(step / 200)
        charge = image.adc * image.gain
        scores = np.full((len(image), 5), 0.025, np.float32)
        scores[np.arange(len(image)), np.where(charge > 120, 0, 1)] = 0.9
        if name == "counting":
            scores[:] = 0
            scores[:, 1] = len(image) / (len(image) + 50)
            scores[:, 0] = 1 - scores[:, 1]
        scores[(charge <= 10) | (charge >= 300)] = np.nan
        return Prediction(image.plane, scores, "uresnet", name, self._request.weights_hash, "cpu", 0.125)


class RuleNetworks:
    """Every name is a network."""

    def __init__(self, jobs: JobFolder) -> None:
        self._jobs = jobs

    def warm(self) -> None:
        """Nothing to load."""

    def find(self, request: JobRequest) -> RuleNetwork:
        """The behaviour of that name."""
        run = self._jobs.run(request)
        return RuleNetwork(request, run.attempt if run else 0)


if __name__ == "__main__":
    folder = Path(sys.argv[sys.argv.index("--data-dir") + 1])
    sys.exit(main(networks=RuleNetworks(JobFolder(folder / "jobs"))))
