"""Whether two are equally good: a test that has to be passed, not a difference that was not found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

LEVEL = 0.05


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests of paired differences. mean, low, high: of the difference, interval 1 − 2 · level.

    p_lower, p_upper: of the tests against a mean of −margin or less, and of +margin or more.
    equivalent: both are below the level, which is where the whole interval lies within the margin.
    """

    events: int
    margin: float
    level: float
    mean: float
    low: float
    high: float
    p_lower: float
    p_upper: float

    @property
    def p(self) -> float:
        """The larger of both: that of the whole test."""
        return float(np.fmax(self.p_lower, self.p_upper))

    @property
    def equivalent(self) -> bool:
        return bool(self.p < self.level)


def paired_tost(differences: ArrayLike, margin: float, level: float = LEVEL) -> Equivalence:
    """Two one-sided t-tests (Schuirmann, J. Pharmacokinet. Biopharm. 15 (1987) 657) of the mean difference.

    differences: (E,), one an event, NaN for an event that has none. With fewer than two, nothing can be
    said: NaN, not equivalent. Raises ValueError unless margin > 0.
    """
    if not margin > 0.0:
        raise ValueError(f"margin {margin}; expected more than 0")
    values = np.asarray(differences, np.float64)
    values = values[~np.isnan(values)]
    events = len(values)
    if events < 2:
        mean = float(values.mean()) if events else float("nan")
        nan = float("nan")
        return Equivalence(events, margin, level, mean, nan, nan, nan, nan)
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(events))
    half = float(student.ppf(1.0 - level, events - 1)) * error
    return Equivalence(
        events=events,
        margin=margin,
        level=level,
        mean=mean,
        low=mean - half,
        high=mean + half,
        p_lower=_one_sided(mean + margin, error, events - 1),
        p_upper=_one_sided(margin - mean, error, events - 1),
    )


def _one_sided(distance: float, error: float, freedom: int) -> float:
    """Probability of so large a distance from the margin by chance; sure where nothing varies."""
    if error == 0.0:
        return 0.0 if distance > 0.0 else 1.0
    return float(student.sf(distance / error, freedom))
