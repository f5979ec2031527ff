"""A worker whose networks are rules on the charge; what else they do is in the weights' name."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.jobs import JobFolder, JobRequest
from inference.worker import main
from lartpc.classes import InstanceClass, PixelClass
from lartpc.clustering import clusters, dbscan, positions
from lartpc.event import WireImage
from lartpc.instances import Box, Instance
from records.detections import Detections
from records.predictions import Prediction


class RuleNetwork:
    """HIP above 120 ADC after gain, else MIP. quick; slow: 10 s; broken: fails; deadly: dies in its
    first run; counting: the MIP score of N lit pixels is N / (N + 50), the rest is HIP; ends: MIP, with a
    Michel at the end of the longest track and the next one a shower."""

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
        classes = _ends(image) if name == "ends" else np.where(charge > 120, 0, 1)
        scores[np.arange(len(image)), classes] = 0.9
        if name == "counting":
            scores[:] = 0
            scores[:, 1] = len(image) / (len(image) + 50)
            scores[:, 0] = 1 - scores[:, 1]
        scores[(charge <= 10) | (charge >= 300)] = np.nan
        return Prediction(image.plane, scores, "uresnet", name, self._request.weights_hash, "cpu", 0.125)


class RuleDetector:
    """Instances are clusters of 20 pixels or more, the largest first, with scores from 0.95 down by 0.05
    to 0.3. The second is a neutrino, whose mask also holds the 30 pixels of the first that come first."""

    def __init__(self, request: JobRequest) -> None:
        self._request = request

    def __call__(self, image: WireImage, progress: Callable[[float], None]) -> Detections:
        rows = np.arange(len(image), dtype=np.int32)
        masks = sorted(clusters(dbscan(positions(image), 1.5, 5), rows), key=len, reverse=True)
        masks = [mask for mask in masks if len(mask) >= 20][:14]
        masks[1] = np.union1d(masks[1], masks[0][:30])
        found = tuple(
            Instance(
                InstanceClass.NEUTRINO if place == 1 else InstanceClass.COSMIC,
                0.95 - 0.05 * place,
                _box(image, mask),
                mask.astype(np.int32),
            )
            for place, mask in enumerate(masks)
        )
        weights = self._request.weights
        digest = self._request.weights_hash
        return Detections(image.plane, found, len(image), "smask-rcnn", weights, digest, "cpu", 0.25)


def _box(image: WireImage, mask: NDArray[np.int32]) -> Box:
    rows, wires = image.rows[mask], image.wires[mask]
    return (float(rows.min()), float(wires.min()), float(rows.max() + 1), float(wires.max() + 1))


def _ends(image: WireImage) -> NDArray[np.int64]:
    """Classes (N,) by clusters alone: the last 8 pixels' reach of the largest is Michel."""
    points = positions(image)
    found = clusters(dbscan(points, 1.5, 5), np.arange(len(image), dtype=np.int32))
    found.sort(key=len, reverse=True)
    classes = np.full(len(image), PixelClass.MIP, np.int64)
    track = points[found[0]]
    apart = np.hypot(*(track - track[track[:, 1].argmax()]).T)
    classes[found[0][apart < 8]] = PixelClass.MICHEL
    classes[found[1]] = PixelClass.SHOWER
    return classes


class RuleNetworks:
    """Every name is a network."""

    def __init__(self, jobs: JobFolder) -> None:
        self._jobs = jobs

    def warm(self) -> None:
        """Nothing to load."""

    def find(self, request: JobRequest) -> RuleNetwork | RuleDetector:
        """The behaviour of that name."""
        if request.network == "smask-rcnn":
            return RuleDetector(request)
        run = self._jobs.run(request)
        return RuleNetwork(request, run.attempt if run else 0)


if __name__ == "__main__":
    folder = Path(sys.argv[sys.argv.index("--data-dir") + 1])
    sys.exit(main(networks=RuleNetworks(JobFolder(folder / "jobs"))))
