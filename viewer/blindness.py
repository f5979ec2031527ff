"""While a rater has an image of a study before them, no other route shows them what is known of it.

A study's image comes through its task alone (`viewer.study_routes`). But a rater could look for the same
event in the ordinary display, so every request that names an event or a stored answer passes here.
"""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy import select

from records.models import Study, StudyImage, Task
from viewer.access import Access
from viewer.answers import StillBlindError
from viewer.services import Services


class Blindness:
    """Asks whether an event, or a stored answer, is still to be labelled by whoever asks."""

    def __init__(self, services: Services, access: Access) -> None:
        self._services = services
        self._access = access

    def check_request(self) -> None:
        """Before every request under /api. Raises StillBlindError for an event with an image that the person
        still has to label in a study, and for any job or answer, of whatever network, to such an image."""
        place, keys = _event_named(), _keys_named()
        closed = self._open_images() if place is not None or keys else {}
        if not closed:
            return
        asked: set[str | None] = {self._services.jobs.image_of(key) for key in keys}
        if place is not None:
            asked |= {image.content_hash for image in self._services.library.event(*place).images.values()}
        for study, images in closed.items():
            if asked & images:
                words = f"this event is part of the study {study}, which you have not finished"
                raise StillBlindError(words, study)
            if "" in asked:
                raise StillBlindError(
                    "this answer was stored by an older version, which did not note of which event it is, so "
                    f"it is closed to you until you have finished the study {study}",
                    study,
                )

    def _open_images(self) -> dict[str, set[str]]:
        """Study -> content hashes of the images that are closed to the person. With repeats that is all of
        them until everything is handed in: were it only those that come again, one would know which."""
        person = self._access.person_or_none()
        if person is None:
            return {}
        query = (
            select(Study, StudyImage.image_hash, Task.state)
            .join(StudyImage, StudyImage.study_id == Study.id)
            .join(Task, Task.study_image_id == StudyImage.id)
            .where(Task.rater_id == person.id, Task.left_at.is_(None))
        )
        with self._services.database.reading() as session:
            rows = session.execute(query).all()
        unfinished = {study.id for study, _, state in rows if state != "submitted"}
        found: dict[str, set[str]] = {}
        for study, image, state in rows:
            if state != "submitted" or (study.definition["repeats"] and study.id in unfinished):
                found.setdefault(study.name, set()).add(image)
        return found


def _keys_named() -> list[str]:
    """Keys of jobs and of their answers, in the address."""
    named = [(request.view_args or {}).get("key", ""), *request.args.get("keys", "").split(",")]
    return [key for key in named if key]


def _event_named() -> tuple[str, int] | None:
    """File and entry in the address or in the body of a request."""
    named: Any = request.view_args or {}
    name, entry = named.get("name"), named.get("entry")
    if request.method == "POST":
        body = request.get_json(silent=True)
        if isinstance(body, dict):
            name, entry = body.get("file", name), body.get("entry", entry)
    return (name, entry) if isinstance(name, str) and type(entry) is int else None
