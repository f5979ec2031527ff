"""Michel figures on a handful of candidates and true Michels, counted by hand."""

import numpy as np
import pytest
from hand_made import block, image_of, line

from lartpc.calibration import CALIBRATIONS
from lartpc.classes import PixelClass
from lartpc.event import Particle, Truth
from lartpc.metrics.michel import (
    MichelEvent,
    TrueMichel,
    has_michel_truth,
    match,
    michel_figures,
    spectrum,
    true_michels,
)
from lartpc.michel import MichelCandidate

NO_PIXELS = np.empty(0, np.int32)


def candidate(first: int, last: int, energy: float = 10.0) -> MichelCandidate:
    """A candidate of the pixels first to last - 1."""
    return MichelCandidate("Y", np.arange(first, last, dtype=np.int32), 0, 0, NO_PIXELS, 100.0, energy)


def true(first: int, last: int, energy: float = 10.0) -> TrueMichel:
    return TrueMichel(first, np.arange(first, last, dtype=np.int32), energy, energy)


# 20 true pixels, 16 of them in a candidate of 20; a fragment of 2 of the same Michel; one missed of 12;
# one of 5 found whole; a candidate of nothing.
FIRST = MichelEvent((candidate(4, 24, 9.0), candidate(0, 2, 1.0)), (true(0, 20), true(50, 62, 7.0)))
SECOND = MichelEvent((candidate(100, 105, 3.0), candidate(200, 212, 30.0)), (true(100, 105, 4.0),))
EVENTS = [FIRST, SECOND]


def test_pairs_share_most_pixels_and_nothing_is_matched_twice():
    pairs = match(FIRST.candidates, FIRST.truths or ())
    assert [(p.candidate, p.true, p.shared) for p in pairs] == [(0, 0, 16)]
    crossed = match([candidate(0, 10), candidate(8, 20)], [true(2, 12), true(12, 20)])
    assert [(p.candidate, p.true, p.shared) for p in crossed] == [(0, 0, 8), (1, 1, 8)]
    assert match([candidate(0, 5)], [true(5, 9)]) == ()


def test_figures_without_and_with_the_cut():
    figures = michel_figures(EVENTS)
    everything, cut, both = figures["all"], figures["cut"], figures["cut_both"]
    assert (figures["events"], figures["events_with_truth"]) == (2, 2)
    assert (everything["candidates"], everything["true"]) == (4, 3)
    assert everything["id_efficiency"]["value"] == pytest.approx(2 / 3)
    assert everything["id_purity"]["value"] == pytest.approx(2 / 4)
    assert everything["cluster_efficiency"]["value"] == pytest.approx((16 / 20 + 1.0) / 2)
    assert everything["cluster_purity"]["value"] == pytest.approx((16 / 20 + 1.0) / 2)
    assert everything["energy_ratio"]["median"] == pytest.approx((0.9 + 0.75) / 2)
    assert (cut["candidates"], cut["true"]) == (2, 3)
    assert cut["id_efficiency"]["value"] == pytest.approx(1 / 3)
    assert cut["id_purity"]["value"] == pytest.approx(1 / 2)
    assert both["true"] == 2
    assert both["id_efficiency"]["value"] == pytest.approx(1 / 2)
    assert both["id_purity"]["value"] == pytest.approx(1 / 2)


def test_intervals_are_wilson_for_shares_and_resampled_events_for_means():
    figures = michel_figures(EVENTS)["all"]
    # Wilson of 2 in 3, z = 1.95996: centre (2/3 + z²/6) / (1 + z²/3), half width z/(1 + z²/3) sqrt(...).
    assert figures["id_efficiency"]["interval_95"] == pytest.approx([0.2077, 0.9385], abs=2e-4)
    # Either event may be drawn alone: 0.8 and 1.
    assert figures["cluster_efficiency"]["interval_95"] == pytest.approx([0.8, 1.0])


