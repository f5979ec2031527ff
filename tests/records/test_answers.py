"""Stored answers come back as they were, and damage counts as absence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lartpc.classes import InstanceClass
from lartpc.instances import Instance
from records.answers import Answer, AnswerStore, is_key
from records.detections import Detections
from records.predictions import Prediction

KEY = "ab" * 32
IMAGE = "e" * 64
Columns = dict[str, NDArray[Any]]


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    return AnswerStore(tmp_path)


def prediction() -> Prediction:
    scores = np.array([[0.5, 0.25, 0.25, 0, 0], [np.nan] * 5], np.float32)
    return Prediction("Y", scores, "uresnet", "5-16", "c" * 64, "cpu", 0.25)


def detections() -> Detections:
    """Of ten pixels: a neutrino and a cosmic that share pixel 4, and a mask without pixels."""
    found = (
        Instance(InstanceClass.NEUTRINO, 0.875, (0.5, 1, 7.25, 9), np.array([0, 4, 9], np.int32)),
        Instance(InstanceClass.COSMIC, 0.5, (2, 3, 4, 5), np.array([3, 4], np.int32)),
        Instance(InstanceClass.COSMIC, 0.25, (2, 3, 2, 3), np.empty(0, np.int32)),
    )
    return Detections("Y", found, 10, "smask-rcnn", "r18", "d" * 64, "cpu", 0.5)


def stored_file(folder: Path) -> Path:
    (path,) = folder.rglob("*.npz")
    return path


def rewrite(folder: Path, answer: Answer, **changes: Any) -> None:
    """Put other arrays, or another metadata, into the file of an answer."""
    metadata = {**answer.metadata(), **changes.pop("metadata", {})}
    text = np.frombuffer(json.dumps(metadata).encode(), np.uint8)
    np.savez(stored_file(folder), metadata=text, **{**answer.arrays(), **changes})


def test_a_prediction_comes_back_as_it_was_stored(store: AnswerStore) -> None:
    store.put(KEY, prediction(), IMAGE)
    found = store.get(KEY)
    assert isinstance(found, Prediction)
    assert found.metadata() == prediction().metadata()
    np.testing.assert_array_equal(found.scores, prediction().scores)
    assert found.scores.dtype == np.float32


def test_an_answer_remembers_its_image(store: AnswerStore, tmp_path: Path) -> None:
    assert store.image_of(KEY) is None
    for answer in (prediction(), detections()):
        store.put(KEY, answer, IMAGE)
        assert store.image_of(KEY) == IMAGE
    rewrite(tmp_path, detections())  # as versions before this one wrote it
    assert store.image_of(KEY) == ""
    stored_file(tmp_path).write_bytes(b"cut short")
    assert store.image_of(KEY) == ""
    assert store.image_of("../key") is None


def test_detections_come_back_as_they_were_stored(store: AnswerStore) -> None:
    store.put(KEY, detections(), IMAGE)
    found = store.get(KEY)
    assert isinstance(found, Detections)
    assert found.metadata() == detections().metadata()
    for one, other in zip(found.instances, detections().instances, strict=True):
        assert (one.instance_class, one.score, one.box) == (other.instance_class, other.score, other.box)
        np.testing.assert_array_equal(one.pixels, other.pixels)
        assert one.pixels.dtype == np.int32


def test_an_empty_plane_has_no_instances(store: AnswerStore) -> None:
    store.put(KEY, replace(detections(), instances=(), image_pixels=0), IMAGE)
    found = store.get(KEY)
    assert isinstance(found, Detections)
    assert (found.instances, found.image_pixels) == ((), 0)


def test_the_class_of_a_pixel_is_its_best_score_the_first_of_equals() -> None:
    scores = np.array([[0.1, 0.5, 0.1, 0.2, 0.1], [0.4, 0.1, 0.0, 0.1, 0.4], [np.nan] * 5], np.float32)
    found = Prediction("Y", scores, "uresnet", "5-16", "c" * 64, "cpu", 0.25)
    np.testing.assert_array_equal(found.classes, [1, 0, -1])


def test_nothing_stored_is_none(store: AnswerStore) -> None:
    assert not store.has(KEY)
    assert store.get(KEY) is None


def test_a_later_store_on_the_same_folder_sees_it(store: AnswerStore, tmp_path: Path) -> None:
    store.put(KEY, prediction(), IMAGE)
    assert AnswerStore(tmp_path).has(KEY)


@pytest.mark.parametrize("make", [prediction, detections])
@pytest.mark.parametrize("keep", [0, 10, 200])
def test_a_file_cut_short_counts_as_absent_and_goes(
    store: AnswerStore, tmp_path: Path, keep: int, make: Callable[[], Answer]
) -> None:
    store.put(KEY, make(), IMAGE)
    path = stored_file(tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    assert store.get(KEY) is None
    assert not store.has(KEY)


@pytest.mark.parametrize(
    ("make", "column"), [(prediction, "scores"), (detections, "pixels"), (detections, "boxes")]
)
def test_pickled_arrays_are_not_loaded(
    store: AnswerStore, tmp_path: Path, make: Callable[[], Answer], column: str
) -> None:
    store.put(KEY, make(), IMAGE)
    rewrite(tmp_path, make(), **{column: np.array([{"a": 1}], object)})
    assert store.get(KEY) is None
    assert not store.has(KEY)


def test_scores_of_another_width_count_as_absent(store: AnswerStore, tmp_path: Path) -> None:
    store.put(KEY, prediction(), IMAGE)
    rewrite(tmp_path, prediction(), scores=np.zeros((2, 4), np.float16))
    assert store.get(KEY) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"pixels": np.array([0, 4, 10, 3, 4], np.int32)},  # outside the image
        {"pixels": np.array([-1, 4, 9, 3, 4], np.int32)},
        {"pixels": np.array([4, 0, 9, 3, 4], np.int32)},  # not ascending
        {"pixels": np.array([0, 4, 4, 3, 4], np.int32)},  # one twice
        {"pixels": np.array([0, 4, 9, 3, 4], np.float32)},
        {"offsets": np.array([0, 3, 5, 4], np.int32)},
        {"offsets": np.array([0, 3, 6, 5], np.int32)},
        {"offsets": np.array([1, 3, 5, 5], np.int32)},
        {"offsets": np.array([0, 3, 5], np.int32)},
        {"classes": np.array([1, 0, 9], np.int8)},
        {"classes": np.array([1, 0], np.int8)},
        {"scores": np.array([0.5, 0.875, 0.25], np.float32)},  # not the best first
        {"scores": np.array([1.5, 0.5, 0.25], np.float32)},
        {"scores": np.array([np.nan, 0.5, 0.25], np.float32)},
        {"boxes": np.array([[9, 1, 7, 9], [2, 3, 4, 5], [2, 3, 2, 3]], np.float32)},
        {"boxes": np.full((3, 4), np.inf, np.float32)},
        {"boxes": np.zeros((3, 2), np.float32)},
        {"metadata": {"image_pixels": None}},
        {"metadata": {"image_pixels": 5}},
        {"metadata": {"surprise": 1}},
    ],
)
def test_damaged_instances_count_as_absent_and_go(
    store: AnswerStore, tmp_path: Path, changes: dict[str, Any]
) -> None:
    store.put(KEY, detections(), IMAGE)
    rewrite(tmp_path, detections(), **changes)
    assert store.get(KEY) is None
    assert not store.has(KEY)


def test_instances_that_contradict_themselves_are_not_stored(store: AnswerStore) -> None:
    one, *rest = detections().instances
    wrong = replace(detections(), instances=(*rest, one))
    with pytest.raises(ValueError, match="the best first"):
        store.put(KEY, wrong, IMAGE)
    with pytest.raises(ValueError, match="outside the 5 of the image"):
        store.put(KEY, replace(detections(), image_pixels=5), IMAGE)
    assert not store.has(KEY)


@pytest.mark.parametrize("make", [prediction, detections])
def test_a_write_that_fails_leaves_nothing(
    store: AnswerStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Answer]
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("records.folder.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.put(KEY, make(), IMAGE)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "\n"])
def test_what_is_no_key_never_meets_a_path(store: AnswerStore, text: str) -> None:
    assert not is_key(text)
    assert not store.has(text)
    assert store.get(text) is None
    with pytest.raises(ValueError, match="no job key"):
        store.put(text, prediction(), IMAGE)
