"""Statistics of samples by how often each event counts, and their percentile intervals."""

from __future__ import annotations

import numpy as np
import pytest

from lartpc.metrics.bootstrap import bootstrap, mean_of, of_sums, quantile_of
from lartpc.metrics.segmentation import confusion, nonzero_accuracy, ratio, recalls

RIGHT, WRONG = confusion([0] * 4, [0] * 4), confusion([0] * 4, [1] * 4)


def test_interval_of_equal_events_is_a_point() -> None:
    found = bootstrap(of_sums(np.stack([confusion([0, 0, 1], [0, 1, 1])] * 8), nonzero_accuracy), 8)
    assert found.value == found.low == found.high == pytest.approx(2 / 3)


def test_interval_of_two_events() -> None:
    # All right or all wrong, equally large: a draw has both of one kind in a quarter of the cases
    # each, so the 2.5 % and 97.5 % ends are 0 and 1, and those of a 40 % interval are both 1/2.
    statistic = of_sums(np.stack([RIGHT, WRONG]), nonzero_accuracy)
    found = bootstrap(statistic, 2)
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)
    narrow = bootstrap(statistic, 2, confidence=0.4)
    assert (narrow.low, narrow.high) == (0.5, 0.5)


def test_interval_narrows_with_events_as_the_binomial_says() -> None:
    # 400 events of one pixel each, 300 right: σ = sqrt(.75 · .25 / 400) = 0.02165, ±1.96 σ.
    sums = [[1, 1]] * 300 + [[0, 1]] * 100
    found = bootstrap(of_sums(sums, lambda s: ratio(s[..., 0], s[..., 1])), 400, resamples=4000)
    assert found.value == 0.75
    assert found.low == pytest.approx(0.75 - 1.96 * 0.02165, abs=0.006)
    assert found.high == pytest.approx(0.75 + 1.96 * 0.02165, abs=0.006)


def test_draws_without_the_class_do_not_count() -> None:
    # Delta occurs in the first event alone and is right there: its interval is [1, 1], never NaN.
    stack = np.stack([confusion([3, 0], [3, 0]), confusion([0], [1])])
    found = bootstrap(of_sums(stack, recalls), 2)
    assert found[3].value == found[3].low == found[3].high == 1.0
    assert np.isnan([found[4].value, found[4].low, found[4].high]).all()


def test_the_same_every_time_and_without_events_undefined() -> None:
    statistic = of_sums(np.stack([RIGHT, WRONG, RIGHT]), nonzero_accuracy)
    assert bootstrap(statistic, 3).low == bootstrap(statistic, 3).low
    nothing = bootstrap(of_sums(np.zeros((0, 5, 5)), recalls), 0)
    assert np.isnan(nothing.value).all()
    assert nothing.low.shape == nothing.high.shape == (5,)


def test_mean_and_quantile_count_each_event_as_often_as_told() -> None:
    values = [4.0, np.nan, 1.0, 2.0]
    times = np.array([[1, 1, 1, 1], [2, 5, 0, 1], [0, 3, 0, 0]], float)
    # By hand: {1, 2, 4}, {2, 4, 4}, and nothing that has a value.
    np.testing.assert_allclose(mean_of(values)(times), [7 / 3, 10 / 3, np.nan])
    np.testing.assert_allclose(quantile_of(values, 0.5)(times), [2.0, 4.0, np.nan])
    np.testing.assert_allclose(quantile_of(values, 0.25)(times), [1.5, 3.0, np.nan])


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 1.0])
def test_quantiles_are_those_of_numpy(share: float) -> None:
    rng = np.random.default_rng(3)
    values = rng.random(17).round(1)
    times = rng.multinomial(17, np.full(17, 1 / 17), size=50)
    expected = [np.quantile(np.repeat(values, row), share) for row in times]
    np.testing.assert_allclose(quantile_of(values, share)(times.astype(float)), expected)


def test_a_quantile_of_no_values_is_undefined() -> None:
    assert np.isnan(bootstrap(quantile_of([np.nan, np.nan], 0.9), 2).value)
    assert np.isnan(bootstrap(mean_of([]), 0).value)
