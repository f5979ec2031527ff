"""Layers of a stride of two, and convolution with norm, against dense convolution; by torch and by kernel."""

from __future__ import annotations

import copy

import pytest
import torch
from dense_layers import DenseImage, dense_image
from sparse_images import CASES, level, pixels, random_tensor
from torch import Tensor, nn
from torch.nn import functional

from inference.sparse import kernel
from inference.sparse.backends import backend_for
from inference.sparse.convnorm import ConvNorm
from inference.sparse.layers import Linear, SparseTensor, SubmanifoldConv
from inference.sparse.strided import StridedConv, StridedMax

INPUTS, OUTPUTS = 3, 5


@pytest.fixture(autouse=True)
def _by_torch_and_kernel(each_kernel: str) -> str:
    torch.manual_seed(3)
    return each_kernel


def as_dense(case: str, x: SparseTensor) -> DenseImage:
    rows, wires, shape = pixels(case)
    return dense_image(rows, wires, shape, x.features[:-1])


def check(answer: SparseTensor, values: Tensor) -> None:
    """The answer at its sites is what stands there in values (1, C, H, W), and its last row is zero."""
    _, rows, wires = answer.level.coordinates
    expected = values[0].permute(1, 2, 0)[rows, wires]
    assert values.shape[-2:] == answer.level.shape
    assert answer.features[-1].abs().sum() == 0
    torch.testing.assert_close(answer.sites.double(), expected, atol=1e-5, rtol=1e-5)


def dense_kernel(weight: Tensor, side: int) -> Tensor:
    return weight.double().view(side, side, *weight.shape[1:]).permute(3, 2, 0, 1)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("side", [1, 3])
def test_convolution(case: str, side: int) -> None:
    layer, x = StridedConv(INPUTS, OUTPUTS, side), random_tensor(level(case), INPUTS)
    dense = as_dense(case, x).values
    expected = functional.conv2d(dense, dense_kernel(layer.weight, side), stride=2, padding=side // 2)
    answer = layer(x)
    check(answer, expected)
    assert len(answer.level) == len(x.level.below)


@pytest.mark.parametrize("case", ["odd size", "random", "one row", "one pixel"])
@pytest.mark.parametrize("side", [1, 3, 7])
def test_gradients(case: str, side: int) -> None:
    layer, x = StridedConv(INPUTS, OUTPUTS, side), random_tensor(level(case), INPUTS)
    features = x.features.clone().requires_grad_()
    answer = layer(x.with_features(features))
    wanted = torch.randn_like(answer.sites)
    (answer.sites * wanted).sum().backward()
    dense = as_dense(case, x).values.requires_grad_()
    weight = dense_kernel(layer.weight.detach(), side).requires_grad_()
    values = functional.conv2d(dense, weight, stride=2, padding=side // 2)
    _, rows, wires = answer.level.coordinates
    (values[0].permute(1, 2, 0)[rows, wires] * wanted.double()).sum().backward()
    assert features.grad is not None
    assert dense.grad is not None
    assert weight.grad is not None
    own_rows, own_wires, _ = pixels(case)
    expected = dense.grad[0].permute(1, 2, 0)[own_rows, own_wires]
    torch.testing.assert_close(features.grad[:-1].double(), expected, atol=1e-5, rtol=1e-5)
    found = dense_kernel(layer.weight.grad, side)  # type: ignore[arg-type]
    torch.testing.assert_close(found, weight.grad, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_first_convolution_of_an_image(case: str) -> None:
    layer, x = StridedConv(1, OUTPUTS, side=7), random_tensor(level(case), 1)
    dense = as_dense(case, x).values
    check(layer(x), functional.conv2d(dense, dense_kernel(layer.weight, 7), stride=2, padding=3))


@pytest.mark.parametrize("case", CASES)
def test_pooling_takes_the_largest_of_what_is_lit(case: str) -> None:
    x = random_tensor(level(case), INPUTS)
    # Dark pixels count as zero, as after a ReLU.
    check(StridedMax()(x), functional.max_pool2d(as_dense(case, x).values.relu(), 3, stride=2, padding=1))


def norms(layer: ConvNorm) -> None:
    """Statistics and weights that are not those of a new layer."""
    for value in (layer.norm.running_mean, layer.norm.weight, layer.norm.bias):
        nn.init.normal_(value)
    nn.init.uniform_(layer.norm.running_var, 0.5, 2.0)


@pytest.mark.parametrize(
    "conv",
    [
        SubmanifoldConv(INPUTS, OUTPUTS),
        StridedConv(INPUTS, OUTPUTS),
        StridedConv(INPUTS, OUTPUTS, 7),
        Linear(INPUTS, OUTPUTS),
    ],
)
@pytest.mark.parametrize("relu", [True, False])
def test_norm_shortcut_and_relu_in_evaluation(conv: nn.Module, relu: bool) -> None:
    layer, x = ConvNorm(copy.deepcopy(conv), relu), random_tensor(level("random"), INPUTS)  # type: ignore[arg-type]
    norms(layer)
    layer.eval()
    with torch.no_grad():
        bare = layer.conv(x).sites
        norm = layer.norm
        expected = (bare - norm.running_mean) / (norm.running_var + norm.eps).sqrt() * norm.weight + norm.bias
        added = torch.randn(len(bare) + 1, OUTPUTS)
        expected = expected + added[:-1]
        if relu:
            expected = expected.relu()
        answer = layer(x, added)
        torch.testing.assert_close(answer.sites, expected, atol=1e-5, rtol=1e-5)
        # The backend's layer, into which the norm is folded where the kernel computes.
        backend = backend_for("cpu")
        rows, wires, shape = pixels("random")
        taken_over = backend.network(layer)(backend.tensor(rows, wires, shape, x.sites), added)
        torch.testing.assert_close(taken_over.sites, expected, atol=1e-5, rtol=1e-5)
        assert taken_over.features[-1].abs().sum() == 0


def test_norm_in_training_is_over_the_sites() -> None:
    layer, x = ConvNorm(Linear(INPUTS, OUTPUTS), relu=False), random_tensor(level("random"), INPUTS)
    sites = layer(x).sites
    torch.testing.assert_close(sites.mean(0), torch.zeros(OUTPUTS), atol=1e-5, rtol=0)
    torch.testing.assert_close(sites.var(0, unbiased=False), torch.ones(OUTPUTS), atol=1e-3, rtol=0)


def test_one_site_is_normalised_as_in_evaluation() -> None:
    layer, x = ConvNorm(Linear(INPUTS, OUTPUTS), relu=False), random_tensor(level("one pixel"), INPUTS)
    trained = layer(x).sites
    torch.testing.assert_close(trained, layer.eval()(x).sites)
    assert float(layer.norm.running_mean.abs().sum()) == 0


def test_kernel_is_used_where_there_is_one(each_kernel: str) -> None:
    assert kernel.active() == (each_kernel != kernel.TORCH)
