"""Which wires without any signal are dead, and which were merely passed by nothing.

Signals outside regions of interest are set to zero in calibrated files, so a wire can be blank
without being dead; in a real event half of the collection plane is. A file that does not list its dead
wires leaves one sign: charge that stops on one side of blank wires and goes on at the other.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lartpc.event import WireImage

LONGEST_GAP = 64
"""Wires; a wider blank stretch is too often empty by chance to be called dead."""
STEEPEST = 3.0
"""Rows a wire that the charge on the two sides of a gap may differ by."""
FAINTEST = 20.0
"""ADC × gain of charge that may belong to a track; less is noise more often than not."""


def with_dead_wires(image: WireImage, blank: NDArray[np.int64]) -> WireImage:
    """The image whose dead wires include the blank ones that charge faces on both sides.

    blank: wires without any signal. The image's gain tells what is charge and what noise.
    """
    dead = np.union1d(image.dead_wires, _facing_charge(image, np.unique(blank)))
    return replace(image, dead_wires=dead.astype(np.int32))


def _facing_charge(image: WireImage, blank: NDArray[np.int64]) -> NDArray[np.int64]:
    gaps = _stretches(blank)
    bright = np.flatnonzero(image.adc * image.gain >= FAINTEST)
    order = bright[np.argsort(image.wires[bright], kind="stable")]
    wires, rows = image.wires[order], image.rows[order]
    dead = [
        np.arange(first, last + 1)
        for first, last in gaps
        if last - first < LONGEST_GAP and _bridged(wires, rows, first, last)
    ]
    return np.concatenate(dead) if dead else np.empty(0, np.int64)


def _stretches(wires: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and last wire of each stretch of neighbours in sorted wires."""
    if not len(wires):
        return []
    breaks = np.flatnonzero(np.diff(wires) > 1)
    firsts, lasts = np.append(0, breaks + 1), np.append(breaks, len(wires) - 1)
    return [(int(wires[a]), int(wires[b])) for a, b in zip(firsts, lasts, strict=True)]


def _bridged(wires: NDArray[np.int32], rows: NDArray[np.int32], first: int, last: int) -> bool:
    """Whether the wires next to a gap hold charge at rows that one track could join."""
    before = rows[slice(*np.searchsorted(wires, [first - 1, first]))]
    after = rows[slice(*np.searchsorted(wires, [last + 1, last + 2]))]
    if not len(before) or not len(after):
        return False
    nearest = np.abs(before[:, None] - after[None, :]).min()
    return bool(nearest <= STEEPEST * (last - first + 2))
