"""One action of a rater: its vocabulary, and whether what a browser sent is one.

docs/labels.md has the JSON. Nothing is stored that has not passed here.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from records.answers import is_key
from records.pixel_runs import decode_pixels
from records.questions import MICHEL_STATES, VERDICTS, LabelClass

Json = dict[str, Any]

EVENT = "event"
"""In place of a plane: what is said of the whole event."""
PIXEL_TOOLS = ("brush", "lasso", "box", "cluster", "fill", "erase", "import")
"""fill: only pixels that are unlabelled when the action's turn comes. erase: back to unlabelled."""
OBJECT_TOOLS = ("michel", "shower", "remove")
EVENT_TOOLS = ("verdict", "comment")
HISTORY_TOOLS = ("undo", "redo")
TOOLS = (*PIXEL_TOOLS, *OBJECT_TOOLS, *EVENT_TOOLS, *HISTORY_TOOLS)

MAX_PAYLOAD = 400_000
"""Characters of an action's payload; the largest set of pixels of a plane takes a sixth of it."""
MAX_COMMENT = 4000
MAX_PREDICTIONS = 50
"""Answers that an author can have seen of one plane."""
_OBJECT = re.compile(r"[A-Za-z0-9-]{1,36}")


class LabelError(ValueError):
    """An action cannot be stored; the text is one sentence. action: its id, where it has one."""

    def __init__(self, message: str, action: str | None = None) -> None:
        super().__init__(message)
        self.action = action


@dataclass(frozen=True)
class TargetImage:
    """What an action on a plane may be of. name: the hash as the browser knows it (see `records.blind`)."""

    name: str
    content_hash: str
    pixels: int
    rows: int
    wires: int


@dataclass(frozen=True)
class Action:
    """A checked action; `records.models.LabelAction` says what the fields are."""

    id: str
    plane: str
    image_hash: str
    tool: str
    payload: Json
    client_time: float
    predictions: list[Json]
    app_version: str


def check_action(value: Any, images: Mapping[str, TargetImage], choices: tuple[LabelClass, ...]) -> Action:
    """The action, if it is one for these images (by plane) and these classes. Raises LabelError."""
    if not isinstance(value, dict):
        raise LabelError(f"{type(value).__name__} in place of an action; expected a JSON object")
    action = check_uuid(value.get("id"))
    try:
        return _check(action, value, images, choices)
    except ValueError as error:
        raise LabelError(f"Action {action}: {error}.", action) from error


def check_uuid(value: Any) -> str:
    """A UUID in its usual spelling. Raises LabelError."""
    try:
        if isinstance(value, str) and str(uuid.UUID(value)) == value:
            return value
    except ValueError:
        pass
    raise LabelError(f"the id of an action is {value!r:.60}; expected a UUID in lower case")


def check_time(value: Any) -> float:
    """Seconds since 1970. Raises ValueError."""
    if not _is_number(value) or value < 0:
        raise ValueError(f"time is {value!r:.40}; expected seconds since 1970")
    return float(value)


def check_text(value: Any, name: str, longest: int) -> str:
    """A text without the character 0, which PostgreSQL cannot store. Raises ValueError."""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise ValueError(f"{name} is {value!r:.40}; expected a text of at most {longest} characters")
    return value


def _check(
    action: str, value: Json, images: Mapping[str, TargetImage], choices: tuple[LabelClass, ...]
) -> Action:
    tool, plane, payload = value.get("tool"), value.get("plane"), value.get("payload")
    if tool not in TOOLS:
        raise ValueError(f"unknown tool {tool!r:.40}; expected one of {', '.join(TOOLS)}")
    if not isinstance(plane, str) or (plane != EVENT and plane not in images):
        raise ValueError(f"plane {plane!r:.40} is not asked here; expected {EVENT}, {', '.join(images)}")
    if not isinstance(payload, dict) or len(json.dumps(payload)) > MAX_PAYLOAD:
        raise ValueError(f"the payload is no JSON object of at most {MAX_PAYLOAD} characters")
    if (tool in EVENT_TOOLS) != (plane == EVENT) and tool not in HISTORY_TOOLS:
        raise ValueError(f"{tool} does not go with plane {plane}")
    image = _image(value.get("image_hash"), plane, images)
    _CHECKS.get(tool, _check_pixels)(payload, image, _Choices(tool, choices))
    return Action(
        id=action,
        plane=plane,
        image_hash=image.content_hash,
        tool=tool,
        payload=payload,
        client_time=check_time(value.get("time")),
        predictions=_predictions(value.get("prediction")),
        app_version=check_text(value.get("app_version"), "app_version", 40),
    )


@dataclass(frozen=True)
class _Choices:
    tool: str
    classes: tuple[LabelClass, ...]


