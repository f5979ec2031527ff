"""Wilson intervals, equivalence, double scans and forced choice, against what they are defined by."""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import norm, ttest_1samp

from lartpc.metrics.double_scan import chapman, double_scan
from lartpc.metrics.equivalence import paired_tost
from lartpc.metrics.forced_choice import two_alternatives
from lartpc.metrics.proportions import wilson

Z95 = NormalDist().inv_cdf(0.975)
"""Of Python's own normal distribution, which shares nothing with scipy's."""


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Worked out from the formula below, to four digits.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval(part: int, whole: int, low: float, high: float) -> None:
    found = wilson(part, whole)
    assert (found.value, found.low, found.high) == pytest.approx((part / whole, low, high), abs=5e-5)
    # [p + z²/2n ± z √(p (1 − p)/n + z²/4n²)] / (1 + z²/n), from the paper.
    p, more = part / whole, Z95**2 / whole
    half = Z95 * np.sqrt(p * (1 - p) / whole + more / (4 * whole))
    ends = [(p + more / 2 + sign * half) / (1 + more) for sign in (-1, 1)]
    assert (found.low, found.high) == pytest.approx(ends, abs=1e-9)
    # What the interval is: the true shares from which p is z standard deviations of theirs away.
    for end in ends:
        assert abs(p - end) == pytest.approx(Z95 * np.sqrt(max(end * (1 - end), 0) / whole), abs=1e-7)


def test_a_share_of_nothing_and_what_is_no_share() -> None:
    assert np.isnan([wilson(0, 0).value, wilson(0, 0).low]).all()
    with pytest.raises(ValueError, match="5 of 4 is no share"):
        wilson(5, 4)


def t_tail_of_three(t: float) -> float:
    """P(T > t) of Student's t with three degrees of freedom, in closed form."""
    x = t / math.sqrt(3)
    return 0.5 - (math.atan(x) + x / (1 + x * x)) / math.pi


def test_equivalence_by_hand() -> None:
    # Four differences of mean 0.01 and s = 0.02: standard error 0.01, three degrees of freedom.
    differences = 0.01 + 0.02 * np.sqrt(3 / 4) * np.array([1, -1, 1, -1])
    found = paired_tost(differences, margin=0.05)
    # From the margins −0.05 and 0.05 the mean is 6 and 4 standard errors away.
    assert (found.p_lower, found.p_upper) == pytest.approx((t_tail_of_three(6), t_tail_of_three(4)))
    assert found.p_upper == pytest.approx(0.01400, abs=1e-5)
    # The interval's ends are t standard errors away, where 5 % of the distribution are beyond t.
    for end in (found.low, found.high):
        assert t_tail_of_three(abs(end - 0.01) / 0.01) == pytest.approx(0.05)
    assert found.low + found.high == pytest.approx(0.02)
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


def test_chapmans_number_is_right_on_average() -> None:
    """What Chapman's is made for: where two scans find n₁ and n₂ of N, n₁ + n₂ ≥ N, and the number found by
    both is left to chance (hypergeometric, here in whole numbers), its mean is N exactly."""
    number, first, second = 12, 7, 8
    ways = {b: math.comb(first, b) * math.comb(number - first, second - b) for b in range(3, first + 1)}
    assert sum(ways.values()) == math.comb(number, second)
    found = {}
    for both in ways:
        estimate = float(chapman(np.array([first, second, both], float)))
        found[both] = Fraction(estimate).limit_denominator(100)
    assert found[5] == Fraction(8 * 9, 6) - 1
    assert sum(ways[b] * found[b] for b in ways) / math.comb(number, second) == number


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
    # Who is right in a share p without a preference has d′ = √2 z(p): p = Φ(d′ / √2) is the chance that
    # one normal number exceeds another whose mean is d′ less.
    found = two_alternatives(7600, 10_000, 7600, 10_000)
    normal, p = NormalDist(), 7600.5 / 10_001  # half a choice added to either outcome
    assert found.d_prime.value == pytest.approx(math.sqrt(2) * normal.inv_cdf(p), abs=1e-9)
    assert found.d_prime.value == pytest.approx(0.999, abs=1e-3)
    assert found.bias == pytest.approx(0.0, abs=1e-9)
    # Variance by hand: that of z(p) is p q / (n φ(z)²) for either side; d′² has half of their sum.
    half = Z95 * math.sqrt(p * (1 - p) / (1e4 * normal.pdf(normal.inv_cdf(p)) ** 2))
    assert found.d_prime.high - found.d_prime.value == pytest.approx(half, rel=1e-6)
    assert found.right.low == wilson(15_200, 20_000).low


def test_d_prime_is_that_of_a_simulated_observer() -> None:
    """Two impressions, one of them shifted by d′ = 1.2; the larger one is taken for the shifted one."""
    rng = np.random.default_rng(1)
    left = rng.normal(1.2, 1, 40_000) > rng.normal(0, 1, 40_000)
    right = rng.normal(1.2, 1, 40_000) > rng.normal(0, 1, 40_000)
    found = two_alternatives(int(left.sum()), len(left), int(right.sum()), len(right))
    assert found.d_prime.low < 1.2 < found.d_prime.high
    assert found.d_prime.high - found.d_prime.low < 0.05


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
