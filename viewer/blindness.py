"""While a rater has an image of a study before them, no other route shows them what is known of it.

A study's image comes through its task alone (`viewer.study_routes`). But a rater could look for the same
event in the ordinary display, so every request that names an event or a stored answer passes here.
"""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy import select

from records.accounts import AccessError
from records.models import Study, StudyImage, Task
from viewer.access import Access
from viewer.services import Services


class Blindness:
    """Asks whether an event, or a stored answer, is still to be labelled by whoever asks."""

    def __init__(self, services: Services, access: Access) -> None:
        self._services = services
        self._access = access

    def check_request(self) -> None:
        """Before every request under /api. Raises AccessError for an event with an image that the person
        still has to label in a study, and for a stored answer to such an image."""
        place, key = _event_named(), (request.view_args or {}).get("key")
        if place is None and key is None:
            return
        for study, images in self._open_images().items():
            closed = key is not None and any(key in row.predictions.values() for row in images)
            if place is not None:
                event = self._services.library.event(*place)
                own = {image.content_hash for image in event.images.values()}
                closed = closed or any(row.image_hash in own for row in images)
            if closed:
                raise AccessError(f"this event is part of the study {study}, which you have not finished")

    def _open_images(self) -> dict[str, list[StudyImage]]:
        """Study -> images that are closed to the person. With repeats that is all of them until everything
        is handed in: were it only those that come again, one would know which."""
        person = self._access.person_or_none()
        if person is None:
            return {}
        query = (
            select(Study, StudyImage, Task.state)
            .join(StudyImage, StudyImage.study_id == Study.id)
            .join(Task, Task.study_image_id == StudyImage.id)
            .where(Task.rater_id == person.id)
        )
        with self._services.database.reading() as session:
            rows = session.execute(query).all()
        unfinished = {study.id for study, _, state in rows if state != "submitted"}
        found: dict[str, list[StudyImage]] = {}
        for study, image, state in rows:
            if state != "submitted" or (study.definition["repeats"] and study.id in unfinished):
                found.setdefault(study.name, []).append(image)
        return found


def _event_named() -> tuple[str, int] | None:
    """File and entry in the address or in the body of a request."""
    named: Any = request.view_args or {}
    name, entry = named.get("name"), named.get("entry")
    if request.method == "POST":
        body = request.get_json(silent=True)
        if isinstance(body, dict):
            name, entry = body.get("file", name), body.get("entry", entry)
    return (name, entry) if isinstance(name, str) and type(entry) is int else None
