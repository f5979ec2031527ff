"""Labels as they travel: every task with its author, its images by hash, and what was said of them.

A format carries some of three parts: the classes of pixels, the objects, and what is said of the whole
event. What it carries comes back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lartpc.classes import PLANES
from records.images import LabelledImage
from records.json_schema import FLAG, TEXT, WHOLE, Check, is_a, list_of, object_of, or_null
from records.label_json import (
    class_runs,
    classes_of_runs,
    event_json,
    michel_json,
    shower_json,
)
from records.predictions import is_key
from records.replay import EventLabels, PlaneLabels, michel_from, shower_from

SCHEMA = "argonscope-labels"
VERSION = 1

PIXELS, OBJECTS, EVENT = "pixels", "objects", "event"
PARTS = (PIXELS, OBJECTS, EVENT)

Json = dict[str, Any]


class ExchangeError(ValueError):
    """A file holds no labels, or none that can be taken in; the text is one sentence."""


@dataclass(frozen=True, eq=False)
class LabelledTask:
    """The labels of one task. study: its name, empty outside of any. weights: of answers the author had seen.

    images: plane -> row of `records.models.Image` as JSON.
    """

    token: str
    author: str
    study: str
    submitted: bool
    repeat: bool
    weights: tuple[str, ...]
    images: Mapping[str, Json]
    planes: Mapping[str, PlaneLabels]
    event: EventLabels


@dataclass(frozen=True, eq=False)
class LabelFile:
    """What a file holds. parts: which it can hold at all. images: the pixels, where the format has them."""

    parts: frozenset[str]
    tasks: tuple[LabelledTask, ...]
    images: Mapping[str, LabelledImage] = field(default_factory=dict)


def head(task: LabelledTask) -> Json:
    """Whose labels these are, of which images, as JSON."""
    return {
        "task": task.token,
        "author": task.author,
        "study": task.study,
        "submitted": task.submitted,
        "repeat": task.repeat,
        "weights": list(task.weights),
        "images": {plane: dict(facts) for plane, facts in task.images.items()},
    }


def as_json(task: LabelledTask, parts: Sequence[str] = PARTS) -> Json:
    """A task with these parts of its labels as JSON; equal labels give equal JSON."""
    value = head(task)
    if PIXELS in parts:
        value["classes"] = {plane: class_runs(labels.classes) for plane, labels in task.planes.items()}
    if OBJECTS in parts:
        value["michels"] = [
            {"plane": plane, **michel_json(michel)}
            for plane, labels in task.planes.items()
            for michel in labels.michels
        ]
        value["showers"] = [
            {"plane": plane, **shower_json(shower)}
            for plane, labels in task.planes.items()
            for shower in labels.showers
        ]
    if EVENT in parts:
        value["event"] = event_json(task.event)
    return value


def from_json(value: Any) -> LabelledTask:
    """A task from its JSON; parts that are missing are empty. Raises ExchangeError."""
    try:
        _TASK(value, "")
        _check_names(value)
        pixels = {plane: facts["pixels"] for plane, facts in value["images"].items()}
        michels = [
            (item["plane"], michel_from(item, pixels[item["plane"]])) for item in value.get("michels", [])
        ]
        showers = [
            (item["plane"], shower_from(item, pixels[item["plane"]])) for item in value.get("showers", [])
        ]
        planes = {
            plane: PlaneLabels(
                classes=classes_of_runs(value.get("classes", {}).get(plane, {}), number),
                michels=tuple(m for p, m in sorted(michels, key=lambda i: i[1].object) if p == plane),
                showers=tuple(s for p, s in sorted(showers, key=lambda i: i[1].object) if p == plane),
            )
            for plane, number in pixels.items()
        }
        event = value.get("event", {})
    except (KeyError, ValueError, TypeError) as error:
        raise ExchangeError(f"a task of the file is not as expected ({error})") from error
    return LabelledTask(
        token=value["task"],
        author=value["author"],
        study=value["study"],
        submitted=value["submitted"],
        repeat=value["repeat"],
        weights=tuple(value["weights"]),
        images=value["images"],
        planes=planes,
        event=EventLabels(event.get("verdict"), event.get("michel"), event.get("comment", "")),
    )


def check_version(value: Any, file: str) -> Json:
    """The heading of a file, if it is ours and of this version. Raises ExchangeError."""
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise ExchangeError(f"{file} holds no labels of ArgonScope; expected the schema {SCHEMA}")
    if value.get("version") != VERSION:
        raise ExchangeError(f"{file} has version {value.get('version')!r} of {SCHEMA}; expected {VERSION}")
    return value


def _check_names(value: Json) -> None:
    """Raises ValueError for a token, a plane or a hash that is none."""
    if not _TOKEN.fullmatch(value["task"]):
        raise ValueError(f"the task is {value['task']!r:.40}; expected 32 hex digits")
    for plane, facts in value["images"].items():
        if plane not in PLANES or facts["plane"] != plane or not is_key(facts["content_hash"]):
            raise ValueError(f"plane {plane!r:.20} has no image of its own, named by its hash")


_TOKEN = re.compile(r"[0-9a-f]{32}")
_PAIR = list_of(is_a((int, float), "a number"), 2)
_IMAGE: dict[str, Check] = {
    **dict.fromkeys(("content_hash", "plane", "file", "source"), TEXT),
    **dict.fromkeys(("pixels", "rows", "wires", "entry", "run", "subrun", "event"), WHOLE),
}
_TASK = object_of(
    {
        **dict.fromkeys(("task", "author", "study"), TEXT),
        **dict.fromkeys(("submitted", "repeat"), FLAG),
        "weights": list_of(TEXT),
        "images": object_of({}, each=object_of(_IMAGE)),
    },
    each=lambda value, where: _OPTIONAL.get(where, is_a(object, "anything"))(value, where),
)
_MICHEL = dict.fromkeys(("plane", "object", "state", "core", "photons"), TEXT)
_SHOWER = dict.fromkeys(("plane", "object", "pixels"), TEXT)
_OPTIONAL: dict[str, Check] = {
    "classes": object_of({}, each=object_of({}, each=TEXT)),
    "michels": list_of(object_of({**_MICHEL, "end": or_null(_PAIR)})),
    "showers": list_of(object_of({**_SHOWER, "start": _PAIR, "direction": or_null(_PAIR)})),
    "event": object_of({**dict.fromkeys(("verdict", "michel"), or_null(TEXT)), "comment": TEXT}),
}
