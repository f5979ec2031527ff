"""Masks on lit pixels: which pixels a box holds, and what a mask says there."""

from __future__ import annotations

import torch

from inference.detection.paste import pixels_in, read_masks

ROWS = torch.tensor([0, 0, 2, 2, 5, 9])
WIRES = torch.tensor([1, 7, 3, 4, 4, 0])


def test_pixels_of_each_box_by_hand() -> None:
    boxes = torch.tensor([[0.0, 0, 3, 5], [2, 3, 6, 5], [0, 0, 10, 10], [4, 4, 4, 4], [20, 20, 30, 30]])
    pairs = pixels_in(boxes, ROWS, WIRES)
    assert pairs.counts.tolist() == [3, 3, 6, 0, 0]
    assert pairs.pixel.tolist() == [0, 2, 3, 2, 3, 4, 0, 1, 2, 3, 4, 5]
    assert pairs.box.tolist() == [0] * 3 + [1] * 3 + [2] * 6
    # Middle of pixel (2, 3) in the second box, of 4 rows and 2 wires.
    torch.testing.assert_close(pairs.place[3], torch.tensor([0.5 / 4, 0.5 / 2]))


def test_edges_are_half_open() -> None:
    # The middle of pixel (2, 3) lies at (2.5, 3.5).
    inside = torch.tensor([[2.5, 3.5, 3.0, 4.0], [2.0, 3.0, 2.5, 3.6], [2.0, 3.0, 2.6, 3.5]])
    assert pixels_in(inside, ROWS, WIRES).counts.tolist() == [1, 0, 0]


def test_against_looking_at_every_pixel() -> None:
    generator = torch.Generator().manual_seed(2)
    lit = torch.nonzero(torch.rand(40, 50, generator=generator) < 0.2)
    low = torch.rand(20, 2, generator=generator) * 40 - 5
    boxes = torch.cat([low, low + torch.rand(20, 2, generator=generator) * 30], dim=1)
    pairs = pixels_in(boxes, lit[:, 0], lit[:, 1])
    middle = lit + 0.5
    inside = (middle[None] >= boxes[:, None, :2]).all(2) & (middle[None] < boxes[:, None, 2:]).all(2)
    assert torch.stack([pairs.box, pairs.pixel], dim=1).tolist() == torch.nonzero(inside).tolist()


def test_no_boxes_and_no_pixels() -> None:
    none = torch.zeros(0, dtype=torch.int64)
    assert pixels_in(torch.zeros(0, 4), ROWS, WIRES).pixel.tolist() == []
    empty = pixels_in(torch.tensor([[0.0, 0, 9, 9]]), none, none)
    assert empty.counts.tolist() == [0]
    assert read_masks(torch.ones(1, 4, 4), empty).shape == (0,)


def test_mask_is_read_between_the_middles_of_its_cells() -> None:
    masks = torch.arange(8.0).view(2, 2, 2)
    # Pixel middles at 0.5 … 3.5 of a box of 4 × 4, cells' middles at 1 and 3.
    rows = torch.arange(4).repeat_interleave(4)
    pairs = pixels_in(torch.tensor([[0.0, 0, 4, 4], [1, 1, 3, 3]]), rows, torch.arange(4).repeat(4))
    said = read_masks(masks, pairs)
    first = said[:16].view(4, 4)
    assert first[0].tolist() == [0.0, 0.25, 0.75, 1.0]
    assert first[:, 0].tolist() == [0.0, 0.5, 1.5, 2.0]
    # The second box has pixels exactly on its cells.
    assert said[16:].tolist() == [4.0, 5.0, 6.0, 7.0]
