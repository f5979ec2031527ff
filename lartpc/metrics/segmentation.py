"""Pixel classes compared: confusion, accuracy and recall, with intervals over events.

Shape shorthand: N pixels, C classes, E events. Every statistic takes confusions (..., C, C), rows
true and columns predicted, and is NaN where it has nothing to count.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lartpc.classes import PIXEL_CLASSES

Statistic = Callable[[NDArray[np.int64]], NDArray[np.float64]]


def confusion(truth: ArrayLike, predicted: ArrayLike, classes: int = len(PIXEL_CLASSES)) -> NDArray[np.int64]:
    """Pixels by true class (row) and predicted class (column): (N,), (N,) → int64 (C, C).

    Pixels of unknown truth (below 0) are not counted. Raises ValueError where the two differ in
    shape, or where a class that counts is none of 0 to C - 1.
    """
    true_class, predicted_class = np.asarray(truth), np.asarray(predicted)
    if true_class.shape != predicted_class.shape:
        raise ValueError(f"truth of shape {true_class.shape}, prediction of shape {predicted_class.shape}")
    known = true_class >= 0
    true_class = true_class[known].astype(np.int64)
    predicted_class = predicted_class[known].astype(np.int64)
    for name, values in (("true", true_class), ("predicted", predicted_class)):
        if values.size and not 0 <= values.min() <= values.max() < classes:
            raise ValueError(
                f"{name} classes from {values.min()} to {values.max()}; expected 0 to {classes - 1}"
            )
    pairs = true_class * classes + predicted_class
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def nonzero_accuracy(confusions: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the counted (lit) pixels that are labelled right: (..., C, C) → (...)."""
    right = np.trace(confusions, axis1=-2, axis2=-1)
    return _ratio(right, confusions.sum(axis=(-2, -1)))


def recalls(confusions: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of each true class that is labelled right: (..., C, C) → (..., C)."""
    right = np.diagonal(confusions, axis1=-2, axis2=-1)
    return _ratio(right, confusions.sum(axis=-1))


def mean_recall(confusions: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean of the recalls of the classes that occur in truth: (..., C, C) → (...)."""
    values = recalls(confusions)
    occurs = ~np.isnan(values)
    return _ratio(np.where(occurs, values, 0.0).sum(axis=-1), occurs.sum(axis=-1))


def bootstrap_interval(
    confusions: NDArray[np.int64],
    statistic: Statistic,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentile interval of a statistic over events: (E, C, C) → its low and its high end.

    Events are drawn with replacement, whole, because pixels of one event err together. Draws in
    which the statistic is undefined do not count; without any other draw an end is NaN.
    """
    events = len(confusions)
    if events == 0:
        undefined = np.asarray(statistic(np.zeros(confusions.shape[1:], np.int64)))
        return undefined, undefined
    draws = np.random.default_rng(seed).multinomial(events, np.full(events, 1.0 / events), size=resamples)
    values = np.asarray(statistic(np.tensordot(draws, confusions, axes=1)))
    tail = (1.0 - confidence) / 2.0
    low, high = _quantiles(values.reshape(resamples, -1), (tail, 1.0 - tail))
    return low.reshape(values.shape[1:]), high.reshape(values.shape[1:])


def _quantiles(values: NDArray[np.float64], shares: tuple[float, float]) -> NDArray[np.float64]:
    """Quantiles of every column without its NaN: (R, S) → (2, S)."""
    columns = [column[~np.isnan(column)] for column in values.T]
    ends = [np.quantile(column, shares) if len(column) else np.full(2, np.nan) for column in columns]
    return np.array(ends).T


def _ratio(part: NDArray[np.number], whole: NDArray[np.number]) -> NDArray[np.float64]:
    share = np.full(np.shape(whole), np.nan)
    return np.divide(part, whole, out=share, where=np.asarray(whole) > 0)
