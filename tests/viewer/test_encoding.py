"""The binary body: laid out as documented, and read back as it was written."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from viewer.encoding import decode, encode


def test_layout_by_hand() -> None:
    body = encode({"a": 1}, {"x": np.array([1, 2, 3], np.uint16), "y": np.array([7], np.int8)})
    (length,) = struct.unpack("<I", body[:4])
    assert length % 4 == 0
    header = json.loads(body[4 : 4 + length])
    assert header == {
        "a": 1,
        "arrays": [
            {"name": "x", "dtype": "uint16", "shape": [3], "offset": 0},
            {"name": "y", "dtype": "int8", "shape": [1], "offset": 8},
        ],
    }
    assert body[4 + length :] == bytes([1, 0, 2, 0, 3, 0, 0, 0, 7, 0, 0, 0])


def test_big_endian_arrays_are_turned() -> None:
    body = encode({}, {"x": np.array([1], ">u4")})
    assert body.endswith(bytes([1, 0, 0, 0]))


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=5),
        npst.arrays(
            st.sampled_from(["uint8", "int8", "uint16", "int16", "float16", "float32"]),
            npst.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=5),
        ),
        max_size=4,
    )
)
def test_what_is_encoded_is_decoded(arrays: dict[str, np.ndarray]) -> None:
    header, found = decode(encode({"name": "é"}, arrays))
    assert header["name"] == "é"
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_objects_are_refused() -> None:
    with pytest.raises(ValueError, match="holds objects"):
        encode({}, {"x": np.array([None])})


@pytest.mark.parametrize("keep", [0, 3, 10, -1])
def test_a_body_cut_short_is_refused(keep: int) -> None:
    body = encode({}, {"x": np.arange(10, dtype=np.float32)})
    with pytest.raises(ValueError, match=r"too short|header says|buffer"):
        decode(body[:keep])
