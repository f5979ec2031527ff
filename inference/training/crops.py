"""Training crops: windows of wire images with class and weight for every pixel, and their augmentation.

Shape shorthand: N lit pixels of a crop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.settings import SegmenterSettings, readable
from lartpc.classes import PIXEL_CLASSES, PixelClass
from lartpc.detector import Detector
from lartpc.event import Event, Truth

CROP = 512
TruthKind = Literal["primary", "all"]
"""What carries the class of a Michel or delta electron: its primary ionisation alone, or its radiated
photons as well (arXiv:1903.05663 compares both)."""
_CLUSTER_LOW, _CLUSTER_HIGH, _CLUSTER_UNIT = 0.02e-2, 2.0e-2, 1.0
_VERTEX_RADIUS = 3.0


@dataclass(frozen=True)
class Crop:
    """rows, wires int32 (N,) in the window, sorted; adc float32 (N,) after gain; classes int8 (N,), -1
    unknown; cluster_weight float32 (N,), the paper's weight from cluster size and vertex."""

    rows: NDArray[np.int32]
    wires: NDArray[np.int32]
    adc: NDArray[np.float32]
    classes: NDArray[np.int8]
    cluster_weight: NDArray[np.float32]


def cluster_weights(
    classes: NDArray[np.int8],
    particle_ids: NDArray[np.int32],
    near_vertex: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """SparseSSNet's pixel weights: 1/N a cluster (pixels of one particle and class), clipped to
    (0.02-2)e-2, and 2e-2 within 3 pixels of the vertex (MICROBOONE-NOTE-1091-PUB)."""
    key = (particle_ids.astype(np.int64) + 1) * (len(PIXEL_CLASSES) + 1) + classes + 1
    _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    weights = np.clip(_CLUSTER_UNIT / counts[inverse], _CLUSTER_LOW, _CLUSTER_HIGH)
    weights[near_vertex] = _CLUSTER_HIGH
    return weights.astype(np.float32)


def with_radiated_photons(truth: Truth, plane: str) -> NDArray[np.int8]:
    """Classes of a simulated plane, int8 (N,), where what an electron's photons leave has its class too."""
    classes = truth.classes[plane].copy()
    for process, pixel_class in (("delta", PixelClass.DELTA), ("decay", PixelClass.MICHEL)):
        owners = [p.id for p in truth.particles if p.process == process and abs(p.pdg) == 11]
        classes[(classes == PixelClass.SHOWER) & np.isin(truth.particle_ids[plane], owners)] = pixel_class
    return classes


def full_plane(event: Event, plane: str, truth: TruthKind = "primary") -> Crop:
    """All lit pixels of a plane as one crop. Raises ValueError where the event has no classes for it."""
    image = event.images[plane]
    if event.truth is None or plane not in event.truth.classes:
        raise ValueError(f"entry {event.id.entry} of {event.id.file} has no pixel classes on plane {plane}")
    classes = with_radiated_photons(event.truth, plane) if truth == "all" else event.truth.classes[plane]
    particles = event.truth.particle_ids.get(plane, np.zeros(len(image), np.int32))
    near = np.zeros(len(image), bool)
    if event.truth.vertex_cm is not None:
        row, wire = vertex_pixel(event.detector, plane, event.truth.vertex_cm, image.ticks_per_row)
        row, wire = row - image.first_tick / image.ticks_per_row, wire - image.first_wire
        near = np.hypot(image.rows + 0.5 - row, image.wires - wire) <= _VERTEX_RADIUS
    return Crop(
        image.rows,
        image.wires,
        image.charge,
        classes,
        cluster_weights(classes, particles, near),
    )


def vertex_pixel(
    detector: Detector, plane: str, vertex_cm: tuple[float, float, float], ticks_per_row: int
) -> tuple[float, float]:
    """Row (from tick 0) and wire of a point of the image, fractional."""
    x, y, z = vertex_cm
    return detector.tick_at(x) / ticks_per_row, detector.plane(plane).wire_at(y, z)


def random_crops(
    rng: np.random.Generator, plane: Crop, number: int, least: int = 60, size: int = CROP
) -> list[Crop]:
    """Windows of size × size that each hold a random lit pixel; those with few pixels are dropped."""
    crops = []
    for _ in range(number if len(plane.rows) else 0):
        centre = rng.integers(len(plane.rows))
        row = plane.rows[centre] - rng.integers(0, size)
        wire = plane.wires[centre] - rng.integers(0, size)
        keep = (plane.rows >= row) & (plane.rows < row + size)
        keep &= (plane.wires >= wire) & (plane.wires < wire + size)
        if keep.sum() >= least:
            crops.append(
                Crop(
                    plane.rows[keep] - np.int32(row),
                    plane.wires[keep] - np.int32(wire),
                    plane.adc[keep],
                    plane.classes[keep],
                    plane.cluster_weight[keep],
                )
            )
    return crops


def augment(rng: np.random.Generator, crop: Crop, flip_wires: bool) -> Crop:
    """Flip wires where allowed, scale the charge by up to 10 %, and switch some wires off.

    Time is never flipped: diffusion grows with drift, and the order of time tells U from V. Wires
    may be flipped on Y alone, where up and down the beam look alike but for the neutrinos' direction;
    on U and V a flip turns one plane's view into the other's.
    """
    wires = (CROP - 1 - crop.wires).astype(np.int32) if flip_wires and rng.random() < 0.5 else crop.wires
    adc = crop.adc * np.float32(np.exp(rng.normal(0.0, 0.06)))
    keep = np.ones(len(adc), bool)
    if rng.random() < 0.3:
        first = rng.integers(0, CROP)
        keep &= ~((wires >= first) & (wires < first + rng.integers(1, 12)))
    order = np.lexsort((wires[keep], crop.rows[keep]))
    return Crop(
        crop.rows[keep][order],
        wires[keep][order],
        adc[keep][order],
        crop.classes[keep][order],
        crop.cluster_weight[keep][order],
    )


def read_by_network(crop: Crop, settings: SegmenterSettings) -> Crop:
    """The pixels that a network reads under these settings, with the charge it reads."""
    adc, keep = readable(crop.adc, settings)
    return Crop(crop.rows[keep], crop.wires[keep], adc[keep], crop.classes[keep], crop.cluster_weight[keep])
