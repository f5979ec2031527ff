"""Route of the masking study: the network on chosen pixels of a plane, everything else gone dark.

After arXiv:1808.07269: mask every pixel outside a region, run again, and watch the scores. A masked
plane is an image like any other, so queue, worker and stored predictions serve it unchanged.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import numpy as np
from flask import Blueprint, Response
from numpy.typing import NDArray

from inference.client import SegmenterSettings, readable
from lartpc.event import WireImage
from viewer.answers import BadRequestError, json_answer
from viewer.job_routes import MAX_KEYS, Question, json_body, questions, segmenter_settings
from viewer.services import Services


def add_masking_routes(blueprint: Blueprint, services: Services) -> None:
    """Put POST /api/masking on the /api blueprint."""

    @blueprint.post("/masking")
    def masking() -> Response:
        asked, images = _masked_images(services, json_body())
        submit, whole = services.jobs.submit, asked.image
        states = [submit(image, asked.card, asked.settings, whole) for image in images]
        return json_answer({"steps": [state.as_json() for state in states]})


def _masked_images(services: Services, body: Mapping[str, Any]) -> tuple[Question, list[WireImage]]:
    """The question without its masks, and one image a mask. Nothing is put on the queue unless all fit."""
    plane, masks = body.get("plane"), body.get("masks")
    asked = questions(services, {**body, "planes": [plane]})[str(plane)]
    if not isinstance(masks, list) or not 0 < len(masks) <= MAX_KEYS:
        raise BadRequestError(f"masks needs 1 to {MAX_KEYS} texts, one a step.")
    if body.get("content_hash") not in (None, asked.image.content_hash):
        raise BadRequestError(
            "The file changed since this event was opened; reload the page and draw the region again."
        )
    settings = segmenter_settings(asked)
    images = [asked.image.masked(_kept(mask, len(asked.image))) for mask in masks]
    for image in images:
        if not readable(image.charge, settings)[1].any():
            raise BadRequestError(_nothing_to_read(settings))
    return asked, images


def _kept(mask: Any, count: int) -> NDArray[np.bool_]:
    """Which of so many pixels a mask keeps: bit i of its base64 bytes, lowest bit first."""
    expected = -(-count // 8)
    try:
        packed = base64.b64decode(mask, validate=True) if isinstance(mask, str) else b""
    except (binascii.Error, ValueError):
        packed = b""
    if len(packed) != expected:
        raise BadRequestError(
            f"A mask is not one bit for each of the {count} pixels of the plane; "
            f"expected {expected} bytes in base64."
        )
    return np.unpackbits(np.frombuffer(packed, np.uint8), count=count, bitorder="little").astype(bool)


def _nothing_to_read(settings: SegmenterSettings) -> str:
    upper = "" if settings.saturate else f" < {settings.adc_max:g}"
    return f"The region holds no pixel that the network reads ({settings.adc_min:g} < ADC × gain{upper})."
