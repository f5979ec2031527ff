"""Which networks there are, and how each reads an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

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


NetworkSettings: TypeAlias = SegmenterSettings | DetectorSettings

SEGMENTER = "uresnet"
DETECTOR = "smask-rcnn"
SETTINGS: Mapping[str, type[NetworkSettings]] = {SEGMENTER: SegmenterSettings, DETECTOR: DetectorSettings}
"""Network -> its settings. A segmenter answers with scores of pixels, a detector with instances."""
