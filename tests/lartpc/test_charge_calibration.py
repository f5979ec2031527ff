"""Charge to energy: the inverse of recombination, and constants that the simulation gives again."""

import math

import numpy as np
import pytest
from hand_made import block, image_of

from lartpc.calibration import (
    CALIBRATIONS,
    charge_adc,
    electron_energy_mev,
    plane_calibration,
    track_dedx_mev_per_cm,
    true_electron_energy_mev,
)
from lartpc.classes import PLANES, PixelClass
from lartpc.simulation import argon
from lartpc.simulation.calibrate import calibrate
from lartpc.simulation.readout import ADC_PER_ELECTRON


@pytest.mark.parametrize("dedx", [1.8, 2.1, 5.0, 15.0])
def test_dedx_from_charge_inverts_recombination(dedx):
    electrons = dedx * float(argon.recombination(np.float64(dedx))) / argon.MEV_PER_ELECTRON
    assert argon.dedx_from_charge(electrons) == pytest.approx(dedx)


@pytest.mark.parametrize("plane", PLANES)
def test_a_track_of_known_charge_has_its_dedx(plane):
    electrons = 2.1 * float(argon.recombination(np.float64(2.1))) / argon.MEV_PER_ELECTRON * 30.0
    charge = electrons * ADC_PER_ELECTRON * CALIBRATIONS[plane].track_share
    assert track_dedx_mev_per_cm(charge, 30.0, plane) == pytest.approx(2.1)
    assert track_dedx_mev_per_cm(2.0 * charge, 30.0, plane) > 4.2


def test_no_length_has_no_dedx_and_no_charge_none():
    assert math.isnan(track_dedx_mev_per_cm(100.0, 0.0, "Y"))
    assert track_dedx_mev_per_cm(0.0, 3.0, "Y") == pytest.approx(0.0, abs=0.2)


def test_more_charge_than_recombination_leaves_is_infinite_without_a_warning():
    assert track_dedx_mev_per_cm(1.0e6, 0.01, "Y") == math.inf


def test_energy_is_proportional_to_charge():
    assert electron_energy_mev(2000.0, "U") == pytest.approx(2.0 * electron_energy_mev(1000.0, "U"))
    assert true_electron_energy_mev(1000.0, "V") == pytest.approx(10.2, abs=0.2)


def test_an_unknown_plane_is_one_sentence():
    with pytest.raises(ValueError, match="no calibration of plane 'X'; there is one of U, V, Y"):
        plane_calibration("X")


def test_the_constants_are_those_of_the_simulation():
    for plane, fresh in calibrate(8, seed=5).items():
        kept = CALIBRATIONS[plane]
        assert fresh.electron_mev_per_adc == pytest.approx(kept.electron_mev_per_adc, rel=0.05)
        assert fresh.truth_mev_per_adc == pytest.approx(kept.truth_mev_per_adc, rel=0.05)
        assert fresh.track_share == pytest.approx(kept.track_share, rel=0.05)
        assert fresh.electron_spread < 0.12


def test_charge_is_summed_with_the_gain():
    image, _ = image_of({PixelClass.MIP: block(1, 1, 1, 3)}, adc=10.0, gain=3.0)
    assert charge_adc(image, np.array([0, 2], np.int32)) == pytest.approx(60.0)
