"""The data folder: where predictions, jobs and the queue lie, and whether it can be written."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SPACE_NEEDED_BYTES = 100_000_000
"""A page of events and their answers take a few MB; below this a session would soon stop."""


class DataFolderError(Exception):
    """The data folder cannot be used; the text is one sentence for the user."""


@dataclass(frozen=True)
class DataFolder:
    """Paths under one root; whoever writes makes the folder first."""

    root: Path

    @property
    def predictions(self) -> Path:
        return self.root / "predictions"

    @property
    def asked(self) -> Path:
        return self.root / "asked"

    @property
    def evaluations(self) -> Path:
        return self.root / "evaluations"

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def jobs(self) -> Path:
        return self.root / "jobs"

    @property
    def queue(self) -> Path:
        return self.root / "queue"

    @property
    def workers(self) -> Path:
        return self.root / "workers"

    @property
    def worker_log(self) -> Path:
        return self.root / "worker.log"

    def prepare(self, space_needed: int = SPACE_NEEDED_BYTES) -> None:
        """Make the folder and try it. Raises DataFolderError: read-only, not a folder, or full."""
        try:
            for folder in (self.predictions, self.asked, self.jobs, self.queue, self.workers):
                folder.mkdir(parents=True, exist_ok=True)
            write_json(self.root / ".writable", {})
            (self.root / ".writable").unlink()
            free = shutil.disk_usage(self.root).free
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise DataFolderError(
                f"The data folder {self.root} cannot be written ({reason}); name another with --data-dir."
            ) from error
        if free < space_needed:
            raise DataFolderError(
                f"The disk of the data folder {self.root} is nearly full: {free // 10**6} MB free, "
                f"{space_needed // 10**6} MB needed; free some space or name another with --data-dir."
            )


def data_folder_of(environment: Mapping[str, str]) -> Path:
    """Where app and worker keep their data unless told: ARGONSCOPE_DATA, or the user's data folder."""
    if environment.get("ARGONSCOPE_DATA"):
        return Path(environment["ARGONSCOPE_DATA"])
    base = environment.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "argonscope"


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name when all of it is on disk, or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write JSON so that a reader sees the old file or the new one. Raises OSError."""
    write_text(path, json.dumps(value))


def write_text(path: Path, text: str) -> None:
    """Write a text so that a reader sees the old file or the new one. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object from a file, or None if it is missing or damaged."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
