"""Evaluations on disk: one JSON a plane and sample, shipped with ArgonScope or in the data folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from records.evaluation_schema import check_report
from records.folder import write_json

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True)
class EvaluationSummary:
    """One line of a list of evaluations. seed: None for files.

    gain: what the images were read with, where that was chosen ("own": as they came).
    """

    id: str
    network: str
    weights: str
    weights_hash: str
    plane: str
    sample: str
    seed: int | None
    files: tuple[str, ...]
    events: int
    shipped: bool
    gain: str | float = "own"


@dataclass(frozen=True)
class EvaluationList:
    """What folders hold: evaluations by id, and one sentence for each file that is none."""

    evaluations: tuple[EvaluationSummary, ...]
    damaged: tuple[str, ...]


class EvaluationStore:
    """Evaluations of a folder that can be written, and of others that are only read (the shipped ones).

    An evaluation in the folder hides a shipped one of the same id.
    """

    def __init__(self, folder: Path, shipped: tuple[Path, ...] = ()) -> None:
        self._folder = folder
        self._shipped = shipped

    def list(self) -> EvaluationList:
        """Summaries sorted by weights, plane and id; damaged files are left out and named."""
        found: dict[str, EvaluationSummary] = {}
        damaged = []
        for folder in (self._folder, *self._shipped):
            for path in sorted(folder.glob("*.json")):
                if path.stem in found or not is_evaluation_id(path.stem):
                    continue
                try:
                    found[path.stem] = _summary(path, shipped=folder != self._folder)
                except ValueError as error:
                    damaged.append(str(error))
        ordered = sorted(found.values(), key=lambda s: (s.weights, s.plane, s.id))
        return EvaluationList(tuple(ordered), tuple(damaged))

    def get(self, evaluation: str) -> dict[str, Any] | None:
        """The report of an id, or None where there is none. Raises ValueError if its file is damaged."""
        if not is_evaluation_id(evaluation):
            return None
        for folder in (self._folder, *self._shipped):
            path = folder / f"{evaluation}.json"
            if path.is_file():
                return read_report(path)
        return None

    def put(self, report: Mapping[str, Any]) -> str:
        """Store a report under the id that follows from it, and return that. Raises OSError, ValueError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        evaluation = evaluation_id(report)
        write_report(self._folder / f"{evaluation}.json", report)
        return evaluation


def is_evaluation_id(text: str) -> bool:
    """Whether a text can be an id; anything else never meets a path."""
    return _ID.fullmatch(text) is not None


def evaluation_id(report: Mapping[str, Any]) -> str:
    """Weights with their plane, sample, seed, and eight hex digits of what else the figures depend on.

    That is the SHA-256 of the weights' hash, the sample with its number of events, and the settings.
    """
    sample = report["sample"]
    depends = json.dumps([report["weights_hash"], sample, report["settings"]], sort_keys=True)
    digest = hashlib.sha256(depends.encode()).hexdigest()[:8]
    weights = f"{report['weights'].removesuffix('-' + report['plane'])}-{report['plane']}"
    parts = [weights, sample["name"], sample["seed"], digest]
    name = "-".join(str(part) for part in parts if part is not None)
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip("._-")[-200:]


def read_report(path: Path) -> dict[str, Any]:
    """A report from a file. Raises ValueError with one sentence if the file holds none."""
    try:
        return check_report(json.loads(path.read_text()))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path.name}: not an evaluation ({error})") from error


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report, all or nothing. Raises OSError, or ValueError if it is none."""
    write_json(path, check_report(dict(report)))


def _summary(path: Path, shipped: bool) -> EvaluationSummary:
    try:
        status = path.stat()
    except OSError as error:
        raise ValueError(f"{path.name}: not an evaluation ({error})") from error
    return _read_summary(path, shipped, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _read_summary(path: Path, shipped: bool, _size: int, _changed_ns: int) -> EvaluationSummary:
    report = read_report(path)
    sample = report["sample"]
    return EvaluationSummary(
        id=path.stem,
        **{name: report[name] for name in ("network", "weights", "weights_hash", "plane", "events")},
        sample=sample["name"],
        seed=sample["seed"],
        files=tuple(sample["files"]),
        shipped=shipped,
        gain=report["settings"].get("gain", "own"),
    )
