"""How a segmentation network reads an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SegmenterSettings:
    """Pixels with adc_min < adc * gain < adc_max are read; with saturate, larger ones count as adc_max.

    The published networks leave the larger ones out. That hides most Bragg peaks from the network, so
    ours reads them, clipped.
    """

    adc_min: float = 10.0
    adc_max: float = 300.0
    saturate: bool = True


def readable(
    adc: NDArray[np.float32], settings: SegmenterSettings
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Charge as a network reads it and which pixels it reads, float32 and bool (N,), of ADC after gain."""
    if settings.saturate:
        return np.minimum(adc, np.float32(settings.adc_max)), adc > settings.adc_min
    return adc, (adc > settings.adc_min) & (adc < settings.adc_max)


@dataclass(frozen=True)
class DetectorSettings:
    """Pixels with adc × gain ≥ adc_min are read; the others count as zero (MICROBOONE-NOTE-1081-PUB)."""

    adc_min: float = 10.0
