"""Shower candidates from a pixel-wise prediction: clusters, where they start, where they point.

A shower has gaps, so its clusters reach further than those of tracks. It starts at one end of its
charge-weighted principal axis: the end nearer to a track, since showers come from vertices and muons; in
a plane without tracks the end at which the charge lies closer to the axis, since a cascade widens.
Directions are those seen in the plane, not in space.

Shape shorthand: N lit pixels of one plane, M pixels of a cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from lartpc.calibration import charge_adc, electron_energy_mev
from lartpc.classes import PixelClass
from lartpc.clustering import checked_classes, clusters, dbscan, positions
from lartpc.detector import Detector
from lartpc.event import WireImage

_TIP_CM = 0.6
"""Two wires: the pixels at an end of a shower."""


@dataclass(frozen=True)
class ShowerParameters:
    """What makes a shower candidate; lengths in pixels.

    eps, min_points: DBSCAN on the pixels predicted shower. min_pixels: fewer make no candidate.
    track_eps, track_min_points: DBSCAN on the pixels predicted HIP or MIP.
    """

    eps: float = 6.0
    min_points: int = 10
    min_pixels: int = 20
    track_eps: float = 2.8
    track_min_points: int = 10


@dataclass(frozen=True)
class ShowerCandidate:
    """One shower candidate of one plane.

    pixels: int32 (M,), indices into the image, ascending. start_row, start_wire: its first pixel.
    direction_drift, direction_wire: unit vector in the image plane, in cm, from the start along the
    shower: towards larger x and towards larger wires. charge_adc: sum of ADC × gain. energy_mev:
    ionisation by the calibration of the plane.
    """

    plane: str
    pixels: NDArray[np.int32]
    start_row: int
    start_wire: int
    direction_drift: float
    direction_wire: float
    charge_adc: float
    energy_mev: float


def find_showers(
    image: WireImage,
    classes: ArrayLike,
    detector: Detector,
    parameters: ShowerParameters | None = None,
) -> tuple[ShowerCandidate, ...]:
    """Candidates of one plane, the largest charge first.

    classes: (N,) in pixel order, -1 where the network read nothing. Raises ValueError for another
    length or an unknown class, KeyError for a plane that the detector lacks.
    """
    chosen = parameters or ShowerParameters()
    values = checked_classes(image, classes)
    points = positions(image)
    indices = np.flatnonzero(values == PixelClass.SHOWER).astype(np.int32)
    found = clusters(dbscan(points[indices], chosen.eps, chosen.min_points), indices)
    found = [pixels for pixels in found if len(pixels) >= chosen.min_pixels]
    if not found:
        return ()
    tracks = points[(values == PixelClass.HIP) | (values == PixelClass.MIP)]
    tracks = tracks[dbscan(tracks, chosen.track_eps, chosen.track_min_points) >= 0]
    tree = KDTree(tracks) if len(tracks) else None
    scale = _cm_per_pixel(image, detector)
    made = [_candidate(image, pixels, points[pixels], scale, tree) for pixels in found]
    return tuple(sorted(made, key=lambda candidate: (-candidate.charge_adc, candidate.pixels[0])))


def _cm_per_pixel(image: WireImage, detector: Detector) -> NDArray[np.float64]:
    """cm along x of one row (negative where later rows are earlier ticks) and across one wire: (2,)."""
    drift = detector.cm_per_tick * image.ticks_per_row * image.tick_order
    return np.array([drift, detector.plane(image.plane).pitch_cm])


def _candidate(
    image: WireImage,
    pixels: NDArray[np.int32],
    points: NDArray[np.float64],
    scale: NDArray[np.float64],
    tracks: KDTree | None,
) -> ShowerCandidate:
    cm = points * scale
    weight = image.adc[pixels].astype(np.float64)
    axis = _principal_axis(cm - np.average(cm, axis=0, weights=weight), weight)
    ends = _tip(cm, -axis), _tip(cm, axis)
    start = ends[_start_end(points, cm, weight, axis, ends, tracks)]
    direction = _principal_axis(cm - cm[start], weight)
    if float(np.average((cm - cm[start]) @ direction, weights=weight)) < 0.0:
        direction = -direction
    charge = charge_adc(image, pixels)
    return ShowerCandidate(
        plane=image.plane,
        pixels=pixels,
        start_row=int(points[start, 0]),
        start_wire=int(points[start, 1]),
        direction_drift=float(direction[0]),
        direction_wire=float(direction[1]),
        charge_adc=charge,
        energy_mev=electron_energy_mev(charge, image.plane),
    )


def _principal_axis(offsets: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vector (2,) of the largest weighted second moment about the origin of offsets (M, 2)."""
    _, vectors = np.linalg.eigh((offsets * weight[:, None]).T @ offsets)
    axis: NDArray[np.float64] = vectors[:, -1]
    return axis


def _tip(cm: NDArray[np.float64], towards: NDArray[np.float64]) -> int:
    """The pixel furthest in a direction, near the middle of those at that end."""
    along, across = cm @ towards, cm @ np.array([-towards[1], towards[0]])
    last = np.flatnonzero(along >= along.max() - _TIP_CM)
    return int(last[(np.abs(across[last] - across[last].mean()) - along[last]).argmin()])


def _start_end(
    points: NDArray[np.float64],
    cm: NDArray[np.float64],
    weight: NDArray[np.float64],
    axis: NDArray[np.float64],
    ends: tuple[int, int],
    tracks: KDTree | None,
) -> int:
    """0 or 1: the end nearer to a track, else (also where both are as near) the end of the narrower half."""
    if tracks is not None:
        distance, _ = tracks.query(points[list(ends)])
        if distance[0] != distance[1]:
            return int(distance.argmin())
    offset = cm - np.average(cm, axis=0, weights=weight)
    along, across = offset @ axis, offset @ np.array([-axis[1], axis[0]])
    middle = 0.5 * (along.min() + along.max())
    widths = [_width(across[half], weight[half]) for half in (along <= middle, along > middle)]
    return int(widths[1] < widths[0])


def _width(across: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Charge-weighted root mean square of the distance to the axis."""
    return float(np.sqrt(np.average(across**2, weights=weight)))
