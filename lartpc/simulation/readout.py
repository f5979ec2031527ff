"""From deposited energy to lit pixels: recombination, drift, diffusion, response, noise, dead wires.

Shape shorthand: D deposits of one event, K = 4 pixels a side that one deposit reaches, N lit pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from lartpc.classes import PIXEL_CLASSES
from lartpc.detector import Detector
from lartpc.event import WireImage
from lartpc.simulation import argon
from lartpc.simulation.particles import Array, Ints

ROWS = 1008
TICKS_PER_ROW = 6
CROP = 512
LIT_ADC = 8.0
"""Pixels below this are not stored; the networks' own cut is at 10."""
ADC_PER_ELECTRON = 70.0 / 17000.0
"""A MIP leaves about 17 000 electrons in 3 mm; the brightest of the pixels that share it sits near 50 ADC."""
_LIFETIME_US = 18000.0
_D_LONGITUDINAL = 3.7e-6
_D_TRANSVERSE = 9.0e-6
"""Diffusion in cm^2/us."""
_SHAPING_CM = 0.11
_WIRE_RESPONSE_CM = 0.10
_NOISE_ADC = {"U": 3.4, "V": 3.2, "Y": 2.6}
_CLASS_ADC = 5.0
"""A class needs this much charge in a pixel to claim it against the classes of lower priority."""
_ANY_ADC = 2.0
_REACH = 4
_RESOLUTION = 0.25
_DEAD_SHARE = 0.10


@dataclass(frozen=True)
class Charge:
    """Ionisation of one event at the anode.

    position: x, y, z in cm (D, 3). tick: arrival. energy: MeV. electrons: that reach the wires. drift_us:
    drift time. particle, interaction: owners. pixel_class: the class it gives a pixel.
    """

    position: Array
    tick: Array
    energy: Array
    electrons: Array
    drift_us: Array
    particle: Ints
    interaction: Ints
    pixel_class: NDArray[np.int8]


@dataclass(frozen=True)
class PlaneTruth:
    """Truth of one plane in pixel order: int8 (N,), int32 (N,), int32 (N,), float32 (N, 5)."""

    classes: NDArray[np.int8]
    instances: NDArray[np.int32]
    particle_ids: NDArray[np.int32]
    class_charge: NDArray[np.float32]


def drift(
    detector: Detector, position: Array, energy: Array, dedx: Array, time_us: Array
) -> tuple[Array, Array, Array]:
    """Electrons that reach the wires, their arrival tick, and their drift time in us."""
    drift_us = np.clip(position[:, 0], 0.0, None) / detector.drift_speed_cm_per_us
    electrons = energy / argon.MEV_PER_ELECTRON * argon.recombination(dedx) * np.exp(-drift_us / _LIFETIME_US)
    return electrons, detector.tick_at(position[:, 0]) + time_us / detector.tick_us, drift_us


@dataclass(frozen=True)
class Window:
    """The part of a plane that is read: first row and wire, and shape (rows, wires)."""

    row: int
    wire: int
    shape: tuple[int, int]


