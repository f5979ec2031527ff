"""The inference path of 3×3 windows: its blocks by hand, its answers against dense convolution."""

from __future__ import annotations

import dense_layers
import pytest
import torch
from dense_layers import dense_image
from sparse_images import CASES, level, pixels, random_tensor
from torch import tensor

from inference.sparse.fast import FastSubmanifold, fast
from inference.sparse.geometry import level_of
from inference.sparse.layers import NormRelu, SubmanifoldConv
from inference.sparse.windows import (
    Epilogue,
    Scratch,
    convolve_pairs,
    convolve_products,
    pair_blocks,
    product_blocks,
)

# Row 0: wires 0, 1. Row 1: wire 2. Site 1 touches 0 (offset 3) and 2 (offset 8).
SITES = level_of(tensor([0, 0, 1]), tensor([0, 1, 2]), (4, 4))


def test_product_blocks_by_hand() -> None:
    first, second = product_blocks(SITES.neighbours, block=2)
    assert (first.first, first.last, first.low, first.high) == (0, 2, 0, 3)
    assert first.terms.tolist() == [0 * 9 + 4, 1 * 9 + 5, 0 * 9 + 3, 1 * 9 + 4, 2 * 9 + 8]
    assert first.ends.tolist() == [0, 2, 5]
    assert (second.first, second.last, second.low, second.high) == (2, 3, 1, 3)
    assert second.terms.tolist() == [0 * 9 + 0, 1 * 9 + 4]
    assert second.ends.tolist() == [0, 2]


def test_pair_blocks_by_hand() -> None:
    first, second = pair_blocks(SITES.neighbours, block=2)
    # Pairs by offset: at 3 output 1 takes site 0, at 5 output 0 takes site 1, at 8 output 1 takes site 2.
    assert first.counts == (0, 0, 0, 1, 0, 1, 0, 0, 1)
    assert first.sources.tolist() == [0, 1, 2]
    assert first.terms.tolist() == [0, 2 + 1, 2 + 0, 1, 2 + 2]
    assert first.ends.tolist() == [0, 2, 5]
    assert second.counts == (1, 0, 0, 0, 0, 0, 0, 0, 0)
    assert second.sources.tolist() == [1]
    assert second.terms.tolist() == [1, 0]


@pytest.mark.parametrize("block", [1, 7, 4096])
@pytest.mark.parametrize("case", CASES)
def test_both_ways_against_dense(case: str, block: int) -> None:
    torch.manual_seed(2)
    conv, x = SubmanifoldConv(3, 5), random_tensor(level(case), 3)
    weight, neighbours = conv.weight.detach(), x.level.neighbours
    rows, wires, shape = pixels(case)
    expected = dense_layers.submanifold(conv, dense_image(rows, wires, shape, x.sites)).at_sites()
    wide = weight.transpose(0, 1).reshape(3, 45)
    for answer in (
        convolve_products(x.features, product_blocks(neighbours, block), wide, Epilogue(), Scratch()),
        convolve_pairs(x.features, pair_blocks(neighbours, block), weight, Epilogue(), Scratch()),
    ):
        torch.testing.assert_close(answer[:-1].double(), expected.detach(), atol=1e-5, rtol=1e-5)
        assert answer[-1].tolist() == [0.0] * 5


def test_epilogue_adds_bias_and_shortcut_and_clips() -> None:
    block, out = tensor([[1.0, -4.0]]), torch.full((3, 2), 9.0)
    added = tensor([[0.0, 0.0], [10.0, 1.0], [0.0, 0.0]])
    Epilogue(tensor([0.5, 0.5]), added, relu=True).write(block, out, 1, 2)
    assert out.tolist() == [[9.0, 9.0], [11.5, 0.0], [9.0, 9.0]]
    Epilogue(tensor([0.5, 0.5])).write(block, out, 1, 2)
    assert out[1].tolist() == [1.5, -3.5]
    Epilogue().write(block, out, 1, 2)
    assert out[1].tolist() == [1.0, -4.0]


@pytest.mark.parametrize("outputs", [4, 40])
def test_a_norm_folds_into_the_convolution_before_it(outputs: int) -> None:
    torch.manual_seed(4)
    conv, norm = SubmanifoldConv(3, outputs), NormRelu(outputs).eval()
    with torch.no_grad():
        for value in (norm.weight, norm.running_var):
            value.uniform_(0.5, 2.0)
        for value in (norm.bias, norm.running_mean):
            value.uniform_(-1.0, 1.0)
        x = random_tensor(level("random"), 3)
        folded = FastSubmanifold(conv, norm)(x).features
        torch.testing.assert_close(folded, norm(conv(x)).features, atol=1e-5, rtol=1e-5)


def test_the_original_keeps_its_layers_and_gradients() -> None:
    conv = SubmanifoldConv(2, 2)
    network = torch.nn.Sequential(conv)
    replica = fast(network)
    assert network[0] is conv
    assert conv.weight.requires_grad
    assert isinstance(replica[0], FastSubmanifold)
    assert not any(p.requires_grad for p in replica.parameters())


def test_scratch_is_kept_until_it_is_too_small() -> None:
    scratch, like = Scratch(), torch.zeros(1)
    large = scratch.take(like, 4, 6)
    assert large.shape == (4, 6)
    assert scratch.take(like, 3, 5).data_ptr() == large.data_ptr()
    assert scratch.take(like, 5, 6).shape == (5, 6)
    assert scratch.take(like.double(), 1, 2).dtype == torch.float64
