"""Instances found against true interactions: efficiency, purity, coverage, causes of misses.

Definitions of MICROBOONE-NOTE-1081-PUB and arXiv:2201.05705; docs/evaluation.md has them in words.
Shape shorthand: N lit pixels of one plane, T true interactions, P predicted instances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import InstanceClass
from lartpc.event import WireImage
from lartpc.instances import Box, Instance
from lartpc.metrics.segmentation import ratio

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class InstanceThresholds:
    """All that an evaluation of instances has to decide.

    adc_min: pixels with ADC × gain from here on count, and only interactions that have one.
    score_min: of the predictions that count (but for average precision, which takes all).
    covered_from: efficiency of an interaction that is covered. missed_below: of one that is missed.
    A missed one is tiny with fewer than tiny_pixels; it is in dead wires where these are at least
    dead_share of the wires it spans, with dead_margin_wires more on either side.
    """

    adc_min: float = 10.0
    score_min: float = 0.4
    covered_from: float = 0.9
    missed_below: float = 0.5
    tiny_pixels: int = 30
    dead_share: float = 0.25
    dead_margin_wires: int = 5


class Cause(IntEnum):
    """Why an interaction is missed; where several fit, the first one counts."""

    NOT_MISSED = -1
    WRONG_CLASS = 0
    DEAD_WIRES = 1
    TINY = 2
    TRULY_MISSED = 3


CAUSES = tuple(cause for cause in Cause if cause is not Cause.NOT_MISSED)


def true_instances(
    image: WireImage,
    interaction: NDArray[np.integer],
    classes: Mapping[int, InstanceClass],
    adc_min: float = InstanceThresholds.adc_min,
) -> tuple[Instance, ...]:
    """The true interactions of one plane as instances, by the id of each pixel: int (N,), -1 for none.

    Only pixels with ADC × gain >= adc_min belong to them, and the boxes hold just these. An id that
    classes does not know is of class UNKNOWN.
    """
    counted = np.flatnonzero((image.charge >= adc_min) & (interaction >= 0))
    order = counted[np.argsort(interaction[counted], kind="stable")]
    ids, starts = np.unique(interaction[order], return_index=True)
    return tuple(
        Instance(
            instance_class=classes.get(int(number), InstanceClass.UNKNOWN),
            score=1.0,
            box=_box(image, pixels),
            pixels=pixels.astype(np.int32),
        )
        for number, pixels in zip(ids, np.split(order, starts)[1:], strict=True)
    )


def overlaps(found: Sequence[Instance], truth: Sequence[Instance], weights: NDArray[np.number]) -> Floats:
    """What each mask shares with each true interaction, in the weights (N,) of its pixels: (P, T).

    True interactions must not share pixels; masks may.
    """
    owner = np.full(len(weights), len(truth))
    for number, interaction in enumerate(truth):
        owner[interaction.pixels] = number
    shared = [
        np.bincount(owner[one.pixels], weights[one.pixels], minlength=len(truth) + 1)[:-1] for one in found
    ]
    return np.array(shared, np.float64).reshape(len(found), len(truth))


def efficiencies(shared: Floats, whole: NDArray[np.number]) -> Floats:
    """Largest share of each interaction that one mask covers: (P, T), (T,) → (T,).

    shared in pixels gives the efficiency, in charge the charge efficiency.
    """
    return ratio(shared.max(axis=0, initial=0.0), np.asarray(whole, np.float64))


def purities(shared: Floats, counts: NDArray[np.bool_] | None = None) -> Floats:
    """Of the pixels of each mask that lie on any interaction, the largest share on one: (P, T) → (P,).

    NaN for a mask that lies on none. counts: bool (P, T), the interactions that the one may be.
    """
    best = shared if counts is None else np.where(counts, shared, 0.0)
    return ratio(best.max(axis=1, initial=0.0), shared.sum(axis=1))


def dead_shares(image: WireImage, truth: Sequence[Instance], margin: int) -> Floats:
    """Dead share of the wires that each interaction spans, with so many more on either side: (T,)."""
    dead = np.zeros(image.shape[1], bool)
    dead[image.dead_wires] = True
    before = np.concatenate([[0], np.cumsum(dead)])
    low = np.array([max(int(one.box[1]) - margin, 0) for one in truth], np.int64)
    high = np.array([min(int(one.box[3]) + margin, len(dead)) for one in truth], np.int64)
    return ratio(before[high] - before[low], high - low)


def causes(
    efficiency: Floats,
    any_class: Floats,
    pixels: NDArray[np.integer],
    dead_share: Floats,
    thresholds: InstanceThresholds,
) -> NDArray[np.int8]:
    """Why each interaction is missed, int8 (T,) of `Cause`; all arguments (T,).

    any_class: the efficiency when masks of every class count. Where that is high, the interaction
    was found, but called something else.
    """
    tests = (
        efficiency >= thresholds.missed_below,
        any_class >= thresholds.missed_below,
        dead_share >= thresholds.dead_share,
        pixels < thresholds.tiny_pixels,
    )
    return np.select(tests, [int(cause) for cause in Cause][:-1], int(Cause.TRULY_MISSED)).astype(np.int8)


def _box(image: WireImage, pixels: NDArray[np.integer]) -> Box:
    rows, wires = image.rows[pixels], image.wires[pixels]
    return (float(rows.min()), float(wires.min()), float(rows.max() + 1), float(wires.max() + 1))
