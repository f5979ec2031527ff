"""Michel and shower candidates of stored answers: clustering alone, so it is done in the web process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from flask import Blueprint, Response
from flask_caching import Cache
from numpy.typing import NDArray
from werkzeug.exceptions import Conflict, UnprocessableEntity

from lartpc.classes import PixelClass
from lartpc.event import Truth, WireImage
from lartpc.michel import MichelCandidate, MichelParameters, find_michels
from lartpc.showers import ShowerCandidate, ShowerParameters, find_showers
from records.predictions import Prediction
from viewer.answers import BadRequestError, json_answer
from viewer.job_routes import Question, json_body, questions, segmenter_settings
from viewer.services import Services

TRACKS = {"mip": (PixelClass.MIP,), "hip+mip": (PixelClass.HIP, PixelClass.MIP)}
"""What a Michel electron may hang on: MIP as published, or HIP, too, as which a Bragg peak may be taken."""

_CACHED_PLANES = 1000
"""Planes whose candidates are kept in memory: a few kB each."""


def add_candidate_routes(blueprint: Blueprint, services: Services) -> None:
    """Put candidates on the /api blueprint."""
    cache = Cache(
        config={
            "CACHE_TYPE": "SimpleCache",
            "CACHE_THRESHOLD": _CACHED_PLANES,
            "CACHE_DEFAULT_TIMEOUT": 0,
        }
    )
    # Typed as the base of Flask, which it is not here.
    blueprint.record_once(lambda state: cache.init_app(state.app))  # type: ignore[arg-type]

    @blueprint.post("/candidates")
    def candidates() -> Response:
        body = json_body()
        rule = _michel_parameters(body.get("tracks", "mip"))
        found = {
            plane: _of_plane(services, cache, asked, rule)
            for plane, asked in questions(services, body).items()
        }
        parameters = {"michel": asdict(rule), "shower": asdict(ShowerParameters())}
        there = {plane: answer for plane, answer in found.items() if answer is not None}
        missing = [plane for plane, answer in found.items() if answer is None]
        return json_answer({"planes": there, "missing": missing, "parameters": parameters})


def _michel_parameters(tracks: Any) -> MichelParameters:
    if not isinstance(tracks, str) or tracks not in TRACKS:
        raise BadRequestError(f"tracks is {tracks!r}; expected {' or '.join(TRACKS)}.")
    return MichelParameters(track_classes=TRACKS[tracks])


def _of_plane(
    services: Services, cache: Cache, asked: Question, rule: MichelParameters
) -> dict[str, Any] | None:
    """Candidates of one plane; None where its answer is not stored. The key is made of the pixels, so
    no answer to other pixels, another gain or other settings can be found under it."""
    segmenter_settings(asked)  # only scores of pixels have candidates
    key = asked.key(services)
    # Equal pixels can differ in their truth, so the event is part of it.
    place = f"{key} {asked.event.id.file} {asked.event.id.entry} {rule}"
    found: dict[str, Any] | None = cache.get(place)
    if found is None:
        prediction = services.stored.get(key)
        if isinstance(prediction, Prediction):
            try:
                found = {"key": key, **_candidates(asked, prediction, rule)}
            except ValueError as error:  # such as a truth with unknown classes
                name = asked.event.id.file
                raise UnprocessableEntity(f"No candidates of this event of {name}: {error}.") from error
            cache.set(place, found)
    return found


def _candidates(asked: Question, prediction: Prediction, rule: MichelParameters) -> dict[str, Any]:
    image, detector = asked.image, asked.event.detector
    if prediction.plane != image.plane or len(prediction.scores) != len(image):
        raise Conflict(
            f"The stored answer is of {len(prediction.scores)} pixels of plane {prediction.plane}, the image "
            f"of {len(image)} of plane {image.plane}; run the network again."
        )
    classes = prediction.classes
    michels = find_michels(image, classes, rule)
    truths, verdicts = _judge(image, asked.event.truth, classes >= 0, michels)
    return {
        "michels": [
            {**_michel(image, candidate), **verdict}
            for candidate, verdict in zip(michels, verdicts, strict=True)
        ],
        "showers": [_shower(image, candidate) for candidate in find_showers(image, classes, detector)],
        "true_michels": truths,
    }


def _judge(
    image: WireImage, truth: Truth | None, read: NDArray[np.bool_], michels: Sequence[MichelCandidate]
) -> tuple[list[dict[str, Any]] | None, list[dict[str, Any]]]:
    """The true Michels of a plane, None without truth; and of each candidate, what truth says of it.

    A candidate of pixels that truth mostly does not know, as in samples that keep it for the neutrino
    alone, is neither right nor wrong: null.
    """
    # A quarter of the app's start would go to scipy.stats, which comes with it.
    from lartpc.metrics.michel import has_michel_truth, match, true_michels

    if truth is None or not has_michel_truth(truth, image.plane):
        return None, [{"matched": None, "true_energy_mev": None}] * len(michels)
    truths = true_michels(image, truth, read)
    pairs = {pair.candidate: truths[pair.true] for pair in match(michels, truths)}
    known = truth.classes[image.plane] >= 0
    verdicts: list[dict[str, Any]] = []
    for position, candidate in enumerate(michels):
        true = pairs.get(position)
        wrong = False if known[candidate.pixels].mean() > 0.5 else None
        verdicts.append(
            {
                "matched": wrong if true is None else True,
                "true_energy_mev": None if true is None else true.energy_mev,
            }
        )
    told = [{"pixels": len(true.pixels), "energy_mev": true.energy_mev} for true in truths]
    return told, verdicts


def _michel(image: WireImage, candidate: MichelCandidate) -> dict[str, Any]:
    return {
        "attachment": _place(image, candidate.attachment_row, candidate.attachment_wire),
        "pixels": candidate.pixels.tolist(),
        "charge_adc": candidate.charge_adc,
        "energy_mev": candidate.energy_mev,
    }


def _shower(image: WireImage, candidate: ShowerCandidate) -> dict[str, Any]:
    return {
        "start": _place(image, candidate.start_row, candidate.start_wire),
        "direction": {"drift": candidate.direction_drift, "wire": candidate.direction_wire},
        "pixels": candidate.pixels.tolist(),
        "charge_adc": candidate.charge_adc,
        "energy_mev": candidate.energy_mev,
    }


def _place(image: WireImage, row: int, column: int) -> dict[str, int]:
    """A pixel: its row, the number of its wire, its earliest tick."""
    step = row if image.tick_order > 0 else image.shape[0] - 1 - row
    return {
        "row": row,
        "wire": image.first_wire + column,
        "tick": image.first_tick + step * image.ticks_per_row,
    }
