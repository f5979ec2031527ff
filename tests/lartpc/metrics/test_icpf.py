"""ICPF of small events, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lartpc.metrics.icpf import icpf, icpf_by_class, over_events
from lartpc.metrics.segmentation import confusion, track_shower

# Four pixels, a delta taken for Michel; two pixels, both wrong; none.
EVENTS = np.stack([confusion([0, 1, 1, 3], [0, 1, 1, 4]), confusion([1, 2], [2, 1]), confusion([], [])])


def test_icpf_of_events() -> None:
    np.testing.assert_allclose(icpf(EVENTS), [0.25, 1.0, np.nan])


def test_with_track_and_shower_a_delta_taken_for_michel_is_right() -> None:
    np.testing.assert_allclose(icpf(track_shower(EVENTS)), [0.0, 1.0, np.nan])


def test_icpf_of_the_pixels_of_a_class() -> None:
    expected = [[0, 0, np.nan, 1, np.nan], [np.nan, 1, 1, np.nan, np.nan], [np.nan] * 5]
    np.testing.assert_allclose(icpf_by_class(EVENTS), expected)


def test_over_events_skips_those_without_a_pixel() -> None:
    found = over_events(np.array([0.0, 0.1, 0.2, 0.6, np.nan]))
    assert found["mean"].value == pytest.approx(0.225)
    assert found["median"].value == pytest.approx(0.15)
    # Place 0.9 · 3 = 2.7 of 0, 0.1, 0.2, 0.6.
    assert found["quantile_90"].value == pytest.approx(0.2 + 0.7 * 0.4)
    assert found["mean"].low < 0.225 < found["mean"].high
