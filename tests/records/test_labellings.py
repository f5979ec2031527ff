"""Two labellings side by side, in an order that says nothing, and the pairs of the Turing test."""

from __future__ import annotations

import numpy as np

from records.compared import Answer, ComparedImage
from records.labellings import Labellings, Side, differing, disagreements, shown_alike, shuffled
from records.turing_pairs import turing_test

NETS = ("ab" * 32, "cd" * 32)


def answer(*classes: int, michel: bool | None = None) -> Answer:
    return Answer(np.array(classes, np.int8), michel)


def image(position: int, people: int = 2, networks: int = 1, alike: bool = False) -> Labellings:
    """The network differs from person 0 on two of four pixels, person k on k pixels."""
    sides = [
        Side(
            {"kind": "human", "task": f"{position}-{k}"},
            f"person {k}",
            answer(*([1] * k + [0] * (4 - k))),
        )
        for k in range(people)
    ]
    said = answer(0, 0, 0, 0) if alike else answer(0, 0, 1, 1)
    sides += [Side({"kind": "network", "weights": w}, w, said) for w in NETS[:networks]]
    sides.append(Side({"kind": "truth"}, "truth", answer(0, 0, 0, -1)))
    place = {"file": "a.h5", "entry": position, "run": 1, "subrun": 1, "event": position, "plane": "Y"}
    compared = ComparedImage(position, place, "simulation", "all", False, np.ones(4))
    return Labellings(100 + position, compared, tuple(sides))


def test_only_what_both_answer_differs_and_is_coloured() -> None:
    one, other = answer(0, 1, -1, 1), answer(1, 1, 0, -1)
    assert differing(one, other) == (1, 2)
    left, right = shown_alike(one, other)
    assert (left.tolist(), right.tolist()) == ([0, 1, -1, -1], [1, 1, -1, -1])
    assert differing(answer(michel=True), answer(michel=False)) == (1, 1)
    assert differing(answer(michel=True), answer(michel=None)) == (0, 0)


def test_disagreements_come_with_most_pixels_first() -> None:
    found = disagreements([image(0), image(1, people=4)], ("human", "truth"))
    assert [d.pixels for d in found] == [3, 2, 1, 1]
    assert {d.compared for d in found} == {3}
    people = disagreements([image(1, people=3)], ("human", "human"))
    assert sorted(d.pixels for d in people) == [1, 1, 2]
    assert len({d.key for d in people}) == 3
    assert disagreements([image(0, people=0)], ("human", "network")) == []


def test_the_order_of_a_and_b_says_nothing_and_stays() -> None:
    orders = []
    for position in range(40):
        each = image(position)
        person, network = each.sides[0], each.sides[2]
        a, b = shuffled(each.study_image_id, person, network)
        assert shuffled(each.study_image_id, network, person) == (a, b)
        orders.append(a.kind)
    assert 8 < orders.count("human") < 32


def test_pairs_are_drawn_with_a_seed_and_controls_mixed_in() -> None:
    images = [image(i, networks=2) for i in range(20)] + [image(99, people=1, alike=True)]
    test = turing_test(images, 5)
    assert test.count("human", "network") == 20
    assert test.count("human", "human") == 10
    assert test.count("network", "network") == 0  # both say the same
    assert test.alike == 1
    again = turing_test(images, 5)
    assert [(p.left.name, p.right.name) for p in test.pairs] == [
        (p.left.name, p.right.name) for p in again.pairs
    ]
    assert [p.left.name for p in turing_test(images, 6).pairs] != [p.left.name for p in test.pairs]
    lefts = [p.left.kind for p in test.pairs if p.asks]
    assert 3 < lefts.count("network") < 17
    first = [p.asks for p in test.pairs[:15]]
    assert 3 < sum(first) < 15
    assert len(turing_test(images, 5, most=4).pairs) == 6
