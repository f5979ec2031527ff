"""Metrics on small confusions, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lartpc.metrics.segmentation import (
    bootstrap_interval,
    confusion,
    mean_recall,
    nonzero_accuracy,
    recalls,
)

# Six known pixels: two HIP (one right, one taken for MIP), three MIP right, one shower taken for delta.
TRUTH = np.array([0, 0, 1, 1, 1, 2, -1], np.int8)
PREDICTED = np.array([0, 1, 1, 1, 1, 3, 4], np.int8)


def test_confusion_has_true_rows_and_skips_unknown_truth() -> None:
    counts = confusion(TRUTH, PREDICTED)
    expected = np.zeros((5, 5), np.int64)
    expected[0, 0], expected[0, 1], expected[1, 1], expected[2, 3] = 1, 1, 3, 1
    assert counts.dtype == np.int64
    np.testing.assert_array_equal(counts, expected)


def test_what_is_predicted_where_truth_is_unknown_does_not_matter() -> None:
    np.testing.assert_array_equal(confusion([-1, 2], [-7, 2]), confusion([2], [2]))


def test_confusion_of_another_number_of_classes() -> None:
    np.testing.assert_array_equal(confusion([0, 1, 1], [1, 1, 0], classes=2), [[0, 1], [1, 1]])


@pytest.mark.parametrize(
    ("truth", "predicted", "words"),
    [
        ([0, 1], [0], "shape"),
        ([0, 5], [0, 0], "true classes"),
        ([0, 1], [0, 5], "predicted classes"),
        ([0, 1], [0, -1], "predicted classes"),
    ],
)
def test_classes_out_of_range_are_refused(truth: list[int], predicted: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        confusion(truth, predicted)


def test_accuracy_and_recalls() -> None:
    counts = confusion(TRUTH, PREDICTED)
    assert nonzero_accuracy(counts) == pytest.approx(4 / 6)
    np.testing.assert_allclose(recalls(counts), [0.5, 1.0, 0.0, np.nan, np.nan])
    assert mean_recall(counts) == pytest.approx(0.5)


def test_nothing_counted_is_undefined() -> None:
    counts = confusion([], [])
    assert counts.shape == (5, 5)
    assert np.isnan(nonzero_accuracy(counts))
    assert np.isnan(mean_recall(counts))
    assert np.isnan(recalls(counts)).all()


def test_statistics_of_many_confusions_at_once() -> None:
    stack = np.stack([confusion(TRUTH, PREDICTED), confusion([4], [4])])
    np.testing.assert_allclose(nonzero_accuracy(stack), [4 / 6, 1.0])
    assert recalls(stack).shape == (2, 5)
    np.testing.assert_allclose(mean_recall(stack), [0.5, 1.0])


def test_interval_of_equal_events_is_a_point() -> None:
    stack = np.stack([confusion(TRUTH, PREDICTED)] * 8)
    low, high = bootstrap_interval(stack, nonzero_accuracy)
    assert low == high == pytest.approx(4 / 6)


def test_interval_of_two_events() -> None:
    # All right or all wrong, equally large: a draw has both of one kind in a quarter of the cases
    # each, so the 2.5 % and 97.5 % ends are 0 and 1, and those of a 40 % interval are both 1/2.
    stack = np.stack([confusion([0] * 4, [0] * 4), confusion([0] * 4, [1] * 4)])
    assert bootstrap_interval(stack, nonzero_accuracy) == (0.0, 1.0)
    assert bootstrap_interval(stack, nonzero_accuracy, confidence=0.4) == (0.5, 0.5)


def test_interval_narrows_with_events_as_the_binomial_says() -> None:
    # 400 events of one pixel each, 300 right: σ = sqrt(.75 · .25 / 400) = 0.02165, ±1.96 σ.
    stack = np.stack([confusion([0], [0 if i < 300 else 1]) for i in range(400)])
    low, high = bootstrap_interval(stack, nonzero_accuracy, resamples=4000)
    assert low == pytest.approx(0.75 - 1.96 * 0.02165, abs=0.006)
    assert high == pytest.approx(0.75 + 1.96 * 0.02165, abs=0.006)


def test_interval_of_recalls_skips_draws_without_the_class() -> None:
    # Delta occurs in the first event alone and is right there: its interval is [1, 1], never NaN.
    stack = np.stack([confusion([3, 0], [3, 0]), confusion([0], [1])])
    low, high = bootstrap_interval(stack, recalls)
    assert low[3] == high[3] == 1.0
    assert np.isnan(low[4])
    assert np.isnan(high[4])


def test_interval_is_the_same_every_time_and_without_events_undefined() -> None:
    stack = np.stack([confusion([0], [i % 2]) for i in range(9)])
    assert bootstrap_interval(stack, nonzero_accuracy) == bootstrap_interval(stack, nonzero_accuracy)
    low, high = bootstrap_interval(np.zeros((0, 5, 5), np.int64), nonzero_accuracy)
    assert np.isnan(low)
    assert np.isnan(high)
