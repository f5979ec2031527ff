"""Answers of networks on disk: one npz a job key, written to a temporary name and renamed.

An answer is scores of pixels or instances; which of them a file holds is seen from its arrays.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from records.detections import Detections
from records.folder import written_whole
from records.predictions import Prediction

Answer: TypeAlias = Prediction | Detections

_KEY = re.compile(r"[0-9a-f]{64}")


class AnswerStore:
    """Answers by job key (hex digits), two letters of the key a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, key: str) -> bool:
        """Whether an answer is stored; get may still find it damaged and drop it."""
        return is_key(key) and self._path(key).is_file()

    def get(self, key: str) -> Answer | None:
        """The stored answer, or None. A damaged file is removed, so that the job can run again."""
        if not is_key(key):
            return None
        path = self._path(key)
        try:
            return _read(path)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)
            return None

    def put(self, key: str, answer: Answer) -> None:
        """Store an answer; a reader sees all of it or nothing.

        Raises OSError; ValueError for what is no key, or for instances that contradict themselves.
        """
        if not is_key(key):
            raise ValueError(f"{key!r} is no job key; expected 64 hex digits")
        path = self._path(key)
        with written_whole(path) as file:
            _write(file, answer)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.npz"


def is_key(text: str) -> bool:
    """Whether a text is a job key: a SHA-256 in lower-case hex. Anything else never meets a path."""
    return _KEY.fullmatch(text) is not None


def _write(file: Any, answer: Answer) -> None:
    text = json.dumps(answer.metadata()).encode()
    columns: dict[str, Any] = {"metadata": np.frombuffer(text, np.uint8), **answer.arrays()}
    np.savez(file, **columns)


def _read(path: Path) -> Answer:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    metadata = json.loads(arrays.pop("metadata").tobytes())
    kind = Prediction if "scores" in arrays and "offsets" not in arrays else Detections
    return kind.from_arrays(metadata, arrays)
