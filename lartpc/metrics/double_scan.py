"""What two scanners miss, from what each finds alone.

No truth is needed, only that the two err independently.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lartpc.metrics.bootstrap import Estimate, bootstrap, of_sums
from lartpc.metrics.proportions import wilson
from lartpc.metrics.segmentation import ratio

FIRST, SECOND, BOTH = range(3)
"""Columns of the counts of an event: found by the first, by the second, by both."""


@dataclass(frozen=True)
class DoubleScan:
    """Counts over all events, and what follows. first, second: efficiency of each scanner, with Wilson's
    interval. either: of both together; true: how many there are, by Chapman; with bootstrap intervals."""

    found: tuple[int, int, int]
    first: Estimate
    second: Estimate
    either: Estimate
    true: Estimate


def double_scan(counts: NDArray[np.integer]) -> DoubleScan:
    """Efficiencies of two scanners: counts int (E, 3), see `FIRST`, `SECOND`, `BOTH`.

    Lincoln and Petersen: first = both / second, second = both / first; either = 1 − (1 − first)(1 − second).
    The number of all that there are is Chapman's (Univ. Calif. Publ. Stat. 1 (1951) 131), which is finite
    without any found by both: (first + 1)(second + 1) / (both + 1) − 1. Raises ValueError where more are
    found by both than by one.
    """
    each = np.asarray(counts, np.int64).reshape(-1, 3)
    if (each < 0).any() or (each[:, BOTH] > each[:, :BOTH].min(axis=1, initial=np.iinfo(np.int64).max)).any():
        raise ValueError("more found by both scanners than by one of them")
    first, second, both = (int(n) for n in each.sum(axis=0))
    return DoubleScan(
        found=(first, second, both),
        first=wilson(both, second),
        second=wilson(both, first),
        either=bootstrap(of_sums(each, either_efficiency), len(each)),
        true=bootstrap(of_sums(each, chapman), len(each)),
    )


def either_efficiency(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Efficiency of both scanners together: (..., 3) → (...)."""
    first = ratio(sums[..., BOTH], sums[..., SECOND])
    second = ratio(sums[..., BOTH], sums[..., FIRST])
    return 1.0 - (1.0 - first) * (1.0 - second)


def chapman(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Number of all that there are: (..., 3) → (...)."""
    grown = sums + 1.0
    return grown[..., FIRST] * grown[..., SECOND] / grown[..., BOTH] - 1.0
