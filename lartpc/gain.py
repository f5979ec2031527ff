"""The gain of an image, from its own pixels: the factor that puts a MIP pixel near 50 ADC.

Most charge of an event lies on tracks, and most of a track is minimum ionising, so the commonest
ADC of pixels on tracks tells that of a MIP. A pixel counts as on a track where a peak in time repeats,
within two rows, on the two wires to either side; noise and showers seldom do that. The mode is taken
in the logarithm, which makes the estimate independent of the scale that is sought.

Shape shorthand: N lit pixels, K peaks.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lartpc.event import WireImage

TRACK_ADC = 46.0
"""Commonest ADC of a pixel on a track, shoulders included, where the peak of a MIP sits near 50.

Measured on simulated bnb events, whose gain is 1 by definition."""

_REACH_ROWS = 2
_SHOULDER_ROWS = 4
_SHOULDER_SHARE = 0.2
_MODE_WIDTH = 0.8
_ENOUGH_PIXELS = 200


def estimate_gain(image: WireImage) -> float:
    """The gain of one image, from its pixels and not from its present gain.

    1.0 where fewer than 200 pixels lie on tracks, because then nothing can be told.
    """
    mip = _mip_adc(image)
    return 1.0 if mip is None else TRACK_ADC / mip


def estimate_event_gain(images: Iterable[WireImage]) -> float:
    """One gain for all planes of an event: from the median over the planes that tell their MIP.

    A single gain keeps the charge of the planes comparable, and the median holds where a plane is
    dominated by tracks along the drift. 1.0 where no plane has tracks enough.
    """
    mips = [mip for image in images if (mip := _mip_adc(image)) is not None]
    return TRACK_ADC / float(np.exp(np.median(np.log(mips)))) if mips else 1.0


def _mip_adc(image: WireImage) -> float | None:
    """Commonest ADC of pixels on tracks, or None where too few pixels lie on any."""
    adc = image.adc[_on_tracks(image)]
    return _log_mode(adc) if len(adc) >= _ENOUGH_PIXELS else None


def _on_tracks(image: WireImage) -> NDArray[np.bool_]:
    """Which pixels are peaks of a track or their shoulders in time; bool (N,)."""
    grid = _Pixels(image)
    peaks = _continued(grid, np.flatnonzero(grid.peaks()))
    found = np.zeros(len(image), bool)
    found[peaks] = True
    for direction in (1, -1):
        index, floor = peaks, _SHOULDER_SHARE * image.adc[peaks]
        for _ in range(_SHOULDER_ROWS):
            index = grid.neighbour(index, direction, 0)
            high = index >= 0
            high[high] = image.adc[index[high]] > floor[high]
            index, floor = index[high], floor[high]
            found[index] = True
    return found


def _continued(grid: _Pixels, peaks: NDArray[np.int64]) -> NDArray[np.int64]:
    """The peaks that repeat on the next two wires on both sides; int64 (K,) -> int64 (<= K,)."""
    is_peak = np.zeros(len(grid.keys) + 1, bool)  # the last entry answers for "no such pixel", index -1
    is_peak[peaks] = True
    good = np.ones(len(peaks), bool)
    for wires in (-2, -1, 1, 2):
        beside = np.zeros(len(peaks), bool)
        for rows in range(-_REACH_ROWS, _REACH_ROWS + 1):
            beside |= is_peak[grid.neighbour(peaks, rows, wires)]
        good &= beside
    return peaks[good]


class _Pixels:
    """Look-up of neighbours in the pixel list of an image with positive ADC."""

    def __init__(self, image: WireImage) -> None:
        self.adc = image.adc
        self.rows = image.rows.astype(np.int64)
        self.wires = image.wires.astype(np.int64)
        # Two unused columns on either side keep the neighbours of a border pixel off the next row.
        self.width = image.shape[1] + 4
        self.keys = self.rows * self.width + self.wires

    def neighbour(self, index: NDArray[np.int64], rows: int, wires: int) -> NDArray[np.int64]:
        """Index of the pixel so many rows and wires away from each, -1 where it is not lit."""
        wanted = self.keys[index] + rows * self.width + wires
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[at] == wanted, at, -1) if len(self.keys) else index

    def peaks(self) -> NDArray[np.bool_]:
        """Pixels not below the row before and above the row after; bool (N,)."""
        index = np.arange(len(self.keys))
        around = np.append(self.adc, np.float32(0))
        before, after = (around[self.neighbour(index, rows, 0)] for rows in (-1, 1))
        return np.asarray((self.adc > 0) & (self.adc >= before) & (self.adc > after))


def _log_mode(adc: NDArray[np.float32]) -> float:
    """Middle of the densest interval of log ADC: the median of the values inside it."""
    values = np.sort(np.log(adc))
    inside = np.searchsorted(values, values + _MODE_WIDTH, side="right") - np.arange(len(values))
    first = int(np.argmax(inside))
    return float(np.exp(np.median(values[first : first + inside[first]])))
