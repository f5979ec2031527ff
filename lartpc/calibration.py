"""From charge (ADC × gain, summed over pixels) to energy: constants of the simulation, one set a plane.

`argonscope michel --calibrate` derives the constants again; `lartpc.simulation.calibrate` says how.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lartpc.event import WireImage
from lartpc.simulation import argon
from lartpc.simulation.readout import ADC_PER_ELECTRON


@dataclass(frozen=True)
class PlaneCalibration:
    """Constants of one plane.

    electron_mev_per_adc: primary ionisation of an electron for each ADC in the pixels that are read
    (recombination at its dE/dx, drift, threshold and noise included). truth_mev_per_adc: the same for
    the noiseless charge of the truth in all lit pixels. track_share: ADC in lit pixels for each ADC that
    a MIP's charge would make without drift losses and threshold. Each *_spread is the relative spread of
    single electrons or tracks (half of the central 68 %).
    """

    electron_mev_per_adc: float
    electron_spread: float
    truth_mev_per_adc: float
    truth_spread: float
    track_share: float
    track_spread: float


CALIBRATIONS = {
    "U": PlaneCalibration(0.01017, 0.069, 0.01017, 0.059, 0.879, 0.059),
    "V": PlaneCalibration(0.01019, 0.066, 0.01017, 0.059, 0.880, 0.058),
    "Y": PlaneCalibration(0.01016, 0.065, 0.01015, 0.058, 0.889, 0.055),
}
"""From `argonscope michel --calibrate --events 256`; other events move the constants by less than 1 %."""


def charge_adc(image: WireImage, pixels: NDArray[np.int32]) -> float:
    """Sum of ADC × gain over pixels, given by their indices."""
    return float(image.adc[pixels].sum(dtype=np.float64) * image.gain)


def electron_energy_mev(charge_adc: float, plane: str) -> float:
    """Ionisation energy of an electron (Michel, shower) from its charge. Raises ValueError for an unknown
    plane."""
    return charge_adc * plane_calibration(plane).electron_mev_per_adc


def true_electron_energy_mev(charge_adc: float, plane: str) -> float:
    """Ionisation energy of an electron from the noiseless charge that truth gives its class in lit pixels.

    Raises ValueError for an unknown plane.
    """
    return charge_adc * plane_calibration(plane).truth_mev_per_adc


def track_dedx_mev_per_cm(charge_adc: float, length_cm: float, plane: str) -> float:
    """Mean dE/dx of a track that left this charge on this length; NaN where the length is not positive.

    The modified box model is inverted (arXiv:1306.1712), so that it holds from MIPs to stopping protons.
    length_cm is the length in space: with the length seen in one plane the answer is an upper bound.
    Raises ValueError for an unknown plane.
    """
    share = plane_calibration(plane).track_share
    if not length_cm > 0.0:
        return float("nan")
    electrons_per_cm = max(charge_adc, 0.0) / (share * ADC_PER_ELECTRON * length_cm)
    return argon.dedx_from_charge(electrons_per_cm)


def plane_calibration(plane: str) -> PlaneCalibration:
    """The constants of U, V or Y. Raises ValueError for another plane."""
    if plane not in CALIBRATIONS:
        raise ValueError(f"no calibration of plane {plane!r}; there is one of {', '.join(CALIBRATIONS)}")
    return CALIBRATIONS[plane]
