"""The fixed decision rule of a set of weights: an offset a class, chosen on validation events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FIRST_VALIDATION_SEED = 500_000
"""Validation draws its seeds here: below training's, above those left for tests."""
_COARSE = np.arange(-2.5, 2.51, 0.25)
_FINE = np.arange(-0.2, 0.21, 0.1)

Scored = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Logits (N, C) and true classes (N,) of the pixels of a sample."""


def fit_offset(samples: Sequence[Scored], recall_weight: float = 0.4) -> NDArray[np.float32]:
    """Offsets (C,) that maximise non-zero accuracy + recall_weight × mean recall, in the mean over samples.

    Accuracy alone would give up the rare classes; recall alone would paint them everywhere. One class is
    moved at a time, in wide steps from anywhere, then in small ones from where it is.
    """
    offset = np.zeros(samples[0][0].shape[1])
    best = _merit(samples, offset, recall_weight)
    for steps, anywhere in 3 * [(_COARSE, True)] + 2 * [(_FINE, False)]:
        for column in range(len(offset)):
            for value in steps + (0.0 if anywhere else offset[column]):
                trial = offset.copy()
                trial[column] = value
                merit = _merit(samples, trial, recall_weight)
                if merit > best:
                    best, offset = merit, trial
    return (offset - offset.mean()).astype(np.float32)


def _merit(samples: Sequence[Scored], offset: NDArray[np.float64], weight: float) -> float:
    return float(np.mean([_merit_of(*sample, offset, weight) for sample in samples]))


def _merit_of(
    logits: NDArray[np.float32], classes: NDArray[np.int64], offset: NDArray[np.float64], weight: float
) -> float:
    count = logits.shape[1]
    right = (logits + offset.astype(np.float32)).argmax(axis=1) == classes
    recalls = np.bincount(classes, right, count) / np.maximum(np.bincount(classes, minlength=count), 1)
    return float(right.mean() + weight * recalls.mean())
