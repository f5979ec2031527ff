"""Rows of a large 2-D dataset, a chunk of rows at a time.

Decompressing is most of the time that a full event of wire signals takes, and HDF5 does it on one
thread. Chunks that are nothing but gzip are therefore unpacked here, on two threads, while the caller
works on the one before; whatever is stored otherwise is left to HDF5.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import h5py
import numpy as np
from numpy.typing import NDArray

_THREADS = 2
_AHEAD = 4
_ROWS_AT_ONCE = 128

Block = NDArray[np.float32]


def row_blocks(dataset: h5py.Dataset, start: int, stop: int) -> Iterator[tuple[int, Block]]:
    """First row and float32 (rows, width) of each block of rows start to stop, in order.

    A block may be overwritten when the next one is asked for.
    """
    return (_unpacked if _is_plain_gzip(dataset) else _read)(dataset, start, stop)


def _read(dataset: h5py.Dataset, start: int, stop: int) -> Iterator[tuple[int, Block]]:
    """Through HDF5, into one buffer."""
    chunk = dataset.chunks[0] if dataset.chunks else 1
    step = chunk * -(-_ROWS_AT_ONCE // chunk)
    buffer = np.empty((step, dataset.shape[1]), np.float32)
    for first, last in _spans(start, stop, step):
        dataset.read_direct(buffer, np.s_[first:last], np.s_[: last - first])
        yield first, buffer[: last - first]


def _unpacked(dataset: h5py.Dataset, start: int, stop: int) -> Iterator[tuple[int, Block]]:
    """Past HDF5's filters; a few chunks are under way at a time."""
    step = dataset.chunks[0]
    waiting: deque[tuple[int, int, Future[Block] | None]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        for first, last in _spans(start, stop, step):
            packed = _packed(dataset, first // step * step)
            waiting.append((first, last, pool.submit(_unpack, packed, dataset.chunks) if packed else None))
            if len(waiting) > _AHEAD:
                yield _block(dataset, step, *waiting.popleft())
        while waiting:
            yield _block(dataset, step, *waiting.popleft())


def _spans(start: int, stop: int, step: int) -> Iterator[tuple[int, int]]:
    """Cut start to stop where multiples of step are."""
    while start < stop:
        end = min(stop, (start // step + 1) * step)
        yield start, end
        start = end


def _is_plain_gzip(dataset: h5py.Dataset) -> bool:
    """Whether each chunk holds whole rows of little-endian float32 behind gzip alone."""
    if not isinstance(dataset, h5py.Dataset) or dataset.dtype != np.dtype("<f4") or not dataset.chunks:
        return False
    filters = dataset.id.get_create_plist()
    only_gzip = filters.get_nfilters() == 1 and filters.get_filter(0)[0] == h5py.h5z.FILTER_DEFLATE
    return bool(only_gzip and dataset.chunks[1] == dataset.shape[1] and dataset.chunks[0] <= 1024)


def _packed(dataset: h5py.Dataset, row: int) -> bytes | None:
    """A chunk as stored, or None where it was never written or skipped its filter."""
    try:
        mask, packed = dataset.id.read_direct_chunk((row, 0))
    except (OSError, RuntimeError, ValueError):
        return None
    return None if mask else bytes(packed)


def _unpack(packed: bytes, shape: tuple[int, int]) -> Block:
    return np.frombuffer(zlib.decompress(packed, bufsize=4 * shape[0] * shape[1]), "<f4").reshape(shape)


def _block(
    dataset: h5py.Dataset, step: int, first: int, last: int, found: Future[Block] | None
) -> tuple[int, Block]:
    """The wanted rows of a chunk; HDF5 reads, or reports, what could not be unpacked."""
    try:
        if found is not None:
            return first, found.result()[first % step : first % step + last - first]
    except (zlib.error, ValueError):
        pass
    return first, np.asarray(dataset[first:last], np.float32)
