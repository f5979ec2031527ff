"""What a study is: fixed, and known by its hash, from the moment it is frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from records.predictions import is_key
from records.questions import QUESTIONS

Json = dict[str, Any]
Window = tuple[int, int, int, int]
"""First row, first wire, last row, last wire, inclusive."""

MAX_MARGIN = 0.5


class StudyError(ValueError):
    """A study cannot be like this, or not now; the text is one sentence."""


@dataclass(frozen=True)
class StudyImageSpec:
    """One image to label. stratum: what it was chosen as. gold: its truth is known and checks the rater.

    predictions: hash of weights -> job key of their stored answer.
    """

    content_hash: str
    stratum: str
    window: Window | None = None
    gold: bool = False
    predictions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyDefinition:
    """What is asked of whom, on which images.

    question: name in `records.questions.QUESTIONS`. weights: hashes of the networks' weights. raters:
    names; none means that anyone may join and everyone labels every image. labels_per_image: how many
    raters label each image, None for all (gold images: always all). repeats: images that each rater gets
    a second time, at least repeat_gap tasks later. margin: of agreement, within which network and
    physicist count as equal. seed: of all that is drawn. selection: how the images were chosen,
    for the record.
    """

    title: str
    question: str
    images: tuple[StudyImageSpec, ...]
    raters: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    instructions: str = ""
    labels_per_image: int | None = None
    repeats: int = 0
    repeat_gap: int = 10
    margin: float = 0.02
    hide_event_numbers: bool = True
    show_answer: bool = False
    seed: int = 0
    selection: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> Json:
        """Plain JSON values; `from_json` gives the same definition again."""
        value: Json = json.loads(json.dumps(asdict(self)))
        return value

    @property
    def digest(self) -> str:
        """SHA-256 of the definition, in hex."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def from_json(value: Any) -> StudyDefinition:
    """A definition from JSON. Raises StudyError for what is none."""
    if not isinstance(value, dict):
        raise StudyError(f"{type(value).__name__} in place of a study; expected a JSON object")
    unknown = value.keys() - {entry.name for entry in fields(StudyDefinition)}
    if unknown:
        raise StudyError(f"the study has the unknown entry {sorted(unknown)[0]!r:.40}")
    try:
        images = tuple(_image(item) for item in value["images"])
        lists = {name: tuple(value.get(name, ())) for name in ("raters", "weights")}
        definition = StudyDefinition(**{**value, **lists, "images": images})
    except KeyError as error:
        raise StudyError(f"the study has no entry {error.args[0]}") from error
    except (TypeError, AttributeError) as error:
        raise StudyError(f"the study is not as expected ({error})") from error
    check_definition(definition)
    return definition


def check_definition(definition: StudyDefinition) -> None:
    """Raises StudyError with the first thing that is wrong."""
    for name, wrong, expected in _rules(definition):
        if wrong:
            raise StudyError(f"{name} of the study is {getattr(definition, name)!r:.60}; expected {expected}")
    seen: set[tuple[str, Window | None]] = set()
    for image in definition.images:
        _check_image(image, definition)
        if (image.content_hash, image.window) in seen:
            raise StudyError(
                f"the image {image.content_hash[:12]} is in the study twice; use repeats for that"
            )
        seen.add((image.content_hash, image.window))


def _image(value: Any) -> StudyImageSpec:
    window = value.get("window")
    return StudyImageSpec(**{**value, "window": None if window is None else tuple(window)})


def _rules(given: StudyDefinition) -> tuple[tuple[str, bool, str], ...]:
    whole = {name: _is_whole(getattr(given, name)) for name in ("repeats", "repeat_gap", "seed")}
    per_image, raters = given.labels_per_image, len(given.raters)
    margin = isinstance(given.margin, (int, float)) and 0.0 < given.margin <= MAX_MARGIN
    texts = all(isinstance(name, str) and name for name in given.raters)
    flags = {name: isinstance(getattr(given, name), bool) for name in ("hide_event_numbers", "show_answer")}
    return (
        ("title", not isinstance(given.title, str) or not 0 < len(given.title) <= 80, "1 to 80 characters"),
        ("question", given.question not in QUESTIONS, ", ".join(QUESTIONS)),
        ("instructions", not isinstance(given.instructions, str), "a text"),
        ("raters", not texts or len({name.lower() for name in given.raters}) < raters, "each name once"),
        ("weights", not all(isinstance(w, str) and is_key(w) for w in given.weights), "SHA-256 in hex"),
        ("margin", not margin, f"a share above 0, at most {MAX_MARGIN}"),
        ("seed", not whole["seed"], "a whole number, 0 or more"),
        ("repeat_gap", not whole["repeat_gap"] or given.repeat_gap < 1, "a whole number, 1 or more"),
        ("images", not given.images, "at least one image"),
        ("repeats", not whole["repeats"], "a whole number, 0 or more"),
        (
            "labels_per_image",
            per_image is not None and not (_is_whole(per_image) and 1 <= per_image <= raters),
            "a number of raters, at most all that are named, or null for all",
        ),
        *((name, not right, "true or false") for name, right in flags.items()),
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _check_image(image: StudyImageSpec, definition: StudyDefinition) -> None:
    name = f"the image {image.content_hash[:12]!r}"
    if not isinstance(image.content_hash, str) or not is_key(image.content_hash):
        raise StudyError(f"{name} is not named by a SHA-256 in hex")
    if not isinstance(image.stratum, str) or not 0 < len(image.stratum) <= 80:
        raise StudyError(f"{name} has the stratum {image.stratum!r:.40}; expected 1 to 80 characters")
    window = image.window
    if window is not None and not (
        len(window) == 4 and all(map(_is_whole, window)) and window[0] <= window[2] and window[1] <= window[3]
    ):
        raise StudyError(f"{name} has the window {window!r:.60}; expected first row, wire, last row, wire")
    if not isinstance(image.gold, bool):
        raise StudyError(f"{name} has gold {image.gold!r:.20}; expected true or false")
    strange = image.predictions.keys() - set(definition.weights)
    if strange or not all(is_key(key) for key in image.predictions.values()):
        raise StudyError(f"{name} has an answer of weights that are not in the study, or without a job key")
