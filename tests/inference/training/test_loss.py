"""Pixel weights and the weighted loss, by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import tensor

from inference.training.loss import pixel_weights, weighted_cross_entropy

CLASSES = tensor([1, 1, 1, 2, -1])
CLUSTER = tensor([0.02, 0.01, 0.0002, 0.02, 0.02])


def test_no_weighting_counts_known_pixels_alike() -> None:
    assert pixel_weights("none", CLASSES, CLUSTER).tolist() == [1.0, 1.0, 1.0, 1.0, 0.0]


def test_cluster_weighting_is_the_cluster_weight() -> None:
    expected = tensor([0.02, 0.01, 0.0002, 0.02, 0.0])
    torch.testing.assert_close(pixel_weights("clusters", CLASSES, CLUSTER), expected)


def test_balanced_weighting_is_inverse_to_the_share_times_one_to_two() -> None:
    # 30 MIP and 10 shower pixels; the three classes that do not occur count as one pixel each, so
    # 1 / (5 · 30/43) = 0.2867, below 0.4, and 1 / (5 · 10/43) = 0.86.
    # The cluster weight at its upper bound 0.02 doubles, 0.01 gives 1.5.
    classes = tensor([1] * 30 + [2] * 10 + [-1])
    cluster = torch.full((41,), 0.02)
    cluster[0], cluster[30] = 0.0, 0.01
    weights = pixel_weights("balanced", classes, cluster)
    assert weights[0].item() == pytest.approx(0.4)
    assert weights[1].item() == pytest.approx(0.8)
    assert weights[30].item() == pytest.approx(0.86 * 1.5)
    assert weights[31].item() == pytest.approx(0.86 * 2)
    assert weights[40].item() == 0.0


def test_balanced_weighting_is_clipped_for_rare_classes() -> None:
    # One Michel pixel among 100: 1 / (5 · 1/103) = 20.6, clipped to 6.
    classes = tensor([0] * 99 + [4])
    weights = pixel_weights("balanced", classes, torch.zeros(100))
    assert weights[-1] == 6.0
    assert weights[0] == pytest.approx(0.4)


def test_mild_weighting_is_the_root_of_the_balanced_one() -> None:
    classes = tensor([0] * 99 + [4, -1])
    cluster = torch.zeros(101)
    cluster[0] = 0.02
    expected = tensor([0.8, *[0.4] * 98, 6.0, 0.0]).sqrt()
    torch.testing.assert_close(pixel_weights("mild", classes, cluster), expected)


def test_loss_is_the_weighted_mean() -> None:
    # Equal logits cost ln 5; a sure and right pixel costs nothing.
    logits = torch.zeros(2, 5)
    logits[1, 3] = 1000.0
    loss = weighted_cross_entropy(logits, tensor([0, 3]), tensor([1.0, 3.0]))
    assert loss.item() == pytest.approx(math.log(5) / 4)


def test_unknown_pixels_give_no_loss_and_no_gradient() -> None:
    logits = torch.zeros(2, 5, requires_grad=True)
    classes = tensor([2, -1])
    loss = weighted_cross_entropy(logits, classes, pixel_weights("none", classes, torch.ones(2)))
    loss.backward()
    assert loss.item() == pytest.approx(math.log(5))
    assert logits.grad[1].tolist() == [0.0] * 5
    torch.testing.assert_close(logits.grad[0], tensor([0.2, 0.2, -0.8, 0.2, 0.2]))


def test_nothing_known_is_no_loss() -> None:
    classes = tensor([-1, -1])
    loss = weighted_cross_entropy(
        torch.zeros(2, 5), classes, pixel_weights("balanced", classes, torch.ones(2))
    )
    assert loss.item() == 0.0
