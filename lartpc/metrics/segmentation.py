"""Pixel classes compared: confusion, accuracy, recall and purity, for five classes or track and shower.

Shape shorthand: N pixels, C classes. Every figure takes confusions (..., C, C), rows true and columns
predicted, in pixels or in charge, and is NaN where it has nothing to count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lartpc.classes import PIXEL_CLASSES, PixelClass

TRACK = (PixelClass.HIP, PixelClass.MIP)
"""The classes of tracks; shower, delta and Michel are the showers (MICROBOONE-NOTE-1091-PUB)."""
TRACK_SHOWER = ("track", "shower")
"""The two classes after the collapse, in the order of their rows."""


def confusion(truth: ArrayLike, predicted: ArrayLike, classes: int = len(PIXEL_CLASSES)) -> NDArray[np.int64]:
    """Pixels by true class (row) and predicted class (column): (N,), (N,) → int64 (C, C).

    Pixels of unknown truth (-1) are not counted. Raises ValueError where the two differ in shape,
    where a true class is none of -1 to C - 1 or a predicted one none of 0 to C - 1.
    """
    pairs, _ = _pairs(truth, predicted, classes)
    counts = np.bincount(pairs, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def weighted_confusion(
    truth: ArrayLike, predicted: ArrayLike, weights: ArrayLike, classes: int = len(PIXEL_CLASSES)
) -> NDArray[np.float64]:
    """The same with what each pixel weighs, such as its charge: (N,), (N,), (N,) → float64 (C, C)."""
    pairs, known = _pairs(truth, predicted, classes)
    sums = np.bincount(pairs, np.asarray(weights, np.float64)[known], minlength=classes * classes)
    return sums.reshape(classes, classes).astype(np.float64)


def _pairs(
    truth: ArrayLike, predicted: ArrayLike, classes: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The cell of each pixel of known truth, counted row by row, and which pixels those are."""
    true_class, predicted_class = np.asarray(truth), np.asarray(predicted)
    if true_class.shape != predicted_class.shape:
        raise ValueError(f"truth of shape {true_class.shape}, prediction of shape {predicted_class.shape}")
    known = true_class != PixelClass.UNKNOWN
    true_class = true_class[known].astype(np.int64)
    predicted_class = predicted_class[known].astype(np.int64)
    for name, values in (("true", true_class), ("predicted", predicted_class)):
        if values.size and not 0 <= values.min() <= values.max() < classes:
            raise ValueError(
                f"{name} classes from {values.min()} to {values.max()}; expected 0 to {classes - 1}"
            )
    return true_class * classes + predicted_class, known


def nonzero_accuracy(confusions: NDArray[np.number]) -> NDArray[np.float64]:
    """Share of the counted (lit) pixels that are labelled right: (..., C, C) → (...)."""
    right = np.trace(confusions, axis1=-2, axis2=-1)
    return ratio(right, confusions.sum(axis=(-2, -1)))


def recalls(confusions: NDArray[np.number]) -> NDArray[np.float64]:
    """Share of each true class that is labelled right (its efficiency): (..., C, C) → (..., C)."""
    right = np.diagonal(confusions, axis1=-2, axis2=-1)
    return ratio(right, confusions.sum(axis=-1))


def purities(confusions: NDArray[np.number]) -> NDArray[np.float64]:
    """Share of each predicted class that is of it in truth: (..., C, C) → (..., C)."""
    right = np.diagonal(confusions, axis1=-2, axis2=-1)
    return ratio(right, confusions.sum(axis=-2))


def mean_recall(confusions: NDArray[np.number]) -> NDArray[np.float64]:
    """Mean of the recalls of the classes that occur in truth: (..., C, C) → (...)."""
    values = recalls(confusions)
    occurs = ~np.isnan(values)
    return ratio(np.where(occurs, values, 0.0).sum(axis=-1), occurs.sum(axis=-1))


def normalised(confusions: NDArray[np.number], by: str) -> NDArray[np.float64]:
    """Confusions as shares: by "true", each row sums to 1 (recall); by "predicted", each column (purity)."""
    axis = {"true": -1, "predicted": -2}[by]
    whole = np.broadcast_to(confusions.sum(axis=axis, keepdims=True), confusions.shape)
    return ratio(confusions, whole)


def track_shower(confusions: NDArray[np.number]) -> NDArray[np.number]:
    """Five classes collapsed to track (HIP, MIP) and shower (the rest): (..., 5, 5) → (..., 2, 2)."""
    parts = (list(TRACK), [c for c in PIXEL_CLASSES if c not in TRACK])
    cells = [confusions[..., rows, :][..., columns].sum(axis=(-2, -1)) for rows in parts for columns in parts]
    return np.stack(cells, axis=-1).reshape(*confusions.shape[:-2], 2, 2)


def ratio(part: NDArray[np.number], whole: NDArray[np.number]) -> NDArray[np.float64]:
    """part / whole, NaN where whole is 0."""
    share = np.full(np.shape(whole), np.nan)
    return np.divide(part, whole, out=share, where=np.asarray(whole) > 0)
