"""Sets of pixels as text: there and back, small, and damage refused."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.pixel_runs import decode_pixels, encode_pixels


def test_the_text_by_hand() -> None:
    # Leave out 2, take 3 (2, 3, 4); leave out 200 = 0b1_1001000 → C8 01, take 1 (205).
    assert encode_pixels([4, 2, 3, 205, 3]) == base64.b64encode(bytes([2, 3, 0xC8, 1, 1])).decode()
    assert encode_pixels([]) == ""
    assert decode_pixels("", 0).dtype == np.int32


@settings(max_examples=50)
@given(st.sets(st.integers(0, 30_000)))
def test_there_and_back(pixels: set[int]) -> None:
    text = encode_pixels(list(pixels))
    np.testing.assert_array_equal(decode_pixels(text, 30_001), sorted(pixels))


def test_a_stroke_over_a_whole_plane_stays_small() -> None:
    assert len(encode_pixels(np.arange(24_000))) <= 8
    half = np.flatnonzero(np.random.default_rng(0).random(24_000) < 0.5)  # the worst kind of set
    assert len(encode_pixels(half)) < 17_000


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ([1], "pairs of gap and length"),
        ([1, 0], "pairs of gap and length"),
        ([1, 2, 0, 1], "pairs of gap and length"),
        ([1, 0x80], "cut short"),
        ([1, 0x80, 0x80, 0x80, 0x80, 1], "too long"),
        ([5, 6], "pixel index 10 is out of range; the image has pixels 0 to 9"),
        ([10, 1], "pixel index 10 is out of range"),
    ],
)
def test_damage_is_refused(raw: list[int], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        decode_pixels(base64.b64encode(bytes(raw)).decode(), 10)


def test_what_is_no_text_of_pixels() -> None:
    with pytest.raises(ValueError, match="not base64"):
        decode_pixels("brush!", 10)
    with pytest.raises(ValueError, match="pixel index -1"):
        encode_pixels([-1])
