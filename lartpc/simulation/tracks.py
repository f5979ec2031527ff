"""Muons, charged pions and protons: stepping, scattering, deltas, stopping, decay and interaction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PixelClass
from lartpc.simulation import argon
from lartpc.simulation.particles import Array, Deposits, Ints, ParticleTable, isotropic, rotate

STEP_CM = 0.2
DELTA_CUT_MEV = 1.0
_SOFT_CUT_MEV = 0.02
_MICHEL_END_POINT_MEV = 52.83
_CAPTURE_SHARE = 0.75
_DELTA = np.int8(PixelClass.DELTA)
_MICHEL = np.int8(PixelClass.MICHEL)
_SHOWER = np.int8(PixelClass.SHOWER)


@dataclass
class Secondaries:
    """What a generation of tracks leaves behind: rows to follow, and the class of each electron or photon."""

    tracks: list[Ints]
    showers: list[Ints]
    shower_class: list[NDArray[np.int8]]

    def add_shower(self, rows: Ints, pixel_class: np.int8) -> None:
        self.showers.append(rows)
        self.shower_class.append(np.full(len(rows), pixel_class, np.int8))


@dataclass(frozen=True)
class _Steps:
    """Flattened steps of one generation: `track` says whose step it is, tracks lie one after another."""

    track: Ints
    position: Array
    direction: Array
    kinetic: Array
    size: Array
    first: Ints
    count: Ints

    @property
    def last(self) -> Ints:
        return self.first + self.count - 1


def transport_tracks(
    rng: np.random.Generator, table: ParticleTable, rows: Ints, deposits: Deposits, box: tuple[Array, Array]
) -> tuple[Ints, NDArray[np.int8]]:
    """Follow tracks and their track daughters; returns rows of electrons and photons and their pixel class.

    box: lowest and highest corner (3,) in cm of the volume where charge is seen.
    """
    found = Secondaries([], [], [])
    generation = rows
    while len(generation):
        found.tracks = []
        for code in (13, 211, 2212):
            chosen = generation[np.abs(table["pdg"][generation]) == code]
            if len(chosen):
                _transport_species(rng, table, chosen, code, deposits, box, found)
        generation = np.concatenate(found.tracks) if found.tracks else np.empty(0, np.int64)
    if not found.showers:
        return np.empty(0, np.int64), np.empty(0, np.int8)
    return np.concatenate(found.showers), np.concatenate(found.shower_class)


def _transport_species(
    rng: np.random.Generator,
    table: ParticleTable,
    rows: Ints,
    code: int,
    deposits: Deposits,
    box: tuple[Array, Array],
    found: Secondaries,
) -> None:
    mass = argon.MASS[code]
    start, kinetic = table["start"][rows], table["kinetic"][rows]
    full_range = argon.range_cm(kinetic, mass)
    length = np.minimum(full_range, _exit_distance(start, table["direction"][rows], box) * 1.3 + 5.0)
    hard = np.full(len(rows), np.inf)
    if code != 13:
        hard = rng.exponential(argon.INTERACTION_LENGTH_CM, len(rows))
        length = np.minimum(length, hard)
    steps, inside = _walk(rng, start, table["direction"][rows], full_range, length, mass, box)
    pixel_class = np.int8(PixelClass.HIP if code == 2212 else PixelClass.MIP)
    _deposit(rng, steps, rows, mass, pixel_class, deposits)
    last = steps.last
    table["end"][rows] = steps.position[last] + 0.5 * steps.size[last, None] * steps.direction[last]
    if code == 13 or code == 211:
        _knock_on(rng, table, steps, rows, mass, found)
    stopped = inside & (length >= full_range) & (hard >= full_range)
    if code == 13:
        _muon_at_rest(rng, table, rows[stopped], found)
    elif code == 211:
        _pion_at_rest(rng, table, rows[stopped], found)
    interacted = inside & (hard < full_range) & (length >= hard)
    if interacted.any():
        at = last[interacted]
        _interact(rng, table, rows[interacted], code, steps.kinetic[at], steps.direction[at], found)


def _exit_distance(start: Array, direction: Array, box: tuple[Array, Array]) -> Array:
    """Straight-line distance (n,) at which a particle leaves the box."""
    safe = np.where(np.abs(direction) < 1e-9, 1e-9, direction)
    far = np.maximum((box[0] - start) / safe, (box[1] - start) / safe)
    return np.clip(far.min(axis=1), 0.0, None)


def _walk(
    rng: np.random.Generator,
    start: Array,
    direction: Array,
    full_range: Array,
    length: Array,
    mass: float,
    box: tuple[Array, Array],
) -> tuple[_Steps, NDArray[np.bool_]]:
    """Steps up to `length` or the wall; the flags say whose end lies inside the box."""
    count = np.maximum(np.ceil(length / STEP_CM).astype(np.int64), 1)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    track = np.repeat(np.arange(len(count)), count)
    along = np.arange(len(track)) - first[track]
    size = (length / count)[track]
    residual = full_range[track] - (along + 0.5) * size
    kinetic = argon.kinetic_at_range(np.clip(residual, 1e-4, None), mass)
    beta, gamma = argon.beta_gamma(kinetic, mass)
    momentum = beta * gamma * mass
    theta = 13.6 / (beta * momentum) * np.sqrt(size / argon.RADIATION_LENGTH_CM)
    kicks = rng.standard_normal((len(track), 2)) * np.minimum(theta, 0.5)[:, None]
    angles = _running_sum(kicks, first, track)
    heading = _bend(direction[track], angles)
    position = (
        start[track] + _running_sum(heading * size[:, None], first, track) - 0.5 * heading * size[:, None]
    )
    outside = np.any((position < box[0]) | (position > box[1]), axis=1)
    leaves = np.where(outside, along, np.iinfo(np.int64).max)
    seen = np.minimum(np.minimum.reduceat(leaves, first), count)
    keep = along < np.maximum(seen, 1)[track]
    kept = np.maximum(seen, 1)
    steps = _Steps(
        track[keep],
        position[keep],
        heading[keep],
        kinetic[keep],
        size[keep],
        np.concatenate([[0], np.cumsum(kept)[:-1]]),
        kept,
    )
    return steps, seen == count


def _running_sum(values: Array, first: Ints, track: Ints) -> Array:
    """Cumulative sum within each track."""
    total = np.cumsum(values, axis=0)
    before = total[first] - values[first]
    return total - before[track]


def _bend(direction: Array, angles: Array) -> Array:
    """Turn unit directions by two small-angle walks about their own transverse axes."""
    size = np.linalg.norm(angles, axis=1)
    phi = np.arctan2(angles[:, 1], angles[:, 0])
    return rotate(direction, np.cos(size), phi)


def _deposit(
    rng: np.random.Generator,
    steps: _Steps,
    rows: Ints,
    mass: float,
    pixel_class: np.int8,
    deposits: Deposits,
) -> None:
    """Restricted loss: a smooth part, and collisions up to the delta cut drawn from 1/T^2."""
    cut = np.minimum(argon.max_transfer(steps.kinetic, mass), DELTA_CUT_MEV)
    dedx = argon.stopping_power(steps.kinetic, mass, DELTA_CUT_MEV)
    beta, _ = argon.beta_gamma(steps.kinetic, mass)
    size = steps.size
    strength = argon.collision_strength(beta) * size
    hard = cut > _SOFT_CUT_MEV
    mean = np.where(hard, strength * np.log(np.maximum(cut, _SOFT_CUT_MEV) / _SOFT_CUT_MEV), 0.0)
    expected = np.where(hard, strength * (1.0 / _SOFT_CUT_MEV - 1.0 / np.maximum(cut, _SOFT_CUT_MEV)), 0.0)
    # Many collisions in a step are as good as a Gaussian; few are drawn one by one.
    number = rng.poisson(np.minimum(expected, 20.0))
    owner = np.repeat(np.arange(len(dedx)), number)
    high = cut[owner]
    drawn = 1.0 / (1.0 / _SOFT_CUT_MEV - rng.random(len(owner)) * (1.0 / _SOFT_CUT_MEV - 1.0 / high))
    scale = np.where(expected > 20.0, expected / 20.0, 1.0)
    extra = np.bincount(owner, drawn, len(dedx)) * scale
    available = np.minimum(dedx * size, steps.kinetic)
    energy = np.clip(available - mean, 0.2 * available, None) + extra
    deposits.add(
        steps.position, energy, energy / size, rows[steps.track], np.full(len(energy), pixel_class, np.int8)
    )


def _knock_on(
    rng: np.random.Generator,
    table: ParticleTable,
    steps: _Steps,
    rows: Ints,
    mass: float,
    found: Secondaries,
) -> None:
    """Delta electrons above the cut, from 1/T^2 (1 - beta^2 T/Tmax)."""
    top = argon.max_transfer(steps.kinetic, mass)
    beta, _ = argon.beta_gamma(steps.kinetic, mass)
    rate = argon.collision_strength(beta) * steps.size * np.clip(1.0 / DELTA_CUT_MEV - 1.0 / top, 0.0, None)
    number = rng.poisson(rate)
    owner = np.repeat(np.arange(len(rate)), number)
    inverse = 1.0 / DELTA_CUT_MEV - rng.random(len(owner)) * (1.0 / DELTA_CUT_MEV - 1.0 / top[owner])
    energy = 1.0 / inverse
    keep = rng.random(len(owner)) < 1.0 - beta[owner] ** 2 * energy / top[owner]
    owner, energy = owner[keep], energy[keep]
    if not len(owner):
        return
    momentum = np.sqrt(energy * (energy + 2.0 * argon.ELECTRON_MASS))
    highest = np.sqrt(top[owner] * (top[owner] + 2.0 * argon.ELECTRON_MASS))
    cos_theta = np.clip(energy / momentum * highest / top[owner], 0.0, 1.0)
    direction = rotate(steps.direction[owner], cos_theta, rng.uniform(0.0, 2.0 * np.pi, len(owner)))
    parents = rows[steps.track[owner]]
    found.add_shower(
        table.add_children(parents, 11, steps.position[owner], direction, energy, "delta"), _DELTA
    )


def michel_energies(rng: np.random.Generator, count: int) -> Array:
    """Electron energies of muon decay in MeV, from x^2 (3 - 2x) up to 52.83 MeV."""
    drawn = np.empty(0)
    while len(drawn) < count:
        x = rng.random(2 * count + 8)
        drawn = np.concatenate([drawn, x[rng.random(len(x)) < x**2 * (3.0 - 2.0 * x)]])
    return drawn[:count] * _MICHEL_END_POINT_MEV


def _muon_at_rest(rng: np.random.Generator, table: ParticleTable, rows: Ints, found: Secondaries) -> None:
    captured = (table["pdg"][rows] > 0) & (rng.random(len(rows)) < _CAPTURE_SHARE)
    rows = rows[~captured]
    if not len(rows):
        return
    total = np.maximum(michel_energies(rng, len(rows)), argon.ELECTRON_MASS + 0.1)
    code = np.where(table["pdg"][rows] > 0, 11, -11)
    children = table.add_children(
        rows, code, table["end"][rows], isotropic(rng, len(rows)), total - argon.ELECTRON_MASS, "decay"
    )
    found.add_shower(children, _MICHEL)


def _pion_at_rest(rng: np.random.Generator, table: ParticleTable, rows: Ints, found: Secondaries) -> None:
    """pi+ gives a muon of 4.12 MeV; pi- is captured and leaves a proton or two."""
    plus = rows[table["pdg"][rows] > 0]
    if len(plus):
        energy = np.full(len(plus), 4.12)
        found.tracks.append(
            table.add_children(plus, -13, table["end"][plus], isotropic(rng, len(plus)), energy, "decay")
        )
    minus = np.repeat(rows[table["pdg"][rows] < 0], 2)
    minus = minus[rng.random(len(minus)) < 0.4]
    if len(minus):
        energy = 10.0 + rng.exponential(20.0, len(minus))
        found.tracks.append(
            table.add_children(
                minus, 2212, table["end"][minus], isotropic(rng, len(minus)), energy, "capture"
            )
        )


def _interact(
    rng: np.random.Generator,
    table: ParticleTable,
    rows: Ints,
    code: int,
    kinetic: Array,
    direction: Array,
    found: Secondaries,
) -> None:
    """Hadron on argon: protons out, and a pion that goes on, turns into a pi0, or is absorbed."""
    protons = np.repeat(np.arange(len(rows)), rng.integers(0, 4, len(rows)))
    if len(protons):
        energy = kinetic[protons] * rng.uniform(0.08, 0.4, len(protons))
        cos_theta = np.clip(rng.normal(0.6, 0.4, len(protons)), -1.0, 1.0)
        heading = rotate(direction[protons], cos_theta, rng.uniform(0.0, 2.0 * np.pi, len(protons)))
        parents = rows[protons]
        found.tracks.append(
            table.add_children(parents, 2212, table["end"][parents], heading, energy, "inelastic")
        )
    if code != 211:
        return
    fate = rng.random(len(rows))
    goes_on = np.flatnonzero(fate < 0.5)
    if len(goes_on):
        energy = kinetic[goes_on] * rng.uniform(0.3, 0.95, len(goes_on))
        cos_theta = np.clip(rng.normal(0.6, 0.5, len(goes_on)), -1.0, 1.0)
        heading = rotate(direction[goes_on], cos_theta, rng.uniform(0.0, 2.0 * np.pi, len(goes_on)))
        parents = rows[goes_on]
        found.tracks.append(
            table.add_children(
                parents, table["pdg"][parents], table["end"][parents], heading, energy, "inelastic"
            )
        )
    exchanged = np.flatnonzero((fate >= 0.5) & (fate < 0.65))
    if len(exchanged):
        photons = decay_pi0(
            rng,
            table,
            rows[exchanged],
            table["end"][rows[exchanged]],
            direction[exchanged],
            kinetic[exchanged],
        )
        found.add_shower(photons, _SHOWER)


def decay_pi0(
    rng: np.random.Generator,
    table: ParticleTable,
    parents: Ints,
    start: Array,
    direction: Array,
    kinetic: Array,
) -> Ints:
    """Two photons a pi0 of this kinetic energy (MeV), each row's event and interaction its parent's."""
    total = kinetic + argon.PION0_MASS
    gamma = total / argon.PION0_MASS
    beta = np.sqrt(1.0 - 1.0 / gamma**2)
    cos_rest = rng.uniform(-1.0, 1.0, len(parents))
    phi = rng.uniform(0.0, 2.0 * np.pi, len(parents))
    rows = []
    for sign in (1.0, -1.0):
        energy = 0.5 * total * (1.0 + sign * beta * cos_rest)
        cos_lab = np.clip((sign * cos_rest + beta) / (1.0 + sign * beta * cos_rest), -1.0, 1.0)
        heading = rotate(direction, cos_lab, phi if sign > 0 else phi + np.pi)
        rows.append(table.add_children(parents, 22, start, heading, energy, "decay"))
    return np.concatenate(rows)
