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

from inference.cards import WeightsCard, default_weights
from inference.jobs import job_key
from inference.settings import SegmenterSettings
from lartpc.classes import PLANES
from lartpc.event import Event, WireImage
from lartpc.readers import open_events
from records.answers import AnswerStore
from records.catalogue import candidates
from records.folder import DataFolder
from records.images import ImageStore, labelled_images
from records.predictions import Prediction
from records.selection import Stratum, select_images
from records.study_definition import StudyDefinition, StudyError, StudyImageSpec, check_definition

Network = Callable[[WireImage], Prediction]
_CHOOSING = ("files", "plane", "strata", "network", "one_per_event")
_MADE_HERE = ("images", "weights", "selection")


@dataclass(frozen=True)
class Plan:
    """How the images are chosen, and the other entries of the definition as they are.

    network: "uresnet" for the shipped weights of the plane, or None for a study without a network.
    """

    files: tuple[Path, ...]
    plane: str
    strata: tuple[Stratum, ...]
    network: str | None
    one_per_event: bool
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
            plane=value["plane"],
            strata=tuple(Stratum(**stratum) for stratum in value["strata"]),
            network=value.get("network", "uresnet"),
            one_per_event=value.get("one_per_event", True),
            seed=value.get("seed", 0),
            rest={name: item for name, item in value.items() if name not in _CHOOSING},
        )
    except KeyError as error:
        raise StudyError(f"{path.name} has no entry {error.args[0]}") from error
    except TypeError as error:
        raise StudyError(f"{path.name} is not as expected ({error})") from error
    if plan.plane not in PLANES or plan.network not in ("uresnet", None):
        raise StudyError(
            f"{path.name}: expected plane U, V or Y and network uresnet or null; "
            f"it has {plan.plane!r:.20} and {plan.network!r:.20}"
        )
    return plan


def define_study(plan: Plan, folder: DataFolder, load: Callable[[str], Network]) -> StudyDefinition:
    """Draw the images of a plan and store them with the network's answers.

    load: the network of a plane, called only if an answer is missing. Raises StudyError, EventFileError.
    """
    answers = _Answers(plan, AnswerStore(folder.predictions), load)
    every = any("michels" in stratum.where for stratum in plan.strata)
    catalogue = candidates(_events(plan), (plan.plane,), answers if every and plan.network else None)
    chosen = select_images(catalogue, plan.strata, plan.seed, plan.one_per_event)
    images, wanted = ImageStore(folder.images), {one.candidate.content_hash for one in chosen}
    for event in _events(plan):
        labelled = labelled_images(event).get(plan.plane)
        if labelled is not None and labelled.content_hash in wanted:
            images.put(labelled)
            answers(labelled.image)
    specs = [
        StudyImageSpec(
            content_hash=one.candidate.content_hash,
            stratum=one.stratum.name,
            window=one.candidate.window,
            gold=one.stratum.gold,
            predictions=answers.keys(one.candidate.content_hash),
        )
        for one in chosen
    ]
    strata = [{**asdict(stratum), "where": dict(stratum.where)} for stratum in plan.strata]
    lists = {"raters": tuple(plan.rest.get("raters", ()))}
    try:
        definition = StudyDefinition(
            **{**plan.rest, **lists},
            images=tuple(specs),
            weights=answers.weights,
            selection={"files": [path.name for path in plan.files], "plane": plan.plane, "strata": strata},
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
    """Answers of the plan's network, stored or made; none where it has no network."""

    def __init__(self, plan: Plan, store: AnswerStore, load: Callable[[str], Network]) -> None:
        self._plane, self._store, self._load = plan.plane, store, load
        self._card: WeightsCard | None = default_weights(plan.network, plan.plane) if plan.network else None
        self._network: Network | None = None
        self._key_of: dict[str, str] = {}

    @property
    def weights(self) -> tuple[str, ...]:
        return () if self._card is None else (self._card.sha256,)

    def keys(self, content_hash: str) -> dict[str, str]:
        """Weights -> job key of the answer to an image that was asked for."""
        return {} if self._card is None else {self._card.sha256: self._key_of[content_hash]}

    def __call__(self, image: WireImage) -> Prediction | None:
        if self._card is None:
            return None
        key = job_key(image, self._card.network, self._card.sha256, asdict(SegmenterSettings()))
        self._key_of[image.content_hash] = key
        found = self._store.get(key)
        if not isinstance(found, Prediction):
            self._network = self._network or self._load(self._plane)
            found = self._network(image)
            self._store.put(key, found, image.content_hash)
        return found
