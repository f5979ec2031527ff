"""Predictions on disk: one npz a job key, written to a temporary name and renamed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Prediction:
    """What a segmentation network said of one plane.

    scores: float32 (N, 5), softmax, rows in the pixel order of the image; NaN where the network
    does not read the pixel. seconds: time of the bare network call. weights_hash: SHA-256 of the
    weights file.
    """

    plane: str
    scores: NDArray[np.float32]
    network: str
    weights: str
    weights_hash: str
    device: str
    seconds: float
