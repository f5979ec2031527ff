"""Which events were put to a network: one line an asked plane, appended, never rewritten.

A prediction is stored by what was in the image, not by where the image came from, so the event
table could not say which entries have an answer without reading every image. This list can.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from pathlib import Path

from records.answers import is_key


class AskedLog:
    """Job keys by file and entry. A file is known by its path, size and modification time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, file: Path, entry: int, keys: list[str]) -> None:
        """Remember that these jobs were asked for one event. Raises OSError."""
        path = self._path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{entry} {key}\n" for key in keys).encode()
        # One append is one write: lines of two processes never mix.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, lines)
        finally:
            os.close(descriptor)

    def keys(self, file: Path) -> dict[int, set[str]]:
        """Entry -> job keys asked for it; lines that are cut short are skipped."""
        try:
            text = self._path(file).read_text(errors="replace")
        except OSError:
            return {}
        asked: defaultdict[int, set[str]] = defaultdict(set)
        for line in text.splitlines():
            entry, _, key = line.partition(" ")
            if entry.isdecimal() and is_key(key):
                asked[int(entry)].add(key)
        return dict(asked)

    def _path(self, file: Path) -> Path:
        status = file.stat()
        identity = f"{file.resolve()} {status.st_size} {status.st_mtime_ns}"
        return self._folder / f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}.txt"
