"""Make the studies that come with the demo events: choose their images, run the network, write both down.

python demo/make_studies.py    # writes demo/studies.json and demo/answers.npz, after new weights
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from inference.cards import default_weights
from inference.jobs import job_key
from inference.predictor import Segmenter
from inference.settings import SEGMENTER, SegmenterSettings
from lartpc.classes import PixelClass
from lartpc.clustering import clusters, dbscan, positions
from lartpc.event import Event, WireImage
from lartpc.readers import open_events
from records.demo_study import ANSWERS_FILE, STUDIES_FILE
from records.folder import write_text
from records.scripted_labels import HABITS
from records.study_definition import StudyDefinition, StudyImageSpec

FOLDER = Path(__file__).resolve().parent
PLANE = "Y"
FINISHED = (8, 9, 10, 12, 13, 14, 16, 18, 21, 17, 19, 22, 23)
PRACTICE = (9, 14, 18, 23, 10, 16)
GOLD = (9, 18)
HALF_ROWS, HALF_WIRES = 110, 150
"""The window around what is asked, in pixels to either side."""


def main() -> int:
    """Write both files."""
    card = default_weights(SEGMENTER, PLANE)
    segmenter = Segmenter.load(PLANE)
    settings = SegmenterSettings()
    answers, scores, images = {}, {}, {}
    with open_events(FOLDER / "demo.h5") as events:
        for entry in FINISHED:
            event = events[entry]
            image = event.images[PLANE]
            key = job_key(image, card.network, card.sha256, asdict(settings))
            prediction = segmenter(image)
            answers[key] = prediction.metadata()
            scores[key] = prediction.arrays()["scores"]
            images[entry] = StudyImageSpec(
                image.content_hash,
                "demo",
                window=_window(event, image),
                predictions={card.sha256: key},
            )
    described = {
        "entries": [[entry, PLANE] for entry in FINISHED],
        "studies": {
            "demo": _finished(images, card.sha256).as_json(),
            "practice": _practice(images, card.sha256).as_json(),
        },
        "answers": answers,
    }
    write_text(FOLDER / STUDIES_FILE, json.dumps(described, indent=1) + "\n")
    np.savez_compressed(FOLDER / ANSWERS_FILE, **scores)
    return 0


def _finished(images: dict[int, StudyImageSpec], weights: str) -> StudyDefinition:
    gold = [StudyImageSpec(**{**vars(image), "gold": entry in GOLD}) for entry, image in images.items()]
    return StudyDefinition(
        title="Demo: scripted labels, not human",
        question="five_classes",
        images=tuple(gold),
        raters=tuple(HABITS),
        weights=(weights,),
        instructions="The labels of this study were made by a script: truth with made-up mistakes. "
        "They show what a study looks like, and say nothing of physicists.",
        repeats=3,
        repeat_gap=5,
        margin=0.05,
        hide_event_numbers=False,
        show_answer=True,
        seed=1,
        selection={"made by": "demo/make_studies.py"},
    )


def _practice(images: dict[int, StudyImageSpec], weights: str) -> StudyDefinition:
    return StudyDefinition(
        title="Practice: find the Michel electron",
        question="michel_pixels",
        images=tuple(images[entry] for entry in PRACTICE),
        weights=(weights,),
        instructions="Paint the pixels of the electron at the end of a stopping muon, if there is one. "
        "After each image you see what truth and network say.",
        hide_event_numbers=True,
        show_answer=True,
        seed=2,
        selection={"made by": "demo/make_studies.py"},
    )


def _window(event: Event, image: WireImage) -> tuple[int, int, int, int]:
    """Around the largest Michel electron; without one, around the densest part of the image."""
    assert event.truth is not None
    places = positions(image)
    own = np.flatnonzero(event.truth.classes[PLANE] == PixelClass.MICHEL).astype(np.int32)
    if not len(own):
        own = np.arange(len(image), dtype=np.int32)
    largest = max(clusters(dbscan(places[own], 3.0, 1), own), key=len)
    row, wire = np.median(places[largest], axis=0).astype(int).tolist()
    rows, wires = image.shape
    return (
        max(0, row - HALF_ROWS),
        max(0, wire - HALF_WIRES),
        min(rows - 1, row + HALF_ROWS),
        min(wires - 1, wire + HALF_WIRES),
    )


if __name__ == "__main__":
    sys.exit(main())
