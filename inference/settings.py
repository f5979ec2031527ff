"""How a segmentation network reads an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lartpc.event import WireImage


@dataclass(frozen=True)
class SegmenterSettings:
    """Pixels with adc_min < adc * gain < adc_max are read; with saturate, larger ones count as adc_max."""

    adc_min: float = 10.0
    adc_max: float = 300.0
    saturate: bool = False


def readable(image: WireImage, settings: SegmenterSettings) -> tuple[np.ndarray, np.ndarray]:
    """ADC on the networks' scale, float32 (N,), and which pixels they read, bool (N,)."""
    adc = image.adc * np.float32(image.gain)
    if settings.saturate:
        adc = np.minimum(adc, np.float32(settings.adc_max))
        return adc, adc > settings.adc_min
    return adc, (adc > settings.adc_min) & (adc < settings.adc_max)
