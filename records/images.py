"""Images that people label, kept with their labels: a label means nothing without its pixels.

The file an event came from may be gone when labels are compared or given away, so the pixels, and the
truth where there is any, lie in the data folder, one npz an image, named by its content.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from lartpc.event import Event, EventId, Source, WireImage
from records.answers import is_key
from records.folder import written_whole
from records.models import Image

_ARRAYS = ("rows", "wires", "adc")
_NUMBERS = ("ticks_per_row", "first_tick", "first_wire", "tick_order", "gain")


@dataclass(frozen=True, eq=False)
class LabelledImage:
    """One plane of an event as it was labelled. truth_classes: int8 (N,), or None where nothing is known."""

    image: WireImage
    event: EventId
    detector: str
    source: Source
    truth_classes: NDArray[np.int8] | None = None

    @property
    def content_hash(self) -> str:
        return self.image.content_hash


class ImageStore:
    """Labelled images by content hash, two letters of it a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, content_hash: str) -> bool:
        return is_key(content_hash) and self._path(content_hash).is_file()

    def get(self, content_hash: str) -> LabelledImage:
        """The image of a hash. Raises ValueError where it is missing, damaged, or another one."""
        if not is_key(content_hash):
            raise ValueError(f"{content_hash!r:.80} is no hash of an image; expected 64 hex digits")
        path = self._path(content_hash)
        try:
            found = _read(path)
        except FileNotFoundError as error:
            raise ValueError(f"the image {content_hash[:12]} is not in the data folder") from error
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"the file of image {content_hash[:12]} is damaged ({error})") from error
        if found.content_hash != content_hash:
            raise ValueError(f"the file of image {content_hash[:12]} holds another image")
        return found

    def put(self, labelled: LabelledImage) -> None:
        """Store an image, all or nothing; one that is there stays as it is. Raises OSError."""
        path = self._path(labelled.content_hash)
        if path.is_file():
            return
        with written_whole(path) as file:
            _write(file, labelled)

    def _path(self, content_hash: str) -> Path:
        return self._folder / content_hash[:2] / f"{content_hash}.npz"


def labelled_images(event: Event) -> dict[str, LabelledImage]:
    """The planes of an event, ready to be stored. The file's name goes along, never its path."""
    place = EventId(event.id.run, event.id.subrun, event.id.event, Path(event.id.file).name, event.id.entry)
    classes = event.truth.classes if event.truth is not None else {}
    return {
        plane: LabelledImage(image, place, event.detector.name, event.source, classes.get(plane))
        for plane, image in event.images.items()
    }


def register(session: Session, labelled: LabelledImage) -> Image:
    """The row of an image, added where it is new. The same pixels from two files are one image."""
    found = session.get(Image, labelled.content_hash)
    if found is not None:
        return found
    image, event = labelled.image, labelled.event
    row = Image(
        content_hash=labelled.content_hash,
        plane=image.plane,
        pixels=len(image),
        rows=image.shape[0],
        wires=image.shape[1],
        file=event.file,
        entry=event.entry,
        run=event.run,
        subrun=event.subrun,
        event=event.event,
        source=labelled.source,
    )
    session.add(row)
    session.flush()
    return row


def images_key(hashes: Iterable[str]) -> str:
    """SHA-256 of a set of images: which event (or part of one) a task is about."""
    return hashlib.sha256(" ".join(sorted(hashes)).encode()).hexdigest()


def in_window(image: WireImage, window: tuple[int, int, int, int] | None) -> NDArray[np.bool_]:
    """Which lit pixels lie in a window: bool (N,). window: first row, first wire, last row, last wire."""
    if window is None:
        return np.ones(len(image), bool)
    first_row, first_wire, last_row, last_wire = window
    rows = (image.rows >= first_row) & (image.rows <= last_row)
    return rows & (image.wires >= first_wire) & (image.wires <= last_wire)


def about_image(labelled: LabelledImage) -> dict[str, Any]:
    """Everything of an image but its pixels and its truth, as JSON."""
    image, event = labelled.image, labelled.event
    return {
        "plane": image.plane,
        "shape": list(image.shape),
        **{name: getattr(image, name) for name in _NUMBERS},
        "dead_wires": image.dead_wires.tolist(),
        "event": [event.run, event.subrun, event.event, event.file, event.entry],
        "detector": labelled.detector,
        "source": labelled.source,
    }


def image_from(
    about: dict[str, Any], arrays: Mapping[str, NDArray[Any]], truth: NDArray[np.int8] | None
) -> LabelledImage:
    """And back, with arrays rows, wires, adc. Raises KeyError, TypeError for what is not as written."""
    image = WireImage(
        plane=about["plane"],
        shape=(about["shape"][0], about["shape"][1]),
        rows=arrays["rows"],
        wires=arrays["wires"],
        adc=arrays["adc"],
        dead_wires=np.array(about["dead_wires"], np.int32),
        **{name: about[name] for name in _NUMBERS},
    )
    run, subrun, event, name, entry = about["event"]
    place = EventId(run, subrun, event, name, entry)
    return LabelledImage(image, place, about["detector"], about["source"], truth)


def _write(file: Any, labelled: LabelledImage) -> None:
    arrays = {name: getattr(labelled.image, name) for name in _ARRAYS}
    if labelled.truth_classes is not None:
        arrays["truth_classes"] = labelled.truth_classes
    arrays["about"] = np.frombuffer(json.dumps(about_image(labelled)).encode(), np.uint8)
    np.savez_compressed(file, **arrays)


def _read(path: Path) -> LabelledImage:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        return image_from(about, {name: arrays[name] for name in _ARRAYS}, arrays.get("truth_classes"))
