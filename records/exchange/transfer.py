"""Between the database and the files: everything out, and in again without doubling anything."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.accounts import create_account, find_account
from records.database import Database
from records.exchange import coco_file, csv_file, hdf5_file, parquet_file
from records.exchange.label_set import (
    EVENT,
    OBJECTS,
    PARTS,
    PIXELS,
    ExchangeError,
    Json,
    LabelFile,
    LabelledTask,
    as_json,
)
from records.images import ImageStore
from records.labels import new_task, read_labels, store_actions
from records.models import Account, Image, LabelAction, Study, Submission, Task
from records.questions import LabelClass
from records.replay import EventLabels, replay_plane

FORMATS = ("parquet", "csv", "coco", "hdf5")
_SUFFIXES = {".parquet": "parquet", ".csv": "csv", ".json": "coco", ".h5": "hdf5", ".hdf5": "hdf5"}
_READERS = {
    "parquet": parquet_file.read,
    "csv": csv_file.read,
    "coco": coco_file.read,
    "hdf5": hdf5_file.read,
}
_FACTS = tuple(column.name for column in Image.__table__.columns)


@dataclass(frozen=True)
class Imported:
    """What an import did, in tasks: added (some part of it is new), and there already."""

    added: int
    present: int


def export_labels(
    database: Database, images: ImageStore, path: Path, kind: str, study: str | None = None
) -> int:
    """Write all labels, or those of a study, and return of how many tasks. kind: one of `FORMATS`.

    Raises ExchangeError for no labels, an unknown study or format, a name of another one; ValueError
    where an image is missing; OSError, EventFileError. The file appears only when it is whole.
    """
    if kind not in FORMATS:
        raise ExchangeError(f"unknown format {kind}; expected {', '.join(FORMATS)}")
    if _SUFFIXES.get(path.suffix.lower()) != kind:
        known = " or ".join(suffix for suffix, format in _SUFFIXES.items() if format == kind)
        raise ExchangeError(f"{path.name} would not be known as {kind} again; expected a name in {known}")
    with database.reading() as session:
        tasks = labelled_tasks(session, study)
    if not tasks:
        raise ExchangeError(f"there are no labels{f' in the study {study}' if study else ''} to export")
    writers: dict[str, Callable[[Path], None]] = {
        "parquet": lambda target: parquet_file.write(target, tasks, images),
        "csv": lambda target: csv_file.write(target, tasks),
        "coco": lambda target: coco_file.write(target, tasks, images),
        "hdf5": lambda target: hdf5_file.write(target, tasks, images),
    }
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        writers[kind](temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return len(tasks)


def read_file(path: Path) -> LabelFile:
    """The labels of a file of any format, known by its suffix. Raises ExchangeError, OSError."""
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise ExchangeError(f"{path.name} has no known suffix; expected {', '.join(_SUFFIXES)}")
    return _READERS[kind](path)


def import_labels(database: Database, images: ImageStore, file: LabelFile) -> Imported:
    """Take labels in, all of the file or nothing. What is there already is not stored again.

    Each task keeps its token and its author's name; an unknown author gets an account without a password.
    Raises ExchangeError where a task is there with other labels, or its labels are not valid; OSError.
    """
    for image in file.images.values():
        images.put(image)
    added = 0
    with database.writing() as session:
        for task in file.tasks:
            added += _import_task(session, task, file.parts)
    return Imported(added, len(file.tasks) - added)


def labelled_tasks(session: Session, study: str | None = None) -> list[LabelledTask]:
    """Every task with labels or handed in, or those of a study; of the latter, the labels that count.

    Raises ExchangeError for an unknown study.
    """
    labelled = select(LabelAction.seq).where(LabelAction.task_id == Task.id).exists()
    handed_in = select(Submission.id).where(Submission.task_id == Task.id).exists()
    query = select(Task).where(labelled | handed_in | Task.origin.is_not(None))
    if study is not None:
        found = session.scalars(select(Study).where(Study.name == study)).first()
        if found is None:
            raise ExchangeError(f"there is no study of the name {study}")
        query = query.where(Task.study_id == found.id)
    return [_labelled(session, task) for task in session.scalars(query.order_by(Task.id))]


def _labelled(session: Session, task: Task) -> LabelledTask:
    submission = session.scalars(select(Submission).where(Submission.task_id == task.id)).first()
    labels = read_labels(session, task, None if submission is None else submission.last_seq)
    origin = task.origin or {}
    rows = {plane: session.get_one(Image, name) for plane, name in task.images.items()}
    study = session.get_one(Study, task.study_id).name if task.study_id is not None else ""
    return LabelledTask(
        token=task.token,
        author=session.get_one(Account, task.rater_id).name,
        study=origin.get("study", study),
        submitted=origin.get("submitted", submission is not None),
        repeat=task.repeat,
        weights=tuple(origin.get("weights", labels.weights)),
        images={plane: {name: getattr(row, name) for name in _FACTS} for plane, row in rows.items()},
        planes=labels.planes,
        event=labels.event,
    )


def _import_task(session: Session, task: LabelledTask, parts: frozenset[str]) -> bool:
    """Whether anything was new."""
    row = session.scalars(select(Task).where(Task.token == task.token)).first()
    present = _labelled(session, row) if row is not None else None
    row = row or _new_task(session, task)
    missing = []
    for part in (p for p in PARTS if p in parts):
        wanted, nothing = as_json(task, (part,)), as_json(_without_labels(task), (part,))
        here = nothing if present is None else as_json(present, (part,))
        if here == wanted:
            continue
        if here != nothing or row.origin is None:
            other = f"with other {part}, or handed in otherwise"
            raise ExchangeError(f"task {task.token} by {task.author} is here already, {other}")
        missing.append(part)
    store_actions(session, row, _actions(task, missing), tuple(LabelClass)[1:], time.time())
    return present is None or bool(missing)


def _new_task(session: Session, task: LabelledTask) -> Task:
    author = find_account(session, task.author) or create_account(session, task.author)
    for facts in task.images.values():
        found = session.get(Image, facts["content_hash"])
        if found is None:
            session.add(Image(**{name: facts[name] for name in _FACTS}))
        elif (found.pixels, found.rows, found.wires) != tuple(facts[n] for n in ("pixels", "rows", "wires")):
            raise ExchangeError(f"image {facts['content_hash'][:12]} has other pixels here than in the file")
    session.flush()
    hashes = {plane: facts["content_hash"] for plane, facts in task.images.items()}
    origin = {"study": task.study, "submitted": task.submitted, "weights": list(task.weights)}
    return new_task(session, author.id, hashes, token=task.token, repeat=task.repeat, origin=origin)


def _without_labels(task: LabelledTask) -> LabelledTask:
    planes = {plane: replay_plane([], len(labels.classes)) for plane, labels in task.planes.items()}
    return replace(task, planes=planes, event=EventLabels())


def _actions(task: LabelledTask, parts: Sequence[str]) -> list[Json]:
    """The labels as actions; the same labels have the same ids, so that they are never stored twice."""
    value = as_json(task)
    made: list[tuple[str, str, Json]] = []
    if PIXELS in parts:
        for plane, runs in value["classes"].items():
            made += [(plane, "import", {"class": int(c), "pixels": text}) for c, text in runs.items()]
    if OBJECTS in parts:
        for tool in ("michel", "shower"):
            for item in value[f"{tool}s"]:
                made.append((item["plane"], tool, {name: v for name, v in item.items() if name != "plane"}))
    if EVENT in parts:
        said = value["event"]
        if said["verdict"] or said["michel"]:
            made.append(("event", "verdict", {"verdict": said["verdict"], "michel": said["michel"]}))
        if said["comment"]:
            made.append(("event", "comment", {"text": said["comment"]}))
    return [_action(task, *each) for each in made]


def _action(task: LabelledTask, plane: str, tool: str, payload: Json) -> Json:
    identity = json.dumps([task.token, plane, tool, payload], sort_keys=True)
    facts: Any = task.images.get(plane) or next(iter(task.images.values()))
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, identity)),
        "plane": plane,
        "image_hash": facts["content_hash"],
        "tool": tool,
        "payload": payload,
        "time": time.time(),
        "prediction": [],
        "app_version": "import",
    }
