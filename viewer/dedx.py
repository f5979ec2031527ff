"""dE/dx of a track against its charge for each cm, as the page gets it: one table a plane."""

from __future__ import annotations

from typing import Any

from lartpc.calibration import CALIBRATIONS, track_dedx_mev_per_cm

STEP_ADC_PER_CM = 20.0
MOST_ADC_PER_CM = 3000.0
"""A stopping proton leaves some 1000; the page goes on in a straight line."""


def dedx_tables() -> dict[str, Any]:
    """{"step": ADC/cm, "planes": plane -> MeV/cm at 0, 1, 2, ... steps}, so that the page needs no
    formula of its own for recombination."""
    steps = int(MOST_ADC_PER_CM / STEP_ADC_PER_CM) + 1
    return {
        "step": STEP_ADC_PER_CM,
        "planes": {
            plane: [round(track_dedx_mev_per_cm(i * STEP_ADC_PER_CM, 1.0, plane), 4) for i in range(steps)]
            for plane in CALIBRATIONS
        },
    }
