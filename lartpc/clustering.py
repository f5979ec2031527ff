"""DBSCAN for pixels, and which pixels of one image a prediction puts into a class.

Shape shorthand: N lit pixels of one plane, P points.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from lartpc.classes import PIXEL_CLASSES
from lartpc.event import WireImage


def dbscan(points: NDArray[np.float64], eps: float, min_points: int) -> NDArray[np.int64]:
    """Cluster of each point, -1 for noise: (P, 2) → (P,); numbered in the order of their first core point.

    The clusters of scikit-learn's DBSCAN (a point counts among its own neighbours), three to four times
    sooner on pixels. A border point between two clusters goes to that of the core point listed last.
    """
    count = len(points)
    labels = np.full(count, -1, np.int64)
    if count == 0:
        return labels
    pairs = KDTree(points).query_pairs(eps, output_type="ndarray")
    core = np.bincount(pairs.ravel(), minlength=count) + 1 >= min_points
    cores = core[pairs]
    linked = pairs[cores.all(axis=1)]
    graph = coo_array((np.ones(len(linked), bool), (linked[:, 0], linked[:, 1])), shape=(count, count))
    _, component = connected_components(graph, directed=False)
    _, labels[core] = np.unique(component[core], return_inverse=True)
    mixed = cores[:, 0] != cores[:, 1]
    first_is_core = cores[mixed, 0]
    inner = np.where(first_is_core, pairs[mixed, 0], pairs[mixed, 1])
    border = np.where(first_is_core, pairs[mixed, 1], pairs[mixed, 0])
    labels[border] = labels[inner]
    return labels


def clusters(labels: NDArray[np.int64], indices: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """The indices of each cluster, in order: labels (P,) of the pixels with these indices (P,)."""
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(labels.max(initial=-1) + 2))
    return [indices[np.sort(order[a:b])] for a, b in pairwise(bounds)]


def positions(image: WireImage) -> NDArray[np.float64]:
    """(row, wire) of every pixel: (N, 2)."""
    return np.stack([image.rows, image.wires], axis=1).astype(np.float64)


def checked_classes(image: WireImage, classes: ArrayLike) -> NDArray[np.int8]:
    """Classes in pixel order as int8 (N,). Raises ValueError for another length or an unknown class."""
    values = np.asarray(classes)
    if values.shape != (len(image),):
        raise ValueError(
            f"plane {image.plane}: classes of shape {values.shape} for an image of {len(image)} lit pixels; "
            "expected one class a pixel"
        )
    known = np.isin(values, (-1, *PIXEL_CLASSES))
    if not known.all():
        raise ValueError(
            f"plane {image.plane}: unknown pixel class {values[~known][0]}; expected "
            f"0 to {len(PIXEL_CLASSES) - 1}, or -1 where there is none"
        )
    return values.astype(np.int8)
