"""Liquid argon: constants, stopping power, ranges, recombination, photon and electron cross-sections.

Units: MeV, cm, g; energies are kinetic unless named total. Sources: PDG Review of Particle Physics
(Bethe formula, Sternheimer parameters, Highland, complete-screening bremsstrahlung), ArgoNeuT's modified
box model for recombination.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DENSITY = 1.396
Z, A = 18.0, 39.948
MEAN_EXCITATION_MEV = 188.0e-6
RADIATION_LENGTH_CM = 14.0
INTERACTION_LENGTH_CM = 86.0
ELECTRON_MASS = 0.510999
MUON_MASS = 105.658
PION_MASS = 139.570
PROTON_MASS = 938.272
PION0_MASS = 134.977
MASS = {11: ELECTRON_MASS, 13: MUON_MASS, 211: PION_MASS, 2212: PROTON_MASS}
"""Mass in MeV by absolute PDG code of the particles that are followed as tracks."""

FIELD_KV_PER_CM = 0.273
MEV_PER_ELECTRON = 23.6e-6
_BOX_ALPHA = 0.93
_BOX_BETA = 0.212 / (DENSITY * FIELD_KV_PER_CM)
_K = 0.307075 * DENSITY * Z / A
"""Bethe's K rho Z/A in MeV/cm."""
ELECTRONS_PER_CM3 = DENSITY * 6.02214e23 * Z / A
_R_E_CM = 2.8179403e-13


def beta_gamma(kinetic: Array, mass: float) -> tuple[Array, Array]:
    """Speed (in c) and Lorentz factor of a particle of this kinetic energy and mass."""
    gamma = 1.0 + kinetic / mass
    return np.sqrt(1.0 - 1.0 / gamma**2), gamma


def density_effect(beta_times_gamma: Array) -> Array:
    """Sternheimer's delta for liquid argon (a 0.19559, k 3, x0 0.2, x1 3, C 5.2146)."""
    x = np.log10(beta_times_gamma)
    high = 2.0 * np.log(10.0) * x - 5.2146
    middle = high + 0.19559 * np.clip(3.0 - x, 0.0, None) ** 3
    return np.where(x < 0.2, 0.0, np.where(x < 3.0, middle, high))


def max_transfer(kinetic: Array, mass: float) -> Array:
    """Largest kinetic energy that a single electron can receive."""
    beta, gamma = beta_gamma(kinetic, mass)
    ratio = ELECTRON_MASS / mass
    return 2.0 * ELECTRON_MASS * (beta * gamma) ** 2 / (1.0 + 2.0 * gamma * ratio + ratio**2)


def stopping_power(kinetic: Array, mass: float, cut: float | None = None) -> Array:
    """Mean dE/dx in MeV/cm of a heavy charged particle; with cut, only transfers below it."""
    beta, gamma = beta_gamma(np.asarray(kinetic, float), mass)
    bg = beta * gamma
    t_max = max_transfer(kinetic, mass)
    t_cut = t_max if cut is None else np.minimum(cut, t_max)
    log_term = 0.5 * np.log(2.0 * ELECTRON_MASS * bg**2 * t_cut / MEAN_EXCITATION_MEV**2)
    bracket = log_term - 0.5 * beta**2 * (1.0 + t_cut / t_max) - 0.5 * density_effect(bg)
    return _K / beta**2 * np.clip(bracket, 0.3, None)


def collision_strength(beta: Array) -> Array:
    """xi per cm in MeV: transfers per cm go as xi (1/T_low - 1/T_high)."""
    return 0.5 * _K / beta**2


_GRID = np.geomspace(0.05, 1.0e6, 4000)


@cache
def _range_table(mass: float) -> Array:
    inverse = 1.0 / stopping_power(_GRID, mass)
    steps = 0.5 * (inverse[1:] + inverse[:-1]) * np.diff(_GRID)
    return np.concatenate([[0.0], np.cumsum(steps)]) + 0.5 * _GRID[0] * inverse[0]


def range_cm(kinetic: Array, mass: float) -> Array:
    """Range in the continuous-slowing-down approximation, cm."""
    return np.interp(kinetic, _GRID, _range_table(mass))


def kinetic_at_range(residual_cm: Array, mass: float) -> Array:
    """Kinetic energy of a particle with this much range left, MeV."""
    return np.interp(residual_cm, _range_table(mass), _GRID)


def recombination(dedx: Array) -> Array:
    """Share of ionisation that survives recombination (modified box); dedx in MeV/cm."""
    scaled = _BOX_BETA * np.clip(dedx, 1.0e-3, None)
    return np.clip(np.log(_BOX_ALPHA + scaled) / scaled, 0.05, 0.95)


def dedx_from_charge(electrons_per_cm: float) -> float:
    """Inverse of the modified box: dE/dx in MeV/cm from ionisation electrons a cm.

    0 where next to none are left, infinite where there are more than any dE/dx would leave.
    """
    with np.errstate(over="ignore"):
        scaled = np.exp(_BOX_BETA * MEV_PER_ELECTRON * electrons_per_cm) - _BOX_ALPHA
    return max(float(scaled) / _BOX_BETA, 0.0)


def electron_stopping(kinetic: Array) -> Array:
    """Collision dE/dx of electrons in MeV/cm (Berger-Seltzer form, with the density effect)."""
    tau = np.clip(kinetic, 0.01, None) / ELECTRON_MASS
    beta2 = 1.0 - 1.0 / (1.0 + tau) ** 2
    f_minus = 1.0 - beta2 + (tau**2 / 8.0 - (2.0 * tau + 1.0) * np.log(2.0)) / (1.0 + tau) ** 2
    log_term = np.log(tau**2 * (tau + 2.0) / (2.0 * (MEAN_EXCITATION_MEV / ELECTRON_MASS) ** 2))
    delta = density_effect(np.sqrt(tau * (tau + 2.0)))
    return 0.5 * _K / beta2 * (log_term + f_minus - delta)


def brems_per_cm(kinetic: Array, photon_cut: float) -> Array:
    """Photons above photon_cut radiated per cm (complete screening)."""
    cut = np.minimum(photon_cut / kinetic, 1.0)
    integral = -4.0 / 3.0 * np.log(cut) - 4.0 / 3.0 * (1.0 - cut) + 0.5 * (1.0 - cut**2)
    return integral / RADIATION_LENGTH_CM


_PAIR_MEV = np.log([1.022, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0, 300.0, 1000.0, 1.0e5])
_PAIR_SHARE = np.array([0.0, 0.008, 0.03, 0.085, 0.18, 0.35, 0.51, 0.68, 0.78, 0.88, 0.95, 1.0])


def pair_per_cm(energy: Array) -> Array:
    """Pair production per cm: 7/(9 X0) times a share that rises with energy (shape of NIST XCOM, argon)."""
    return 7.0 / (9.0 * RADIATION_LENGTH_CM) * np.interp(np.log(energy), _PAIR_MEV, _PAIR_SHARE)


def compton_per_cm(energy: Array) -> Array:
    """Compton scattering per cm (Klein-Nishina total cross-section)."""
    k = energy / ELECTRON_MASS
    log = np.log1p(2.0 * k)
    first = (1.0 + k) / k**2 * (2.0 * (1.0 + k) / (1.0 + 2.0 * k) - log / k)
    total = first + log / (2.0 * k) - (1.0 + 3.0 * k) / (1.0 + 2.0 * k) ** 2
    return ELECTRONS_PER_CM3 * 2.0 * np.pi * _R_E_CM**2 * total
