"""Objects and verdicts as CSV: one row an image, an object, or what is said of an event."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from records.exchange.label_set import (
    EVENT,
    OBJECTS,
    SCHEMA,
    VERSION,
    ExchangeError,
    Json,
    LabelFile,
    LabelledTask,
    as_json,
    check_version,
    from_json,
)

PARTS = frozenset((OBJECTS, EVENT))
_TASK = ("task", "author", "study", "submitted", "repeat", "weights")
_IMAGE = ("content_hash", "pixels", "rows", "wires", "file", "entry", "run", "subrun", "event", "source")
_DIRECTION = ("direction_rows", "direction_wires")
_POINTS = {"end": ("row", "wire"), "start": ("row", "wire"), "direction": _DIRECTION}
COLUMNS = (
    *("schema", "version", "kind", *_TASK, "plane", *_IMAGE),
    *("object", "state", "row", "wire", *_DIRECTION),
    *("core", "photons", "object_pixels", "verdict", "michel", "comment"),
)
"""core, photons, object_pixels: sets of pixels as `records.pixel_runs` writes them; weights: with blanks
between them."""
_WHOLE = ("pixels", "rows", "wires", "entry", "run", "subrun", "event")


def write(path: Path, tasks: Sequence[LabelledTask]) -> None:
    """Write the file. Raises OSError."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        for task in tasks:
            for row in _rows(as_json(task, tuple(PARTS))):
                writer.writerow({"schema": SCHEMA, "version": VERSION, **row})


def read(path: Path) -> LabelFile:
    """What the file holds. Raises ExchangeError, OSError."""
    tasks: dict[str, Json] = {}
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        try:
            for row in reader:
                check_version({"schema": row["schema"], "version": int(row["version"])}, path.name)
                _take(tasks, row)
        except (csv.Error, KeyError, TypeError, ValueError) as error:
            if isinstance(error, ExchangeError):
                raise
            place = f"line {reader.line_num} of {path.name}"
            raise ExchangeError(f"{place} is not as expected ({error!r})") from error
    return LabelFile(PARTS, tuple(from_json(value) for value in tasks.values()))


def _rows(task: Json) -> Iterator[Json]:
    about = {**{name: task[name] for name in _TASK}, "weights": " ".join(task["weights"])}
    about |= {name: int(task[name]) for name in ("submitted", "repeat")}
    for plane, facts in task["images"].items():
        yield {**about, "kind": "image", "plane": plane, **{name: facts[name] for name in _IMAGE}}
    for kind in ("michel", "shower"):
        for item in task[f"{kind}s"]:
            row = {name: value for name, value in item.items() if name not in _POINTS}
            if kind == "shower":
                row["object_pixels"] = row.pop("pixels")
            for name, columns in _POINTS.items():
                if item.get(name) is not None:
                    row |= dict(zip(columns, map(repr, item[name]), strict=True))
            hashed = {"content_hash": task["images"][item["plane"]]["content_hash"]}
            yield {**about, "kind": kind, **hashed, **row}
    yield {**about, "kind": "event", **{n: "" if v is None else v for n, v in task["event"].items()}}


def _take(tasks: dict[str, Json], row: dict[str, Any]) -> None:
    task = tasks.setdefault(
        row["task"],
        {
            **{name: row[name] for name in ("task", "author", "study")},
            **{name: bool(int(row[name])) for name in ("submitted", "repeat")},
            "weights": row["weights"].split(),
            **{"images": {}, "michels": [], "showers": []},
        },
    )
    kind = row["kind"]
    if kind == "image":
        facts = {name: int(row[name]) if name in _WHOLE else row[name] for name in _IMAGE}
        task["images"][row["plane"]] = {**facts, "plane": row["plane"]}
    elif kind == "michel":
        names = ("plane", "object", "state", "core", "photons")
        task["michels"].append({**{name: row[name] for name in names}, "end": _point(row, "end")})
    elif kind == "shower":
        points = {name: _point(row, name) for name in ("start", "direction")}
        task["showers"].append(
            {"plane": row["plane"], "object": row["object"], "pixels": row["object_pixels"], **points}
        )
    elif kind == "event":
        said = {name: row[name] or None for name in ("verdict", "michel")}
        task["event"] = {**said, "comment": row["comment"]}
    else:
        raise ValueError(f"unknown kind {json.dumps(kind)}")


def _point(row: dict[str, Any], name: str) -> list[float] | None:
    texts = [row[column] for column in _POINTS[name]]
    return None if not texts[0] else [float(text) for text in texts]
