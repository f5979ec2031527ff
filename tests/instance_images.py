"""Images and instances drawn by hand, for the tests of what is found."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lartpc.classes import InstanceClass
from lartpc.event import WireImage
from lartpc.instances import Instance

COSMIC, NEUTRINO = InstanceClass.COSMIC, InstanceClass.NEUTRINO


def strip(adc: Iterable[float], dead: Iterable[int] = ()) -> WireImage:
    """Pixels along row 3, a wire each from wire 0 on, so that a pixel's position is its wire."""
    charge = np.array(list(adc), np.float32)
    wires = np.arange(len(charge), dtype=np.int32)
    rows = np.full(len(charge), 3, np.int32)
    return WireImage("Y", rows, wires, charge, (10, 600), dead_wires=np.array(list(dead), np.int32))


def found(of: InstanceClass, score: float, *pixels: int) -> Instance:
    """An instance of these pixels of a strip, in the box that just holds them."""
    box = (3.0, float(min(pixels)), 4.0, float(max(pixels) + 1))
    return Instance(of, score, box, np.array(sorted(pixels), np.int32))
