"""Percentile intervals by bootstrap over events.

Events are drawn with replacement, whole, because the pixels of one event err together. A statistic
is a function of how often each event counts, so that all resamples are computed at once.

Shape shorthand: R resamples, E events.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""How often each event counts (R, E) → the figure in each resample (R, ...); NaN where undefined."""


@dataclass(frozen=True)
class Estimate:
    """A figure of a sample, one number or an array, and the ends of its interval, of the same shape."""

    value: Floats
    low: Floats
    high: Floats

    def __getitem__(self, index: Any) -> Estimate:
        """One of several figures."""
        return Estimate(self.value[index], self.low[index], self.high[index])


def bootstrap(
    statistic: Statistic, events: int, confidence: float = 0.95, resamples: int = 1000, seed: int = 0
) -> Estimate:
    """A statistic of a sample with its percentile interval.

    Resamples in which it is undefined do not count; without any other, an end is NaN.
    """
    value = statistic(np.ones((1, events)))[0]
    if events == 0:
        return Estimate(value, value, value)
    found = statistic(_draws(events, resamples, seed))
    tail = (1.0 - confidence) / 2.0
    low, high = _quantiles(found.reshape(resamples, -1), (tail, 1.0 - tail))
    return Estimate(value, low.reshape(np.shape(value)), high.reshape(np.shape(value)))


def of_sums(sums: ArrayLike, figure: Callable[[Any], Floats]) -> Statistic:
    """The statistic of a figure that follows from sums over events.

    sums: (E, ...), what each event adds. figure: sums of many resamples (R, ...) → (R, ...).
    """
    each = np.asarray(sums, np.float64)
    flat = each.reshape(len(each), math.prod(each.shape[1:]))
    return lambda times: figure((times @ flat).reshape(len(times), *each.shape[1:]))


def mean_of(values: ArrayLike) -> Statistic:
    """The statistic of a mean over events: values (E,), NaN for an event that has none."""
    each = np.asarray(values, np.float64)
    has = ~np.isnan(each)

    def statistic(times: Floats) -> Floats:
        number = times[:, has].sum(axis=1)
        mean = np.full(len(times), np.nan)
        return np.divide(times[:, has] @ each[has], number, out=mean, where=number > 0)

    return statistic


def quantile_of(values: ArrayLike, share: float) -> Statistic:
    """The statistic of a quantile over events, interpolated linearly as NumPy does it.

    values: (E,), NaN for an event that has none. share: 0.5 is the median.
    """
    each = np.asarray(values, np.float64)
    order = np.argsort(each)[: np.count_nonzero(~np.isnan(each))]
    ordered = each[order]

    def statistic(times: Floats) -> Floats:
        if not len(ordered):
            return np.full(len(times), np.nan)
        # A resample is the ordered values, each as often as its event counts; `ends` is where each stops.
        ends = times[:, order].cumsum(axis=1)
        number = ends[:, -1]
        position = np.maximum(number - 1.0, 0.0) * share
        below = _nth(ordered, ends, np.floor(position))
        above = _nth(ordered, ends, np.ceil(position))
        found = below + (above - below) * (position - np.floor(position))
        return np.where(number > 0, found, np.nan)

    return statistic


def _nth(ordered: Floats, ends: Floats, place: Floats) -> Floats:
    """The value at a place (R,), counted from 0, of every resample."""
    index = (ends <= place[:, None]).sum(axis=1)
    return ordered[np.minimum(index, len(ordered) - 1)]


@lru_cache(maxsize=2)
def _draws(events: int, resamples: int, seed: int) -> Floats:
    """How often each event is drawn in each resample: (R, E), each row sums to E."""
    rng = np.random.default_rng(seed)
    times = rng.multinomial(events, np.full(events, 1.0 / events), size=resamples).astype(np.float64)
    times.setflags(write=False)
    return times


def _quantiles(values: Floats, shares: tuple[float, float]) -> Floats:
    """Quantiles of every column without its NaN: (R, S) → (2, S)."""
    columns = [column[~np.isnan(column)] for column in values.T]
    ends = [np.quantile(column, shares) if len(column) else np.full(2, np.nan) for column in columns]
    return np.array(ends).reshape(-1, 2).T
