"""The one binary body between server and page: a JSON header, then aligned little-endian arrays.

Layout: uint32 length of the header, the UTF-8 header padded with spaces to a multiple of 4, then the
arrays in the order of ``header["arrays"]``, each starting on a multiple of 4 from the array part.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

MEDIA_TYPE = "application/octet-stream"
_ALIGNMENT = 4
_LENGTH = struct.Struct("<I")


def encode(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """One body of a header (JSON values) and named arrays. Raises ValueError for object arrays."""
    table: list[dict[str, Any]] = []
    chunks: list[bytes] = []
    offset = 0
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ValueError(f"array {name!r} holds objects; expected numbers")
        data = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
        table.append({"name": name, "dtype": array.dtype.name, "shape": list(array.shape), "offset": offset})
        padding = -len(data) % _ALIGNMENT
        chunks += [data, b"\0" * padding]
        offset += len(data) + padding
    text = json.dumps({**header, "arrays": table}, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join([_LENGTH.pack(len(text)), text, *chunks])


def decode(body: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Inverse of encode. Raises ValueError when the body is cut short or is something else."""
    if len(body) < _LENGTH.size:
        raise ValueError(f"body of {len(body)} bytes is too short to hold a header")
    start = _LENGTH.size + _LENGTH.unpack_from(body)[0]
    if start > len(body):
        raise ValueError(f"header says it ends at byte {start}, the body at {len(body)}")
    header = json.loads(body[_LENGTH.size : start])
    arrays = {row["name"]: _array(body, start, row) for row in header["arrays"]}
    return header, arrays


def _array(body: bytes, start: int, row: Mapping[str, Any]) -> NDArray[Any]:
    count = int(np.prod(row["shape"], dtype=np.int64))
    dtype = np.dtype(row["dtype"]).newbyteorder("<")
    return np.frombuffer(body, dtype, count, start + row["offset"]).reshape(row["shape"])