def read_plane(
    rng: np.random.Generator, detector: Detector, plane: str, charge: Charge, window: Window
) -> tuple[WireImage, PlaneTruth]:
    """The lit pixels of one plane and their truth."""
    flat, source, adc = _spread(detector, plane, charge, window)
    size = window.shape[0] * window.shape[1]
    touched = np.zeros(size, bool)
    touched[flat] = True
    near = _noise_region(rng, touched, flat, adc, window.shape)
    pixel = np.flatnonzero(near)
    lookup = np.zeros(size, np.int32)
    lookup[pixel] = np.arange(len(pixel), dtype=np.int32)
    slot = lookup[flat].astype(np.int64)
    count = len(PIXEL_CLASSES)
    key = slot * count + charge.pixel_class[source]
    by_class = np.bincount(key, adc, len(pixel) * count).reshape(-1, count)
    total = by_class.sum(axis=1) + rng.normal(0.0, _NOISE_ADC[plane], len(pixel))
    dead = _dead_wires(rng, detector.plane(plane).wires)
    wire = pixel % window.shape[1]
    lit = (total > LIT_ADC) & ~dead[np.minimum(wire + window.wire, len(dead) - 1)]
    strongest = _strongest(key, adc, source, len(pixel) * count)
    truth = _truth(by_class[lit], strongest.reshape(-1, count)[lit], charge)
    image = WireImage(
        plane=plane,
        rows=(pixel[lit] // window.shape[1]).astype(np.int32),
        wires=wire[lit].astype(np.int32),
        adc=(np.round(total[lit] / _RESOLUTION) * _RESOLUTION).astype(np.float32),
        shape=window.shape,
        ticks_per_row=TICKS_PER_ROW,
        first_tick=window.row * TICKS_PER_ROW,
        first_wire=window.wire,
        dead_wires=_dead_in_window(dead, window),
    )
    return image, truth


def _dead_in_window(dead: NDArray[np.bool_], window: Window) -> NDArray[np.int32]:
    return np.flatnonzero(dead[window.wire : window.wire + window.shape[1]]).astype(np.int32)


def _spread(detector: Detector, plane: str, charge: Charge, window: Window) -> tuple[Ints, Ints, Array]:
    """Pixel (flat index in the window), deposit and ADC of every share of charge."""
    geometry = detector.plane(plane)
    column = geometry.wire_at(charge.position[:, 1], charge.position[:, 2]) - window.wire + 0.5
    row = charge.tick / TICKS_PER_ROW - window.row
    margin = 3.0
    seen = (row > -margin) & (row < window.shape[0] + margin)
    seen &= (column > -margin) & (column < window.shape[1] + margin) & (charge.electrons > 0.0)
    chosen = np.flatnonzero(seen)
    row, column, drift_us = row[chosen], column[chosen], charge.drift_us[chosen]
    cm_per_row = TICKS_PER_ROW * detector.cm_per_tick
    sigma_row = np.sqrt(2.0 * _D_LONGITUDINAL * drift_us + _SHAPING_CM**2) / cm_per_row
    sigma_wire = np.sqrt(2.0 * _D_TRANSVERSE * drift_us + _WIRE_RESPONSE_CM**2) / geometry.pitch_cm
    first_row, row_share = _shares(row, sigma_row)
    first_wire, wire_share = _shares(column, sigma_wire)
    adc = charge.electrons[chosen] * ADC_PER_ELECTRON
    weight = adc[:, None, None] * row_share[:, :, None] * wire_share[:, None, :]
    steps = np.arange(_REACH)
    rows = (first_row[:, None] + steps)[:, :, None]
    wires = (first_wire[:, None] + steps)[:, None, :]
    good = (rows >= 0) & (rows < window.shape[0]) & (wires >= 0) & (wires < window.shape[1]) & (weight > 0.05)
    flat = np.where(good, rows * window.shape[1] + wires, 0)[good]
    source = np.broadcast_to(chosen[:, None, None], good.shape)[good]
    return flat, source, weight[good]


def _shares(centre: Array, sigma: Array) -> tuple[Ints, Array]:
    """First of K pixels and the share (D, K) of a Gaussian that each collects."""
    first = np.floor(centre - 0.5 * _REACH + 0.5).astype(np.int64)
    edges = (first[:, None] + np.arange(_REACH + 1) - centre[:, None]) / (sigma[:, None] * np.sqrt(2.0))
    return first, 0.5 * np.diff(erf(edges), axis=1)


def _noise_region(
    rng: np.random.Generator, touched: NDArray[np.bool_], flat: Ints, adc: Array, shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """Pixels that are read: signal, and on its wires some rows before and after (the region of interest)."""
    region = touched.copy()
    strong = np.unique(flat[adc > 3.0])
    for step in range(1, 5):
        for sign in (-1, 1):
            moved = strong + sign * step * shape[1]
            region[moved[(moved >= 0) & (moved < len(region))]] = True
    # A few lonely pixels of noise beyond the threshold, as calibrated wire data show.
    region[rng.integers(0, len(region), len(region) // 4000)] = True
    return region


def _dead_wires(rng: np.random.Generator, wires: int) -> NDArray[np.bool_]:
    """About a tenth of the wires: three quarters in blocks of 8 to 64, the rest alone."""
    dead = np.zeros(wires, bool)
    share = _DEAD_SHARE * rng.uniform(0.4, 1.6)
    while dead.mean() < 0.75 * share:
        start = rng.integers(0, wires)
        dead[start : start + rng.integers(8, 65)] = True
    dead[rng.integers(0, wires, int(0.25 * share * wires))] = True
    return dead


def _strongest(key: Ints, adc: Array, source: Ints, size: int) -> Ints:
    """The deposit that left most in each (pixel, class), -1 where none did."""
    best = np.zeros(size)
    np.maximum.at(best, key, adc)
    winner = np.full(size, -1, np.int64)
    wins = adc >= best[key]
    winner[key[wins]] = source[wins]
    return winner


def _truth(by_class: Array, strongest: Ints, charge: Charge) -> PlaneTruth:
    """Class by priority where charge suffices, else the largest; unknown where noise alone lit it."""
    claims = by_class > _CLASS_ADC
    chosen = np.where(claims.any(axis=1), claims.argmax(axis=1), by_class.argmax(axis=1))
    known = by_class.sum(axis=1) > _ANY_ADC
    index = np.arange(len(chosen))
    deposit = strongest[index, chosen]
    known &= deposit >= 0
    return PlaneTruth(
        np.where(known, chosen, -1).astype(np.int8),
        _of_deposits(charge.interaction, deposit, known),
        _of_deposits(charge.particle, deposit, known),
        np.round(by_class, 1).astype(np.float32),
    )


def _of_deposits(values: Ints, deposit: Ints, known: NDArray[np.bool_]) -> NDArray[np.int32]:
    """What the deposit of each known pixel has; -1 for the others, as for all where there is no deposit."""
    found = np.full(len(deposit), -1, np.int32)
    found[known] = values[deposit[known]]
    return found
