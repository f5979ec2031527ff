"""Wilson intervals, equivalence, double scans and forced choice, against published or hand-made numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, ttest_1samp

from lartpc.metrics.double_scan import double_scan
from lartpc.metrics.equivalence import paired_tost
from lartpc.metrics.forced_choice import two_alternatives
from lartpc.metrics.proportions import wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Newcombe, Stat. Med. 17 (1998) 857, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval(part: int, whole: int, low: float, high: float) -> None:
    found = wilson(part, whole)
    assert (found.value, found.low, found.high) == pytest.approx((part / whole, low, high), abs=5e-5)


def test_a_share_of_nothing_and_what_is_no_share() -> None:
    assert np.isnan([wilson(0, 0).value, wilson(0, 0).low]).all()
    with pytest.raises(ValueError, match="5 of 4 is no share"):
        wilson(5, 4)


def test_equivalence_by_hand() -> None:
    # Four differences of mean 0.01 and s = 0.02: standard error 0.01, three degrees of freedom.
    differences = 0.01 + 0.02 * np.sqrt(3 / 4) * np.array([1, -1, 1, -1])
    found = paired_tost(differences, margin=0.05)
    # t = 6 and 4; t(0.95; 3) = 2.3534; P(t > 4) = 0.01400, P(t > 6) = 0.00464.
    assert (found.p_lower, found.p_upper) == pytest.approx((0.00464, 0.01400), abs=1e-5)
    assert (found.low, found.high) == pytest.approx((0.01 - 0.023534, 0.01 + 0.023534), abs=1e-6)
    assert found.equivalent
    assert found.p == found.p_upper
    assert not paired_tost(differences, margin=0.03).equivalent  # 0.0335 is outside


def test_equivalence_is_two_one_sided_t_tests() -> None:
    values = np.random.default_rng(0).normal(0.01, 0.03, 25)
    found = paired_tost([*values, np.nan], 0.02)
    assert found.p_lower == pytest.approx(ttest_1samp(values, -0.02, alternative="greater").pvalue)
    assert found.p_upper == pytest.approx(ttest_1samp(values, 0.02, alternative="less").pvalue)
    assert found.events == 25
    assert found.equivalent == (found.low > -0.02 and found.high < 0.02)


def test_no_equivalence_without_events_and_none_by_having_few() -> None:
    assert not paired_tost([], 0.1).equivalent
    assert not paired_tost([0.0], 0.1).equivalent
    assert not paired_tost([0.0, 0.04], 0.05).equivalent
    assert paired_tost([0.0, 0.0, 0.0], 0.05).equivalent
    assert not paired_tost([0.06, 0.06], 0.05).equivalent
    with pytest.raises(ValueError, match="margin 0; expected more than 0"):
        paired_tost([0.0, 0.1], 0)


def test_double_scan_by_hand() -> None:
    # Scanner 1 finds 10, scanner 2 finds 15, both 5: e1 = 5/15, e2 = 5/10, N = 11 · 16 / 6 − 1 = 28.3.
    counts = np.array([[1, 1, 1]] * 5 + [[1, 0, 0]] * 5 + [[0, 1, 0]] * 10)
    found = double_scan(counts)
    assert found.found == (10, 15, 5)
    assert (found.first.value, found.second.value) == pytest.approx((1 / 3, 1 / 2))
    assert found.either.value == pytest.approx(1 - (2 / 3) * (1 / 2))
    assert found.true.value == pytest.approx(28 + 1 / 3)
    assert found.first.low == wilson(5, 15).low
    assert found.either.low < found.either.value < found.either.high


def test_double_scan_finds_the_efficiencies_that_it_was_made_with() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.random(4000) < 0.9, rng.random(4000) < 0.7
    found = double_scan(np.stack([first, second, first & second], axis=1).astype(int))
    assert (found.first.value, found.second.value) == pytest.approx((0.9, 0.7), abs=0.025)
    assert found.either.low < 0.97 < found.either.high
    assert found.true.low < 4000 < found.true.high


def test_double_scan_that_finds_nothing_in_common() -> None:
    found = double_scan(np.array([[1, 0, 0], [0, 1, 0]]))
    assert found.first.value == 0.0
    assert found.true.value == 3.0
    assert np.isnan(double_scan(np.zeros((0, 3), int)).first.value)
    with pytest.raises(ValueError, match="more found by both scanners than by one"):
        double_scan(np.array([[1, 0, 1]]))


def test_d_prime_of_a_known_observer() -> None:
    # Macmillan and Creelman: 76 % right without a preference is d′ = √2 z(0.76) = 0.999.
    found = two_alternatives(7600, 10_000, 7600, 10_000)
    assert found.d_prime.value == pytest.approx(0.999, abs=1e-3)
    assert found.bias == pytest.approx(0.0, abs=1e-9)
    # Variance by hand: both sides p q / (n φ(z)²) = 0.76 · 0.24 / (10⁴ · 0.31087²), halved and summed.
    half = 1.96 * np.sqrt(0.76 * 0.24 / (1e4 * norm.pdf(norm.ppf(0.76)) ** 2))
    assert found.d_prime.high - found.d_prime.value == pytest.approx(half, rel=1e-3)
    assert found.right.low == wilson(15_200, 20_000).low


def test_a_preferred_side_does_not_change_d_prime() -> None:
    # An observer of d′ = 1 who leans to the left by half a unit: z(H) and z(F) are ±√½ + ½.
    hits, false = (10_000 * norm.cdf(np.array([0.5, -0.5]) * np.sqrt(2) + 0.5)).round().astype(int)
    found = two_alternatives(int(hits), 10_000, 10_000 - int(false), 10_000)
    assert found.d_prime.value == pytest.approx(1.0, abs=1e-3)
    assert found.bias == pytest.approx(0.5, abs=1e-3)


def test_guessing_perfection_and_one_sided_trials() -> None:
    guessing = two_alternatives(10, 20, 10, 20)
    assert guessing.d_prime.value == pytest.approx(0.0)
    assert guessing.d_prime.low < 0 < guessing.d_prime.high
    perfect = two_alternatives(5, 5, 5, 5)
    assert np.isfinite([perfect.d_prime.value, perfect.d_prime.low]).all()
    assert perfect.right.value == 1.0
    assert np.isnan(two_alternatives(3, 5, 0, 0).d_prime.value)
    with pytest.raises(ValueError, match="more right answers than trials"):
        two_alternatives(6, 5, 0, 0)
