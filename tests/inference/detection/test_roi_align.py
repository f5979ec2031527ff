"""RoIAlign on active sites, by hand and against its definition on a dense map."""

from __future__ import annotations

import pytest
import torch
from sparse_images import level, pixels, random_tensor

from inference.detection.roi_align import SAMPLES, SiteMap, roi_align

STRIDE = 4


def dense_map(case: str, features: torch.Tensor) -> torch.Tensor:
    """(H, W, C), zero where no site is active."""
    rows, wires, shape = pixels(case)
    values = torch.zeros(*shape, features.shape[1])
    values[rows, wires] = features[:-1]
    return values


def bilinear(values: torch.Tensor, row: float, wire: float) -> torch.Tensor:
    """As torchvision defines it: zero from one site beyond the edge on, the edge's value up to there."""
    height, width, channels = values.shape
    if row < -1 or row > height or wire < -1 or wire > width:
        return torch.zeros(channels)
    row, wire = min(max(row, 0.0), height - 1.0), min(max(wire, 0.0), width - 1.0)
    top, left = int(row), int(wire)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    y, x = row - top, wire - left
    upper = values[top, left] * (1 - x) + values[top, right] * x
    lower = values[bottom, left] * (1 - x) + values[bottom, right] * x
    return upper * (1 - y) + lower * y


def brute_force(values: torch.Tensor, box: list[float], cells: int) -> torch.Tensor:
    top, left, bottom, right = box
    answer = torch.zeros(cells, cells, values.shape[2])
    for row in range(cells * SAMPLES):
        for wire in range(cells * SAMPLES):
            y = top + (row + 0.5) * (bottom - top) / (cells * SAMPLES)
            x = left + (wire + 0.5) * (right - left) / (cells * SAMPLES)
            answer[row // SAMPLES, wire // SAMPLES] += bilinear(values, y / STRIDE - 0.5, x / STRIDE - 0.5)
    return answer / SAMPLES**2


BOXES = [
    [4.0, 4.0, 100.0, 90.0],
    [0.0, 0.0, 160.0, 132.0],
    [10.3, 20.7, 17.1, 25.2],
    [-30.0, -8.0, 60.0, 200.0],
    [150.0, 120.0, 400.0, 300.0],
    [50.0, 50.0, 50.0, 50.0],
]


@pytest.mark.parametrize("cells", [1, 2, 7])
def test_against_the_definition(cells: int) -> None:
    x = random_tensor(level("random"), 3)
    values = dense_map("random", x.features)
    found = roi_align(x.features, SiteMap(x.level), torch.tensor(BOXES), STRIDE, cells)
    for box, answer in zip(BOXES, found, strict=True):
        torch.testing.assert_close(answer, brute_force(values, box, cells), atol=1e-5, rtol=1e-5)


def test_by_hand_on_a_plane_that_rises() -> None:
    """Where all is lit and values rise evenly, a cell has the value of its middle."""
    x = random_tensor(level("all lit"), 1)
    rows, wires, _ = pixels("all lit")
    x.features[:-1, 0] = rows + 100.0 * wires
    answer = roi_align(x.features, SiteMap(x.level), torch.tensor([[8.0, 12.0, 24.0, 28.0]]), STRIDE, 2)
    # Rows 2 to 6 and wires 3 to 7 of the sites; middles of the cells at 3 and 5, 4 and 6, less a half.
    expected = torch.tensor([[2.5 + 350, 2.5 + 550], [4.5 + 350, 4.5 + 550]])
    torch.testing.assert_close(answer[0, :, :, 0], expected)


def test_gradient_is_that_of_the_dense_one() -> None:
    x = random_tensor(level("random"), 2)
    features = x.features.clone().requires_grad_()
    weight = torch.randn(2, 2, 2)
    box = torch.tensor([[10.0, 10.0, 90.0, 70.0]])
    (roi_align(features, SiteMap(x.level), box, STRIDE, 2)[0] * weight).sum().backward()
    again = x.features.clone().requires_grad_()
    (brute_force(dense_map("random", again), box[0].tolist(), 2) * weight).sum().backward()
    assert features.grad is not None
    assert again.grad is not None
    torch.testing.assert_close(features.grad, again.grad, atol=1e-5, rtol=1e-5)


def test_no_boxes_and_no_sites() -> None:
    x = random_tensor(level("random"), 2)
    assert roi_align(x.features, SiteMap(x.level), torch.zeros(0, 4), STRIDE, 7).shape == (0, 7, 7, 2)
    empty = random_tensor(level("no pixel"), 2)
    assert roi_align(empty.features, SiteMap(empty.level), torch.tensor(BOXES), STRIDE, 7).abs().sum() == 0
    far = torch.tensor([[900.0, 900.0, 950.0, 950.0]])
    assert roi_align(x.features, SiteMap(x.level), far, STRIDE, 7).abs().sum() == 0
