"""Which events a network does worst on: over all, and for each way to be wrong.

arXiv:1903.05663 looked at the worst 0.05 % of its images by eye. Shape shorthand: E events, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from lartpc.metrics.published import WORST_SHARE
from lartpc.metrics.segmentation import nonzero_accuracy

LISTED = 20
"""Events in the list of the worst, unless the worst 0.05 % are more."""
LISTED_BY_CELL = 5

Cell = tuple[int, int]
"""True class and predicted class, of which it is one of the wrong pairs."""


def worst_events(confusions: NDArray[np.int64], number: int = LISTED) -> list[int]:
    """Events (E, C, C) of the lowest accuracy, the worst first; without those that count no pixel.

    Of two equals the one with more pixels comes first.
    """
    accuracy, pixels = nonzero_accuracy(confusions), confusions.sum(axis=(-2, -1))
    order = np.lexsort((-pixels, accuracy))
    return [int(i) for i in order if pixels[i]][: max(number, marked(len(confusions)))]


def marked(events: int) -> int:
    """How many of the worst are the paper's worst 0.05 %, at least one."""
    return max(1, round(events * WORST_SHARE))


def worst_by_cell(confusions: NDArray[np.int64], number: int = LISTED_BY_CELL) -> Mapping[Cell, list[int]]:
    """For each wrong pair of classes the events (E, C, C) with most pixels in it, most first."""
    found = {}
    for true, predicted in permutations(range(confusions.shape[-1]), 2):
        pixels = confusions[:, true, predicted]
        order = np.argsort(-pixels, kind="stable")[:number]
        found[true, predicted] = [int(i) for i in order if pixels[i]]
    return found


def most_telling(planes: Sequence[NDArray[np.int64]], number: int) -> list[int]:
    """The events to look at first, each once: confusions (E, C, C) of the same events on several planes.

    Half are the worst over all, the planes taking turns; the others are the worst of the wrong pairs
    of classes, the pair with most pixels first. Either half fills what the other leaves free.
    """
    if not planes or not len(planes[0]):
        return []
    ranks = [worst_events(confusions) for confusions in planes]
    overall = in_turn(ranks)
    sums = [confusions.sum(axis=0) for confusions in planes]
    lists = [
        (-sums[plane][cell], events)
        for plane, confusions in enumerate(planes)
        for cell, events in worst_by_cell(confusions).items()
    ]
    by_cell = in_turn([events for _, events in sorted(lists, key=lambda entry: entry[0])])
    first = overall[: (number + 1) // 2]
    others = [event for event in (*by_cell, *overall) if event not in first]
    return list(dict.fromkeys((*first, *others)))[:number]


def in_turn(lists: Sequence[Sequence[int]]) -> list[int]:
    """The first of every list, then the second of every list, each event once."""
    longest = max(map(len, lists), default=0)
    return list(dict.fromkeys(events[i] for i in range(longest) for events in lists if i < len(events)))
