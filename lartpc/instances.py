"""Instances: what a detector found, or what the truth holds, as sets of pixels that may overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import InstanceClass

Box = tuple[float, float, float, float]
"""(row_low, wire_low, row_high, wire_high), the edges: pixel (r, w) covers r to r + 1 and w to w + 1."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One interaction found on one plane. score: 0 to 1, of the class.

    pixels: int32 (n,), its mask as positions in the pixel order of the image, ascending; a pixel may
    belong to several instances.
    """

    instance_class: InstanceClass
    score: float
    box: Box
    pixels: NDArray[np.int32]