def _image(name: Any, plane: Any, images: Mapping[str, TargetImage]) -> TargetImage:
    """The image that an action names; for the whole event, any of its planes serves."""
    allowed = images.values() if plane == EVENT else (images[plane],)
    for image in allowed:
        if name == image.name:
            return image
    raise ValueError(f"it was made on another image ({name!r:.20}...) than the one that is asked")


def _check_pixels(payload: Json, image: TargetImage, choices: _Choices) -> None:
    if choices.tool == "erase":
        _keys(payload, "pixels")
    else:
        _keys(payload, "class", "pixels")
        value = payload["class"]
        if not isinstance(value, int) or isinstance(value, bool) or value not in choices.classes:
            known = (
                ", ".join(f"{int(c)} ({c.label})" for c in choices.classes) or "none: pixels are not asked"
            )
            raise ValueError(f"unknown class {value!r:.20}; expected {known}")
    if not len(_pixels(payload["pixels"], image)):
        raise ValueError("it has no pixels")


def _check_michel(payload: Json, image: TargetImage, _choices: _Choices) -> None:
    _keys(payload, "object", "state", "end", "core", "photons")
    _object(payload["object"])
    if payload["state"] not in MICHEL_STATES:
        raise ValueError(f"state is {payload['state']!r:.20}; expected {', '.join(MICHEL_STATES)}")
    if payload["end"] is not None:
        _position(payload["end"], "end", image)
    core, photons = _pixels(payload["core"], image), _pixels(payload["photons"], image)
    if set(core.tolist()) & set(photons.tolist()):
        raise ValueError("a pixel is in the core of a Michel electron and in a detached photon")


def _check_shower(payload: Json, image: TargetImage, _choices: _Choices) -> None:
    _keys(payload, "object", "start", "direction", "pixels")
    _object(payload["object"])
    _position(payload["start"], "start", image)
    direction = payload["direction"]
    if direction is not None and (not _is_pair(direction) or not any(direction)):
        raise ValueError(f"direction is {direction!r:.40}; expected null, or rows and wires, not both 0")
    _pixels(payload["pixels"], image)


def _check_remove(payload: Json, _image: TargetImage, _choices: _Choices) -> None:
    _keys(payload, "object")
    _object(payload["object"])


def _check_verdict(payload: Json, _image: TargetImage, _choices: _Choices) -> None:
    _keys(payload, "verdict", "michel")
    for name, known in (("verdict", VERDICTS), ("michel", MICHEL_STATES)):
        if payload[name] is not None and payload[name] not in known:
            raise ValueError(f"{name} is {payload[name]!r:.20}; expected null or {', '.join(known)}")


def _check_comment(payload: Json, _image: TargetImage, _choices: _Choices) -> None:
    _keys(payload, "text")
    check_text(payload["text"], "the comment", MAX_COMMENT)


def _check_history(payload: Json, _image: TargetImage, _choices: _Choices) -> None:
    _keys(payload, "action")
    check_uuid(payload["action"])


_CHECKS: dict[str, Callable[[Json, TargetImage, _Choices], None]] = {
    "michel": _check_michel,
    "shower": _check_shower,
    "remove": _check_remove,
    "verdict": _check_verdict,
    "comment": _check_comment,
    "undo": _check_history,
    "redo": _check_history,
}
"""All other tools are of pixels."""


def _keys(payload: Json, *names: str) -> None:
    if payload.keys() != set(names):
        raise ValueError(
            f"the payload has {', '.join(sorted(payload)) or 'nothing'}; expected {', '.join(names)}"
        )


def _pixels(value: Any, image: TargetImage) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"a set of pixels is {value!r:.20}; expected a text")
    return decode_pixels(value, image.pixels)


def _object(value: Any) -> None:
    if not isinstance(value, str) or not _OBJECT.fullmatch(value):
        raise ValueError(f"the object is {value!r:.40}; expected 1 to 36 letters, digits or dashes")


def _position(value: Any, name: str, image: TargetImage) -> None:
    if not _is_pair(value) or not (0 <= value[0] < image.rows and 0 <= value[1] < image.wires):
        raise ValueError(
            f"{name} is {value!r:.40}; expected a row below {image.rows} and a wire below {image.wires}"
        )


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _predictions(value: Any) -> list[Json]:
    """The answers that the author had seen, each as job key and weights hash, none of them twice.

    One alone, and null for none, come from pages of older versions, whose labels may wait for long.
    """
    listed = value if isinstance(value, list) else [] if value is None else [value]
    if len(listed) > MAX_PREDICTIONS or not all(map(_is_prediction, listed)):
        raise ValueError(
            f"prediction is {value!r:.60}; expected at most {MAX_PREDICTIONS} job keys, each with the "
            "hash of its weights"
        )
    return [seen for i, seen in enumerate(listed) if seen not in listed[:i]]


def _is_prediction(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"key", "weights"}
        and all(isinstance(part, str) and is_key(part) for part in value.values())
    )
