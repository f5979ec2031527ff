"""Stopping power, ranges and cross-sections against published tables."""

import numpy as np
import pytest

from lartpc.simulation import argon

# Groom, Mokhov, Striganov, muons in liquid argon: kinetic energy (MeV), ionisation loss
# (MeV cm2/g), range in the continuous-slowing-down approximation (g/cm2).
MUON_TABLE = [
    (10.0, 5.687, 0.9833),
    (20.0, 3.502, 3.321),
    (40.0, 2.340, 10.58),
    (100.0, 1.670, 42.50),
    (200.0, 1.519, 106.3),
    (400.0, 1.526, 238.5),
    (1000.0, 1.645, 616.3),
]


@pytest.mark.parametrize(("kinetic", "loss", "reach"), MUON_TABLE)
def test_muon_stopping_power_and_range_agree_with_the_tables_to_3_percent(kinetic, loss, reach):
    ours = argon.stopping_power(np.array([kinetic]), argon.MUON_MASS)[0] / argon.DENSITY
    assert ours == pytest.approx(loss, rel=0.03)
    assert argon.range_cm(kinetic, argon.MUON_MASS) * argon.DENSITY == pytest.approx(reach, rel=0.03)


@pytest.mark.parametrize("kinetic", [100.0, 200.0, 300.0])
def test_proton_range_agrees_with_the_power_law_fitted_to_pstar(kinetic):
    # T = 29.9317 R^0.586304 (MeV, cm): a fit to NIST PSTAR in liquid argon in common use.
    reach = argon.range_cm(kinetic, argon.PROTON_MASS)
    assert 29.9317 * reach**0.586304 == pytest.approx(kinetic, rel=0.03)


def test_kinetic_at_range_inverts_range():
    kinetic = np.array([5.0, 50.0, 500.0])
    reach = argon.range_cm(kinetic, argon.PION_MASS)
    np.testing.assert_allclose(argon.kinetic_at_range(reach, argon.PION_MASS), kinetic, rtol=1e-3)


def test_a_mip_loses_about_2_1_mev_per_cm_and_keeps_about_two_thirds_of_its_charge():
    energies = np.linspace(150.0, 600.0, 200)
    lowest = argon.stopping_power(energies, argon.MUON_MASS).min()
    assert lowest == pytest.approx(2.12, rel=0.01)
    assert argon.recombination(np.array([lowest]))[0] == pytest.approx(0.635, abs=0.02)


def test_recombination_takes_more_where_the_track_is_dense():
    survival = argon.recombination(np.array([2.0, 5.0, 20.0]))
    assert np.all(np.diff(survival) < 0)


def test_compton_agrees_with_klein_nishina_at_1_mev():
    # 0.2112 barn an electron at 1 MeV.
    assert argon.compton_per_cm(np.array([1.0]))[0] == pytest.approx(
        0.2112e-24 * argon.ELECTRONS_PER_CM3, rel=0.01
    )


def test_pairs_reach_seven_ninths_of_a_radiation_length():
    assert argon.pair_per_cm(np.array([1e5]))[0] == pytest.approx(7 / 9 / argon.RADIATION_LENGTH_CM)
    assert argon.pair_per_cm(np.array([1.0]))[0] == 0.0


def test_radiation_and_ionisation_of_electrons_are_equal_at_the_critical_energy():
    # Radiation loses E/X0 a cm; the critical energy of argon is 32.8 MeV.
    energies = np.linspace(20.0, 50.0, 301)
    difference = argon.electron_stopping(energies) - energies / argon.RADIATION_LENGTH_CM
    critical = energies[np.abs(difference).argmin()]
    assert critical == pytest.approx(32.8, rel=0.1)
