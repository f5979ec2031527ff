"""The labellings of a study's image side by side: by whom each is, and on which pixels two of them differ.

Shape shorthand: n pixels of an image's window.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.compared import Answer, ComparedImage
from records.models import Account, Study, StudyImage, Task

Json = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Side:
    """One labelling. named: as judgements store it (`records.judgements`), such as {"kind": "truth"}.

    name: of the rater or the hash of the weights, which nobody is shown who judges.
    """

    named: Json
    name: str
    answer: Answer

    @property
    def kind(self) -> str:
        return str(self.named["kind"])


@dataclass(frozen=True, eq=False)
class Labellings:
    """All labellings of one image: of those who handed it in, of the networks, and truth."""

    study_image_id: int
    image: ComparedImage
    sides: tuple[Side, ...]

    def of_kind(self, kind: str) -> list[Side]:
        return [side for side in self.sides if side.kind == kind]


@dataclass(frozen=True, eq=False)
class Disagreement:
    """Two labellings of one image that differ on `pixels` of the `compared` ones, or on the Michel electron.

    a, b: in an order that says nothing of who they are.
    """

    labellings: Labellings
    a: Side
    b: Side
    pixels: int
    compared: int

    @property
    def key(self) -> str:
        """Names the pair in an address, and says nothing of who they are."""
        return _digest(self.labellings.study_image_id, *sorted((_mark(self.a), _mark(self.b))))[:16]


def labellings(session: Session, study: Study, images: Sequence[ComparedImage]) -> list[Labellings]:
    """The labellings of every image of a study; images: as `records.study_answers.collect` gives them."""
    query = select(StudyImage).where(StudyImage.study_id == study.id)
    rows = {row.position: row for row in session.scalars(query)}
    tasks = select(Task, Account.name).join(Account, Task.rater_id == Account.id)
    tokens = {
        (task.study_image_id, name): task.token
        for task, name in session.execute(tasks.where(Task.study_id == study.id, Task.repeat.is_(False)))
    }
    return [_of_image(rows[image.position], image, tokens) for image in images]


def differing(one: Answer, other: Answer) -> tuple[int, int]:
    """(pixels that differ, pixels compared) of two answers; whether there is a Michel electron counts as one
    pixel where no pixels are asked."""
    both = (one.classes >= 0) & (other.classes >= 0)
    if not both.any() and one.michel is not None and other.michel is not None:
        return int(one.michel != other.michel), 1
    return int((one.classes[both] != other.classes[both]).sum()), int(both.sum())


def disagreements(found: Sequence[Labellings], kinds: tuple[str, str]) -> list[Disagreement]:
    """Every two labellings of these kinds that differ, most pixels first."""
    made = []
    for each in found:
        firsts, seconds = each.of_kind(kinds[0]), each.of_kind(kinds[1])
        for i, first in enumerate(firsts):
            for second in seconds[i + 1 :] if kinds[0] == kinds[1] else seconds:
                pixels, compared = differing(first.answer, second.answer)
                if pixels:
                    a, b = shuffled(each.study_image_id, first, second)
                    made.append(Disagreement(each, a, b, pixels, compared))
    return sorted(made, key=lambda d: (-d.pixels, d.key))


def shuffled(salt: object, first: Side, second: Side) -> tuple[Side, Side]:
    """Two sides in an order that always is the same and says nothing of who they are."""
    marks = sorted((_mark(first), _mark(second)))
    swap = int(_digest(salt, *marks), 16) % 2
    one, other = (first, second) if _mark(first) == marks[0] else (second, first)
    return (other, one) if swap else (one, other)


def shown_alike(one: Answer, other: Answer) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Classes (n,) of two answers as they are drawn beside each other: only pixels that have both are
    coloured, so that neither the edge of a brush nor what a network does not read tells them apart."""
    both = (one.classes >= 0) & (other.classes >= 0)
    return np.where(both, one.classes, -1).astype(np.int8), np.where(both, other.classes, -1).astype(np.int8)


def _of_image(row: StudyImage, image: ComparedImage, tokens: dict[tuple[int | None, str], str]) -> Labellings:
    sides = [
        Side({"kind": "human", "task": tokens[row.id, name]}, name, answer)
        for name, answer in sorted(image.raters.items())
    ]
    sides += [
        Side({"kind": "network", "weights": weights}, weights, answer)
        for weights, answer in sorted(image.networks.items())
    ]
    if image.truth is not None:
        sides.append(Side({"kind": "truth"}, "truth", image.truth))
    return Labellings(row.id, image, tuple(sides))


def _mark(side: Side) -> str:
    return _digest(*(f"{name}={value}" for name, value in sorted(side.named.items())))


def _digest(*parts: object) -> str:
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()
