"""What a segmentation network said of one plane; `records.answers` stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_STORED_DTYPE = np.float16
"""Scores are probabilities: half precision keeps them to 5e-4 and halves the file."""

SCORE_COLUMNS = 5


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

    @property
    def classes(self) -> NDArray[np.int8]:
        """Class of the largest score of each pixel, int8 (N,); -1 where the network read nothing."""
        classes = np.full(len(self.scores), -1, np.int8)
        read = ~np.isnan(self.scores).any(axis=1)
        classes[read] = self.scores[read].argmax(axis=1)
        return classes

    def metadata(self) -> dict[str, Any]:
        """Everything but the scores, as JSON values."""
        return {
            "plane": self.plane,
            "network": self.network,
            "weights": self.weights,
            "weights_hash": self.weights_hash,
            "device": self.device,
            "seconds": self.seconds,
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The rest of it: scores float16 (N, 5)."""
        return {"scores": self.scores.astype(_STORED_DTYPE)}

    @classmethod
    def from_arrays(cls, metadata: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Prediction:
        """Inverse of metadata and arrays. Raises ValueError, KeyError, TypeError for anything else."""
        scores = arrays["scores"].astype(np.float32)
        if scores.ndim != 2 or scores.shape[1] != SCORE_COLUMNS:
            raise ValueError(f"scores of shape {scores.shape}; expected (N, {SCORE_COLUMNS})")
        return cls(scores=scores, **metadata)
