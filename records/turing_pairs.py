"""Which pairs of labellings the Turing test shows, and in which order: drawn with a seed, the same each time.

A pair of a person and the network asks the question; pairs of two people and of two networks are mixed in as
controls, where there is nothing to find out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from records.labellings import Labellings, Side, differing

CONTROL_SHARE = 0.5
"""Controls of each kind for every pair that asks, at most."""
MOST_PAIRS = 40


@dataclass(frozen=True, eq=False)
class TuringPair:
    """Two labellings of one image, as they are shown."""

    labellings: Labellings
    left: Side
    right: Side

    @property
    def asks(self) -> bool:
        """Whether one is a person's and the other a network's."""
        return self.left.kind != self.right.kind


@dataclass(frozen=True, eq=False)
class TuringTest:
    """alike: pairs of a person and a network that were left out, because nobody could tell them apart."""

    pairs: tuple[TuringPair, ...]
    alike: int

    def count(self, one: str, other: str) -> int:
        """How many pairs are of these two kinds."""
        return sum(sorted((p.left.kind, p.right.kind)) == sorted((one, other)) for p in self.pairs)


def turing_test(found: Sequence[Labellings], seed: int, most: int = MOST_PAIRS) -> TuringTest:
    """One pair of a person and a network of each image, and controls, in random order and on random sides."""
    rng = np.random.default_rng([seed, 0x54])
    asking, alike = [], 0
    controls: dict[str, list[tuple[Labellings, Side, Side]]] = {"human": [], "network": []}
    for each in found:
        people, networks = each.of_kind("human"), each.of_kind("network")
        if people and networks:
            person, network = people[rng.integers(len(people))], networks[rng.integers(len(networks))]
            if differing(person.answer, network.answer)[0]:
                asking.append((each, person, network))
            else:
                alike += 1
        for kind, sides in (("human", people), ("network", networks)):
            if len(sides) >= 2:
                i, j = rng.choice(len(sides), 2, replace=False)
                if differing(sides[i].answer, sides[j].answer)[0]:
                    controls[kind].append((each, sides[i], sides[j]))
    kept = [asking[i] for i in rng.permutation(len(asking))[:most]]
    number = round(CONTROL_SHARE * len(kept))
    for own in controls.values():
        kept += [own[i] for i in rng.permutation(len(own))[:number]]
    pairs = []
    for i in rng.permutation(len(kept)):
        each, one, other = kept[i]
        left, right = (one, other) if rng.integers(2) else (other, one)
        pairs.append(TuringPair(each, left, right))
    return TuringTest(tuple(pairs), alike)
