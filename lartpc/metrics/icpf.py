"""ICPF, the incorrectly classified pixel fraction of an event (arXiv:1808.07269).

Of an event's lit pixels, or of those of one true class, the share whose predicted class is another;
weighted by charge, the share of their ADC × gain. The published table is of track against shower,
where a delta taken for a Michel is right; with five classes it is wrong.

Shape shorthand: E events, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lartpc.metrics.bootstrap import Estimate, bootstrap, mean_of, quantile_of
from lartpc.metrics.segmentation import nonzero_accuracy, recalls

QUANTILE = 0.9
"""The published quantile over events."""


def icpf(confusions: NDArray[np.number]) -> NDArray[np.float64]:
    """ICPF of each event, NaN without a lit pixel: confusions (E, C, C) in pixels or charge → (E,)."""
    return 1.0 - nonzero_accuracy(confusions)


def icpf_by_class(confusions: NDArray[np.number]) -> NDArray[np.float64]:
    """ICPF of each event's pixels of each true class, NaN without any: (E, C, C) → (E, C)."""
    return 1.0 - recalls(confusions)


def over_events(fractions: NDArray[np.float64]) -> Mapping[str, Estimate]:
    """Mean, median and 90 % quantile of fractions (E,) over the events that have one."""
    events = len(fractions)
    return {
        "mean": bootstrap(mean_of(fractions), events),
        "median": bootstrap(quantile_of(fractions, 0.5), events),
        "quantile_90": bootstrap(quantile_of(fractions, QUANTILE), events),
    }
