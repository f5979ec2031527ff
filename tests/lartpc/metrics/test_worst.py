"""Which of a few events are the worst."""

from __future__ import annotations

import numpy as np

from lartpc.metrics.segmentation import confusion
from lartpc.metrics.worst import LISTED, marked, most_telling, worst_by_cell, worst_events

# Accuracy 1/2 of two pixels, 1/2 of four, 1, nothing counted, 0.
EVENTS = np.stack(
    [
        confusion([0, 1], [0, 2]),
        confusion([1, 1, 3, 1], [2, 2, 3, 1]),
        confusion([4], [4]),
        confusion([], []),
        confusion([3, 3, 3], [4, 4, 1]),
    ]
)


def test_lowest_accuracy_first_and_of_two_the_larger() -> None:
    assert worst_events(EVENTS) == [4, 1, 0, 2]
    assert worst_events(EVENTS, number=1) == [4]


def test_the_papers_share_is_marked_and_always_listed() -> None:
    assert [marked(events) for events in (1, 100, 10_000)] == [1, 1, 5]
    many = np.stack([confusion([0], [1])] * 60_000)
    assert marked(len(many)) > LISTED
    assert len(worst_events(many)) == 30


def test_each_wrong_pair_lists_events_with_most_pixels_in_it() -> None:
    cells = worst_by_cell(EVENTS)
    assert len(cells) == 20
    assert cells[1, 2] == [1, 0]
    assert cells[3, 4] == [4]
    assert cells[0, 1] == []
    assert worst_by_cell(EVENTS, number=1)[1, 2] == [1]


def test_the_most_telling_are_half_the_worst_and_half_of_the_pairs() -> None:
    assert most_telling([EVENTS], 1) == [4]
    # Two of the worst; then MIP taken for shower has most pixels: its first event is there, the second not.
    assert most_telling([EVENTS], 3) == [4, 1, 0]
    assert most_telling([EVENTS], 12) == [4, 1, 0, 2]


def test_planes_take_turns() -> None:
    other = EVENTS[[4, 3, 2, 1, 0]]
    assert most_telling([EVENTS, other], 4)[:2] == [4, 0]
    assert most_telling([], 3) == []
