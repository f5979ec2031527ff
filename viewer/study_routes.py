"""Routes of studies, for the rater: the next image, its pixels, hand in, skip, and the answer afterwards.

Until a task is handed in, its answers here are made of `records.blind.blind_view` and of bare pixels: no
truth, no prediction, no file, no content hash. Nothing of it is kept by a cache.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from flask import Blueprint, Response
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from lartpc.detector import Detector
from records.accounts import AccessError
from records.blind import blind_view
from records.images import LabelledImage
from records.labels import own_task
from records.models import Account, Study, StudyImage, Task
from records.predictions import Prediction
from records.studies import (
    definition_of,
    find_study,
    has_left,
    join,
    leave,
    may_leave,
    next_task,
    progress,
    progress_of_all,
    skip,
    studies,
    submit,
    task_facts,
)
from viewer.access import Access, Person
from viewer.answers import NotFoundError, json_answer
from viewer.describe import detector_geometry, plane_facts
from viewer.encoding import MEDIA_TYPE, encode
from viewer.job_routes import json_body
from viewer.services import Services


def add_study_routes(blueprint: Blueprint, services: Services, access: Access) -> None:
    """Put studies and their tasks on the /api blueprint."""
    database = services.database

    @blueprint.get("/studies")
    def listed() -> Response:
        person = access.person()
        with database.reading() as session:
            account = session.get_one(Account, person.id)
            rows = [_listed(session, study, account) for study in studies(session)]
        return json_answer([row for row in rows if row is not None])

    @blueprint.post("/studies/<name>/next")
    def following(name: str) -> Response:
        person = access.person()
        with database.writing() as session:
            account = session.get_one(Account, person.id)
            study = _study(session, name, account)
            join(session, study, account)
            task = next_task(session, study, account)
            view = None if task is None else blind_view(task_facts(session, task))
            return json_answer({"task": view, **_place(session, study, account, task)})

    @blueprint.post("/studies/<name>/leave")
    def let_go(name: str) -> Response:
        person = access.person()
        with database.writing() as session:
            account = session.get_one(Account, person.id)
            leave(session, _study(session, name, account), account)
        return json_answer({})

    @blueprint.get("/studies/<name>/progress")
    def everyone(name: str) -> Response:
        person = access.person()
        with database.reading() as session:
            study = find_study(session, name)
            if study is None or (person.role != "admin" and study.owner_id != person.id):
                raise AccessError("only the owner of a study sees how far its raters are")
            found = progress_of_all(session, study)
        return json_answer({rater: asdict(own) for rater, own in found.items()})

    @blueprint.get("/tasks/<token>/planes")
    def task_planes(token: str) -> Response:
        task = _task(services, access.person(), token)
        [content_hash] = task.images.values()
        return _binary(*_bare(services.images.get(content_hash)))

    @blueprint.post("/tasks/<token>/submit")
    def hand_in(token: str) -> Response:
        person = access.person()
        with database.writing() as session:
            submission = submit(session, person.id, token, json_body())
            task = session.get_one(Task, submission.task_id)
            study = session.get_one(Study, task.study_id)
            account = session.get_one(Account, person.id)
            shown = task_facts(session, task).answer_open
            return json_answer({"answer": shown, **_place(session, study, account, None)})

    @blueprint.post("/tasks/<token>/skip")
    def put_back(token: str) -> Response:
        person = access.person()
        with database.writing() as session:
            skip(session, person.id, token)
        return json_answer({})

    @blueprint.get("/tasks/<token>/answer")
    def answer(token: str) -> Response:
        task = _task(services, access.person(), token)
        with database.reading() as session:
            facts = task_facts(session, task)
            shown = session.get_one(StudyImage, task.study_image_id)
        if not facts.answer_open:
            raise AccessError("the answer is not open: it is, if the study allows it, once you handed in")
        return _binary(blind_view(facts), _answer(services, shown))


def _listed(session: Session, study: Study, account: Account) -> dict[str, Any] | None:
    """One line of the list of studies; None for those that are none of the account's business."""
    definition = definition_of(study)
    own = progress(session, study, account)
    owns = account.role == "admin" or study.owner_id == account.id
    running = study.frozen_at is not None and study.closed_at is None
    open_to_all = running and not definition.raters and not has_left(session, study, account)
    if not (own.total or owns or open_to_all):
        return None
    state = "closed" if study.closed_at else "started" if study.frozen_at else "draft"
    total = own.total or (len(definition.images) + definition.repeats if open_to_all else 0)
    return {
        "name": study.name,
        "title": definition.title,
        "state": state,
        "total": total,
        "submitted": own.submitted,
        "joined": bool(own.total),
        "owns": owns,
    }


def _study(session: Session, name: str, account: Account) -> Study:
    """A study that the account may know of. One that it may not know of does not exist."""
    study = find_study(session, name)
    if study is None or _listed(session, study, account) is None:
        raise NotFoundError(f"There is no study named {name!r:.80} for you here.")
    return study


def _task(services: Services, person: Person, token: str) -> Task:
    """A study's task of this person. Raises AccessError."""
    with services.database.reading() as session:
        task = own_task(session, person.id, token)
    if task.study_id is None:
        raise AccessError("this task belongs to no study")
    return task


def _place(session: Session, study: Study, account: Account, task: Task | None) -> dict[str, Any]:
    """How far the rater is; number: of the task in their queue, from 1."""
    own = progress(session, study, account)
    number = None if task is None or task.position is None else task.position + 1
    free = may_leave(session, study, account)
    return {"progress": asdict(own), "number": number, "study": study.name, "may_leave": free}


def _bare(labelled: LabelledImage) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Pixels and geometry of an image, and nothing else that is known of it."""
    image, detector = labelled.image, Detector.load(labelled.detector)
    facts = plane_facts(detector, image)
    del facts["content_hash"]
    header = {"detector": detector_geometry(detector), "planes": {image.plane: facts}}
    arrays: dict[str, NDArray[Any]] = {
        f"{image.plane}.rows": image.rows.astype(np.uint16),
        f"{image.plane}.wires": image.wires.astype(np.uint16),
        f"{image.plane}.adc": image.adc.astype(np.float32),
        f"{image.plane}.dead": image.dead_wires.astype(np.uint16),
    }
    return header, arrays


def _answer(services: Services, shown: StudyImage) -> dict[str, NDArray[Any]]:
    """Truth, and scores by the hash of their network's weights, as far as they are there."""
    arrays: dict[str, NDArray[Any]] = {}
    truth = services.images.get(shown.image_hash).truth_classes
    if truth is not None:
        arrays["truth"] = truth.astype(np.int8)
    for weights, key in shown.predictions.items():
        found = services.stored.get(key)
        if isinstance(found, Prediction):
            arrays[weights] = found.scores.astype(np.float16)
    return arrays


def _binary(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Response:
    response = Response(encode(header, arrays), mimetype=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
