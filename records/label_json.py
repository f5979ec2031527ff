"""Labels as JSON: what a page begins with, and what files hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.labels import TaskLabels
from records.pixel_runs import decode_pixels, encode_pixels
from records.questions import LabelClass
from records.replay import EventLabels, MichelLabel, PlaneLabels, ShowerLabel

Json = dict[str, Any]


def labels_json(labels: TaskLabels) -> Json:
    """The labels of a task for its rater's browser: no content hash, and nothing of anybody else."""
    event = labels.event
    return {
        "planes": {plane: plane_json(found) for plane, found in labels.planes.items()},
        "event": {**event_json(event), "undo": list(event.undo), "redo": list(event.redo)},
        "last_seq": labels.last_seq,
    }


def plane_json(labels: PlaneLabels) -> Json:
    """classes: class -> its pixels as text; michels, showers; undo, redo: ids, the next one last."""
    return {
        "classes": class_runs(labels.classes),
        "michels": [michel_json(michel) for michel in labels.michels],
        "showers": [shower_json(shower) for shower in labels.showers],
        "undo": list(labels.undo),
        "redo": list(labels.redo),
    }


def event_json(event: EventLabels) -> Json:
    return {"verdict": event.verdict, "michel": event.michel, "comment": event.comment}


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


def michel_json(michel: MichelLabel) -> Json:
    """The payload of the action that makes this object."""
    return {
        "object": michel.object,
        "state": michel.state,
        "end": None if michel.end is None else list(michel.end),
        "core": encode_pixels(michel.core),
        "photons": encode_pixels(michel.photons),
    }


def shower_json(shower: ShowerLabel) -> Json:
    """The payload of the action that makes this object."""
    return {
        "object": shower.object,
        "start": list(shower.start),
        "direction": None if shower.direction is None else list(shower.direction),
        "pixels": encode_pixels(shower.pixels),
    }