def test_nothing_to_count_is_null():
    figures = michel_figures([MichelEvent((), None), MichelEvent((candidate(0, 9),), None)])
    assert (figures["events"], figures["events_with_truth"]) == (2, 0)
    assert figures["all"]["candidates"] == 0
    assert figures["all"]["id_purity"] == {"value": None, "interval_95": [None, None]}
    assert figures["all"]["cluster_purity"] == {"value": None, "interval_95": [None, None]}
    assert figures["all"]["energy_ratio"] == {"median": None, "spread": None}


def test_the_spectrum_counts_each_michel_once_and_keeps_what_lies_above():
    found = spectrum(EVENTS, top_mev=20.0, bin_mev=5.0)
    np.testing.assert_array_equal(found.edges_mev, [0, 5, 10, 15, 20])
    np.testing.assert_array_equal(found.true, [1, 1, 1, 0])
    np.testing.assert_array_equal(found.found, [1, 0, 1, 0])
    np.testing.assert_array_equal(found.candidates, [2, 1, 0, 1])
    np.testing.assert_array_equal(found.matched, [1, 1, 0, 0])


def test_the_spectrum_of_events_without_truth_is_that_of_their_candidates():
    found = spectrum([MichelEvent((candidate(0, 9, 12.0),), None)], top_mev=20.0, bin_mev=5.0)
    np.testing.assert_array_equal(found.candidates, [0, 0, 1, 0])
    assert found.true.sum() == 0


def _truth(charge: bool = True) -> tuple:
    """A track with two electrons at its ends, of particles 7 and 9; two MIP pixels hide charge of 9."""
    image, classes = image_of(
        {
            PixelClass.MIP: line(50, range(40, 100)),
            PixelClass.MICHEL: [*block(50, 100, 2, 3), *block(50, 36, 2, 4)],
        }
    )
    michel = classes == PixelClass.MICHEL
    owner = np.where(michel, np.where(image.wires > 90, 9, 7), 1).astype(np.int32)
    by_class = np.zeros((len(image), 5), np.float32)
    by_class[michel, PixelClass.MICHEL] = 40.0
    by_class[image.wires == 99, PixelClass.MICHEL] = 10.0
    particle = Particle(9, 11, 1, 0, 30.0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), "decay")
    truth = Truth(
        classes={"Y": classes},
        particle_ids={"Y": owner},
        class_charge={"Y": by_class} if charge else {},
        particles=(particle,),
    )
    return image, truth


def test_true_michels_are_the_read_pixels_of_one_particle_with_all_its_ionisation():
    image, truth = _truth()
    read = np.ones(len(image), bool)
    read[np.flatnonzero(image.wires == 102)] = False
    seven, nine = true_michels(image, truth, read)
    assert (seven.particle, len(seven.pixels)) == (7, 8)
    assert (nine.particle, len(nine.pixels)) == (9, 4)
    scale = CALIBRATIONS["Y"].truth_mev_per_adc
    assert seven.energy_mev == pytest.approx(8 * 40.0 * scale)
    assert nine.energy_mev == pytest.approx((6 * 40.0 + 2 * 10.0) * scale)
    assert nine.kinetic_energy_mev == 30.0
    assert np.isnan(seven.kinetic_energy_mev)


def test_true_michels_without_true_charge_have_that_of_their_pixels():
    image, truth = _truth(charge=False)
    _, nine = true_michels(image, truth, np.ones(len(image), bool))
    assert nine.energy_mev == pytest.approx(6 * 50.0 * CALIBRATIONS["Y"].electron_mev_per_adc)


def test_a_michel_of_which_nothing_was_read_does_not_count():
    image, truth = _truth()
    assert [michel.particle for michel in true_michels(image, truth, image.wires < 90)] == [7]
    assert true_michels(image, truth, np.zeros(len(image), bool)) == ()


def test_truth_needs_classes_and_owners_and_known_classes():
    image, truth = _truth()
    assert has_michel_truth(truth, "Y")
    assert not has_michel_truth(truth, "U")
    assert not has_michel_truth(Truth(classes=truth.classes), "Y")
    assert not has_michel_truth(None, "Y")
    odd = Truth(classes={"Y": truth.classes["Y"] + 3}, particle_ids=truth.particle_ids)
    with pytest.raises(ValueError, match="plane Y: unknown pixel class 7"):
        true_michels(image, odd, np.ones(len(image), bool))
