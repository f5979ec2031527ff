"""Agreement beyond chance on worked examples of the literature."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from lartpc.metrics.agreement import cohen_kappa, coincidences, gwet_ac1, krippendorff_alpha
from lartpc.metrics.bootstrap import bootstrap, of_sums
from lartpc.metrics.segmentation import confusion

PARADOX = np.array([[118, 5], [2, 0]])
"""125 subjects of Gwet's paper on high agreement."""


def ratings(*raters: str, names: str) -> list[list[int]]:
    """One rater a text, one unit a character; a dot is missing."""
    return [[names.find(value) for value in rater] for rater in raters]


def test_cohens_own_example() -> None:
    # Cohen (1960), table 1: shares of 200; agreement 0.29, by chance 0.35, κ = −0.09.
    table = np.array([[50, 26, 24], [24, 4, 32], [6, 30, 4]])
    assert cohen_kappa(table) == pytest.approx((0.29 - 0.35) / 0.65)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    first, second = np.array(pairs).T
    ours = cohen_kappa(confusion(first, second, 4))
    if len({*first, *second}) == 1:
        assert np.isnan(ours)
    else:
        assert ours == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)


def test_gwets_example_of_high_agreement() -> None:
    # Gwet (2008): agreement 0.944, but κ = −0.0234; AC1 = 0.9408.
    assert cohen_kappa(PARADOX) == pytest.approx(-0.0234, abs=5e-5)
    assert gwet_ac1(PARADOX) == pytest.approx(0.9408, abs=5e-5)


def test_ac1_of_three_classes_by_hand() -> None:
    # Means of the margins of Cohen's table: .45, .30, .25; chance Σ π (1 − π) / 2 = 0.3225.
    table = np.array([[50, 26, 24], [24, 4, 32], [6, 30, 4]])
    assert gwet_ac1(table) == pytest.approx((0.29 - 0.3225) / 0.6775)


@pytest.mark.parametrize(
    ("raters", "names", "alpha"),
    [
        # "Computing Krippendorff's Alpha-Reliability" (2011): A, two observers, two values, ten units.
        (("0100000010", "1110010000"), "01", 0.095),
        # B: two observers, five values, twelve units.
        (("aabbdcccedda", "babbbccceddd"), "abcde", 0.692),
        # C: four observers, five values, twelve units, some missing; taken without order.
        (("123321412...", "1233224125.3", ".3332342251.", "12332441251."), "12345", 0.743),
    ],
)
def test_krippendorffs_examples(raters: tuple[str, ...], names: str, alpha: float) -> None:
    found = krippendorff_alpha(coincidences(ratings(*raters, names=names), len(names)))
    assert found == pytest.approx(alpha, abs=5e-4)


def test_coincidences_of_krippendorffs_first_example() -> None:
    found = coincidences(ratings("0100000010", "1110010000", names="01"), 2)
    np.testing.assert_array_equal(found, [[10, 4], [4, 2]])


def test_a_unit_with_one_value_or_none_does_not_count() -> None:
    some = [[0, 1, -1, 1], [0, 1, 1, -1], [-1, 0, -1, -1]]
    np.testing.assert_allclose(coincidences(some, 2), coincidences([row[:2] for row in some], 2))
    # Three values of one unit, two of them equal: six ordered pairs, each counting a half.
    np.testing.assert_allclose(coincidences([[1], [1], [0]], 2), [[0, 1], [1, 1]])
    assert np.isnan(krippendorff_alpha(coincidences([[-1], [0]], 2)))
    with pytest.raises(ValueError, match="classes from 0 to 2; expected -1 to 1"):
        coincidences([[0, 2]], 2)


def test_all_are_one_where_all_agree_and_zero_is_chance() -> None:
    same = np.diag([30, 20])
    for figure in (cohen_kappa, gwet_ac1):
        assert figure(same) == pytest.approx(1.0)
    assert krippendorff_alpha(2.0 * same) == pytest.approx(1.0)
    assert cohen_kappa(np.outer([3, 7], [4, 6])) == pytest.approx(0.0)


def test_undefined_is_not_a_number() -> None:
    one_class = np.array([[5, 0], [0, 0]])
    assert np.isnan(cohen_kappa(one_class))
    assert gwet_ac1(one_class) == pytest.approx(1.0)
    assert np.isnan([cohen_kappa(np.zeros((2, 2))), gwet_ac1(np.zeros((2, 2)))]).all()


def test_many_tables_at_once_and_intervals_over_events() -> None:
    stack = np.stack([PARADOX, np.diag([30, 20])])
    np.testing.assert_allclose(cohen_kappa(stack), [cohen_kappa(PARADOX), 1.0])
    np.testing.assert_allclose(gwet_ac1(stack), [gwet_ac1(PARADOX), 1.0])
    estimate = bootstrap(of_sums(stack, cohen_kappa), 2)
    assert estimate.value == pytest.approx(cohen_kappa(stack.sum(axis=0)))
    assert (estimate.low, estimate.high) == (pytest.approx(cohen_kappa(PARADOX)), pytest.approx(1.0))
