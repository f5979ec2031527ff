"""Blocks of rows are what HDF5 itself reads, however the dataset is stored."""

import h5py
import numpy as np
import pytest

from lartpc.readers.row_blocks import row_blocks

ROWS, WIDTH = 50, 12
STORED = {
    "gzip": {"chunks": (8, WIDTH), "compression": "gzip"},
    "one row a chunk": {"chunks": (1, WIDTH), "compression": "gzip"},
    "shuffled": {"chunks": (8, WIDTH), "compression": "gzip", "shuffle": True},
    "columns cut": {"chunks": (8, 5), "compression": "gzip"},
    "plain chunks": {"chunks": (8, WIDTH)},
    "contiguous": {},
    "integers": {"chunks": (8, WIDTH), "compression": "gzip", "dtype": "<i2"},
    "big-endian": {"chunks": (8, WIDTH), "compression": "gzip", "dtype": ">f4"},
}


@pytest.fixture
def values():
    return np.arange(ROWS * WIDTH, dtype=np.float32).reshape(ROWS, WIDTH)


def joined(dataset, start, stop):
    """The blocks put together, after checking that they follow one another."""
    found = []
    for first, block in row_blocks(dataset, start, stop):
        assert first == start + sum(len(b) for b in found)
        assert block.dtype == np.float32
        found.append(block.copy())
    return np.concatenate(found) if found else np.empty((0, WIDTH), np.float32)


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize(("start", "stop"), [(0, ROWS), (3, 21), (16, 24), (45, ROWS), (9, 9)])
def test_blocks_are_the_rows(tmp_path, values, stored, start, stop):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset("adc", data=values, **STORED[stored])
        np.testing.assert_array_equal(joined(dataset, start, stop), values[start:stop])


def test_a_chunk_that_was_never_written_is_its_fill_value(tmp_path, values):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset("adc", (ROWS, WIDTH), "<f4", fillvalue=7.0, **STORED["gzip"])
        dataset[:8] = values[:8]
        found = joined(dataset, 0, 20)
    np.testing.assert_array_equal(found[:8], values[:8])
    assert (found[8:] == 7.0).all()


def test_a_chunk_that_skipped_gzip_is_read(tmp_path, values):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset("adc", data=values, **STORED["gzip"])
        dataset.id.write_direct_chunk((8, 0), values[8:16].tobytes(), filter_mask=1)
        np.testing.assert_array_equal(joined(dataset, 0, ROWS), values)


@pytest.mark.parametrize("damage", [b"no gzip at all", b"\0"])
def test_a_damaged_chunk_is_an_error_of_hdf5(tmp_path, values, damage):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset("adc", data=values, **STORED["gzip"])
        dataset.id.write_direct_chunk((8, 0), damage)
        with pytest.raises(OSError, match="Can't synchronously read data"):
            joined(dataset, 0, ROWS)
