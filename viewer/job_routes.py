"""Routes of jobs, predictions and weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from flask import Blueprint, Response, request

from inference.client import (
    SEGMENTER,
    SETTINGS,
    NetworkSettings,
    SegmenterSettings,
    WeightsCard,
    available_weights,
    default_weights,
)
from lartpc.event import Event, WireImage
from viewer.answers import BadRequestError, NotFoundError, json_answer
from viewer.encoding import MEDIA_TYPE, encode
from viewer.services import Services

MAX_KEYS = 64


@dataclass(frozen=True)
class Question:
    """What a job asks: these weights, on this image of an event with its gain, read with these settings."""

    event: Event
    image: WireImage
    card: WeightsCard
    settings: NetworkSettings

    def key(self, services: Services) -> str:
        """The job key of the answer."""
        return services.jobs.key(self.image, self.card, self.settings)


def add_job_routes(blueprint: Blueprint, services: Services) -> None:
    """Put jobs, predictions and weights on the /api blueprint."""
    jobs = services.jobs

    @blueprint.get("/weights")
    def weights() -> Response:
        return json_answer([_card(card) for card in available_weights()])

    @blueprint.get("/worker")
    def worker() -> Response:
        return json_answer(asdict(jobs.worker()))

    @blueprint.post("/jobs")
    def submit() -> Response:
        return json_answer({"jobs": _submit(services, json_body())})

    @blueprint.get("/jobs")
    def states() -> Response:
        keys = [key for key in request.args.get("keys", "").split(",") if key]
        if not 0 < len(keys) <= MAX_KEYS:
            raise BadRequestError(f"Name 1 to {MAX_KEYS} jobs as keys=a,b,c.")
        return json_answer({key: state.as_json() for key, state in jobs.states(keys).items()})

    @blueprint.post("/jobs/<key>/cancel")
    def cancel(key: str) -> Response:
        return json_answer(jobs.cancel(key).as_json())

    @blueprint.get("/predictions/<key>")
    def prediction(key: str) -> Response:
        found = services.stored.get(key)
        if found is None:
            raise NotFoundError("This prediction is not stored; press Run to make it.")
        body = encode(found.metadata(), found.arrays())
        response = Response(body, mimetype=MEDIA_TYPE)
        response.headers["Cache-Control"] = "private, max-age=3600"
        return response


def questions(services: Services, body: Mapping[str, Any]) -> dict[str, Question]:
    """Plane -> what the body of a POST asks of it, as docs/architecture.md lists its fields.

    Raises BadRequestError, UnknownFileError, UnknownEntryError, EventFileError.
    """
    name, entry = body.get("file"), body.get("entry")
    if not isinstance(name, str) or type(entry) is not int:
        raise BadRequestError("A job needs file (a name) and entry (a number).")
    event = services.library.event(name, entry)
    planes = body.get("planes", list(event.images))
    if not isinstance(planes, list) or not planes or not all(plane in list(event.images) for plane in planes):
        raise BadRequestError(f"planes is {planes!r}; expected some of {', '.join(event.images)}.")
    network = body.get("network") or SEGMENTER
    settings = _settings(network, body.get("settings") or {})
    asked = {}
    for plane in planes:
        image = event.images[plane]
        image = image.with_gain(_gain(body.get("gain"), plane, image.gain))
        card = _weights(network, plane, body.get("weights"))
        asked[plane] = Question(event, image, card, settings)
    return asked


def segmenter_settings(asked: Question) -> SegmenterSettings:
    """Settings of a question to a network that scores pixels. Raises BadRequestError for any other."""
    if not isinstance(asked.settings, SegmenterSettings):
        raise BadRequestError(f"The network {asked.card.network} scores no pixels; expected {SEGMENTER}.")
    return asked.settings


def _submit(services: Services, body: Mapping[str, Any]) -> dict[str, Any]:
    states = {
        plane: services.jobs.submit(asked.image, asked.card, asked.settings)
        for plane, asked in questions(services, body).items()
    }
    services.remember(body["file"], body["entry"], [state.key for state in states.values()])
    return {plane: state.as_json() for plane, state in states.items()}


def json_body() -> Mapping[str, Any]:
    """The JSON object of a POST. A form of a foreign page cannot send this type unasked."""
    if request.mimetype != "application/json":
        raise BadRequestError("Send application/json.")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequestError("The body is no JSON object.")
    return body


def _settings(network: Any, given: Any) -> NetworkSettings:
    kind = SETTINGS.get(network) if isinstance(network, str) else None
    if kind is None:
        known = ", ".join(SETTINGS)
        raise BadRequestError(f"There are no weights of the network {network!r}; networks are {known}.")
    defaults = {field.name: field.default for field in fields(kind)}
    if not isinstance(given, dict) or not set(given) <= set(defaults):
        names = ", ".join(defaults)
        raise BadRequestError(f"settings is {given!r}; expected an object with some of {names}.")
    try:
        return kind(**{name: _setting(name, value, defaults[name]) for name, value in given.items()})
    except ValueError as error:
        raise BadRequestError(str(error)) from error


def _setting(name: str, value: Any, default: Any) -> Any:
    """A value of the kind that its default is: whole numbers pass as float, nothing passes as bool."""
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise BadRequestError(f"settings.{name} is {value!r}; expected true or false.")
        return value
    if not _is_number(value):
        raise BadRequestError(f"settings.{name} is {value!r}; expected a number.")
    return float(value)


def _gain(given: Any, plane: str, own: float) -> float:
    """One number for all planes, one a plane, or the image's own."""
    value = given.get(plane, own) if isinstance(given, dict) else own if given is None else given
    if not _is_number(value) or value <= 0:
        raise BadRequestError(f"gain is {value!r}; expected a number above 0.")
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _weights(network: Any, plane: str, given: Any) -> WeightsCard:
    """One name for all planes, one a plane, or the shipped default."""
    name = given.get(plane) if isinstance(given, dict) else given
    cards = [card for card in available_weights() if card.network == network and card.plane == plane]
    if not cards:
        raise BadRequestError(f"There are no weights of the network {network!r} for plane {plane}.")
    if name is None:
        return default_weights(network, plane)
    for card in cards:
        if card.name == name:
            return card
    there = ", ".join(card.name for card in cards)
    raise BadRequestError(f"There are no weights named {name!r} for plane {plane}; there are {there}.")


def _card(card: WeightsCard) -> dict[str, Any]:
    return {
        "network": card.network,
        "name": card.name,
        "plane": card.plane,
        "sha256": card.sha256,
        "card": card.card,
        "default": card == default_weights(card.network, card.plane),
    }
