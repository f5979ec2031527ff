"""The studies that come with the demo events: one that is finished, by a script, and one to practise on.

`demo/make_studies.py` chooses their images and runs the network; here they are put into a database.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from lartpc.errors import EventFileError
from lartpc.readers import open_events
from records.accounts import create_account, find_account
from records.answers import AnswerStore
from records.blind import image_alias
from records.database import Database
from records.images import ImageStore, LabelledImage, in_window, labelled_images
from records.labels import store_actions
from records.models import Account, Study, StudyImage, Task
from records.pixel_runs import encode_pixels
from records.predictions import Prediction
from records.questions import LabelClass, choices_of
from records.scripted_labels import HABITS, scripted_labels
from records.studies import define, find_study, freeze, next_task, submit
from records.study_definition import StudyError, from_json

STUDIES_FILE = "studies.json"
ANSWERS_FILE = "answers.npz"
OWNER = "ArgonScope demo"

Json = dict[str, Any]


def load_demo_studies(
    database: Database, images: ImageStore, answers: AnswerStore, events: Path, folder: Path
) -> list[str]:
    """Add the studies of a folder that the database lacks, and return their names. events: the demo file.

    Raises StudyError where the folder and the events do not belong together, EventFileError,
    LabelStoreError, OSError; nothing is in the database then.
    """
    described = json.loads((folder / STUDIES_FILE).read_text())
    with database.reading() as session:
        missing = [name for name in described["studies"] if find_study(session, name) is None]
    if not missing:
        return []
    stored = _put_images(described["entries"], images, events)
    _put_answers(described, answers, folder / ANSWERS_FILE)
    with database.writing() as session:
        # Another process may have been here meanwhile.
        missing = [name for name in missing if find_study(session, name) is None]
        for name in missing:
            study = define(session, _account(session, OWNER), name, from_json(described["studies"][name]))
            for rater in study.definition["raters"]:
                _account(session, rater)
            freeze(session, study, images, answers)
            for rater in study.definition["raters"]:
                _label(session, study, rater, stored)
    return missing


def _account(session: Session, name: str) -> Account:
    """An account that nobody can use."""
    found = find_account(session, name)
    if found is None:
        found = create_account(session, name)
        found.disabled_at = time.time()
        session.flush()
    return found


def _put_images(entries: list[list[Any]], images: ImageStore, events: Path) -> dict[str, LabelledImage]:
    found = {}
    try:
        with open_events(events) as file:
            for entry, plane in entries:
                labelled = labelled_images(file[entry])[plane]
                images.put(labelled)
                found[labelled.content_hash] = labelled
    except (IndexError, KeyError) as error:
        raise StudyError(f"{events.name} lacks events of the demo study ({error})") from error
    except EventFileError as error:
        raise StudyError(f"the events of the demo study cannot be read: {error}") from error
    return found


def _put_answers(described: Json, answers: AnswerStore, path: Path) -> None:
    image_of = {
        key: image["content_hash"]
        for study in described["studies"].values()
        for image in study["images"]
        for key in image["predictions"].values()
    }
    with np.load(path, allow_pickle=False) as arrays:
        for key, metadata in described["answers"].items():
            if not answers.has(key):
                prediction = Prediction.from_arrays(metadata, {"scores": arrays[key]})
                answers.put(key, prediction, image_of[key])


def _label(session: Session, study: Study, rater: str, stored: Mapping[str, LabelledImage]) -> None:
    """Label and hand in all tasks of a scripted rater, in its own order."""
    account = _account(session, rater)
    choices = choices_of(study.definition["question"])
    while (task := next_task(session, study, account)) is not None:
        shown = session.get_one(StudyImage, task.study_image_id)
        store_actions(session, task, _actions(task, shown, rater, stored), choices, time.time())
        handed_in = {"id": _uuid(task, "submit"), "time": time.time(), "seconds": None}
        submit(session, account.id, task.token, {**handed_in, "app_version": "scripted"})


def _actions(task: Task, shown: StudyImage, rater: str, stored: Mapping[str, LabelledImage]) -> list[Json]:
    labelled = stored.get(shown.image_hash)
    if labelled is None or labelled.truth_classes is None:
        raise StudyError(f"image {shown.position} of the demo study is not that of the demo events")
    window = None if shown.window is None else (*shown.window,)
    inside = in_window(labelled.image, window)  # type: ignore[arg-type]
    seed = 1000 * shown.position + 10 * int(task.repeat) + list(HABITS).index(rater)
    labels = scripted_labels(labelled.image, labelled.truth_classes, inside, HABITS[rater], seed)
    made: list[tuple[str, str, Json]] = [
        (
            labelled.image.plane,
            "brush",
            {"class": int(c), "pixels": encode_pixels(np.flatnonzero(labels == c))},
        )
        for c in LabelClass
        if c is not LabelClass.UNLABELLED and (labels == c).any()
    ]
    made.append(("event", "comment", {"text": "Labelled by a script, from truth and with made-up mistakes."}))
    return [
        {
            "id": _uuid(task, str(i)),
            "plane": plane,
            "image_hash": image_alias(task.token, labelled.content_hash),
            "tool": tool,
            "payload": payload,
            "time": time.time(),
            "prediction": [],
            "app_version": "scripted",
        }
        for i, (plane, tool, payload) in enumerate(made)
    ]


def _uuid(task: Task, what: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{task.token} {what}"))
