"""Electromagnetic cascades, particle by particle: electrons step, photons fly and interact.

All electrons and photons of a batch advance together, so that the cost is one NumPy pass a step
whatever the number of showers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PixelClass
from lartpc.simulation import argon
from lartpc.simulation.particles import Array, Deposits, Ints, isotropic, rotate

STEP_CM = 0.2
PHOTON_CUT_MEV = 0.3
ELECTRON_CUT_MEV = 0.1
_MARGIN_CM = 15.0
_SHOWER = np.int8(PixelClass.SHOWER)


@dataclass
class _Beam:
    """A set of electrons or photons: position, direction (n, 3), energy, owner row, pixel class."""

    position: Array
    direction: Array
    energy: Array
    owner: Ints
    pixel_class: NDArray[np.int8]
    positron: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.energy)

    def take(self, chosen: NDArray) -> _Beam:
        return _Beam(
            self.position[chosen],
            self.direction[chosen],
            self.energy[chosen],
            self.owner[chosen],
            self.pixel_class[chosen],
            self.positron[chosen],
        )

    @staticmethod
    def join(parts: list[_Beam]) -> _Beam:
        return _Beam(
            np.concatenate([p.position for p in parts]),
            np.concatenate([p.direction for p in parts]),
            np.concatenate([p.energy for p in parts]),
            np.concatenate([p.owner for p in parts]),
            np.concatenate([p.pixel_class for p in parts]),
            np.concatenate([p.positron for p in parts]),
        )


def transport_showers(
    rng: np.random.Generator,
    pdg: Ints,
    position: Array,
    direction: Array,
    energy: Array,
    owner: Ints,
    pixel_class: NDArray[np.int8],
    deposits: Deposits,
    box: tuple[Array, Array],
) -> None:
    """Deposit the cascades of electrons (pdg +-11) and photons (22).

    energy: kinetic, MeV. pixel_class: class of the primary's own ionisation; all that its photons
    leave is shower. box: corners (3,) in cm of the volume where charge is seen.
    """
    low, high = box[0] - _MARGIN_CM, box[1] + _MARGIN_CM
    start = _Beam(position, direction, energy, owner, pixel_class, pdg == -11)
    photons = start.take(pdg == 22)
    electrons = start.take(pdg != 22)
    while len(photons) or len(electrons):
        if len(photons):
            photons, born = _fly(rng, photons, deposits, low, high)
            electrons = _Beam.join([electrons, born])
        if len(electrons):
            electrons, radiated = _step(rng, electrons, deposits, low, high)
            photons = _Beam.join([photons, radiated])


def _within(position: Array, low: Array, high: Array) -> NDArray[np.bool_]:
    return np.all((position > low) & (position < high), axis=1)


def _step(
    rng: np.random.Generator, beam: _Beam, deposits: Deposits, low: Array, high: Array
) -> tuple[_Beam, _Beam]:
    """One step of every electron; returns those that go on and the photons that were radiated."""
    dedx = argon.electron_stopping(beam.energy)
    # Photons softer than the cut travel little and are invisible one by one: deposited on the spot.
    soft = 4.0 / 3.0 * np.minimum(PHOTON_CUT_MEV, beam.energy) / argon.RADIATION_LENGTH_CM
    size = np.minimum(STEP_CM, 0.5 * beam.energy / dedx + 0.005)
    # Relative spread of a step's loss, close to the Landau width of 2 mm of argon.
    loss = np.minimum(dedx * size * rng.gamma(30.0, 1.0 / 30.0, len(beam)) + soft * size, beam.energy)
    momentum = np.sqrt(beam.energy * (beam.energy + 2.0 * argon.ELECTRON_MASS))
    beta = momentum / (beam.energy + argon.ELECTRON_MASS)
    theta = np.minimum(13.6 / (beta * momentum) * np.sqrt(size / argon.RADIATION_LENGTH_CM), 1.0)
    angle = theta * np.sqrt(rng.chisquare(2.0, len(beam)))
    heading = rotate(beam.direction, np.cos(angle), rng.uniform(0.0, 2.0 * np.pi, len(beam)))
    middle = beam.position + 0.5 * size[:, None] * heading
    left = beam.energy - loss
    ends = left < ELECTRON_CUT_MEV
    loss = np.where(ends, beam.energy, loss)
    deposits.add(middle, loss, dedx, beam.owner, beam.pixel_class)
    moved = _Beam(
        beam.position + size[:, None] * heading,
        heading,
        np.where(ends, 0.0, left),
        beam.owner,
        beam.pixel_class,
        beam.positron,
    )
    alive = ~ends & _within(moved.position, low, high)
    radiates = alive & (left > 2.0 * PHOTON_CUT_MEV)
    radiates &= rng.random(len(beam)) < argon.brems_per_cm(np.maximum(left, 1e-3), PHOTON_CUT_MEV) * size
    photons = _radiate(rng, moved, np.flatnonzero(radiates))
    annihilated = moved.take(ends & moved.positron)
    return moved.take(alive), _Beam.join([photons, _annihilate(rng, annihilated)])


def _radiate(rng: np.random.Generator, beam: _Beam, index: Ints) -> _Beam:
    """Bremsstrahlung from (4/3 - 4/3 y + y^2)/y above the cut; lowers the energy of the electrons."""
    energy = beam.energy[index]
    lowest = PHOTON_CUT_MEV / energy
    share = np.empty(len(index))
    pending = np.arange(len(index))
    while len(pending):
        y = lowest[pending] ** rng.random(len(pending))
        good = rng.random(len(pending)) < (4.0 / 3.0 - 4.0 / 3.0 * y + y**2) / (4.0 / 3.0)
        share[pending[good]] = y[good]
        pending = pending[~good]
    beam.energy[index] = energy * (1.0 - share)
    theta = argon.ELECTRON_MASS / energy * np.sqrt(rng.exponential(1.0, len(index)))
    heading = rotate(
        beam.direction[index], np.cos(np.minimum(theta, 1.5)), rng.uniform(0.0, 6.2832, len(index))
    )
    return _photons(beam.position[index], heading, energy * share, beam.owner[index])


def _photons(position: Array, direction: Array, energy: Array, owner: Ints) -> _Beam:
    count = len(energy)
    return _Beam(position, direction, energy, owner, np.full(count, _SHOWER), np.zeros(count, bool))


def _annihilate(rng: np.random.Generator, beam: _Beam) -> _Beam:
    """Two photons of 0.511 MeV back to back for every positron at rest."""
    axis = isotropic(rng, len(beam))
    energy = np.full(len(beam), argon.ELECTRON_MASS)
    return _Beam.join([_photons(beam.position, sign * axis, energy, beam.owner) for sign in (1.0, -1.0)])


def _fly(
    rng: np.random.Generator, beam: _Beam, deposits: Deposits, low: Array, high: Array
) -> tuple[_Beam, _Beam]:
    """Every photon to its interaction; returns scattered photons and the electrons set free."""
    pair, compton = argon.pair_per_cm(beam.energy), argon.compton_per_cm(beam.energy)
    path = rng.exponential(1.0, len(beam)) / (pair + compton)
    beam.position = beam.position + path[:, None] * beam.direction
    converts = rng.random(len(beam)) < pair / (pair + compton)
    inside = _within(beam.position, low, high)
    electrons = _convert(rng, beam.take(inside & converts))
    scattered, knocked = _scatter(rng, beam.take(inside & ~converts))
    absorbed = scattered.energy < PHOTON_CUT_MEV
    rest = scattered.take(absorbed)
    deposits.add(rest.position, rest.energy, np.full(len(rest), 3.0), rest.owner, rest.pixel_class)
    return scattered.take(~absorbed), _Beam.join([electrons, knocked])


def _convert(rng: np.random.Generator, beam: _Beam) -> _Beam:
    """Pair production: the energy shared evenly at random, opening angles of order m/E."""
    available = np.clip(beam.energy - 2.0 * argon.ELECTRON_MASS, 0.01, None)
    share = rng.random(len(beam))
    parts = []
    for fraction, positron in ((share, False), (1.0 - share, True)):
        theta = argon.ELECTRON_MASS / np.maximum(beam.energy, 1.0) * np.sqrt(rng.exponential(1.0, len(beam)))
        heading = rotate(beam.direction, np.cos(theta), rng.uniform(0.0, 6.2832, len(beam)))
        parts.append(
            _Beam(
                beam.position,
                heading,
                np.maximum(available * fraction, 0.01),
                beam.owner,
                np.full(len(beam), _SHOWER),
                np.full(len(beam), positron),
            )
        )
    return _Beam.join(parts)


def _scatter(rng: np.random.Generator, beam: _Beam) -> tuple[_Beam, _Beam]:
    """Compton scattering after Klein and Nishina: scattered photons and their electrons."""
    k = beam.energy / argon.ELECTRON_MASS
    ratio = np.empty(len(beam))
    pending = np.arange(len(beam))
    while len(pending):
        lowest = 1.0 / (1.0 + 2.0 * k[pending])
        epsilon = rng.uniform(lowest, 1.0)
        cos_theta = 1.0 - (1.0 / epsilon - 1.0) / k[pending]
        weight = epsilon + 1.0 / epsilon - (1.0 - cos_theta**2)
        good = rng.random(len(pending)) * (lowest + 1.0 / lowest) < weight
        ratio[pending[good]] = epsilon[good]
        pending = pending[~good]
    cos_photon = np.clip(1.0 - (1.0 / ratio - 1.0) / k, -1.0, 1.0)
    phi = rng.uniform(0.0, 2.0 * np.pi, len(beam))
    energy = beam.energy * ratio
    heading = rotate(beam.direction, cos_photon, phi)
    transfer = np.maximum(beam.energy - energy, 1e-3)
    recoil = beam.energy[:, None] * beam.direction - energy[:, None] * heading
    recoil /= np.maximum(np.linalg.norm(recoil, axis=1, keepdims=True), 1e-9)
    electrons = _Beam(
        beam.position, recoil, transfer, beam.owner, np.full(len(beam), _SHOWER), np.zeros(len(beam), bool)
    )
    return _photons(beam.position, heading, energy, beam.owner), electrons
