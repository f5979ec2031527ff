"""What adjudication found: who is wrong where two labellings differ, and the events behind it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from records.compared import ComparedImage, Verdict

Json = dict[str, Any]

WRONG = ("truth", "human", "network", "undecided")
"""Who can be wrong by a verdict; where both sides are, it counts for each."""


def adjudication(images: Sequence[ComparedImage], verdicts: Sequence[Verdict]) -> Json:
    """Source -> how many verdicts say who is wrong, and each verdict with its event; sources that have any.

    A verdict on an image that is not among `images` (it is no longer stored) is left out.
    """
    found: dict[str, list[Json]] = {}
    by_position = {image.position: image for image in images}
    for verdict in verdicts:
        image = by_position.get(verdict.position)
        if image is not None:
            found.setdefault(image.source, []).append(_row(image, verdict))
    return {source: _counted(rows) for source, rows in sorted(found.items())}


def _row(image: ComparedImage, verdict: Verdict) -> Json:
    names = ("file", "entry", "run", "subrun", "event")
    return {
        **{name: image.place[name] for name in names},
        "planes": [image.place["plane"]],
        "images": [image.position],
        "between": list(verdict.between),
        "wrong": list(verdict.wrong) or ["undecided"],
        "by": verdict.by,
        "comment": verdict.comment,
    }


def _counted(rows: list[Json]) -> Json:
    return {
        "verdicts": len(rows),
        "wrong": {who: sum(who in row["wrong"] for row in rows) for who in WRONG},
        "per_verdict": rows,
    }
