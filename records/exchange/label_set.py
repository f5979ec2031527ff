"""Labels as they travel: every task with its author, its images by hash, and what was said of them.

A format carries some of three parts: the classes of pixels, the objects, and what is said of the whole
event. What it carries comes back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.images import LabelledImage
from records.json_schema import FLAG, TEXT, WHOLE, Check, is_a, list_of, object_of, or_null
from records.pixel_runs import decode_pixels, encode_pixels
from records.questions import LabelClass
from records.replay import EventLabels, MichelLabel, PlaneLabels, ShowerLabel

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
            michel_json(plane, michel) for plane, labels in task.planes.items() for michel in labels.michels
        ]
        value["showers"] = [
            shower_json(plane, shower) for plane, labels in task.planes.items() for shower in labels.showers
        ]
    if EVENT in parts:
        event = task.event
        value["event"] = {"verdict": event.verdict, "michel": event.michel, "comment": event.comment}
    return value


def from_json(value: Any) -> LabelledTask:
    """A task from its JSON; parts that are missing are empty. Raises ExchangeError."""
    try:
        _TASK(value, "")
        pixels = {plane: facts["pixels"] for plane, facts in value["images"].items()}
        michels = [(item["plane"], _michel(item, pixels)) for item in value.get("michels", [])]
        showers = [(item["plane"], _shower(item, pixels)) for item in value.get("showers", [])]
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


def class_runs(classes: NDArray[np.int8]) -> dict[str, str]:
    """Class -> its pixels as text, of the classes that occur: (N,) → JSON."""
    present = [c for c in LabelClass if c is not LabelClass.UNLABELLED]
    found = {c: np.flatnonzero(classes == c) for c in present}
    return {str(int(c)): encode_pixels(pixels) for c, pixels in found.items() if len(pixels)}


def classes_of_runs(runs: Mapping[str, str], pixels: int) -> NDArray[np.int8]:
    """And back: → int8 (N,). Raises ValueError for an unknown class or a pixel that is not there."""
    classes = np.full(pixels, LabelClass.UNLABELLED, np.int8)
    for name, text in runs.items():
        classes[decode_pixels(text, pixels)] = LabelClass(int(name))
    return classes


def michel_json(plane: str, michel: MichelLabel) -> Json:
    return {
        "plane": plane,
        "object": michel.object,
        "state": michel.state,
        "end": None if michel.end is None else list(michel.end),
        "core": encode_pixels(michel.core),
        "photons": encode_pixels(michel.photons),
    }


def shower_json(plane: str, shower: ShowerLabel) -> Json:
    return {
        "plane": plane,
        "object": shower.object,
        "start": list(shower.start),
        "direction": None if shower.direction is None else list(shower.direction),
        "pixels": encode_pixels(shower.pixels),
    }


def _michel(value: Json, pixels: Mapping[str, int]) -> MichelLabel:
    number, end = pixels[value["plane"]], value["end"]
    return MichelLabel(
        object=value["object"],
        state=value["state"],
        end=None if end is None else (float(end[0]), float(end[1])),
        core=decode_pixels(value["core"], number),
        photons=decode_pixels(value["photons"], number),
    )


def _shower(value: Json, pixels: Mapping[str, int]) -> ShowerLabel:
    start, direction = value["start"], value["direction"]
    return ShowerLabel(
        object=value["object"],
        start=(float(start[0]), float(start[1])),
        direction=None if direction is None else (float(direction[0]), float(direction[1])),
        pixels=decode_pixels(value["pixels"], pixels[value["plane"]]),
    )


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
