"""Efficiency, purity and causes, on strips of pixels that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instance_images import COSMIC, NEUTRINO, found, strip

from lartpc.classes import InstanceClass
from lartpc.instances import Instance
from lartpc.metrics.instances import (
    Cause,
    InstanceThresholds,
    causes,
    dead_shares,
    efficiencies,
    overlaps,
    purities,
    true_instances,
)

# Ten pixels: four of interaction 7, four of 2, one of none, and one of 7 that is too faint to count.
IDS = np.array([7, 7, 7, 7, 2, 2, 2, 2, -1, 7], np.int32)
ADC = [10, 20, 30, 40, 50, 50, 50, 50, 60, 9.9]
CLASSES = {7: COSMIC, 2: NEUTRINO}


def truth() -> tuple[Instance, ...]:
    return true_instances(strip(ADC), IDS, CLASSES)


def test_true_interactions_hold_their_pixels_of_enough_charge_by_id() -> None:
    neutrino, cosmic = truth()
    assert (neutrino.instance_class, cosmic.instance_class) == (NEUTRINO, COSMIC)
    assert neutrino.pixels.tolist() == [4, 5, 6, 7]
    assert cosmic.pixels.tolist() == [0, 1, 2, 3]
    assert cosmic.box == (3, 0, 4, 4)


def test_charge_after_gain_decides_what_counts() -> None:
    (only,) = true_instances(strip(ADC).with_gain(0.2), IDS, {})
    assert only.pixels.tolist() == [4, 5, 6, 7]
    assert only.instance_class is InstanceClass.UNKNOWN
    assert true_instances(strip(ADC).with_gain(0.01), IDS, {}) == ()
    assert true_instances(strip([]), np.zeros(0, np.int32), {}) == ()


def test_efficiency_is_the_largest_share_that_one_mask_covers() -> None:
    # Two masks that cover half each do not add up; the charge of the second half is larger.
    masks = [found(COSMIC, 0.9, 0, 1), found(COSMIC, 0.9, 2, 3, 4)]
    shared = overlaps(masks, truth(), np.ones(10))
    assert shared.tolist() == [[0, 2], [1, 2]]
    assert efficiencies(shared, np.array([4, 4])).tolist() == [0.25, 0.5]
    charge = overlaps(masks, truth(), np.array(ADC))
    assert efficiencies(charge, np.array([200, 100])).tolist() == [0.25, 0.7]


def test_purity_leaves_out_pixels_of_no_interaction() -> None:
    # Three of the cosmic, one of the neutrino, and one of neither; then one on nothing.
    masks = [found(COSMIC, 0.9, 0, 1, 2, 4, 8), found(COSMIC, 0.9, 8)]
    shared = overlaps(masks, truth(), np.ones(10))
    np.testing.assert_array_equal(purities(shared), [0.75, np.nan])
    # Of a neutrino alone, only its share counts as pure.
    np.testing.assert_array_equal(purities(shared, np.array([[True, False]] * 2)), [0.25, np.nan])


def test_without_predictions_or_truth_there_is_nothing_to_cover() -> None:
    nothing = overlaps([], truth(), np.ones(10))
    assert efficiencies(nothing, np.array([4, 4])).tolist() == [0, 0]
    assert purities(nothing).tolist() == []
    alone = overlaps([found(COSMIC, 0.9, 1)], (), np.ones(10))
    assert efficiencies(alone, np.zeros(0)).tolist() == []
    np.testing.assert_array_equal(purities(alone), [np.nan])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_overlaps_of_random_masks_are_those_counted_pixel_by_pixel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    number = int(rng.integers(1, 40))
    ids = rng.integers(-1, 5, number).astype(np.int32)
    adc = rng.uniform(5, 60, number)
    image = strip(adc)
    true = true_instances(image, ids, {})
    sets = [set(rng.choice(number, rng.integers(1, number + 1), replace=False)) for _ in range(3)]
    masks = [found(COSMIC, 0.9, *map(int, pixels)) for pixels in sets]
    counted = {i: {k for k in range(number) if ids[k] == i and image.adc[k] >= 10} for i in range(5)}
    counted = {i: pixels for i, pixels in counted.items() if pixels}
    assert [set(one.pixels.tolist()) for one in true] == list(counted.values())
    by_hand = [[len(own & pixels) for pixels in counted.values()] for own in sets]
    shared = overlaps(masks, true, np.ones(number))
    assert shared.tolist() == np.array(by_hand).reshape(3, len(counted)).tolist()
    whole = np.array([len(pixels) for pixels in counted.values()])
    expected = [max(len(own & pixels) / len(pixels) for own in sets) for pixels in counted.values()]
    assert efficiencies(shared, whole) == pytest.approx(expected)
    for own, purity in zip(sets, purities(shared), strict=True):
        on_any = own & set().union(*counted.values())
        best = max((len(own & pixels) for pixels in counted.values()), default=0)
        assert purity == pytest.approx(best / len(on_any) if on_any else np.nan, nan_ok=True)


def test_dead_share_is_of_the_wires_spanned_and_some_on_either_side() -> None:
    image = strip([50] * 20, dead=[0, 1, 22, 23, 24, 25])
    # Wires 18 and 19, with 4 more on either side: 14 to 23, of which 22 and 23 are dead.
    near = found(COSMIC, 1.0, 18, 19)
    # Wires 0 to 9 with 4 more: the window ends at wire 0.
    edge = found(COSMIC, 1.0, *range(10))
    assert dead_shares(image, [near, edge], 4).tolist() == [0.2, 2 / 14]


def test_the_first_cause_that_fits_counts() -> None:
    thresholds = InstanceThresholds(missed_below=0.5, tiny_pixels=30, dead_share=0.25)
    rows = [
        # efficiency, of any class, pixels, dead share
        (0.50, 0.5, 5, 0.9, Cause.NOT_MISSED),
        (0.49, 0.5, 5, 0.9, Cause.WRONG_CLASS),
        (0.49, 0.4, 5, 0.25, Cause.DEAD_WIRES),
        (0.49, 0.4, 29, 0.24, Cause.TINY),
        (0.00, 0.0, 30, 0.24, Cause.TRULY_MISSED),
    ]
    efficiency, any_class, pixels, dead, expected = zip(*rows, strict=True)
    said = causes(np.array(efficiency), np.array(any_class), np.array(pixels), np.array(dead), thresholds)
    assert said.tolist() == list(expected)
