"""Michel electron candidates from a pixel-wise prediction, after arXiv:1903.05663.

Distances are in pixels: one row or one wire is 1. Two classes never share a pixel, so the centres of
pixels that touch are already 1 (or 1.41) apart; "less than 1 px away" is read as the gap between the
edges of two pixels, which is 0 where they touch, also at a corner, and 1 where one pixel lies between.

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
from lartpc.event import WireImage


@dataclass(frozen=True)
class MichelParameters:
    """What makes a candidate; the defaults are the published values. Lengths in pixels.

    eps, michel_min_points, mip_min_points: DBSCAN on the pixels predicted Michel and MIP.
    attachment_gap: the nearest pixel of a MIP cluster must be nearer than this, edge to edge.
    edge_radius: without the pixels this close to it (centre to centre) the MIP cluster must be one
    piece, or nothing. min_pixels: fewer make no candidate (the published variant has 10).
    track_classes: what MIP clusters are made of; with HIP, too, a Bragg peak that a network takes for
    HIP no longer parts an electron from its muon.
    """

    eps: float = 2.8
    michel_min_points: int = 5
    mip_min_points: int = 10
    attachment_gap: float = 1.0
    edge_radius: float = 15.0
    min_pixels: int = 0
    track_classes: tuple[PixelClass, ...] = (PixelClass.MIP,)


@dataclass(frozen=True)
class MichelCandidate:
    """One Michel electron candidate of one plane.

    pixels: int32 (M,), indices into the image, ascending. attachment_row, attachment_wire: the pixel of
    the MIP cluster that it hangs on. track_pixels: int32, indices of that MIP cluster. charge_adc: sum
    of ADC × gain. energy_mev: primary ionisation by the calibration of the plane.
    """

    plane: str
    pixels: NDArray[np.int32]
    attachment_row: int
    attachment_wire: int
    track_pixels: NDArray[np.int32]
    charge_adc: float
    energy_mev: float


def find_michels(
    image: WireImage, classes: ArrayLike, parameters: MichelParameters | None = None
) -> tuple[MichelCandidate, ...]:
    """Candidates of one plane, the largest charge first.

    classes: (N,) in pixel order, -1 where the network read nothing. Raises ValueError for another
    length or an unknown class.
    """
    chosen = parameters or MichelParameters()
    values = checked_classes(image, classes)
    points = positions(image)
    electrons = _clusters(points, values, (PixelClass.MICHEL,), chosen.eps, chosen.michel_min_points)
    electrons = [pixels for pixels in electrons if len(pixels) >= chosen.min_pixels]
    if not electrons:
        return ()
    tracks = _clusters(points, values, chosen.track_classes, chosen.eps, chosen.mip_min_points)
    if not tracks:
        return ()
    owner = np.repeat(np.arange(len(tracks)), [len(track) for track in tracks])
    track_pixels = np.concatenate(tracks)
    tree = KDTree(points[track_pixels])
    found = []
    for pixels in electrons:
        nearest = _nearest(tree, points[pixels], points[track_pixels], chosen.attachment_gap)
        if nearest is None:
            continue
        track = tracks[owner[nearest]]
        at = track_pixels[nearest]
        if _is_end(points[track], points[at], chosen):
            found.append(_candidate(image, pixels, int(at), track))
    return tuple(sorted(found, key=lambda candidate: (-candidate.charge_adc, candidate.pixels[0])))


def _clusters(
    points: NDArray[np.float64],
    classes: NDArray[np.int8],
    wanted: tuple[PixelClass, ...],
    eps: float,
    min_points: int,
) -> list[NDArray[np.int32]]:
    indices = np.flatnonzero(np.isin(classes, wanted)).astype(np.int32)
    return clusters(dbscan(points[indices], eps, min_points), indices)


def _nearest(
    tree: KDTree, electron: NDArray[np.float64], track: NDArray[np.float64], attachment_gap: float
) -> int | None:
    """Position in `track` of the pixel nearest to an electron's, if the gap between them is small enough."""
    distance, index = tree.query(electron)
    first = int(distance.argmin())
    apart = np.abs(electron[first] - track[index[first]])
    gap = float(np.hypot(*np.clip(apart - 1.0, 0.0, None)))
    return int(index[first]) if gap < attachment_gap else None


def _is_end(track: NDArray[np.float64], at: NDArray[np.float64], parameters: MichelParameters) -> bool:
    """Whether the track stays in one piece, or vanishes, without what lies around a pixel of it."""
    rest = track[np.hypot(*(track - at).T) > parameters.edge_radius]
    labels = dbscan(rest, parameters.eps, parameters.mip_min_points)
    return int(labels.max(initial=-1)) <= 0


def _candidate(
    image: WireImage, pixels: NDArray[np.int32], at: int, track: NDArray[np.int32]
) -> MichelCandidate:
    charge = charge_adc(image, pixels)
    return MichelCandidate(
        plane=image.plane,
        pixels=pixels,
        attachment_row=int(image.rows[at]),
        attachment_wire=int(image.wires[at]),
        track_pixels=track,
        charge_adc=charge,
        energy_mev=electron_energy_mev(charge, image.plane),
    )
