"""The catalogue that a study's images are drawn from: what a stratum can ask of each plane of each event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from lartpc.classes import PixelClass
from lartpc.event import Event, WireImage
from lartpc.michel import find_michels
from records.predictions import Prediction
from records.selection import Candidate, Value

PredictionOf = Callable[[WireImage], Prediction | None]
"""The stored answer of a network to an image, or None."""


def candidates(
    events: Iterable[Event], planes: Sequence[str], prediction_of: PredictionOf | None = None
) -> list[Candidate]:
    """One candidate a plane of each event, with the values that a stratum can ask for.

    file, entry, source, plane, lit (pixels); true_michel (pixels of that class) where there is truth;
    michels (candidates, docs/michel.md) where prediction_of has an answer.
    """
    found = []
    for event in events:
        for plane in planes:
            if plane in event.images:
                image = event.images[plane]
                key = f"{Path(event.id.file).name} {event.id.entry}"
                values = _values(event, image, prediction_of)
                found.append(Candidate(image.content_hash, key, values))
    return found


def _values(event: Event, image: WireImage, prediction_of: PredictionOf | None) -> dict[str, Value]:
    values: dict[str, Value] = {
        "file": Path(event.id.file).name,
        "entry": event.id.entry,
        "source": event.source,
        "plane": image.plane,
        "lit": len(image),
    }
    if event.truth is not None and image.plane in event.truth.classes:
        values["true_michel"] = int((event.truth.classes[image.plane] == PixelClass.MICHEL).sum())
    prediction = prediction_of(image) if prediction_of is not None else None
    if prediction is not None:
        values["michels"] = len(find_michels(image, prediction.classes))
    return values
