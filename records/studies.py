"""Studies in the database: define, freeze, hand out tasks in each rater's own order, take them in.

Every function takes a session of `Database.writing()` where it changes something.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.accounts import AccessError, create_account, find_account
from records.actions import LabelError, check_text, check_time, check_uuid
from records.answers import AnswerStore
from records.blind import TaskFacts
from records.images import ImageStore, LabelledImage, in_window, register
from records.labels import new_task, newest_seq, own_task, read_labels
from records.models import Account, Image, Study, StudyImage, Submission, Task
from records.questions import QUESTIONS
from records.queues import QueueEntry, assignments, queue_of
from records.study_definition import StudyDefinition, StudyError, check_definition, from_json


@dataclass(frozen=True)
class Progress:
    """Tasks of one rater in a study. The repeats count like all others, so that they stay unannounced."""

    total: int
    submitted: int
    skipped: int


def define(session: Session, owner: Account, name: str, definition: StudyDefinition) -> Study:
    """A draft of a study, which may still change. Raises StudyError: the name is taken, or see there."""
    check_definition(definition)
    if not 0 < len(name.strip()) <= 80:
        raise StudyError(f"the study's name has {len(name.strip())} characters; expected 1 to 80")
    if find_study(session, name) is not None:
        raise StudyError(f"there is a study of the name {name.strip()} already")
    study = Study(
        name=name.strip(), owner_id=owner.id, definition=definition.as_json(), created_at=time.time()
    )
    session.add(study)
    session.flush()
    return study


def redefine(session: Session, study: Study, definition: StudyDefinition) -> None:
    """Another definition of a draft. Raises StudyError once it is frozen."""
    _require_draft(study)
    check_definition(definition)
    study.definition = definition.as_json()
    session.flush()


def find_study(session: Session, name: str) -> Study | None:
    return session.scalars(select(Study).where(Study.name == name.strip())).first()


def studies(session: Session) -> list[Study]:
    """All studies by name."""
    return list(session.scalars(select(Study).order_by(Study.name)))


def definition_of(study: Study) -> StudyDefinition:
    """The definition of a study, checked again."""
    return from_json(study.definition)


def freeze(session: Session, study: Study, images: ImageStore, predictions: AnswerStore) -> None:
    """Start a study: from here on it never changes. Every rater who is named gets a queue.

    Every image needs the answers of the weights of its plane: of all that answer any image of that plane.
    Raises StudyError: it is frozen, an image or an answer of its networks is not stored, a gold image has
    no truth, the window of an image holds no pixel, or the repeats do not fit.
    """
    _require_draft(study)
    definition = definition_of(study)
    planes = []
    for position, spec in enumerate(definition.images):
        stored = _stored_image(definition, position, images)
        planes.append(stored.image.plane)
        register(session, stored)
        session.add(
            StudyImage(
                study_id=study.id,
                position=position,
                image_hash=spec.content_hash,
                window=None if spec.window is None else list(spec.window),
                stratum=spec.stratum,
                gold=spec.gold,
                predictions=dict(spec.predictions),
            )
        )
    _require_answers(definition, planes, predictions)
    session.flush()
    for name, own in assignments(definition).items():
        account = find_account(session, name) or create_account(session, name)
        _add_queue(session, study, account, queue_of(definition, account.name, own))
    study.definition_hash, study.frozen_at = definition.digest, time.time()
    session.flush()


def join(session: Session, study: Study, account: Account) -> None:
    """Give a rater a queue in a study that is open to anyone; nothing happens where they have one.

    Raises StudyError: it is a draft or closed, or they left it; AccessError: it names its raters, and this
    is none of them.
    """
    if has_left(session, study, account):
        raise StudyError(f"you have left the study {study.name}, and may have seen its answers since")
    if _tasks(session, study, account):
        return
    if study.frozen_at is None or study.closed_at is not None:
        raise StudyError(
            f"the study {study.name} is {'not started' if study.frozen_at is None else 'closed'}"
        )
    definition = definition_of(study)
    if definition.raters:
        raise AccessError(f"the study {study.name} is not open to everyone")
    everything = range(len(definition.images))
    _add_queue(session, study, account, queue_of(definition, account.name, everything))


def leave(session: Session, study: Study, account: Account) -> None:
    """Let a rater out of a study that is open to anyone, so that nobody counts on them.

    What they handed in counts; the rest can no longer be handed in, and its labels stay in the log. There is
    no way back, because from now on they may see the answers. Raises StudyError where the study names its
    raters, or they have nothing left.
    """
    if not may_leave(session, study, account):
        raise StudyError(f"the study {study.name} cannot be left: it names its raters, or you are through")
    for task in _tasks(session, study, account):
        if task.state != "submitted":
            task.left_at = time.time()
    session.flush()


def may_leave(session: Session, study: Study, account: Account) -> bool:
    """Whether `leave` would let a rater go."""
    left = [task for task in _tasks(session, study, account) if task.state != "submitted"]
    return not definition_of(study).raters and bool(left)


def has_left(session: Session, study: Study, account: Account) -> bool:
    """Whether a rater has left a study."""
    own = (Task.study_id == study.id, Task.rater_id == account.id, Task.left_at.is_not(None))
    return session.scalars(select(Task.id).where(*own)).first() is not None


def close(session: Session, study: Study) -> None:
    """End a study: nobody new may join. What is under way can still be handed in."""
    if study.frozen_at is None:
        raise StudyError(f"the study {study.name} was never started")
    if study.closed_at is None:
        study.closed_at = time.time()
    session.flush()


def next_task(session: Session, study: Study, account: Account) -> Task | None:
    """What a rater labels next: what is begun, then the queue, then what was skipped, oldest first.

    None when all is handed in. Asking again gives the same task, so a rater may go away and come back.
    """
    rank = {"started": 0, "waiting": 1, "skipped": 2}
    left = [task for task in _tasks(session, study, account) if task.state in rank]

    def order(task: Task) -> tuple[int, float, int]:
        return rank[task.state], task.changed_at if task.state == "skipped" else 0.0, task.position or 0

    return min(left, key=order, default=None)


def skip(session: Session, account_id: int, token: str) -> None:
    """Put a task behind all others; its labels stay. Raises AccessError, StudyError if it is handed in."""
    task = _study_task(session, account_id, token)
    if task.state == "submitted":
        raise StudyError("this task is handed in already")
    task.state, task.changed_at = "skipped", time.time()
    session.flush()


def submit(session: Session, account_id: int, token: str, value: Any) -> Submission:
    """Hand in a task with the labels it has now. The same task is handed in once; again gives the first.

    value: JSON with id (UUID), time, app_version, and seconds spent or null. Raises AccessError,
    LabelError for what is no such JSON, StudyError where the question has no answer yet.
    """
    task = _study_task(session, account_id, token)
    found = session.scalars(select(Submission).where(Submission.task_id == task.id)).first()
    if found is not None:
        return found
    fields = _submission_fields(value)
    if session.get(Submission, fields["id"]) is not None:
        raise LabelError(f"The submission {fields['id']} is stored already, of another task.", fields["id"])
    labels = read_labels(session, task)
    study = session.get_one(Study, task.study_id)
    said = labels.event
    if not QUESTIONS[study.definition["question"]].asks_pixels and not (said.michel or said.verdict):
        raise StudyError("say first whether a Michel electron is present or absent, or why you cannot")
    now = time.time()
    verdict = {"verdict": said.verdict, "michel": said.michel, "comment": said.comment}
    submission = Submission(
        **fields,
        task_id=task.id,
        author_id=account_id,
        last_seq=newest_seq(session, task),
        verdict=verdict,
        server_time=now,
    )
    session.add(submission)
    task.state, task.changed_at = "submitted", now
    session.flush()
    return submission


def progress(session: Session, study: Study, account: Account) -> Progress:
    """How far a rater is."""
    states = [task.state for task in _tasks(session, study, account)]
    return Progress(len(states), states.count("submitted"), states.count("skipped"))


def progress_of_all(session: Session, study: Study) -> dict[str, Progress]:
    """How far every rater is who has a queue, by name: for the owner."""
    query = select(Account).join(Task, Task.rater_id == Account.id)
    query = query.where(Task.study_id == study.id, Task.left_at.is_(None))
    raters = session.scalars(query.distinct().order_by(Account.name))
    return {account.name: progress(session, study, account) for account in raters}


def task_facts(session: Session, task: Task, answer: Mapping[str, Any] | None = None) -> TaskFacts:
    """What `blind.blind_view` makes a view of. answer: what may be shown after a task is handed in.

    Raises StudyError for a task outside of any study.
    """
    if task.study_id is None:
        raise StudyError("this task belongs to no study")
    study = session.get_one(Study, task.study_id)
    shown = session.get_one(StudyImage, task.study_image_id)
    image = session.get_one(Image, shown.image_hash)
    place = {name: getattr(image, name) for name in ("file", "entry", "run", "subrun", "event", "source")}
    window = shown.window
    return TaskFacts(
        token=task.token,
        study=study.definition["title"],
        question=study.definition["question"],
        instructions=study.definition["instructions"],
        plane=image.plane,
        content_hash=image.content_hash,
        pixels=image.pixels,
        window=None if window is None else (window[0], window[1], window[2], window[3]),
        place=place,
        hide_event_numbers=study.definition["hide_event_numbers"],
        submitted=task.state == "submitted",
        answer_open=_answer_open(session, study, task),
        answer=answer or {},
    )


def _answer_open(session: Session, study: Study, task: Task) -> bool:
    """Whether a rater may see the answer to a task.

    With repeats only when everything is handed in: before, it would spoil them, and holding back only
    the answers of those that come again would announce them.
    """
    if not study.definition["show_answer"] or task.state != "submitted":
        return False
    if not study.definition["repeats"]:
        return True
    own = (Task.study_id == study.id, Task.rater_id == task.rater_id, Task.left_at.is_(None))
    left = (*own, Task.state != "submitted")
    return session.scalars(select(Task.id).where(*left)).first() is None


def _stored_image(definition: StudyDefinition, position: int, images: ImageStore) -> LabelledImage:
    """An image of a study, with lit pixels to label and truth where it is gold. Raises StudyError."""
    spec, name = definition.images[position], _image_name(definition, position)
    try:
        stored = images.get(spec.content_hash)
    except ValueError as error:
        raise StudyError(f"{name} is not stored: {error}") from error
    if spec.gold and stored.truth_classes is None:
        raise StudyError(f"{name} is to be gold, but its truth is not known")
    if not in_window(stored.image, spec.window).any():
        raise StudyError(f"{name} has no lit pixel in its window")
    return stored


def _require_answers(definition: StudyDefinition, planes: Sequence[str], predictions: AnswerStore) -> None:
    """Raises StudyError for an answer that is not stored. planes: of the images, in their order."""
    planes_of: dict[str, set[str]] = {weights: set() for weights in definition.weights}
    for spec, plane in zip(definition.images, planes, strict=True):
        for weights in spec.predictions:
            planes_of[weights].add(plane)
    for weights, own in planes_of.items():
        if not own:
            raise StudyError(f"no image of the study has an answer of the weights {weights[:12]}")
        for position, (spec, plane) in enumerate(zip(definition.images, planes, strict=True)):
            if plane in own and not predictions.has(spec.predictions.get(weights, "")):
                name = _image_name(definition, position)
                raise StudyError(f"{name} has no stored answer of the weights {weights[:12]}; run them first")


def _image_name(definition: StudyDefinition, position: int) -> str:
    return f"image {position} ({definition.images[position].content_hash[:12]}) of the study"


def _add_queue(session: Session, study: Study, account: Account, queue: tuple[QueueEntry, ...]) -> None:
    query = select(StudyImage).where(StudyImage.study_id == study.id)
    rows = {row.position: row for row in session.scalars(query)}
    for position, entry in enumerate(queue):
        row = rows[entry.image]
        image = session.get_one(Image, row.image_hash)
        new_task(
            session,
            account.id,
            {image.plane: image.content_hash},
            study_id=study.id,
            study_image_id=row.id,
            position=position,
            repeat=entry.repeat,
        )


def _tasks(session: Session, study: Study, account: Account) -> list[Task]:
    """The tasks of a rater, without those that they left behind."""
    own = (Task.study_id == study.id, Task.rater_id == account.id, Task.left_at.is_(None))
    return list(session.scalars(select(Task).where(*own).order_by(Task.position)))


def _study_task(session: Session, account_id: int, token: str) -> Task:
    task = own_task(session, account_id, token)
    if task.study_id is None:
        raise StudyError("this task belongs to no study")
    if task.left_at is not None:
        raise StudyError("you have left this study")
    return task


def _require_draft(study: Study) -> None:
    if study.frozen_at is not None:
        raise StudyError(f"the study {study.name} is frozen; define a new one instead")


def _submission_fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != {"id", "time", "seconds", "app_version"}:
        raise LabelError("a submission is a JSON object of id, time, seconds and app_version")
    identity = check_uuid(value["id"])
    try:
        seconds = None if value["seconds"] is None else check_time(value["seconds"])
        client_time = check_time(value["time"])
        version = check_text(value["app_version"], "app_version", 40)
    except ValueError as error:
        raise LabelError(f"Submission {identity}: {error}.", identity) from error
    return {"id": identity, "seconds": seconds, "client_time": client_time, "app_version": version}
