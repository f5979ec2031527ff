"""Images drawn by hand: pixels with a class each, in the order that images have."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PixelClass
from lartpc.event import WireImage

Pixels = Iterable[tuple[int, int]]


def line(row: int, wires: range, width: int = 2) -> list[tuple[int, int]]:
    """A straight track along one row, `width` rows wide: enough neighbours for each pixel."""
    return [(row + step, wire) for step in range(width) for wire in wires]


def block(row: int, wire: int, rows: int, wires: int) -> list[tuple[int, int]]:
    """A filled rectangle."""
    return [(row + r, wire + w) for r in range(rows) for w in range(wires)]


def image_of(
    parts: dict[PixelClass, Pixels], plane: str = "Y", adc: float = 50.0, gain: float = 1.0
) -> tuple[WireImage, NDArray[np.int8]]:
    """The image of these pixels, 200 x 300, with the class of each."""
    lit = sorted((*pixel, int(kind)) for kind, pixels in parts.items() for pixel in pixels)
    rows, wires, classes = np.array(lit, np.int64).reshape(-1, 3).T
    charge = np.full(len(lit), adc, np.float32)
    image = WireImage(plane, rows.astype(np.int32), wires.astype(np.int32), charge, (200, 300), gain=gain)
    return image, classes.astype(np.int8)
