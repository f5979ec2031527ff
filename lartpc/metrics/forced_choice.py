"""Two alternatives, one of which is right: how well those who must choose tell them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from lartpc.metrics.bootstrap import Estimate
from lartpc.metrics.proportions import wilson


@dataclass(frozen=True)
class ForcedChoice:
    """trials: choices made. right: share of right ones, with Wilson's interval; 0.5 is guessing.

    d_prime: sensitivity, 0 is guessing, with its interval. bias: preference for the left side, in units
    of z; 0 is none. Both NaN unless the right one stood on either side at least once.
    """

    trials: int
    right: Estimate
    d_prime: Estimate
    bias: float


def two_alternatives(
    left_right: int, left_trials: int, right_right: int, right_trials: int, confidence: float = 0.95
) -> ForcedChoice:
    """d′ of two-alternative forced choice, whatever side is preferred (Macmillan and Creelman, Detection
    Theory, 2nd ed. 2005, ch. 7): [z(H) − z(F)] / √2.

    left_trials, right_trials: choices where the right one stood left, or right; left_right, right_right:
    how many of these were right. H is the share of "left" where it is left, F where it is right, both with
    half a choice added to either outcome (Hautus 1995), so that a perfect score stays finite. Interval
    by the variances of Gourevitch and Galanter (1967). Raises ValueError for more right ones than trials.
    """
    if not (0 <= left_right <= left_trials and 0 <= right_right <= right_trials):
        raise ValueError("more right answers than trials, or fewer than none")
    trials = left_trials + right_trials
    right = wilson(left_right + right_right, trials, confidence)
    if not (left_trials and right_trials):
        nan = np.array(np.nan)
        return ForcedChoice(trials, right, Estimate(nan, nan, nan), float("nan"))
    hits = (left_right + 0.5) / (left_trials + 1)
    false = (right_trials - right_right + 0.5) / (right_trials + 1)
    z_hits, z_false = norm.ppf(hits), norm.ppf(false)
    value = (z_hits - z_false) / np.sqrt(2.0)
    variance = 0.5 * (_variance(hits, z_hits, left_trials) + _variance(false, z_false, right_trials))
    half = norm.ppf(0.5 + 0.5 * confidence) * np.sqrt(variance)
    d_prime = Estimate(np.array(value), np.array(value - half), np.array(value + half))
    return ForcedChoice(trials, right, d_prime, float(0.5 * (z_hits + z_false)))


def _variance(share: float, z: float, trials: int) -> float:
    """Of z of a share."""
    return float(share * (1.0 - share) / (trials * norm.pdf(z) ** 2))
