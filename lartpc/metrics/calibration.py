"""Calibration of the softmax: is a class that is given with 80 % right in 80 % of the pixels?

The confidence is the largest score; pixels are binned by it. Expected calibration error: the mean
over pixels of |accuracy - mean confidence| of their bin (arXiv:1706.04599). By class the same is done for the
pixels that the network gives to the class.

Shape shorthand: N pixels, C classes, B bins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lartpc.metrics.segmentation import ratio

BINS = 20
"""Bins of equal width of the confidence from 0 to 1; a bin holds its upper edge."""
PIXELS, RIGHT, CONFIDENCE = 0, 1, 2
"""The columns of calibration counts: pixels, those labelled right, and the sum of their confidences."""


def calibration_counts(scores: NDArray[np.floating], truth: NDArray[np.integer]) -> NDArray[np.float64]:
    """Counts by predicted class and bin of confidence: scores (N, C), true classes (N,) → (C, B, 3)."""
    classes = scores.shape[1]
    predicted = scores.argmax(axis=1)
    confidence = scores.max(axis=1).astype(np.float64) if len(scores) else np.zeros(0)
    bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    index = predicted * BINS + bins
    columns = (None, predicted == truth, confidence)
    sums = [np.bincount(index, column, minlength=classes * BINS) for column in columns]
    return np.stack(sums, axis=1).reshape(classes, BINS, 3).astype(np.float64)


def reliability(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Accuracy in each bin, NaN in an empty one: (..., B, 3) → (..., B)."""
    return ratio(counts[..., RIGHT], counts[..., PIXELS])


def mean_confidence(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean confidence in each bin, NaN in an empty one: (..., B, 3) → (..., B)."""
    return ratio(counts[..., CONFIDENCE], counts[..., PIXELS])


def expected_error(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected calibration error, NaN without pixels: (..., B, 3) → (...)."""
    gap = np.abs(counts[..., RIGHT] - counts[..., CONFIDENCE]).sum(axis=-1)
    return ratio(gap, counts[..., PIXELS].sum(axis=-1))
