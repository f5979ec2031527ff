"""Metrics on small confusions, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lartpc.metrics.segmentation import (
    confusion,
    mean_recall,
    nonzero_accuracy,
    normalised,
    purities,
    recalls,
    track_shower,
    weighted_confusion,
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
        ([0, -2], [0, 0], "true classes"),
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


def test_purities_are_of_the_predicted_classes() -> None:
    # Predicted: HIP once (right), MIP four times (three right), delta once (a shower).
    np.testing.assert_allclose(purities(confusion(TRUTH, PREDICTED)), [1.0, 0.75, np.nan, 0.0, np.nan])


def test_confusion_by_charge() -> None:
    charge = np.array([10, 30, 20, 20, 20, 50, 1000], float)
    counts = weighted_confusion(TRUTH, PREDICTED, charge)
    assert (counts[0, 0], counts[0, 1], counts[1, 1], counts[2, 3]) == (10, 30, 60, 50)
    assert counts.sum() == 150
    assert nonzero_accuracy(counts) == pytest.approx(70 / 150)


def test_normalised_rows_are_recall_and_columns_purity() -> None:
    counts = confusion(TRUTH, PREDICTED)
    by_true, by_predicted = normalised(counts, "true"), normalised(counts, "predicted")
    np.testing.assert_allclose(by_true[0], [0.5, 0.5, 0, 0, 0])
    np.testing.assert_allclose(by_predicted[:, 1], [0.25, 0.75, 0, 0, 0])
    assert np.isnan(by_true[4]).all()
    np.testing.assert_allclose(np.diagonal(by_predicted), purities(counts))


def test_track_and_shower() -> None:
    # Two HIP and three MIP are tracks, whichever of the two they are taken for; shower as delta is right.
    counts = confusion([*TRUTH, 3, 4, 1], [*PREDICTED, 1, 2, 4])
    np.testing.assert_array_equal(track_shower(counts), [[5, 1], [1, 2]])
    assert nonzero_accuracy(track_shower(counts)) == pytest.approx(7 / 9)
    assert track_shower(np.stack([counts] * 3)).shape == (3, 2, 2)
