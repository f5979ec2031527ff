"""What a study compares: one answer each of physicists, networks and truth to every image.

Shape shorthand: n pixels of one image that are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.questions import Question


@dataclass(frozen=True, eq=False)
class Answer:
    """What one of them says of one image.

    classes: int8 (n,), index of the answer of each pixel, -1 where there is none. michel: whether there
    is a Michel electron, None where that is not said. energy_mev: of its pixels, None where none is asked.
    """

    classes: NDArray[np.int8]
    michel: bool | None = None
    energy_mev: float | None = None


@dataclass(frozen=True, eq=False)
class ComparedImage:
    """One image of a study with everything that was said of it.

    place: file, entry, run, subrun, event, plane. charge: float64 (n,), ADC × gain. raters, again: first
    and repeated labelling by rater. networks: by weights hash.
    """

    position: int
    place: Mapping[str, Any]
    source: str
    stratum: str
    gold: bool
    charge: NDArray[np.float64]
    raters: Mapping[str, Answer] = field(default_factory=dict)
    again: Mapping[str, Answer] = field(default_factory=dict)
    networks: Mapping[str, Answer] = field(default_factory=dict)
    truth: Answer | None = None


@dataclass(frozen=True)
class Verdict:
    """What an adjudicator said of two labellings of an image that differ.

    position: of the image. between: kinds of the two, human, network or truth. wrong: kinds of those that
    are wrong, none where it cannot be decided. by: who said it.
    """

    position: int
    between: tuple[str, str]
    wrong: tuple[str, ...]
    by: str
    comment: str = ""


@dataclass(frozen=True)
class StudyFacts:
    """What the report says of the study itself. tasks, submitted: of all raters."""

    name: str
    title: str
    definition_hash: str
    question: Question
    margin: float
    weights: tuple[str, ...]
    raters: tuple[str, ...]
    tasks: int
    submitted: int
    notes: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
