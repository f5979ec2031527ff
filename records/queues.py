"""Who labels which image of a study, and in which order. Pure: the same seed gives the same queues."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from records.study_definition import StudyDefinition, StudyError


@dataclass(frozen=True)
class QueueEntry:
    """One task of a rater. image: position in the study. repeat: the rater had it before."""

    image: int
    repeat: bool


def assignments(definition: StudyDefinition) -> dict[str, tuple[int, ...]]:
    """The images of every rater who is named, evenly dealt: each image to labels_per_image raters.

    Gold images go to all.
    """
    raters, images = definition.raters, definition.images
    per_image = definition.labels_per_image or len(raters)
    rng = np.random.default_rng([definition.seed, 1])
    dealt: dict[str, list[int]] = {name: [] for name in raters}
    together = np.zeros((len(raters), len(raters)), np.int64)
    ordinary = [i for i, image in enumerate(images) if not image.gold]
    for image in rng.permutation(ordinary):
        load = np.array([len(own) for own in dealt.values()])
        chosen: list[int] = []
        for _ in range(per_image):
            # Whoever has fewest, and of those who has shared fewest images with the others chosen, so that
            # every two raters can be compared.
            shared = together[chosen].sum(axis=0)
            order = np.lexsort((rng.random(len(raters)), shared, load))
            chosen.append(next(int(i) for i in order if i not in chosen))
        for i in chosen:
            dealt[raters[i]].append(int(image))
            together[i, chosen] += 1
    gold = [i for i, image in enumerate(images) if image.gold]
    return {name: tuple(sorted([*own, *gold])) for name, own in dealt.items()}


def queue_of(definition: StudyDefinition, rater: str, images: Sequence[int]) -> tuple[QueueEntry, ...]:
    """The tasks of one rater, in a random order of their own, repeats at least repeat_gap tasks after.

    Raises StudyError where the rater has too few images for so many repeats so far apart.
    """
    name = int.from_bytes(hashlib.sha256(rater.lower().encode()).digest()[:8])
    rng = np.random.default_rng([definition.seed, name])
    order = [int(i) for i in rng.permutation(list(images))]
    # What stands at place p can come again at p + gap at the earliest, and after the last at the latest.
    early = len(order) - definition.repeat_gap + 1
    if definition.repeats > max(0, early):
        raise StudyError(
            f"{definition.repeats} repeats, each at least {definition.repeat_gap} tasks after the first, do "
            f"not fit into {len(order)} images of {rater}; {max(0, early)} do"
        )
    again = rng.permutation(max(0, early))[: definition.repeats]
    placed = [(float(place), QueueEntry(image, False)) for place, image in enumerate(order)]
    for place in sorted(int(p) for p in again):
        # Between two firsts; whatever else comes in between only moves the two further apart.
        slot = rng.uniform(place + definition.repeat_gap - 1, len(order) - 1 + 1e-9)
        placed.append((slot, QueueEntry(order[place], True)))
    return tuple(entry for _, entry in sorted(placed, key=lambda item: item[0]))
