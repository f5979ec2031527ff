"""Anchors, overlaps, box coder, matcher and sampler, on boxes one can check by hand."""

from __future__ import annotations

import math

import pytest
import torch

from inference.detection.anchors import anchor_shapes, anchors_at
from inference.detection.boxes import area, clip, enlarge, iou, sound
from inference.detection.coder import LARGEST, BoxCoder
from inference.detection.matcher import BACKGROUND, IGNORED, match
from inference.detection.sampler import sample


def boxes(*given: tuple[float, float, float, float]) -> torch.Tensor:
    return torch.tensor(given, dtype=torch.float32).reshape(-1, 4)


def random_boxes(number: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    low = torch.rand(number, 2, generator=generator) * 80
    return torch.cat([low, low + torch.rand(number, 2, generator=generator) * 40 + 0.1], dim=1)


def test_published_anchors_have_their_area_and_ratio() -> None:
    shapes = anchor_shapes((32, 64, 128, 256, 512), (0.5, 1, 2))
    assert shapes.shape == (15, 2)
    torch.testing.assert_close(shapes[1], torch.tensor([32.0, 32.0]))
    torch.testing.assert_close(shapes[0], torch.tensor([32 / math.sqrt(2), 32 * math.sqrt(2)]))
    torch.testing.assert_close(shapes.prod(dim=1)[-3:], torch.full((3,), 512.0**2))
    torch.testing.assert_close(shapes[2, 0] / shapes[2, 1], torch.tensor(2.0))


def test_anchors_stand_round_the_middle_of_their_site() -> None:
    found = anchors_at(
        torch.tensor([0, 2]), torch.tensor([0, 5]), 16, torch.tensor([[10.0, 20.0], [4.0, 4.0]])
    )
    assert found.tolist() == [[3, -2, 13, 18], [6, 6, 10, 10], [35, 78, 45, 98], [38, 86, 42, 90]]


def test_overlap_by_hand() -> None:
    one = boxes((0, 0, 10, 10))
    others = boxes((0, 0, 10, 10), (0, 5, 10, 15), (10, 0, 20, 10), (2, 2, 4, 4), (5, 5, 5, 5))
    torch.testing.assert_close(iou(one, others), torch.tensor([[1.0, 1 / 3, 0.0, 0.04, 0.0]]))
    assert iou(boxes((5, 5, 5, 5)), boxes((5, 5, 5, 5))).tolist() == [[0.0]]
    assert area(boxes((0, 0, 3, 4), (3, 3, 1, 1))).tolist() == [12.0, 0.0]
    assert iou(boxes(), others).shape == (0, 5)


def test_overlap_by_counting_pixels() -> None:
    one, other = random_boxes(12, 1).round(), random_boxes(9, 2).round()
    canvas = torch.zeros(21, 130, 130, dtype=torch.bool)
    for number, (top, left, bottom, right) in enumerate(torch.cat([one, other]).int().tolist()):
        canvas[number, top:bottom, left:right] = True
    flat = canvas.flatten(1).float()
    shared = flat[:12] @ flat[12:].T
    union = flat[:12].sum(1)[:, None] + flat[12:].sum(1)[None] - shared
    torch.testing.assert_close(iou(one, other), shared / union.clamp_min(1))


def test_clipped_enlarged_and_sound() -> None:
    assert clip(boxes((-5, 2, 50, 99)), (40, 60)).tolist() == [[0, 2, 40, 60]]
    assert enlarge(boxes((10, 10, 110, 20)), 0.1, 3.0).tolist() == [[0, 7, 120, 23]]
    given = boxes((0, 0, 5, 0.5), (0, 0, 5, 5), (3, 3, 3, 9), (0, 0, math.nan, 4), (0, 0, math.inf, 4))
    assert sound(given, 1.0).tolist() == [False, True, False, False, False]


def test_coder_by_hand_and_back() -> None:
    offsets = BoxCoder(10.0, 5.0).encode(boxes((0, 0, 20, 40)), boxes((0, 0, 10, 10)))
    expected = torch.tensor([[10 * 0.5, 10 * 1.5, 5 * math.log(2), 5 * math.log(4)]])
    torch.testing.assert_close(offsets, expected)
    for coder in (BoxCoder(), BoxCoder(10.0, 5.0)):
        true, references = random_boxes(30, 3), random_boxes(30, 4)
        torch.testing.assert_close(
            coder.decode(coder.encode(true, references), references), true, atol=1e-3, rtol=1e-4
        )


def test_coder_reaches_from_the_smallest_anchor_to_the_whole_image_and_no_further() -> None:
    # A muon along all wires, from an anchor of 32 × 32.
    anchor, track = boxes((500, 1700, 532, 1732)), boxes((100, 100, 900, 2077))
    coder = BoxCoder()
    torch.testing.assert_close(coder.decode(coder.encode(track, anchor), anchor), track, atol=0.01, rtol=0)
    wild = coder.decode(torch.tensor([[0.0, 0.0, 1e4, 1e4]]), anchor)
    torch.testing.assert_close(wild[0, 2] - wild[0, 0], torch.tensor(32 * math.exp(LARGEST)))


def test_matcher_by_hand() -> None:
    overlaps = torch.tensor([[0.8, 0.1], [0.5, 0.45], [0.2, 0.1], [0.0, 0.45], [0.69, 0.0]])
    assert match(overlaps, 0.7, 0.3).tolist() == [0, IGNORED, BACKGROUND, IGNORED, IGNORED]
    # Both that overlap the second true box most stand for it, one of which overlaps the first more.
    assert match(overlaps, 0.7, 0.3, best_of_each=True).tolist() == [0, 1, BACKGROUND, 1, IGNORED]
    assert match(overlaps, 0.5, 0.5).tolist() == [0, 0, BACKGROUND, BACKGROUND, 0]


def test_matcher_without_truth_or_proposals() -> None:
    assert match(torch.zeros(3, 0), 0.7, 0.3, True).tolist() == [BACKGROUND] * 3
    assert match(torch.zeros(0, 4), 0.7, 0.3, True).tolist() == []
    # A true box that nothing overlaps gets no proposal.
    assert match(torch.zeros(2, 1), 0.7, 0.3, True).tolist() == [BACKGROUND] * 2


@pytest.mark.parametrize(
    ("matched", "number", "share", "expected"),
    [
        ([0] * 30 + [BACKGROUND] * 100, 64, 0.25, (16, 48)),
        ([0] * 3 + [BACKGROUND] * 100, 64, 0.25, (3, 61)),
        ([0] * 30 + [BACKGROUND] * 5, 64, 0.25, (16, 5)),
        ([IGNORED] * 9, 64, 0.25, (0, 0)),
        ([], 64, 0.25, (0, 0)),
    ],
)
def test_sampler(matched: list[int], number: int, share: float, expected: tuple[int, int]) -> None:
    torch.manual_seed(1)
    given = torch.tensor(matched, dtype=torch.int64)
    positive, negative = sample(given, number, share)
    assert (len(positive), len(negative)) == expected
    assert (given[positive] >= 0).all()
    assert (given[negative] == BACKGROUND).all()
    assert len(set(positive.tolist())) == len(positive)
    assert len(set(negative.tolist())) == len(negative)


def test_sampler_draws_at_random() -> None:
    given = torch.zeros(100, dtype=torch.int64)
    torch.manual_seed(1)
    first, second = (set(sample(given, 40, 0.5)[0].tolist()) for _ in range(2))
    assert first != second
