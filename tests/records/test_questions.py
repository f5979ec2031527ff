"""Person, network and truth brought to the same answers."""

from __future__ import annotations

import pytest

from records.questions import FREE_CHOICES, NO_ANSWER, QUESTIONS, LabelClass, choices_of

ALL = list(LabelClass)


@pytest.mark.parametrize(
    ("question", "of_labels", "of_classes"),
    # Labels in the order unlabelled, HIP, MIP, shower, delta, Michel, track, any shower, not Michel,
    # unsure, impossible; classes from unknown to Michel.
    [
        ("michel_pixels", [0, 0, 0, 0, 0, 1, -1, -1, 0, -1, -1], [-1, 0, 0, 0, 0, 1]),
        ("track_shower", [-1, 0, 0, 1, 1, 1, 0, 1, -1, -1, -1], [-1, 0, 0, 1, 1, 1]),
        ("five_classes", [-1, 0, 1, 2, 3, 4, -1, -1, -1, -1, -1], [-1, 0, 1, 2, 3, 4]),
    ],
)
def test_answers(question: str, of_labels: list[int], of_classes: list[int]) -> None:
    asked = QUESTIONS[question]
    assert asked.answers_of_labels(ALL).tolist() == of_labels
    assert asked.answers_of_classes([-1, 0, 1, 2, 3, 4]).tolist() == of_classes


def test_what_can_be_painted() -> None:
    assert choices_of(None) == FREE_CHOICES
    assert choices_of("track_shower") == (LabelClass.TRACK, LabelClass.ANY_SHOWER, *NO_ANSWER)
    assert choices_of("michel_present") == ()
    assert not QUESTIONS["michel_present"].asks_pixels
    assert len({c.label for c in ALL}) == len(ALL)
