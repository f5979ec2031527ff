"""Who labels what, and in which order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from records.queues import assignments, queue_of
from records.study_definition import StudyDefinition, StudyError, StudyImageSpec


def study(images: int = 20, gold: int = 0, **others: object) -> StudyDefinition:
    specs = [StudyImageSpec(f"{i:064x}", "all", gold=i < gold) for i in range(images)]
    return StudyDefinition("t", "five_classes", tuple(specs), **others)  # type: ignore[arg-type]


def test_every_rater_has_an_order_of_their_own_that_the_seed_decides() -> None:
    one = study(seed=5)
    orders = {name: [e.image for e in queue_of(one, name, range(20))] for name in ("Ada", "Ben")}
    assert all(sorted(order) == list(range(20)) for order in orders.values())
    assert orders["Ada"] != orders["Ben"] != list(range(20))
    assert orders["Ada"] == [e.image for e in queue_of(one, "ADA", range(20))]
    assert orders["Ada"] != [e.image for e in queue_of(replace(one, seed=6), "Ada", range(20))]


@pytest.mark.parametrize(("repeats", "gap"), [(0, 10), (1, 20), (5, 10), (11, 10), (20, 1)])
def test_repeats_come_once_and_far_enough_after_their_first(repeats: int, gap: int) -> None:
    for seed in range(40):
        queue = queue_of(study(repeats=repeats, repeat_gap=gap, seed=seed), "Ada", range(20))
        assert len(queue) == 20 + repeats
        firsts = {e.image: place for place, e in enumerate(queue) if not e.repeat}
        again = {e.image: place for place, e in enumerate(queue) if e.repeat}
        assert len(firsts) == 20
        assert len(again) == repeats
        assert all(place - firsts[image] >= gap for image, place in again.items())


def test_repeats_that_do_not_fit_are_refused() -> None:
    with pytest.raises(
        StudyError, match="12 repeats, each at least 10 tasks after the first, do not fit into 20"
    ):
        queue_of(study(repeats=12), "Ada", range(20))


@pytest.mark.parametrize("per_image", [1, 2, 3])
def test_images_are_dealt_evenly_and_gold_goes_to_all(per_image: int) -> None:
    raters = ("Ada", "Ben", "Cleo")
    dealt = assignments(study(21, gold=3, raters=raters, labels_per_image=per_image, seed=2))
    counts = Counter(image for own in dealt.values() for image in own)
    assert {counts[i] for i in range(3)} == {3}
    assert {counts[i] for i in range(3, 21)} == {per_image}
    assert {len(own) for own in dealt.values()} == {3 + 6 * per_image}
    assert all(len(set(own)) == len(own) for own in dealt.values())


def test_every_two_raters_share_images() -> None:
    raters = tuple("ABCD")
    dealt = assignments(study(24, raters=raters, labels_per_image=2))
    assert {len(own) for own in dealt.values()} == {12}
    shared = [len(set(dealt[a]) & set(dealt[b])) for a, b in combinations(raters, 2)]
    assert all(3 <= number <= 5 for number in shared)


def test_without_a_number_everyone_labels_everything() -> None:
    assert assignments(study(5, raters=("Ada", "Ben"))) == {"Ada": tuple(range(5)), "Ben": tuple(range(5))}
    assert assignments(study(5)) == {}
