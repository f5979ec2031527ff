"""Routes of labelling: a task of an event, its log of actions, and new actions for it.

A browser sends what it is unsure of again; what is stored already is not stored twice. Every answer
tells what other windows of the same task have sent meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.images import labelled_images
from records.labels import append, open_free_task, own_task
from records.models import LabelAction, Task
from records.questions import LabelClass, choices_of
from viewer.access import Access
from viewer.answers import BadRequestError, json_answer
from viewer.job_routes import json_body
from viewer.services import Services

LOG_PAGE = 1000
"""Actions of one answer; a longer log is asked for in several."""


def add_label_routes(blueprint: Blueprint, services: Services, access: Access) -> None:
    """Put tasks and their actions on the /api blueprint."""
    database = services.database

    @blueprint.post("/tasks")
    def open_task() -> Response:
        person, body = access.person(), json_body()
        name, entry = body.get("file"), body.get("entry")
        if not isinstance(name, str) or type(entry) is not int:
            raise BadRequestError("A task needs file (a name) and entry (a number).")
        event = services.library.event(name, entry)
        images = labelled_images(event)
        if not images:
            raise BadRequestError("This event has no wire planes, so there is nothing to label.")
        with database.writing() as session:
            task = open_free_task(session, person.id, images, services.images)
        return json_answer(
            {
                "task": task.token,
                "question": None,
                "choices": choice_list(None),
                "submitted": False,
                "planes": {
                    plane: {"image_hash": image.content_hash, "pixels": len(image.image)}
                    for plane, image in images.items()
                },
            }
        )

    @blueprint.get("/tasks/<token>/actions")
    def log(token: str) -> Response:
        person = access.person()
        after = request.args.get("after", 0, int)
        with database.reading() as session:
            task = own_task(session, person.id, token)
            return json_answer(_news(session, task, after))

    @blueprint.post("/tasks/<token>/actions")
    def add(token: str) -> Response:
        person, body = access.person(), json_body()
        actions, after = body.get("actions"), body.get("after", 0)
        if not isinstance(actions, list) or type(after) is not int:
            raise BadRequestError("Send actions (a list) and after (the newest number that is known).")
        stored = append(database, person.id, token, actions)
        with database.reading() as session:
            task = own_task(session, person.id, token)
            news = _news(session, task, after, {one.id for one in stored})
        return json_answer({"stored": {one.id: one.seq for one in stored}, **news})


def choice_list(question: str | None) -> list[dict[str, Any]]:
    """What a pixel can be given, as the page lists it."""
    return [{"class": int(choice), "label": LabelClass(choice).label} for choice in choices_of(question)]


def _news(session: Session, task: Task, after: int, sent: Collection[str] = frozenset()) -> dict[str, Any]:
    """Actions after a number, oldest first; more: there are others behind them. Of those that were just
    sent, the number alone."""
    query = select(LabelAction).where(LabelAction.task_id == task.id, LabelAction.seq > after)
    rows = session.scalars(query.order_by(LabelAction.seq).limit(LOG_PAGE)).all()
    return {
        "actions": [
            {"seq": row.seq, "id": row.id, "plane": row.plane}
            | ({} if row.id in sent else {"tool": row.tool, "payload": row.payload})
            for row in rows
        ],
        "more": len(rows) == LOG_PAGE,
        "submitted": task.state == "submitted",
    }
