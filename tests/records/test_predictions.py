"""Stored predictions come back as they were, and damage counts as absence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from records.predictions import Prediction, PredictionStore, is_key

KEY = "ab" * 32


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path)


def prediction() -> Prediction:
    scores = np.array([[0.5, 0.25, 0.25, 0, 0], [np.nan] * 5], np.float32)
    return Prediction("Y", scores, "uresnet", "5-16", "c" * 64, "cpu", 0.25)


def stored_file(folder: Path) -> Path:
    (path,) = folder.rglob("*.npz")
    return path


def test_an_answer_comes_back_as_it_was_stored(store: PredictionStore) -> None:
    store.put(KEY, prediction())
    found = store.get(KEY)
    assert found is not None
    assert found.metadata() == prediction().metadata()
    np.testing.assert_array_equal(found.scores, prediction().scores)
    assert found.scores.dtype == np.float32


def test_the_class_of_a_pixel_is_its_best_score_the_first_of_equals() -> None:
    scores = np.array([[0.1, 0.5, 0.1, 0.2, 0.1], [0.4, 0.1, 0.0, 0.1, 0.4], [np.nan] * 5], np.float32)
    found = Prediction("Y", scores, "uresnet", "5-16", "c" * 64, "cpu", 0.25)
    np.testing.assert_array_equal(found.classes, [1, 0, -1])


def test_nothing_stored_is_none(store: PredictionStore) -> None:
    assert not store.has(KEY)
    assert store.get(KEY) is None


def test_a_later_store_on_the_same_folder_sees_it(store: PredictionStore, tmp_path: Path) -> None:
    store.put(KEY, prediction())
    assert PredictionStore(tmp_path).has(KEY)


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_a_file_cut_short_counts_as_absent_and_goes(
    store: PredictionStore, tmp_path: Path, keep: int
) -> None:
    store.put(KEY, prediction())
    path = stored_file(tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    assert store.get(KEY) is None
    assert not store.has(KEY)


def test_pickled_scores_are_not_loaded(store: PredictionStore, tmp_path: Path) -> None:
    store.put(KEY, prediction())
    metadata = np.frombuffer(json.dumps(prediction().metadata()).encode(), np.uint8)
    np.savez(stored_file(tmp_path), scores=np.array([{"a": 1}], object), metadata=metadata)
    assert store.get(KEY) is None


def test_scores_of_another_width_count_as_absent(store: PredictionStore, tmp_path: Path) -> None:
    store.put(KEY, prediction())
    metadata = np.frombuffer(json.dumps(prediction().metadata()).encode(), np.uint8)
    np.savez(stored_file(tmp_path), scores=np.zeros((2, 4), np.float16), metadata=metadata)
    assert store.get(KEY) is None


def test_a_write_that_fails_leaves_nothing(
    store: PredictionStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("records.predictions.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.put(KEY, prediction())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "\n"])
def test_what_is_no_key_never_meets_a_path(store: PredictionStore, text: str) -> None:
    assert not is_key(text)
    assert not store.has(text)
    assert store.get(text) is None
    with pytest.raises(ValueError, match="no job key"):
        store.put(text, prediction())
