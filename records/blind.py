"""What a rater may see of a task. Nothing else of a study's image leaves the server before it is handed in.

The views are built from what is allowed, entry by entry, never by taking the forbidden out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from records.questions import QUESTIONS, choices_of

Json = dict[str, Any]


@dataclass(frozen=True)
class TaskFacts:
    """All that a view of a study's task is made of.

    place: file, entry, run, subrun, event, source. window: first row, first wire, last row, last wire.
    answer: prediction, truth and whatever else may be shown once it is open: the task is handed in, and
    no repeat of any image can still come to this rater.
    """

    token: str
    study: str
    question: str
    instructions: str
    plane: str
    content_hash: str
    pixels: int
    window: tuple[int, int, int, int] | None
    place: Mapping[str, Any]
    hide_event_numbers: bool
    submitted: bool
    answer_open: bool
    answer: Mapping[str, Any]


def blind_view(facts: TaskFacts) -> Json:
    """What the browser gets of a task, as JSON.

    Before it is handed in: the question, the plane, the window, the number of pixels, and run, subrun and
    event where the study does not hide them. Never data or simulation, gold, repeats, networks, or the
    content hash, by which a repeat would be known. The answer comes only where it is open.
    """
    question = QUESTIONS[facts.question]
    view: Json = {
        "task": facts.token,
        "study": facts.study,
        "question": question.name,
        "question_text": question.text,
        "instructions": facts.instructions,
        "choices": [{"class": int(c), "label": c.label} for c in choices_of(question.name)],
        "plane": facts.plane,
        "image_hash": image_alias(facts.token, facts.content_hash),
        "pixels": facts.pixels,
        "window": None if facts.window is None else list(facts.window),
        "submitted": facts.submitted,
    }
    if not facts.hide_event_numbers:
        view["event"] = {name: facts.place[name] for name in ("run", "subrun", "event")}
    if facts.answer_open:
        view["place"] = dict(facts.place)
        view["answer"] = dict(facts.answer)
    return view


def image_alias(token: str, content_hash: str) -> str:
    """How the browser names a study's image: another name in every task, so that none can be looked up."""
    return hashlib.sha256(f"{token} {content_hash}".encode()).hexdigest()
