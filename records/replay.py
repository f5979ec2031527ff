"""From the log of one task to what its labels are now. Pure: the same actions give the same labels.

Actions take effect in server order, whichever tab they came from. Undo takes one action, named by its
id, out of the sequence, and redo puts it back in its place; either does nothing where there is nothing to do.

Shape shorthand: N lit pixels of one plane.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from records.actions import HISTORY_TOOLS, PIXEL_TOOLS, Json
from records.pixel_runs import decode_pixels
from records.questions import LabelClass

HISTORY_STEPS = 100
"""Steps of a plane that can be undone, and done again, after a reload."""


class Logged(Protocol):
    """What replay reads of an action, as `records.models.LabelAction` has it."""

    @property
    def id(self) -> Any: ...
    @property
    def tool(self) -> Any: ...
    @property
    def payload(self) -> Any: ...


@dataclass(frozen=True, eq=False)
class MichelLabel:
    """A Michel electron as a person sees it on one plane.

    state: present, absent or unsure. end: (row, wire) where the muon stops, or None. core, photons:
    int32, pixels of the electron itself and of blobs apart from it, ascending.
    """

    object: str
    state: str
    end: tuple[float, float] | None
    core: NDArray[np.int32]
    photons: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class ShowerLabel:
    """A shower as a person sees it on one plane; the same object on another plane is the same shower.

    start: (row, wire). direction: (rows, wires) along the shower, or None. pixels: int32, ascending.
    """

    object: str
    start: tuple[float, float]
    direction: tuple[float, float] | None
    pixels: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class PlaneLabels:
    """Labels of one plane. classes: int8 (N,), values of `LabelClass`. Objects by the order of their ids.

    undo, redo: ids of actions that can be undone, and done again, the next one last.
    """

    classes: NDArray[np.int8]
    michels: tuple[MichelLabel, ...] = ()
    showers: tuple[ShowerLabel, ...] = ()
    undo: tuple[str, ...] = ()
    redo: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventLabels:
    """What is said of the whole event. verdict, michel: None where nothing was said."""

    verdict: str | None = None
    michel: str | None = None
    comment: str = ""
    undo: tuple[str, ...] = field(default=(), compare=False)
    redo: tuple[str, ...] = field(default=(), compare=False)


def replay_plane(actions: Iterable[Logged], pixels: int) -> PlaneLabels:
    """Labels of a plane of that many pixels from its actions, in server order."""
    effective, undo, redo = _effective(actions)
    classes = np.full(pixels, LabelClass.UNLABELLED, np.int8)
    objects: dict[str, tuple[str, Json]] = {}
    for action in effective:
        if action.tool in PIXEL_TOOLS:
            _paint(classes, action)
        elif action.tool == "remove":
            objects.pop(action.payload["object"], None)
        else:
            objects[action.payload["object"]] = (action.tool, action.payload)
    named = sorted(objects.items())
    return PlaneLabels(
        classes=classes,
        michels=tuple(michel_from(p, pixels) for _, (tool, p) in named if tool == "michel"),
        showers=tuple(shower_from(p, pixels) for _, (tool, p) in named if tool == "shower"),
        undo=undo,
        redo=redo,
    )


def replay_event(actions: Iterable[Logged]) -> EventLabels:
    """What is said of the whole event, from its actions in server order."""
    effective, undo, redo = _effective(actions)
    verdict = michel = None
    comment = ""
    for action in effective:
        if action.tool == "comment":
            comment = action.payload["text"]
        else:
            verdict, michel = action.payload["verdict"], action.payload["michel"]
    return EventLabels(verdict, michel, comment, undo, redo)


def classes_with_objects(labels: PlaneLabels) -> NDArray[np.int8]:
    """Classes int8 (N,) where pixels that were left alone have the class of the object they are in.

    The core of an electron that is present is Michel; its detached photons and the pixels of showers are
    shower, as in truth, which calls the primary ionisation alone Michel.
    """
    classes = labels.classes.copy()
    present = [michel for michel in labels.michels if michel.state == "present"]
    for label, sets in (
        (LabelClass.MICHEL, [michel.core for michel in present]),
        (LabelClass.SHOWER, [michel.photons for michel in present] + [s.pixels for s in labels.showers]),
    ):
        for pixels in sets:
            classes[pixels[classes[pixels] == LabelClass.UNLABELLED]] = label
    return classes


def same_plane(one: PlaneLabels, other: PlaneLabels) -> bool:
    """Whether two planes have the same labels, whatever way they came about."""
    return (
        np.array_equal(one.classes, other.classes)
        and _plain(one.michels) == _plain(other.michels)
        and _plain(one.showers) == _plain(other.showers)
    )


def is_empty(labels: PlaneLabels) -> bool:
    """Whether nothing is labelled."""
    return bool((labels.classes == LabelClass.UNLABELLED).all()) and not labels.michels + labels.showers


def _plain(objects: Sequence[MichelLabel | ShowerLabel]) -> list[dict[str, Any]]:
    return [
        {name: v.tolist() if isinstance(v, np.ndarray) else v for name, v in vars(item).items()}
        for item in objects
    ]


def _effective(actions: Iterable[Logged]) -> tuple[list[Logged], tuple[str, ...], tuple[str, ...]]:
    """The actions that count, in order, and what can be undone and done again."""
    ordinary: dict[str, Logged] = {}
    undone: set[str] = set()
    redo: list[str] = []
    for action in actions:
        if action.tool not in HISTORY_TOOLS:
            ordinary[action.id] = action
            redo = []
            continue
        target = action.payload["action"]
        if target not in ordinary:
            continue
        if action.tool == "undo" and target not in undone:
            undone.add(target)
            redo.append(target)
        elif action.tool == "redo" and target in undone:
            undone.remove(target)
            redo = [step for step in redo if step != target]
    effective = [action for name, action in ordinary.items() if name not in undone]
    steps = tuple(action.id for action in effective)
    return effective, steps[-HISTORY_STEPS:], tuple(redo[-HISTORY_STEPS:])


def _paint(classes: NDArray[np.int8], action: Logged) -> None:
    pixels = decode_pixels(action.payload["pixels"], len(classes))
    if action.tool == "fill":
        pixels = pixels[classes[pixels] == LabelClass.UNLABELLED]
    classes[pixels] = action.payload.get("class", LabelClass.UNLABELLED)


def michel_from(payload: Json, pixels: int) -> MichelLabel:
    """The object of an action's payload, on a plane of that many pixels."""
    end = payload["end"]
    return MichelLabel(
        object=payload["object"],
        state=payload["state"],
        end=None if end is None else (float(end[0]), float(end[1])),
        core=decode_pixels(payload["core"], pixels),
        photons=decode_pixels(payload["photons"], pixels),
    )


def shower_from(payload: Json, pixels: int) -> ShowerLabel:
    """The object of an action's payload, on a plane of that many pixels."""
    start, direction = payload["start"], payload["direction"]
    return ShowerLabel(
        object=payload["object"],
        start=(float(start[0]), float(start[1])),
        direction=None if direction is None else (float(direction[0]), float(direction[1])),
        pixels=decode_pixels(payload["pixels"], pixels),
    )
