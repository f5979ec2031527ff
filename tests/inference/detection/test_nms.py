"""Suppression of boxes and masks, on hand-made ones and against the definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inference.detection import nms as module
from inference.detection.boxes import iou
from inference.detection.nms import mask_nms, mask_overlaps, nms


def brute_force(boxes: torch.Tensor, scores: torch.Tensor, threshold: float) -> list[int]:
    """One box after another, best first, against all that stay."""
    kept: list[int] = []
    for number in sorted(range(len(boxes)), key=lambda n: (-float(scores[n]), n)):
        if all(float(iou(boxes[number][None], boxes[k][None])) <= threshold for k in kept):
            kept.append(number)
    return kept


def test_by_hand() -> None:
    boxes = torch.tensor([[0, 0, 10, 10], [0, 1, 10, 11], [20, 20, 30, 30], [0, 5, 10, 15.0]])
    scores = torch.tensor([0.5, 0.9, 0.1, 0.8])
    # 1 beats 0 (IoU 9/11); 3 overlaps 1 by 6/14 and 0 by 1/3.
    assert nms(boxes, scores, 0.5).tolist() == [1, 3, 2]
    assert nms(boxes, scores, 0.3).tolist() == [1, 2]
    assert nms(boxes, scores, 0.9).tolist() == [1, 3, 0, 2]
    assert nms(boxes, scores, 0.5, most=2).tolist() == [1, 3]


def test_what_is_suppressed_suppresses_nothing() -> None:
    # Each overlaps the next by 2/3; the second goes, so the third stays.
    boxes = torch.tensor([[0, 0, 1, 10], [0, 2, 1, 12], [0, 4, 1, 14.0]])
    assert nms(boxes, torch.tensor([3.0, 2.0, 1.0]), 0.6).tolist() == [0, 2]


@pytest.mark.parametrize("block", [1, 7, 512])
@pytest.mark.parametrize("threshold", [0.3, 0.7])
def test_against_the_definition(monkeypatch: pytest.MonkeyPatch, block: int, threshold: float) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    generator = torch.Generator().manual_seed(block)
    low = torch.rand(90, 2, generator=generator) * 50
    boxes = torch.cat([low, low + 5 + torch.rand(90, 2, generator=generator) * 30], dim=1)
    # Few different scores, so that many are equal.
    scores = torch.randint(0, 20, (90,), generator=generator) / 20.0
    expected = brute_force(boxes, scores, threshold)
    assert nms(boxes, scores, threshold).tolist() == expected
    assert nms(boxes, scores, threshold, most=5).tolist() == expected[:5]


def test_nothing_and_boxes_without_area() -> None:
    assert nms(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []
    # Empty boxes overlap nothing, not even each other.
    assert nms(torch.ones(3, 4), torch.tensor([0.1, 0.3, 0.2]), 0.5).tolist() == [1, 2, 0]


def test_masks_by_hand() -> None:
    masks = [
        np.array([0, 1, 2, 3]),
        np.array([3, 4, 5]),
        np.array([1, 2, 3]),
        np.array([], int),
        np.array([9]),
    ]
    overlaps = mask_overlaps(masks, 10)
    assert overlaps[0, 1] == pytest.approx(1 / 3)
    assert overlaps[0, 2] == overlaps[2, 0] == 1.0
    assert overlaps[3].tolist() == [0.0] * 5
    # The third is a piece of the first, and shares a third of its pixels with the second.
    assert mask_nms(masks, 10, 0.6).tolist() == [0, 1, 3, 4]
    assert mask_nms(masks, 10, 0.3).tolist() == [0, 3, 4]
    assert mask_nms(masks[1:], 10, 0.6).tolist() == [0, 1, 2, 3]
    assert mask_nms([], 10, 0.3).tolist() == []


def test_tracks_that_cross_keep_both_masks() -> None:
    # Two diagonals of one square: their boxes are the same, their masks share one pixel.
    box = torch.tensor([[0.0, 0, 9, 9]])
    diagonal, other = np.arange(9) * 10, np.arange(9) * 9 + 8
    assert float(iou(box, box)) == 1.0
    assert mask_nms([diagonal, other], 90, 0.3).tolist() == [0, 1]
