"""Shares of events, with intervals that hold also for few events and for shares of 0 and 1."""

from __future__ import annotations

import numpy as np
from scipy.stats import binomtest

from lartpc.metrics.bootstrap import Estimate


def wilson(part: int, whole: int, confidence: float = 0.95) -> Estimate:
    """part / whole with Wilson's score interval (J. Am. Stat. Assoc. 22 (1927) 209); NaN without any.

    Raises ValueError unless 0 <= part <= whole.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share")
    if whole == 0:
        return Estimate(*(np.array(np.nan) for _ in range(3)))
    interval = binomtest(part, whole).proportion_ci(confidence, method="wilson")
    return Estimate(np.array(part / whole), np.array(float(interval.low)), np.array(float(interval.high)))
