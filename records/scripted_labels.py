"""Labels as a script would give them: truth with mistakes, for the demo study. Nobody's labels.

The mistakes are of the kinds that people make, so that the results of a study have something to show: whole
clusters taken for something else, a brush that paints a pixel too far, small things left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from lartpc.classes import PixelClass
from lartpc.clustering import clusters, dbscan, positions
from lartpc.event import WireImage
from records.questions import LabelClass

_EPS = 2.3
"""Pixels this close (in rows and wires) belong together."""
_BRUSH = 1.6
_TINY = 4


@dataclass(frozen=True)
class Habits:
    """How a script errs. taken_for: true class → what its clusters are called instead, and how often.

    spill: how often the brush paints over the neighbours of a Michel electron or a delta. left_alone: how
    often a cluster of fewer than four pixels gets no label.
    """

    taken_for: Mapping[PixelClass, tuple[PixelClass, float]] = field(default_factory=dict)
    spill: float = 0.0
    left_alone: float = 0.0


HABITS = {
    "scripted A": Habits(
        {
            PixelClass.DELTA: (PixelClass.MIP, 0.3),
            PixelClass.HIP: (PixelClass.MIP, 0.12),
            PixelClass.MICHEL: (PixelClass.SHOWER, 0.08),
            PixelClass.SHOWER: (PixelClass.DELTA, 0.05),
        },
        spill=0.5,
        left_alone=0.15,
    ),
    "scripted B": Habits(
        {
            PixelClass.DELTA: (PixelClass.MIP, 0.5),
            PixelClass.HIP: (PixelClass.MIP, 0.2),
            PixelClass.MICHEL: (PixelClass.MIP, 0.12),
            PixelClass.SHOWER: (PixelClass.MIP, 0.08),
        },
        spill=0.3,
        left_alone=0.3,
    ),
}
"""Rater of the demo study → how it errs."""


def scripted_labels(
    image: WireImage, truth: NDArray[np.int8], inside: NDArray[np.bool_], habits: Habits, seed: int
) -> NDArray[np.int8]:
    """Labels (N,), values of `LabelClass`: truth (N,) with mistakes. inside: what is labelled at all."""
    rng = np.random.default_rng(seed)
    places = positions(image)
    labels = np.full(len(image), LabelClass.UNLABELLED, np.int8)
    known = inside & (truth != PixelClass.UNKNOWN)
    labels[known] = truth[known]
    for true in PixelClass:
        own = np.flatnonzero(known & (truth == true)).astype(np.int32)
        for cluster in clusters(dbscan(places[own], _EPS, 1), own) if len(own) else []:
            labels[cluster] = _called(true, len(cluster), habits, rng)
    for true in (PixelClass.DELTA, PixelClass.MICHEL):
        painted = np.flatnonzero(labels == true)
        if len(painted) and rng.random() < habits.spill:
            near, _ = KDTree(places[painted]).query(places[known], distance_upper_bound=_BRUSH)
            labels[np.flatnonzero(known)[np.isfinite(near)]] = true
    return labels


def _called(true: PixelClass, pixels: int, habits: Habits, rng: np.random.Generator) -> int:
    """What a cluster is called. Two numbers are drawn each time: one mistake does not move the next."""
    alone, mistaken = rng.random(2)
    if pixels < _TINY and alone < habits.left_alone:
        return LabelClass.UNLABELLED
    other, how_often = habits.taken_for.get(true, (true, 0.0))
    return int(other if mistaken < how_often else true)
