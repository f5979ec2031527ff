"""Reliability of scores whose bins are counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lartpc.metrics.calibration import BINS, calibration_counts, expected_error, mean_confidence, reliability

# Two classes. Class 0 twice with 0.84 (one right), class 1 once with 0.82 (right) and once with 0.5 (wrong).
SCORES = np.array([[0.84, 0.16], [0.84, 0.16], [0.18, 0.82], [0.49, 0.51]])
TRUTH = np.array([0, 1, 1, 0])


def test_counts_by_predicted_class_and_bin() -> None:
    counts = calibration_counts(SCORES, TRUTH)
    assert counts.shape == (2, BINS, 3)
    np.testing.assert_allclose(counts[0, 16], [2, 1, 1.68])
    np.testing.assert_allclose(counts[1, 16], [1, 1, 0.82])
    np.testing.assert_allclose(counts[1, 10], [1, 0, 0.51])
    assert counts[..., 0].sum() == 4


def test_reliability_and_error() -> None:
    counts = calibration_counts(SCORES, TRUTH)
    both = counts.sum(axis=0)
    assert reliability(both)[16] == pytest.approx(2 / 3)
    assert mean_confidence(both)[16] == pytest.approx(2.5 / 3)
    assert np.isnan(reliability(both)[0])
    # |2 - 2.5| + |0 - 0.51| over four pixels; class 0: |1 - 1.68| over two.
    assert expected_error(both) == pytest.approx(1.01 / 4)
    assert expected_error(counts)[0] == pytest.approx(0.34)


def test_a_bin_holds_its_upper_edge_and_certainty_is_in_the_last() -> None:
    counts = calibration_counts(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([0, 0]))
    assert np.flatnonzero(counts[0, :, 0]).tolist() == [9, 19]
    assert expected_error(counts[0]) == pytest.approx(0.25)


def test_no_pixels_have_no_error() -> None:
    counts = calibration_counts(np.zeros((0, 5)), np.zeros(0, int))
    assert counts.shape == (5, BINS, 3)
    assert np.isnan(expected_error(counts)).all()
