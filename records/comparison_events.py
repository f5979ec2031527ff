"""Who is compared with whom on which image, summed event by event.

Shape shorthand: C answers of the question, E events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lartpc.metrics.segmentation import confusion, weighted_confusion
from records.compared import Answer, ComparedImage
from records.questions import Question

Json = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two answers to one image. The first is the reference: its classes are the rows of a confusion."""

    image: ComparedImage
    first: Answer
    second: Answer


@dataclass(frozen=True, eq=False)
class Pairing:
    """All pairs of one comparison. names: who the first and the second are."""

    pair: str
    names: tuple[str, str]
    weights: str | None
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, eq=False)
class EventSums:
    """What every event adds to a comparison, over its images and pairs.

    confusions: int64 (E, C, C); charge: the same in ADC × gain. michel: int64 (E, 2, 2), rows absent and
    present by the first. left_out: int64 (E, 2), pixels that the first, the second gave no answer.
    """

    places: tuple[Json, ...]
    confusions: NDArray[np.int64]
    charge: NDArray[np.float64]
    michel: NDArray[np.int64]
    left_out: NDArray[np.int64]


def network_pairs(images: Sequence[ComparedImage], weights: str, rater: str | None = None) -> Pairing:
    """Physicists, or one of them, and the network of these weights."""
    pairs = [
        Pair(image, answer, image.networks[weights])
        for image in images
        if weights in image.networks
        for name, answer in sorted(image.raters.items())
        if rater in (None, name)
    ]
    return Pairing("physicist-network", (rater or "physicists", weights), weights, tuple(pairs))


def rater_pairs(images: Sequence[ComparedImage], only: tuple[str, str] | None = None) -> Pairing:
    """Every two physicists who labelled the same image, in the order of their names; or two alone."""
    pairs = []
    for image in images:
        names = sorted(image.raters)
        for i, first in enumerate(names):
            for second in names[i + 1 :]:
                if only in (None, (first, second)):
                    pairs.append(Pair(image, image.raters[first], image.raters[second]))
    return Pairing("physicist-physicist", only or ("physicists", "physicists"), None, tuple(pairs))


def truth_pairs(
    images: Sequence[ComparedImage], weights: str | None = None, rater: str | None = None
) -> Pairing:
    """Truth and the network of these weights; without weights, truth and physicists, or one of them."""
    pairs = []
    for image in images:
        if image.truth is None:
            continue
        if weights is None:
            chosen = [a for name, a in sorted(image.raters.items()) if rater in (None, name)]
        else:
            chosen = [image.networks[weights]] if weights in image.networks else []
        pairs += [Pair(image, image.truth, answer) for answer in chosen]
    pair = "physicist-truth" if weights is None else "network-truth"
    return Pairing(pair, ("truth", weights or rater or "physicists"), weights, tuple(pairs))


def event_sums(pairing: Pairing, question: Question) -> EventSums:
    """The sums of every event, in the order in which events first occur."""
    size, events = len(question.classes), _by_event(pairing)
    return EventSums(
        places=tuple(_place(pairs) for pairs in events),
        confusions=_summed(events, lambda p: _confusion(p, size), (size, size)).astype(np.int64),
        charge=_summed(events, lambda p: _charge(p, size), (size, size)),
        michel=_summed(events, _michel, (2, 2)).astype(np.int64),
        left_out=_summed(events, _left_out, (2,)).astype(np.int64),
    )


def michel_counts(pairing: Pairing) -> tuple[Pairing, NDArray[np.int64], tuple[Json, ...]]:
    """Michel electrons found by the first, the second, both, of every event: int64 (E, 3), and its place."""
    events = _by_event(pairing)
    tables = _summed(events, _michel, (2, 2)).astype(np.int64)
    found = np.stack([tables[:, 1].sum(axis=1), tables[:, :, 1].sum(axis=1), tables[:, 1, 1]], axis=1)
    return pairing, found, tuple(_place(pairs) for pairs in events)


def _by_event(pairing: Pairing) -> list[list[Pair]]:
    """The pairs of every event, in the order in which events first occur."""
    groups: dict[str, list[Pair]] = {}
    for pair in pairing.pairs:
        groups.setdefault(event_key(pair.image.place), []).append(pair)
    return list(groups.values())


def event_key(place: Mapping[str, Any]) -> str:
    """Images of one event have the same."""
    return " ".join(str(place[name]) for name in ("file", "entry", "run", "subrun", "event"))


def _place(pairs: Sequence[Pair]) -> Json:
    images = {pair.image.position: pair.image for pair in pairs}
    first = next(iter(images.values())).place
    names = ("file", "entry", "run", "subrun", "event")
    planes = sorted({str(image.place["plane"]) for image in images.values()})
    return {**{name: first[name] for name in names}, "planes": planes, "images": sorted(images)}


def _summed(events: Sequence[Sequence[Pair]], of: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    sums = [np.sum([of(pair) for pair in pairs], axis=0) for pairs in events]
    return np.stack(sums) if sums else np.zeros((0, *shape))


def _both(pair: Pair) -> NDArray[np.bool_]:
    return (pair.first.classes >= 0) & (pair.second.classes >= 0)


def _confusion(pair: Pair, size: int) -> NDArray[np.int64]:
    both = _both(pair)
    return confusion(pair.first.classes[both], pair.second.classes[both], size)


def _charge(pair: Pair, size: int) -> NDArray[np.float64]:
    both = _both(pair)
    return weighted_confusion(
        pair.first.classes[both], pair.second.classes[both], pair.image.charge[both], size
    )


def _michel(pair: Pair) -> NDArray[np.int64]:
    table = np.zeros((2, 2), np.int64)
    if pair.first.michel is not None and pair.second.michel is not None:
        table[int(pair.first.michel), int(pair.second.michel)] = 1
    return table


def _left_out(pair: Pair) -> NDArray[np.int64]:
    return np.array([np.count_nonzero(a.classes < 0) for a in (pair.first, pair.second)])
