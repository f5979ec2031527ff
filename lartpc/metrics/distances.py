"""Misclassified pixels against their distance to the image edge and to dead wires.

arXiv:1903.05663 plots the misclassified fraction against the distance to the edge. Shape shorthand:
N pixels, B bins, E events.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lartpc.event import WireImage
from lartpc.metrics.segmentation import ratio

EDGE_BINS = np.array([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, np.inf])
"""Edges of the bins of the distance to the image edge, in pixels; a bin holds its lower edge."""
DEAD_WIRE_BINS = np.array([0, 2, 3, 5, 9, 17, 33, 65, 129, np.inf])
"""Edges of the bins of the distance to the nearest dead wire, in wires; a neighbour is 1 wire away."""


def edge_distance(image: WireImage) -> NDArray[np.float64]:
    """Pixels from each lit pixel to the nearest edge of the readout window, 0 on its rim: (N,)."""
    rows, wires = image.shape
    sides = (image.rows, rows - 1 - image.rows, image.wires, wires - 1 - image.wires)
    return np.minimum.reduce(sides).astype(np.float64)


def dead_wire_distance(image: WireImage) -> NDArray[np.float64]:
    """Wires from each lit pixel to the nearest dead wire, infinite where the plane has none: (N,)."""
    dead = np.sort(image.dead_wires).astype(np.float64)
    if not len(dead):
        return np.full(len(image), np.inf)
    after = np.searchsorted(dead, image.wires)
    left = image.wires - dead[np.maximum(after - 1, 0)]
    right = dead[np.minimum(after, len(dead) - 1)] - image.wires
    return np.minimum(np.abs(left), np.abs(right))


def wrong_by_distance(
    distance: NDArray[np.float64], wrong: NDArray[np.bool_], bins: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Misclassified pixels and all pixels in each bin: (N,), (N,) → (B, 2).

    bins: B + 1 edges, each bin without its upper one. An infinite distance is in none.
    """
    inside = np.isfinite(distance) & (distance >= bins[0]) & (distance < bins[-1])
    index = np.searchsorted(bins, distance[inside], side="right") - 1
    number = len(bins) - 1
    counts = (np.bincount(index[wrong[inside]], minlength=number), np.bincount(index, minlength=number))
    return np.stack(counts, axis=1)


def wrong_fraction(counts: NDArray[np.number]) -> NDArray[np.float64]:
    """Misclassified share in each bin, NaN in an empty one: (..., B, 2) → (..., B)."""
    return ratio(counts[..., 0], counts[..., 1])
