"""Agreement beyond chance between two who classify the same things, or many of whom some say nothing.

Everything follows from sums that add up over events, so that `bootstrap.of_sums` gives the intervals:
confusions (..., C, C), rows of one and columns of the other, or coincidences (..., C, C). NaN where a
figure is undefined.

Shape shorthand: U units (pixels, or events), R raters, C classes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lartpc.metrics.segmentation import nonzero_accuracy, ratio

Floats = NDArray[np.float64]


def cohen_kappa(confusions: NDArray[np.number]) -> Floats:
    """Cohen's κ (Educ. Psychol. Meas. 20 (1960) 37): chance is the product of both margins.

    (..., C, C) → (...). Undefined where both say one and the same class throughout.
    """
    shares = _shares(confusions)
    chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    return _beyond(nonzero_accuracy(confusions), chance)


def gwet_ac1(confusions: NDArray[np.number]) -> Floats:
    """Gwet's AC1 (Br. J. Math. Stat. Psychol. 61 (2008) 29), which high agreement on a rare class does
    not upset: chance is Σ π (1 − π) / (C − 1), π the mean of both margins. (..., C, C) → (...)."""
    shares = _shares(confusions)
    mean = 0.5 * (shares.sum(axis=-1) + shares.sum(axis=-2))
    chance = (mean * (1.0 - mean)).sum(axis=-1) / (confusions.shape[-1] - 1)
    return _beyond(nonzero_accuracy(confusions), chance)


def coincidences(ratings: ArrayLike, classes: int) -> Floats:
    """Krippendorff's coincidence matrix of all raters: (R, U) → (C, C).

    ratings: class of each unit by each rater, -1 where there is none. Each ordered pair of values of one
    unit counts 1 / (m − 1), m being its number of values; units with fewer than two do not count.
    Raises ValueError for a class that is none of -1 to C - 1.
    """
    values = np.asarray(ratings, np.int64)
    if values.size and not -1 <= values.min() <= values.max() < classes:
        raise ValueError(f"classes from {values.min()} to {values.max()}; expected -1 to {classes - 1}")
    counts = np.stack([(values == c).sum(axis=0) for c in range(classes)], axis=-1).astype(np.float64)
    number = counts.sum(axis=-1)
    counts, weight = counts[number >= 2], 1.0 / (number[number >= 2] - 1.0)
    pairs = np.einsum("uc,uk,u->ck", counts, counts, weight)
    return pairs - np.diag(weight @ counts)  # a value makes no pair with itself


def krippendorff_alpha(coincidence: NDArray[np.number]) -> Floats:
    """Krippendorff's α for classes without order: coincidences (..., C, C) → (...).

    "Computing Krippendorff's Alpha-Reliability" (2011). Undefined where one class only was ever given.
    """
    margin = coincidence.sum(axis=-1)
    total = margin.sum(axis=-1)
    observed = total - np.trace(coincidence, axis1=-2, axis2=-1)
    expected = total**2 - (margin**2).sum(axis=-1)
    return 1.0 - ratio((total - 1.0) * observed, expected)


def _shares(confusions: NDArray[np.number]) -> Floats:
    total = np.broadcast_to(confusions.sum(axis=(-2, -1), keepdims=True), confusions.shape)
    return ratio(confusions, total)


def _beyond(observed: Floats, chance: Floats) -> Floats:
    """(observed − chance) / (1 − chance)."""
    return ratio(observed - chance, 1.0 - chance)
