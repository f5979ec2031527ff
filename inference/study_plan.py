"""From a plan, a JSON file that says what a study is to ask and of which events, to its definition.

The plan's events are read, the network's answers are made where they are not stored, the images are drawn
and put into the data folder. docs/labelling.md has an example.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from inference.cards import default_weights
from inference.jobs import job_key
from inference.settings import SEGMENTER, SegmenterSettings
from lartpc.classes import PLANES
from lartpc.event import Event, WireImage
from lartpc.readers import open_events
from records.answers import AnswerStore
from records.catalogue import candidates
from records.folder import DataFolder
from records.images import ImageStore, labelled_images
from records.predictions import Prediction
from records.selection import Stratum, select_images
from records.study_definition import StudyDefinition, StudyError, StudyImageSpec, Window, check_definition
from records.windows import michel_window

Network = Callable[[WireImage], Prediction]
_CHOOSING = ("files", "planes", "strata", "network", "one_per_event", "window")
_MADE_HERE = ("images", "weights", "selection")


@dataclass(frozen=True)
class Plan:
    """How the images are chosen, and the other entries of the definition as they are.

    network: "uresnet" for the shipped weights of each plane, or None for a study without a network.
    window: rows and wires of what is shown of an image, None for all of it.
    """

    files: tuple[Path, ...]
    planes: tuple[str, ...]
    strata: tuple[Stratum, ...]
    network: str | None
    one_per_event: bool
    window: tuple[int, int] | None
    seed: int
    rest: Mapping[str, Any]


def read_plan(path: Path) -> Plan:
    """The plan of a JSON file; its event files are looked for beside it. Raises StudyError, OSError."""
    try:
        value = json.loads(path.read_text())
    except ValueError as error:
        raise StudyError(f"{path.name} is no JSON ({error})") from error
    known = {entry.name for entry in fields(StudyDefinition)} - set(_MADE_HERE) | set(_CHOOSING)
    if not isinstance(value, dict) or not value.keys() <= known:
        strange = sorted(value.keys() - known)[0] if isinstance(value, dict) else type(value).__name__
        raise StudyError(f"{path.name} has {strange!r:.40}; expected an object of {', '.join(sorted(known))}")
    try:
        plan = Plan(
            files=tuple(path.parent / name for name in value["files"]),
            planes=_listed(value["planes"]),
            strata=tuple(Stratum(**stratum) for stratum in value["strata"]),
            network=value.get("network", "uresnet"),
            one_per_event=value.get("one_per_event", True),
            window=None if value.get("window") is None else _listed(value["window"]),
            seed=value.get("seed", 0),
            rest={name: item for name, item in value.items() if name not in _CHOOSING},
        )
    except KeyError as error:
        raise StudyError(f"{path.name} has no entry {error.args[0]}") from error
    except TypeError as error:
        raise StudyError(f"{path.name} is not as expected ({error})") from error
    _check(plan, path.name)
    return plan


def _listed(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.40} is no list")
    return tuple(value)


def _check(plan: Plan, name: str) -> None:
    planes = list(plan.planes)
    if not planes or any(plane not in PLANES or planes.count(plane) > 1 for plane in planes):
        raise StudyError(f"{name} has the planes {planes!r:.60}; expected some of U, V, Y, each once")
    if plan.network not in ("uresnet", None):
        raise StudyError(f"{name} has the network {plan.network!r:.20}; expected uresnet or null")
    sizes = plan.window or (1, 1)
    if len(sizes) != 2 or not all(type(size) is int and size > 0 for size in sizes):
        raise StudyError(f"{name} has the window {list(sizes)!r:.60}; expected rows and wires, or null")


def define_study(plan: Plan, folder: DataFolder, load: Callable[[str], Network]) -> StudyDefinition:
    """Draw the images of a plan and store them with the networks' answers.

    load: the network of a plane, called only if an answer is missing. Raises StudyError, EventFileError.
    """
    answers = _Answers(plan, AnswerStore(folder.predictions), load)
    every = any("michels" in stratum.where for stratum in plan.strata)
    catalogue = candidates(_events(plan), plan.planes, answers if every and plan.network else None)
    chosen = select_images(catalogue, plan.strata, plan.seed, plan.one_per_event)
    images, wanted = ImageStore(folder.images), {one.candidate.content_hash for one in chosen}
    windows: dict[str, Window] = {}
    for event in _events(plan):
        for labelled in labelled_images(event).values():
            if labelled.content_hash in wanted:
                images.put(labelled)
                prediction = answers(labelled.image)
                if plan.window is not None:
                    windows[labelled.content_hash] = michel_window(
                        labelled, prediction, plan.window, plan.seed
                    )
    specs = [
        StudyImageSpec(
            content_hash=one.candidate.content_hash,
            stratum=one.stratum.name,
            window=windows.get(one.candidate.content_hash),
            gold=one.stratum.gold,
            predictions=answers.keys(one.candidate.content_hash),
        )
        for one in chosen
    ]
    used = {weights for spec in specs for weights in spec.predictions}
    strata = [{**asdict(stratum), "where": dict(stratum.where)} for stratum in plan.strata]
    lists = {"raters": tuple(plan.rest.get("raters", ()))}
    try:
        definition = StudyDefinition(
            **{**plan.rest, **lists},
            images=tuple(specs),
            weights=tuple(weights for weights in answers.weights if weights in used),
            selection={
                "files": [path.name for path in plan.files],
                "planes": list(plan.planes),
                "strata": strata,
                "window": plan.window and list(plan.window),
            },
        )
    except TypeError as error:
        raise StudyError(f"the plan is not as expected ({error})") from error
    check_definition(definition)
    return definition


def _events(plan: Plan) -> Iterator[Event]:
    for path in plan.files:
        with open_events(path) as events:
            yield from events


class _Answers:
    """Answers of the plan's network to each plane, stored or made; none where it has no network."""

    def __init__(self, plan: Plan, store: AnswerStore, load: Callable[[str], Network]) -> None:
        self._store, self._load = store, load
        planes = plan.planes if plan.network else ()
        self._cards = {plane: default_weights(SEGMENTER, plane) for plane in planes}
        self._networks: dict[str, Network] = {}
        self._key_of: dict[str, dict[str, str]] = {}

    @property
    def weights(self) -> tuple[str, ...]:
        """Of every plane."""
        return tuple(card.sha256 for card in self._cards.values())

    def keys(self, content_hash: str) -> dict[str, str]:
        """Weights -> job key of the answer to an image that was asked for."""
        return self._key_of.get(content_hash, {})

    def __call__(self, image: WireImage) -> Prediction | None:
        card = self._cards.get(image.plane)
        if card is None:
            return None
        key = job_key(image, card.network, card.sha256, asdict(SegmenterSettings()))
        self._key_of[image.content_hash] = {card.sha256: key}
        found = self._store.get(key)
        if not isinstance(found, Prediction):
            if image.plane not in self._networks:
                self._networks[image.plane] = self._load(image.plane)
            found = self._networks[image.plane](image)
            self._store.put(key, found, image.content_hash)
        return found
