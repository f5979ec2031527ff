"""Rule books of small images, written out by hand."""

from __future__ import annotations

import pytest
import torch
from torch import tensor

from inference.sparse.geometry import level_of

pytestmark = pytest.mark.usefixtures("each_kernel")

# Row 0: wires 0, 1. Row 1: wire 2. Row 3: wire 3 (the corner of a 4×4 image).
ROWS, WIRES, SHAPE = tensor([0, 0, 1, 3]), tensor([0, 1, 2, 3]), (4, 4)


def test_coordinates_come_back() -> None:
    image, rows, wires = level_of(ROWS, WIRES, SHAPE).coordinates
    assert image.tolist() == [0, 0, 0, 0]
    assert rows.tolist() == ROWS.tolist()
    assert wires.tolist() == WIRES.tolist()


def test_neighbours_are_row_major_and_missing_ones_are_n() -> None:
    assert level_of(ROWS, WIRES, SHAPE).neighbours.tolist() == [
        [4, 4, 4, 4, 0, 1, 4, 4, 4],
        [4, 4, 4, 0, 1, 4, 4, 4, 2],
        [1, 4, 4, 4, 2, 4, 4, 4, 4],
        [4, 4, 4, 4, 3, 4, 4, 4, 4],
    ]


def test_level_below_and_its_tables() -> None:
    sites = level_of(ROWS, WIRES, SHAPE)
    below = sites.below
    assert below.shape == (2, 2)
    assert below.coordinates[1].tolist() == [0, 0, 1]
    assert below.coordinates[2].tolist() == [0, 1, 1]
    # Places in a window: 0 top left, 1 top right, 2 bottom left, 3 bottom right.
    assert below.keys.dtype == torch.int64
    assert sites.children.tolist() == [[0, 1, 4, 4], [4, 4, 2, 4], [4, 4, 4, 3]]
    assert sites.slots.tolist() == [0, 1, 4 + 2, 8 + 3, 12]


def test_odd_sizes_round_up() -> None:
    below = level_of(tensor([4]), tensor([2]), (5, 3)).below
    assert below.shape == (3, 2)
    assert [int(c) for c in below.coordinates] == [0, 2, 1]


def test_images_of_a_batch_do_not_touch() -> None:
    # The last row of image 0 and the first of image 1; the right edge and the next row's left edge.
    image, rows, wires = tensor([0, 0, 1]), tensor([0, 1, 0]), tensor([1, 0, 0])
    sites = level_of(rows, wires, (2, 2), image)
    assert sites.neighbours.tolist() == [
        [3, 3, 3, 3, 0, 3, 1, 3, 3],
        [3, 3, 0, 3, 1, 3, 3, 3, 3],
        [3, 3, 3, 3, 2, 3, 3, 3, 3],
    ]
    assert sites.below.coordinates[0].tolist() == [0, 1]


def test_an_empty_image_has_empty_tables() -> None:
    empty = tensor([], dtype=torch.int64)
    sites = level_of(empty, empty, (8, 8))
    assert len(sites) == 0
    assert sites.neighbours.shape == (0, 9)
    assert len(sites.below) == 0
    assert sites.children.shape == (0, 4)
    assert sites.slots.tolist() == [0]


@pytest.mark.parametrize(("row", "wire"), [(-1, 0), (0, -1), (4, 0), (0, 4)])
def test_a_pixel_outside_is_refused(row: int, wire: int) -> None:
    with pytest.raises(ValueError, match="outside the image of 4 rows and 4 wires"):
        level_of(tensor([row]), tensor([wire]), SHAPE)


@pytest.mark.parametrize("wires", [[1, 0], [1, 1]])
def test_unsorted_or_repeated_pixels_are_refused(wires: list[int]) -> None:
    with pytest.raises(ValueError, match="sorted by row, then wire, each once"):
        level_of(tensor([0, 0]), tensor(wires), SHAPE)
