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
_IMAGE = "image_hash"


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

    def image_of(self, key: str) -> str | None:
        """Content hash of the image that a stored answer is of: of all of it, where the network read a part.
        Empty where the file is of an older version, which did not say; None where no answer is stored."""
        if not self.has(key):
            return None
        try:
            with self._path(key).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return bytes(stored[_IMAGE]).decode() if _IMAGE in stored.files else ""
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return ""

    def put(self, key: str, answer: Answer, image_hash: str) -> None:
        """Store an answer to an image, named by its content hash; a reader sees all of it or nothing.

        Raises OSError; ValueError for what is no key, or for instances that contradict themselves.
        """
        if not is_key(key):
            raise ValueError(f"{key!r} is no job key; expected 64 hex digits")
        path = self._path(key)
        with written_whole(path) as file:
            _write(file, answer, image_hash)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.npz"


def is_key(text: str) -> bool:
    """Whether a text is a job key: a SHA-256 in lower-case hex. Anything else never meets a path."""
    return _KEY.fullmatch(text) is not None


def _write(file: Any, answer: Answer, image_hash: str) -> None:
    texts = {"metadata": json.dumps(answer.metadata()), _IMAGE: image_hash}
    columns: dict[str, Any] = {name: np.frombuffer(text.encode(), np.uint8) for name, text in texts.items()}
    columns |= answer.arrays()
    np.savez(file, **columns)


def _read(path: Path) -> Answer:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files if name != _IMAGE}
    metadata = json.loads(arrays.pop("metadata").tobytes())
    kind = Prediction if "scores" in arrays and "offsets" not in arrays else Detections
    return kind.from_arrays(metadata, arrays)
