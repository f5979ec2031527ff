"""Tracks and cascades: energy that goes in comes out, in the right places."""

import numpy as np
import pytest

from lartpc.classes import PixelClass
from lartpc.simulation import argon
from lartpc.simulation.cascade import transport_showers
from lartpc.simulation.particles import Deposits, ParticleTable, isotropic, rotate
from lartpc.simulation.tracks import decay_pi0, michel_energies, transport_tracks

HUGE = (np.full(3, -2000.0), np.full(3, 2000.0))


def shoot(rng, code, kinetic, count, box=HUGE):
    """Particles from the origin along z; returns table, deposits, and rows of electrons with classes."""
    table = ParticleTable()
    rows = table.add(
        code,
        np.zeros((count, 3)),
        np.tile([0.0, 0.0, 1.0], (count, 1)),
        np.full(count, kinetic),
        event=np.zeros(count, int),
        interaction=np.arange(count),
        time_us=np.zeros(count),
    )
    deposits = Deposits()
    electrons, classes = transport_tracks(rng, table, rows, deposits, box)
    return table, deposits, electrons, classes


def shower(rng, code, kinetic, count):
    deposits = Deposits()
    transport_showers(
        rng,
        np.full(count, code),
        np.zeros((count, 3)),
        np.tile([0.0, 0.0, 1.0], (count, 1)),
        np.full(count, kinetic),
        np.arange(count),
        np.full(count, PixelClass.SHOWER, np.int8),
        deposits,
        HUGE,
    )
    return np.concatenate(deposits.position), np.concatenate(deposits.energy)


def test_a_stopping_muon_leaves_its_energy_and_travels_its_range():
    rng = np.random.default_rng(1)
    table, deposits, electrons, classes = shoot(rng, 13, 200.0, 200)
    left = (
        sum(e.sum() for e in deposits.energy) + table["kinetic"][electrons[classes == PixelClass.DELTA]].sum()
    )
    assert left / 200 == pytest.approx(200.0, rel=0.03)
    path = np.linalg.norm(table["end"][:200], axis=1)
    expected = argon.range_cm(200.0, argon.MUON_MASS)
    assert 0.9 * expected < np.median(path) <= expected


def test_mean_loss_of_a_minimum_ionising_muon_over_its_path():
    rng = np.random.default_rng(2)
    box = (np.array([-50.0, -50.0, -1.0]), np.array([50.0, 50.0, 100.0]))
    table, deposits, electrons, _ = shoot(rng, 13, 1000.0, 300, box)
    expected = argon.stopping_power(np.array([950.0]), argon.MUON_MASS)[0]
    loss = np.concatenate(deposits.energy).sum() + table["kinetic"][electrons].sum()
    assert loss / 300 / 100.0 == pytest.approx(expected, rel=0.03)


def test_the_bragg_peak_of_a_proton_is_at_its_end():
    rng = np.random.default_rng(3)
    _, deposits, _, _ = shoot(rng, 2212, 60.0, 50)
    depth = np.concatenate(deposits.position)[:, 2]
    dedx = np.concatenate(deposits.dedx)
    end = argon.range_cm(60.0, argon.PROTON_MASS)
    assert dedx[depth > 0.85 * end].mean() > 1.8 * dedx[depth < 0.3 * end].mean()


def test_positive_muons_all_decay_and_a_quarter_of_the_negative_ones():
    rng = np.random.default_rng(4)
    for code, share in ((-13, 1.0), (13, 0.25)):
        _, _, _, classes = shoot(rng, code, 30.0, 600)
        assert np.mean(classes == PixelClass.MICHEL) * len(classes) / 600 == pytest.approx(share, abs=0.06)


def test_michel_spectrum_has_the_mean_of_x2_3_minus_2x():
    energies = michel_energies(np.random.default_rng(5), 20000)
    # The mean of x under 2 x^2 (3 - 2x) is 0.7.
    assert energies.mean() == pytest.approx(0.7 * 52.83, rel=0.01)
    assert energies.max() <= 52.83


def test_pi0_photons_carry_its_energy_and_momentum():
    rng = np.random.default_rng(6)
    table = ParticleTable()
    start, along = np.zeros((400, 3)), np.tile([0.0, 0.0, 1.0], (400, 1))
    rows = table.add(
        111, start, along, np.full(400, 100.0),
        event=np.zeros(400, int), interaction=np.zeros(400, int), time_us=np.zeros(400),
    )  # fmt: skip
    photons = decay_pi0(rng, table, rows, start, along, np.full(400, 100.0)).reshape(2, 400)
    energy, heading = table["kinetic"][photons], table["direction"][photons]
    total = 100.0 + argon.PION0_MASS
    np.testing.assert_allclose(energy.sum(axis=0), total)
    momentum = (energy[..., None] * heading).sum(axis=0)
    np.testing.assert_allclose(momentum[:, 2], np.sqrt(total**2 - argon.PION0_MASS**2), rtol=1e-6)


@pytest.mark.parametrize("code", [11, 22])
def test_a_shower_keeps_its_energy(code):
    _, energy = shower(np.random.default_rng(7), code, 300.0, 40)
    # Positrons bring their rest mass back, so up to a few MeV more may appear.
    assert 297.0 < energy.sum() / 40 < 325.0


def test_a_1_gev_shower_is_contained_in_twenty_radiation_lengths_and_a_few_molieres():
    position, energy = shower(np.random.default_rng(8), 11, 1000.0, 12)
    depth, radius = position[:, 2] / argon.RADIATION_LENGTH_CM, np.hypot(position[:, 0], position[:, 1])
    assert energy[depth < 12].sum() / energy.sum() > 0.93
    mean_depth = np.sum(depth * energy) / energy.sum()
    assert 3.0 < mean_depth < 6.5
    assert 0.80 < energy[radius < 10.0].sum() / energy.sum() < 0.99


def test_photons_convert_away_from_their_origin():
    position, _ = shower(np.random.default_rng(9), 22, 200.0, 1)
    first = np.linalg.norm(position, axis=1).min()
    assert first > 0.5
    many, energy = shower(np.random.default_rng(9), 22, 200.0, 40)
    assert energy[np.linalg.norm(many, axis=1) < 2.0].sum() < 0.2 * energy.sum()


def test_rotation_keeps_unit_length_and_the_angle():
    rng = np.random.default_rng(10)
    direction = isotropic(rng, 50)
    turned = rotate(direction, np.full(50, 0.3), rng.uniform(0, 6, 50))
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1.0)
    np.testing.assert_allclose(np.sum(direction * turned, axis=1), 0.3)
