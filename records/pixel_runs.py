"""A set of pixels of one image as short text: runs of neighbours in pixel order.

Text: base64 of numbers in LEB128 (7 bits a byte, lowest first, high bit: more follow), in pairs: how many
pixels to leave out, how many to take. Each set has one text: only the first pair may leave out none, and
no pair takes none. A whole plane of 24 000 pixels is 6 characters, a stroke through it some hundred.
"""

from __future__ import annotations

import base64
import binascii

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MAX_BYTES = 4
"""Of one number: 28 bits, more than any plane has pixels."""


def encode_pixels(pixels: ArrayLike) -> str:
    """The text of pixel indices (n,), in any order, each once or more. Raises ValueError below 0."""
    indices = np.unique(np.asarray(pixels, np.int64))
    if not len(indices):
        return ""
    if indices[0] < 0:
        raise ValueError(f"pixel index {indices[0]}; expected 0 or more")
    breaks = np.flatnonzero(np.diff(indices) > 1)
    starts = indices[np.concatenate([[0], breaks + 1])]
    stops = indices[np.concatenate([breaks, [len(indices) - 1]])] + 1
    gaps = starts - np.concatenate([[0], stops[:-1]])
    numbers = np.stack([gaps, stops - starts], axis=1).ravel()
    return base64.b64encode(_to_bytes(numbers)).decode()


def decode_pixels(text: str, pixels: int) -> NDArray[np.int32]:
    """Indices of the text, ascending: int32 (n,). pixels: how many the image has.

    Raises ValueError with one sentence for a text that is none, or an index that the image lacks.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a set of pixels is not base64") from error
    numbers = _from_bytes(np.frombuffer(raw, np.uint8))
    gaps, lengths = numbers[::2], numbers[1::2]
    if len(gaps) != len(lengths) or (lengths == 0).any() or (gaps[1:] == 0).any():
        raise ValueError("a set of pixels is damaged; expected pairs of gap and length")
    stops = np.cumsum(gaps + lengths)
    if len(stops) and stops[-1] > pixels:
        raise ValueError(
            f"pixel index {stops[-1] - 1} is out of range; the image has pixels 0 to {pixels - 1}"
        )
    # Within a run each index is one more than the last; where a run begins, its gap comes on top.
    steps = np.ones(int(lengths.sum()), np.int64)
    steps[np.cumsum(lengths) - lengths] += gaps
    return (np.cumsum(steps) - 1).astype(np.int32)


def _to_bytes(numbers: NDArray[np.int64]) -> bytes:
    shifts = 7 * np.arange(_MAX_BYTES)
    parts = (numbers[:, None] >> shifts) & 0x7F
    used = np.maximum(1, (numbers[:, None] >> shifts > 0).sum(axis=1))
    places = np.arange(_MAX_BYTES)
    more = places < used[:, None] - 1
    return (parts | (more << 7))[places < used[:, None]].astype(np.uint8).tobytes()


def _from_bytes(raw: NDArray[np.uint8]) -> NDArray[np.int64]:
    last = raw < 0x80
    if len(raw) and not last[-1]:
        raise ValueError("a set of pixels is cut short")
    ends = np.flatnonzero(last)
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64) if len(ends) else ends
    place = np.arange(len(raw)) - np.repeat(starts, ends - starts + 1)
    if (place >= _MAX_BYTES).any():
        raise ValueError("a set of pixels is damaged: a number is too long")
    values = (raw & 0x7F).astype(np.int64) << (7 * place)
    return np.add.reduceat(values, starts) if len(starts) else values
