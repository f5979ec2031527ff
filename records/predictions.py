"""Predictions on disk: one npz a job key, written to a temporary name and renamed."""

from __future__ import annotations

import json
import os
import re
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_KEY = re.compile(r"[0-9a-f]{64}")
_STORED_DTYPE = np.float16
"""Scores are probabilities: half precision keeps them to 5e-4 and halves the file."""

SCORE_COLUMNS = 5


@dataclass(frozen=True)
class Prediction:
    """What a segmentation network said of one plane.

    scores: float32 (N, 5), softmax, rows in the pixel order of the image; NaN where the network
    does not read the pixel. seconds: time of the bare network call. weights_hash: SHA-256 of the
    weights file.
    """

    plane: str
    scores: NDArray[np.float32]
    network: str
    weights: str
    weights_hash: str
    device: str
    seconds: float

    @property
    def classes(self) -> NDArray[np.int8]:
        """Class of the largest score of each pixel, int8 (N,); -1 where the network read nothing."""
        classes = np.full(len(self.scores), -1, np.int8)
        read = ~np.isnan(self.scores).any(axis=1)
        classes[read] = self.scores[read].argmax(axis=1)
        return classes

    def metadata(self) -> dict[str, Any]:
        """Everything but the scores, as JSON values."""
        return {
            "plane": self.plane,
            "network": self.network,
            "weights": self.weights,
            "weights_hash": self.weights_hash,
            "device": self.device,
            "seconds": self.seconds,
        }


class PredictionStore:
    """Predictions by job key (hex digits), two letters of the key a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, key: str) -> bool:
        """Whether an answer is stored; get may still find it damaged and drop it."""
        return is_key(key) and self._path(key).is_file()

    def get(self, key: str) -> Prediction | None:
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

    def put(self, key: str, prediction: Prediction) -> None:
        """Store an answer; a reader sees all of it or nothing. Raises OSError, ValueError."""
        if not is_key(key):
            raise ValueError(f"{key!r} is no job key; expected 64 hex digits")
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            with temporary.open("wb") as file:
                _write(file, prediction)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.npz"


def is_key(text: str) -> bool:
    """Whether a text is a job key: a SHA-256 in lower-case hex. Anything else never meets a path."""
    return _KEY.fullmatch(text) is not None


def _write(file: Any, prediction: Prediction) -> None:
    text = json.dumps(prediction.metadata()).encode()
    np.savez(
        file,
        scores=prediction.scores.astype(_STORED_DTYPE),
        metadata=np.frombuffer(text, np.uint8),
    )


def _read(path: Path) -> Prediction:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        metadata = json.loads(arrays["metadata"].tobytes())
        scores = arrays["scores"].astype(np.float32)
    if scores.ndim != 2 or scores.shape[1] != SCORE_COLUMNS:
        raise ValueError(f"scores of shape {scores.shape}; expected (N, {SCORE_COLUMNS})")
    return Prediction(scores=scores, **metadata)
