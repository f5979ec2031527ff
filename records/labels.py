"""The log of labels: actions in, labels out.

`append` stores what a browser sends, once, however often it is sent. `read_labels` replays it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lartpc.classes import PLANES
from records.accounts import AccessError
from records.actions import EVENT, Action, LabelError, TargetImage, check_action
from records.blind import image_alias
from records.database import Database
from records.images import ImageStore, LabelledImage, images_key, register
from records.models import Account, Image, LabelAction, Study, Task
from records.questions import LabelClass, choices_of
from records.replay import EventLabels, PlaneLabels, replay_event, replay_plane

MAX_ACTIONS = 1000
"""Actions of one call; a browser that was offline for long sends them in several."""


@dataclass(frozen=True)
class StoredAction:
    """What the browser is told of each action. new: it was not there before."""

    id: str
    seq: int
    server_time: float
    new: bool


@dataclass(frozen=True, eq=False)
class TaskLabels:
    """The labels of a task. planes, hashes: by plane. last_seq: of the newest action read, 0 for none.

    weights: hashes of the weights whose answers the author had seen, sorted.
    """

    token: str
    planes: dict[str, PlaneLabels]
    hashes: dict[str, str]
    event: EventLabels
    last_seq: int
    weights: tuple[str, ...]


def open_free_task(
    session: Session, rater_id: int, images: dict[str, LabelledImage], store: ImageStore
) -> Task:
    """The rater's own task of an event outside of any study; its images are stored the first time.

    images: by plane. Raises ValueError for no image, or one under the name of another plane; OSError.
    """
    if not images or any(plane != item.image.plane for plane, item in images.items()):
        raise ValueError(f"planes {', '.join(images) or 'none'}: expected images of U, V, Y by their plane")
    hashes = {plane: images[plane].content_hash for plane in PLANES if plane in images}
    key = images_key(hashes.values())
    mine = (Task.rater_id == rater_id, Task.images_key == key, Task.study_id.is_(None), Task.origin.is_(None))
    found = session.scalars(select(Task).where(*mine)).first()
    if found is not None:
        return found
    for labelled in images.values():
        store.put(labelled)
        register(session, labelled)
    return new_task(session, rater_id, hashes)


def new_task(session: Session, rater_id: int, hashes: dict[str, str], **others: Any) -> Task:
    """A task in the database, with a token of its own. others: further columns of the task."""
    now = time.time()
    fields = {"token": uuid.uuid4().hex, "repeat": False, "state": "waiting", **others}
    key = images_key(hashes.values())
    task = Task(rater_id=rater_id, images=hashes, images_key=key, created_at=now, changed_at=now, **fields)
    session.add(task)
    session.flush()
    return task


def append(
    database: Database,
    author_id: int,
    token: str,
    actions: Sequence[Any],
    clock: Callable[[], float] = time.time,
) -> list[StoredAction]:
    """Store actions of one task, all or none, and say of each where it stands, in the order given.

    An action whose id is stored already is not stored again, so a browser may send what it is unsure of.
    Actions that come after the task was handed in are kept, and do not count. Raises LabelError for what
    is no action, AccessError for a task of somebody else, LabelStoreError where the database fails.
    """
    if len(actions) > MAX_ACTIONS:
        raise LabelError(f"{len(actions)} actions in one call; expected at most {MAX_ACTIONS}")
    with database.writing() as session:
        task = own_task(session, author_id, token)
        return store_actions(session, task, actions, choices_of(question_of(session, task)), clock())


def store_actions(
    session: Session, task: Task, actions: Sequence[Any], choices: tuple[LabelClass, ...], now: float
) -> list[StoredAction]:
    """What `append` does in its transaction. choices: what a pixel may be given. Raises LabelError."""
    images = _targets(session, task)
    checked = [check_action(value, images, choices) for value in actions]
    stored = {row.id: row for row in _stored(session, [action.id for action in checked])}
    new = set()
    seq = session.scalar(select(func.max(LabelAction.seq))) or 0
    for action in checked:
        if action.id in stored:
            _check_same(stored[action.id], action, task)
            continue
        seq += 1
        stored[action.id] = _row(action, task, seq, now)
        new.add(action.id)
    session.add_all(stored[name] for name in new)
    session.flush()
    if new and task.state == "waiting":  # what was skipped stays so, also when a stroke comes late
        task.state, task.changed_at = "started", now
    return [StoredAction(a.id, stored[a.id].seq, stored[a.id].server_time, a.id in new) for a in checked]


def own_task(session: Session, account_id: int, token: str) -> Task:
    """The task of a token, for the rater it belongs to. Raises AccessError, which is the same where there
    is no such task, so that nobody learns which there are."""
    task = session.scalars(select(Task).where(Task.token == token)).first()
    if task is None or task.rater_id != account_id:
        raise AccessError("this task is not yours, or does not exist")
    return task


def may_read(session: Session, account: Account, task: Task) -> bool:
    """Whether an account may see a task's labels: one's own; the study's owner and admins, all.

    An owner who labels in the study sees the others' only when all of their own tasks are handed in.
    """
    if task.rater_id == account.id:
        return True
    study = session.get(Study, task.study_id) if task.study_id is not None else None
    if account.role != "admin" and (study is None or study.owner_id != account.id):
        return False
    own = select(Task.id).where(
        Task.study_id == task.study_id, Task.rater_id == account.id, Task.left_at.is_(None)
    )
    return study is None or session.scalars(own.where(Task.state != "submitted")).first() is None


def read_labels(session: Session, task: Task, last_seq: int | None = None) -> TaskLabels:
    """The labels of a task, of all its actions or of those up to a number (that of its submission)."""
    query = select(LabelAction).where(LabelAction.task_id == task.id).order_by(LabelAction.seq)
    if last_seq is not None:
        query = query.where(LabelAction.seq <= last_seq)
    actions = session.scalars(query).all()
    pixels = {plane: session.get_one(Image, name).pixels for plane, name in task.images.items()}
    return TaskLabels(
        token=task.token,
        planes={
            plane: replay_plane([a for a in actions if a.plane == plane], number)
            for plane, number in pixels.items()
        },
        hashes=dict(task.images),
        event=replay_event([a for a in actions if a.plane == EVENT]),
        last_seq=actions[-1].seq if actions else 0,
        weights=tuple(sorted({seen["weights"] for a in actions for seen in a.predictions})),
    )


def newest_seq(session: Session, task: Task) -> int:
    """Number of the newest action of a task, 0 for none."""
    newest = select(func.max(LabelAction.seq)).where(LabelAction.task_id == task.id)
    return session.scalar(newest) or 0


def question_of(session: Session, task: Task) -> str | None:
    """The question of the study a task belongs to; None outside of a study."""
    if task.study_id is None:
        return None
    return str(session.get_one(Study, task.study_id).definition["question"])


def _targets(session: Session, task: Task) -> dict[str, TargetImage]:
    """The images that an action of this task may be of, by plane."""
    images = {}
    for plane, content_hash in task.images.items():
        row = session.get_one(Image, content_hash)
        name = content_hash if task.study_id is None else image_alias(task.token, content_hash)
        images[plane] = TargetImage(name, content_hash, row.pixels, row.rows, row.wires)
    return images


def _stored(session: Session, ids: list[str]) -> Sequence[LabelAction]:
    return session.scalars(select(LabelAction).where(LabelAction.id.in_(ids))).all()


def _check_same(row: LabelAction, action: Action, task: Task) -> None:
    """Raises LabelError where an id is used for two things."""
    same = row.task_id == task.id and all(
        getattr(row, name) == getattr(action, name) for name in ("plane", "image_hash", "tool", "payload")
    )
    if not same:
        raise LabelError(f"Action {action.id} is stored already, with other content.", action.id)


def _row(action: Action, task: Task, seq: int, now: float) -> LabelAction:
    return LabelAction(seq=seq, task_id=task.id, author_id=task.rater_id, server_time=now, **vars(action))
