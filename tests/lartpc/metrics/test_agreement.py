"""Agreement beyond chance, against exact fractions of the formulas, scikit-learn, and published examples."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from lartpc.metrics.agreement import cohen_kappa, coincidences, gwet_ac1, krippendorff_alpha
from lartpc.metrics.bootstrap import bootstrap, of_sums
from lartpc.metrics.segmentation import confusion

PARADOX = np.array([[118, 5], [2, 0]])
"""125 subjects: the kind of table that κ is said to fail on."""
PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60)


def ratings(*raters: str, names: str) -> list[list[int]]:
    """One rater a text, one unit a character; a dot is missing."""
    return [[names.find(value) for value in rater] for rater in raters]


def exact(table: np.ndarray, chance: Fraction) -> Fraction:
    """(observed − chance) / (1 − chance) of a confusion."""
    observed = Fraction(int(np.trace(table)), int(table.sum()))
    return (observed - chance) / (1 - chance)


def margins(table: np.ndarray) -> list[tuple[Fraction, Fraction]]:
    """Share of each class by the rows and by the columns."""
    total = int(table.sum())
    by = zip(table.sum(axis=1), table.sum(axis=0), strict=True)
    return [(Fraction(int(row), total), Fraction(int(column), total)) for row, column in by]


def exact_kappa(table: np.ndarray) -> Fraction:
    """From the formula of docs/labels.md, in fractions."""
    return exact(table, sum((row * column for row, column in margins(table)), Fraction(0)))


def exact_ac1(table: np.ndarray) -> Fraction:
    """From the formula of docs/labels.md, in fractions."""
    mean = [(row + column) / 2 for row, column in margins(table)]
    return exact(table, sum((m * (1 - m) for m in mean), Fraction(0)) / (len(table) - 1))


def exact_alpha(rated: Sequence[Sequence[int]]) -> Fraction | None:
    """1 − observed / expected disagreement, pair by pair and in fractions; None where it is undefined.

    Observed: over the pairs of values of one unit, each unit by its number of values. Expected: over all
    pairs of values of all units that have at least two.
    """
    units = [[value for value in unit if value >= 0] for unit in zip(*rated, strict=True)]
    units = [unit for unit in units if len(unit) > 1]
    values = [value for unit in units for value in unit]
    if len(set(values)) < 2:
        return None
    differing = [Fraction(sum(a != b for a, b in permutations(u, 2)), len(u) - 1) for u in units]
    observed = sum(differing, Fraction(0))
    expected = Fraction(sum(a != b for a, b in permutations(values, 2)), len(values) - 1)
    return 1 - observed / expected


def test_kappa_by_hand() -> None:
    # Agreement 58/200. Margins .5, .3, .2 by rows and .4, .3, .3 by columns: chance .20 + .09 + .06 = .35.
    table = np.array([[50, 26, 24], [24, 4, 32], [6, 30, 4]])
    assert exact_kappa(table) == Fraction(29 - 35, 65)
    assert cohen_kappa(table) == pytest.approx(-6 / 65)
    first, second = np.repeat(np.indices((3, 3)).reshape(2, -1), table.ravel(), axis=1)
    assert cohen_kappa_score(first, second) == pytest.approx(-6 / 65)


@given(PAIRS)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    first, second = np.array(pairs).T
    ours = cohen_kappa(confusion(first, second, 4))
    if len({*first, *second}) == 1:
        assert np.isnan(ours)
    else:
        assert ours == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)


def test_high_agreement_upsets_kappa_and_not_ac1() -> None:
    # Agreement 118/125 = .944. κ: chance (123 · 120 + 2 · 5) / 125² = .94528, so that κ = −.00128 / .05472.
    # AC1: mean margins .972 and .028, chance 2 · .972 · .028 = .054432, so that AC1 = .889568 / .945568.
    assert exact_kappa(PARADOX) == Fraction(-128, 5472)
    assert exact_ac1(PARADOX) == Fraction(889568, 945568)
    assert cohen_kappa(PARADOX) == pytest.approx(-0.0234, abs=5e-5)
    assert gwet_ac1(PARADOX) == pytest.approx(0.9408, abs=5e-5)


@given(PAIRS)
def test_ac1_is_that_of_fractions(pairs: list[tuple[int, int]]) -> None:
    first, second = np.array(pairs).T
    table = confusion(first, second, 4)
    assert gwet_ac1(table) == pytest.approx(float(exact_ac1(table)), abs=1e-12)


@pytest.mark.parametrize(
    ("raters", "names", "alpha"),
    [
        # The examples of "Computing Krippendorff's Alpha-Reliability" (2011), whose figures of three digits
        # are checked here by `exact_alpha`: A, two observers, two values, ten units.
        (("0100000010", "1110010000"), "01", 0.095),
        # B: two observers, five values, twelve units.
        (("aabbdcccedda", "babbbccceddd"), "abcde", 0.692),
        # C: four observers, five values, twelve units, some missing; taken without order. The manuals of
        # the Python package krippendorff and of R's irr have the same ratings and 0.743, too.
        (("123321412...", "1233224125.3", ".3332342251.", "12332441251."), "12345", 0.743),
    ],
)
def test_krippendorffs_examples(raters: tuple[str, ...], names: str, alpha: float) -> None:
    rated = ratings(*raters, names=names)
    reference = exact_alpha(rated)
    assert reference is not None
    assert round(float(reference), 3) == alpha
    assert krippendorff_alpha(coincidences(rated, len(names))) == pytest.approx(float(reference))


@given(st.lists(st.lists(st.integers(-1, 3), min_size=3, max_size=3), min_size=1, max_size=12))
def test_alpha_is_that_of_all_pairs(units: list[list[int]]) -> None:
    rated = [list(rater) for rater in zip(*units, strict=True)]
    reference, found = exact_alpha(rated), krippendorff_alpha(coincidences(rated, 4))
    if reference is None:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(float(reference), abs=1e-9)


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
