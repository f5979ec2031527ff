"""What identifies an image."""

from dataclasses import replace

import numpy as np
import pytest

from lartpc.classes import PIXEL_CLASSES, PixelClass
from lartpc.errors import EventFileError
from lartpc.event import WireImage


@pytest.fixture
def image():
    return WireImage(
        "Y",
        np.array([0, 0, 2], np.int32),
        np.array([1, 3, 0], np.int32),
        np.array([5.0, 7.5, 9.0], np.float32),
        (4, 5),
    )


def test_the_gain_is_no_part_of_the_content(image):
    louder = image.with_gain(4.0)
    assert (louder.gain, image.gain, len(louder)) == (4.0, 1.0, 3)
    assert louder.content_hash == image.content_hash


def test_a_masked_image_keeps_some_pixels_and_all_else(image):
    left = image.with_gain(2.0).masked(np.array([True, False, True]))
    assert (left.rows.tolist(), left.wires.tolist(), left.adc.tolist()) == ([0, 2], [1, 0], [5.0, 9.0])
    assert (left.shape, left.gain, left.plane) == ((4, 5), 2.0, "Y")
    assert left.content_hash != image.content_hash
    assert image.masked(np.ones(3, bool)).content_hash == image.content_hash


@pytest.mark.parametrize(
    "change",
    [
        {"plane": "U"},
        {"shape": (4, 6)},
        {"tick_order": -1},
        {"adc": np.array([5.0, 7.5, 9.5], np.float32)},
        {"wires": np.array([1, 3, 1], np.int32)},
    ],
)
def test_whatever_a_network_reads_changes_the_hash(image, change):
    assert replace(image, **change).content_hash != image.content_hash


def test_classes_have_words_and_score_columns():
    assert [c.label for c in PIXEL_CLASSES] == ["HIP", "MIP", "shower", "delta", "Michel"]
    assert [int(c) for c in PIXEL_CLASSES] == [0, 1, 2, 3, 4]
    assert PixelClass.UNKNOWN.label == "unknown"


def test_a_file_error_is_one_sentence():
    error = EventFileError("a.h5", "has no table x", "one beside y")
    assert str(error) == "a.h5: has no table x; expected one beside y."
