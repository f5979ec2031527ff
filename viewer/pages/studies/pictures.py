"""Two labellings of one image as the browser draws them: pixels, charge, and the answers of both."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from dash import html
from dash.development.base_component import Component
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from lartpc.classes import PIXEL_CLASSES, PixelClass
from lartpc.detector import Detector
from records.images import ImageStore, in_window
from records.labellings import Labellings, Side, shown_alike
from records.models import StudyImage
from records.questions import Question
from viewer import palette
from viewer.palette import Theme

_CHARGE_FULL_ADC = 120.0
"""ADC × gain from which a pixel without an answer is drawn in the darkest grey."""
_MARGIN = 6
"""Pixels around those that are lit."""
_COARSE = {
    "track": PixelClass.MIP,
    "shower": PixelClass.SHOWER,
    "not Michel": PixelClass.MIP,
    "Michel": PixelClass.MICHEL,
}
"""Answers that are no pixel class of their own, and whose colour they have."""


def picture(
    session: Session, images: ImageStore, question: Question, labellings: Labellings, one: Side, other: Side
) -> dict[str, Any]:
    """What assets/studies/pictures.js draws of two sides, as JSON; it says nothing of who they are.

    Raises ValueError where the image is no longer stored.
    """
    row = session.get_one(StudyImage, labellings.study_image_id)
    stored = images.get(row.image_hash)
    image = stored.image
    window = None if row.window is None else (row.window[0], row.window[1], row.window[2], row.window[3])
    inside = in_window(image, window)
    first_row, height = _span(image.rows[inside], image.shape[0])
    first_wire, width = _span(image.wires[inside], image.shape[1])
    detector = Detector.load(stored.detector)
    charge = np.clip(image.charge[inside] / _CHARGE_FULL_ADC, 0.0, 1.0)
    left, right = shown_alike(one.answer, other.answer)
    return {
        "rows": _packed((image.rows[inside] - first_row).astype(np.uint16)),
        "wires": _packed((image.wires[inside] - first_wire).astype(np.uint16)),
        "charge": _packed((255 * charge).astype(np.uint8)),
        "answers": [_packed(left), _packed(right)],
        "height": height,
        "width": width,
        "first_row_on_top": image.tick_order < 0,
        "cm_per_row": detector.cm_per_tick * image.ticks_per_row,
        "cm_per_wire": detector.plane(image.plane).pitch_cm,
        "colours": {theme: answer_colours(question, theme) for theme in palette.THEMES},
        "greys": {theme: palette.theme_table(theme)["charge_under_overlay"] for theme in palette.THEMES},
        "planes": {theme: palette.surfaces(theme)["plane"] for theme in palette.THEMES},
    }


def answer_colours(question: Question, theme: Theme) -> list[str]:
    """A colour for each answer of a question that colours pixels; for a pixel class its own."""
    of_label = {c.label: c for c in PIXEL_CLASSES} | _COARSE
    return [palette.class_colour(of_label.get(name, PixelClass.MIP), theme) for name in question.classes]


def legend(question: Question) -> list[Component]:
    """The answers with their colours, in the colours of the page's theme."""
    of_label = {c.label: c for c in PIXEL_CLASSES} | _COARSE
    answers: list[Component] = [
        html.Span(
            [
                html.Span(
                    className="swatch",
                    style={
                        "background": f"var(--as-class-{of_label.get(name, PixelClass.MIP).name.lower()})"
                    },
                ),
                name,
            ]
        )
        for name in question.classes
    ]
    return [*answers, html.Span([html.Span(className="swatch swatch-none"), "not answered by both: grey"])]


def _span(places: NDArray[np.int32], size: int) -> tuple[int, int]:
    """First place and number of places that hold all pixels with a margin, within the image."""
    first, last = max(int(places.min()) - _MARGIN, 0), min(int(places.max()) + _MARGIN, size - 1)
    return first, last - first + 1


def _packed(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()).decode()
