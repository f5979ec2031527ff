"""From loose pixels, as foreign files give them, to the sorted pixels of an image.

Shape shorthand: N pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HUGE_ADC = 1e6
"""More charge in a pixel than any readout gives: kept, but worth a note."""


@dataclass(frozen=True)
class Pixels:
    """Sorted, unique pixels. rows, wires: int32 (N,); adc: float32 (N,); shape: (rows, wires)."""

    rows: NDArray[np.int32]
    wires: NDArray[np.int32]
    adc: NDArray[np.float32]
    shape: tuple[int, int]

    def index(self, rows: NDArray[np.integer], wires: NDArray[np.integer]) -> NDArray[np.int64]:
        """Where each (row, wire) stands in the pixel list, -1 where it is not lit; int64."""
        if not len(self.rows):
            return np.full(len(rows), -1, np.int64)
        keys = self.rows.astype(np.int64) * self.shape[1] + self.wires
        wanted = rows.astype(np.int64) * self.shape[1] + wires
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, at, -1)


def collect(
    rows: NDArray[np.integer],
    wires: NDArray[np.integer],
    adc: NDArray[np.floating],
    shape: tuple[int, int],
    threshold: float,
    plane: str,
) -> tuple[Pixels, tuple[str, ...]]:
    """The pixels above the threshold, sorted by row, then wire, and notes on what was left out.

    Pixels outside the shape and values that are not finite are dropped and noted; values of one
    pixel given several times are added.
    """
    notes = []
    inside = (rows >= 0) & (rows < shape[0]) & (wires >= 0) & (wires < shape[1])
    if not inside.all():
        notes.append(
            f"{counted((~inside).sum(), 'pixel')} of plane {plane} outside the image of {shape[0]} rows "
            f"and {shape[1]} wires left out."
        )
    finite = np.isfinite(adc)
    if not finite.all():
        notes.append(
            f"{counted((~finite).sum(), 'pixel')} of plane {plane} whose ADC is not a finite number left out."
        )
    keep = inside & finite
    key, adc = rows[keep].astype(np.int64) * shape[1] + wires[keep], adc[keep]
    key, adc = _summed(key, adc)
    lit = adc > threshold
    key, adc = key[lit], adc[lit].astype(np.float32)
    huge = int((adc > HUGE_ADC).sum())
    if huge:
        notes.append(
            f"{counted(huge, 'pixel')} of plane {plane} above {HUGE_ADC:.0f} ADC, far beyond any readout."
        )
    rows, wires = np.divmod(key, max(shape[1], 1))
    return Pixels(rows.astype(np.int32), wires.astype(np.int32), adc, shape), tuple(notes)


def _summed(
    key: NDArray[np.int64], adc: NDArray[np.floating]
) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
    """Sorted keys, each once, with the sum of its values."""
    order = np.argsort(key, kind="stable")
    key, adc = key[order], adc[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    if len(first) == len(key):
        return key, adc
    return key[first], np.add.reduceat(adc, first)


def whole(values: NDArray) -> NDArray[np.int64]:
    """Numbers cut to integers; -1 for what is not finite or beyond 32 bits, which no wire or row is."""
    fits = (values > -(2**31)) & (values < 2**31)
    return np.where(fits, values, -1).astype(np.int64)


def counted(number: int, noun: str) -> str:
    """A number with its noun, which takes an s in the plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
