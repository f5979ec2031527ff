"""Labels as events in our own HDF5 layout: one event a task, the labels in place of the truth.

`argonscope train --files` reads it as it is. What the layout has no room for (objects, verdicts, authors,
and classes that no network knows, which train as unknown) is attached as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PIXEL_CLASSES, PixelClass
from lartpc.detector import Detector
from lartpc.event import Event, Source, Truth
from lartpc.readers import open_events
from lartpc.writer import EventWriter
from records.exchange.label_set import (
    PARTS as ALL_PARTS,
)
from records.exchange.label_set import (
    SCHEMA,
    VERSION,
    ExchangeError,
    LabelFile,
    LabelledTask,
    as_json,
    check_version,
    from_json,
)
from records.images import ImageStore, LabelledImage, labelled_images
from records.replay import PlaneLabels, classes_with_objects

PARTS = frozenset(ALL_PARTS)
_ATTACHED = "labels"


def write(path: Path, tasks: Sequence[LabelledTask], images: ImageStore) -> None:
    """Write the file. Raises EventFileError, or ValueError: an image is not in the data folder, or the
    images are of several detectors, which a file of events cannot be."""
    stored = [{p: images.get(facts["content_hash"]) for p, facts in task.images.items()} for task in tasks]
    detector, source = _common(stored)
    heading = {"schema": SCHEMA, "version": VERSION}
    attached = {**heading, "tasks": [as_json(task) for task in tasks]}
    with EventWriter(path, detector, source, heading) as writer:
        for task, planes in zip(tasks, stored, strict=True):
            writer.append(_event(task, planes, writer.detector))
        writer.attach(_ATTACHED, json.dumps(attached))


def read(path: Path) -> LabelFile:
    """What the file holds, the images too, without truth. Raises ExchangeError, EventFileError, OSError."""
    images: dict[str, LabelledImage] = {}
    try:
        with h5py.File(path, "r") as file:
            text = bytes(file["attached"][_ATTACHED][:]) if "attached" in file else b"null"
        attached = check_version(json.loads(text), path.name)
        tasks = [from_json(value) for value in attached["tasks"]]
        with open_events(path) as events:
            for task, event in zip(tasks, events, strict=True):
                images |= _images(task, event)
    except (OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, ExchangeError):
            raise
        raise ExchangeError(f"{path.name} holds no labels ({error})") from error
    return LabelFile(PARTS, tuple(tasks), images)


def trained_classes(labels: PlaneLabels) -> NDArray[np.int8]:
    """What a network can learn from labels, int8 (N,): the five classes; unknown for everything else."""
    classes = classes_with_objects(labels)
    return np.where(np.isin(classes, PIXEL_CLASSES), classes, PixelClass.UNKNOWN).astype(np.int8)


def _common(stored: Sequence[Mapping[str, LabelledImage]]) -> tuple[str, Source]:
    """The detector of all images, and their source, which is unknown where they differ."""
    images = [image for planes in stored for image in planes.values()]
    detectors, sources = {image.detector for image in images}, {image.source for image in images}
    if len(detectors) != 1:
        found = ", ".join(sorted(detectors)) or "none"
        raise ExchangeError(f"a file of events is of one detector; these labels are of {found}")
    return detectors.pop(), sources.pop() if len(sources) == 1 else "unknown"


def _event(task: LabelledTask, planes: Mapping[str, LabelledImage], detector: Detector) -> Event:
    first = next(iter(planes.values()))
    return Event(
        id=first.event,
        detector=detector,
        images={plane: labelled.image for plane, labelled in planes.items()},
        truth=Truth(classes={p: trained_classes(labels) for p, labels in task.planes.items()}),
        source=first.source,
        notes=(f"The classes are labels by {task.author}, not truth.",),
    )


def _images(task: LabelledTask, event: Event) -> dict[str, LabelledImage]:
    """The images of an event, under the place that they had when they were labelled."""
    found = {}
    for plane, labelled in labelled_images(event).items():
        facts = task.images[plane]
        if labelled.content_hash != facts["content_hash"]:
            raise ValueError(f"the image of plane {plane} of task {task.token} is another one")
        place = replace(labelled.event, file=facts["file"], entry=facts["entry"])
        changed = {"event": place, "source": facts["source"], "truth_classes": None}
        found[labelled.content_hash] = replace(labelled, **changed)
    return found
