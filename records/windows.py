"""Where the window of a study's image lies: around what is asked, at a place that does not tell what.

Shape shorthand: N lit pixels of an image, M pixels of a target.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import PixelClass
from lartpc.clustering import clusters, dbscan, positions
from lartpc.michel import MichelParameters, find_michels
from records.images import LabelledImage
from records.predictions import Prediction
from records.study_definition import StudyError, Window


def michel_window(
    labelled: LabelledImage, prediction: Prediction | None, size: tuple[int, int], seed: int
) -> Window:
    """A window of size (rows, wires) around a Michel candidate of the network, else around a true Michel
    electron, else around a lit pixel; the seed draws which one, and where it lies in the window.

    Raises StudyError for an image without lit pixels.
    """
    image = labelled.image
    if not len(image):
        raise StudyError(f"image {image.content_hash[:12]} has no lit pixel to lay a window around")
    # The image is part of the seed, so that its window does not depend on which others were drawn.
    rng = np.random.default_rng([seed, int(image.content_hash[:16], 16)])
    targets = _targets(labelled, prediction)
    target = targets[int(rng.integers(len(targets)))] if targets else rng.integers(len(image), size=1)
    first, last = [], []
    for places, length, extent in zip((image.rows, image.wires), size, image.shape, strict=True):
        start = _start(places[target], min(length, extent), extent, rng)
        first.append(start)
        last.append(start + min(length, extent) - 1)
    return (first[0], first[1], last[0], last[1])


def _targets(labelled: LabelledImage, prediction: Prediction | None) -> Sequence[NDArray[np.int32]]:
    """Pixels, int32 (M,), of each that a window may lie around."""
    image, truth = labelled.image, labelled.truth_classes
    if prediction is not None:
        found = [candidate.pixels for candidate in find_michels(image, prediction.classes)]
        if found:
            return found
    if truth is None:
        return []
    own = np.flatnonzero(truth == PixelClass.MICHEL).astype(np.int32)
    return clusters(dbscan(positions(image)[own], MichelParameters().eps, 1), own)


def _start(places: NDArray[np.int32], length: int, extent: int, rng: np.random.Generator) -> int:
    """First row or wire of a window that holds the target's places, anywhere in it and within the image.

    Where they do not fit, it holds their middle.
    """
    low, high = int(places.min()), int(places.max())
    if high - low >= length:
        low = high = int(np.median(places))
    earliest, latest = max(0, high - length + 1), min(low, extent - length)
    return int(rng.integers(earliest, latest + 1))
