"""How a segmentation network reads an image."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SegmenterSettings:
    """Pixels with adc_min < adc * gain < adc_max are read; with saturate, larger ones count as adc_max."""

    adc_min: float = 10.0
    adc_max: float = 300.0
    saturate: bool = False
