"""What raters answer: the values a pixel can be given, and the questions that a study can ask."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lartpc.classes import PIXEL_CLASSES, PixelClass
from lartpc.metrics.segmentation import TRACK, TRACK_SHOWER


class LabelClass(IntEnum):
    """What a person says of a pixel: a class of the network's, a coarser one, or why there is none."""

    UNLABELLED = -1
    HIP = 0
    MIP = 1
    SHOWER = 2
    DELTA = 3
    MICHEL = 4
    TRACK = 5
    ANY_SHOWER = 6
    NOT_MICHEL = 7
    UNSURE = 8
    IMPOSSIBLE = 9

    @property
    def label(self) -> str:
        """The words shown to people."""
        return _WORDS.get(self) or PixelClass(self).label


_WORDS = {
    LabelClass.UNLABELLED: "unlabelled",
    LabelClass.TRACK: "track",
    LabelClass.ANY_SHOWER: "shower, delta or Michel",
    LabelClass.NOT_MICHEL: "not Michel",
    LabelClass.UNSURE: "unsure",
    LabelClass.IMPOSSIBLE: "cannot be labelled",
}

NO_ANSWER = (LabelClass.UNSURE, LabelClass.IMPOSSIBLE)
FREE_CHOICES = (*(LabelClass(c) for c in PIXEL_CLASSES), *NO_ANSWER)
"""What a pixel can be given outside of a study."""

MICHEL_STATES = ("present", "absent", "unsure")
VERDICTS = ("complete", "unsure", "impossible")
"""Of a whole event: labelled as far as it can be, unsure, or it cannot be labelled."""


@dataclass(frozen=True)
class Question:
    """A question, and how person, network and truth are brought to the same answers.

    choices: what a pixel can be given; none where only the whole event is asked. classes: names of the
    answers that are compared. of_choice: label class -> index of its answer. of_network: index of the
    answer for each of the five classes. unlabelled: what a pixel that was left alone counts as.
    """

    name: str
    text: str
    choices: tuple[LabelClass, ...]
    classes: tuple[str, ...]
    of_choice: dict[LabelClass, int]
    of_network: tuple[int, ...]
    unlabelled: LabelClass | None = None

    @property
    def asks_pixels(self) -> bool:
        return bool(self.choices)

    def answers_of_labels(self, classes: ArrayLike) -> NDArray[np.int8]:
        """Label classes (N,) → index of the answer, int8 (N,); -1 where there is none."""
        table = np.full(len(LabelClass), -1, np.int8)  # the last entry is that of UNLABELLED, -1
        table[list(PIXEL_CLASSES)] = self.of_network  # what the pixels of objects are, in any question
        for choice, index in self.of_choice.items():
            table[choice] = index
        if self.unlabelled is not None:
            table[LabelClass.UNLABELLED] = self.of_choice[self.unlabelled]
        return table[np.asarray(classes, np.int64)]

    def answers_of_classes(self, classes: ArrayLike) -> NDArray[np.int8]:
        """Pixel classes of a network or of truth (N,), -1 unknown → the same indices, int8 (N,)."""
        return np.array([*self.of_network, -1], np.int8)[np.asarray(classes, np.int64)]


_IS_MICHEL = tuple(int(c is PixelClass.MICHEL) for c in PIXEL_CLASSES)

QUESTIONS = {
    question.name: question
    for question in (
        Question(
            "michel_pixels",
            "Which pixels belong to the Michel electron?",
            (LabelClass.MICHEL, LabelClass.NOT_MICHEL),
            ("not Michel", "Michel"),
            {LabelClass.NOT_MICHEL: 0, LabelClass.MICHEL: 1},
            _IS_MICHEL,
            unlabelled=LabelClass.NOT_MICHEL,
        ),
        Question(
            "track_shower",
            "Which pixels are of tracks, which of showers (deltas and Michel electrons included)?",
            (LabelClass.TRACK, LabelClass.ANY_SHOWER),
            TRACK_SHOWER,
            {LabelClass.TRACK: 0, LabelClass.ANY_SHOWER: 1},
            tuple(int(c not in TRACK) for c in PIXEL_CLASSES),
        ),
        Question(
            "five_classes",
            "Which of the five classes is each pixel?",
            tuple(LabelClass(c) for c in PIXEL_CLASSES),
            tuple(c.label for c in PIXEL_CLASSES),
            {LabelClass(c): int(c) for c in PIXEL_CLASSES},
            tuple(int(c) for c in PIXEL_CLASSES),
        ),
        Question(
            "michel_present",
            "Is there a Michel electron in this image?",
            (),
            ("absent", "present"),
            {},
            _IS_MICHEL,
        ),
    )
}


def choices_of(question: str | None) -> tuple[LabelClass, ...]:
    """What a pixel can be given under a question, or outside of a study (None)."""
    if question is None:
        return FREE_CHOICES
    choices = QUESTIONS[question].choices
    return (*choices, *NO_ANSWER) if choices else ()
