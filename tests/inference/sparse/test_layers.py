"""Every layer against dense convolution, with and without gradients, in float32 and bfloat16."""

from __future__ import annotations

import dense_layers
import pytest
import torch
from dense_layers import DenseImage, dense_image
from sparse_images import CASES, level, pixels, random_tensor
from torch import Tensor

from inference.sparse import gather
from inference.sparse.layers import (
    DownConv,
    InverseConv,
    Linear,
    NormRelu,
    SparseTensor,
    SubmanifoldConv,
)

INPUTS, OUTPUTS = 3, 5
TOLERANCE = 1e-5


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(11)


@pytest.fixture(autouse=True)
def _by_torch_and_kernel(each_kernel: str) -> str:
    return each_kernel


@pytest.fixture(params=[True, False], ids=["training", "no gradient"])
def _gradients(request: pytest.FixtureRequest) -> object:
    with torch.set_grad_enabled(request.param):
        yield


def as_dense(case: str, x: SparseTensor) -> DenseImage:
    rows, wires, shape = pixels(case)
    return dense_image(rows, wires, shape, x.features[:-1])


def check(answer: SparseTensor, expected: DenseImage) -> None:
    """The answer lies on the expected sites in order, and its last row is zero."""
    _, rows, wires = answer.level.coordinates
    assert torch.nonzero(expected.mask).tolist() == torch.stack([rows, wires], dim=1).tolist()
    assert answer.features[-1].abs().max() == 0
    torch.testing.assert_close(
        answer.features[:-1].double(), expected.at_sites(), atol=TOLERANCE, rtol=TOLERANCE
    )


@pytest.mark.usefixtures("_gradients")
@pytest.mark.parametrize("case", CASES)
def test_submanifold_convolution(case: str) -> None:
    layer, x = SubmanifoldConv(INPUTS, OUTPUTS), random_tensor(level(case), INPUTS)
    check(layer(x), dense_layers.submanifold(layer, as_dense(case, x)))


@pytest.mark.usefixtures("_gradients")
@pytest.mark.parametrize("case", CASES)
def test_down_convolution(case: str) -> None:
    layer, x = DownConv(INPUTS, OUTPUTS), random_tensor(level(case), INPUTS)
    check(layer(x), dense_layers.down(layer, as_dense(case, x)))


@pytest.mark.usefixtures("_gradients")
@pytest.mark.parametrize("case", CASES)
def test_inverse_convolution(case: str) -> None:
    layer, above = InverseConv(INPUTS, OUTPUTS), level(case)
    x = random_tensor(above.below, INPUTS)
    _, rows, wires = above.below.coordinates
    below = dense_image(rows, wires, above.below.shape, x.features[:-1])
    check(layer(x, above), dense_layers.inverse(layer, below, as_dense(case, random_tensor(above, 1)).mask))


@pytest.mark.usefixtures("_gradients")
@pytest.mark.parametrize("case", CASES)
def test_linear(case: str) -> None:
    layer, x = Linear(INPUTS, OUTPUTS), random_tensor(level(case), INPUTS)
    check(layer(x), dense_layers.linear(layer, as_dense(case, x)))


def random_norm(channels: int) -> NormRelu:
    layer = NormRelu(channels)
    with torch.no_grad():
        for value in (layer.weight, layer.running_var):
            value.uniform_(0.5, 2.0)
        for value in (layer.bias, layer.running_mean):
            value.uniform_(-1.0, 1.0)
    return layer


@pytest.mark.parametrize("case", CASES)
def test_norm_relu_in_evaluation(case: str) -> None:
    layer, x = random_norm(INPUTS).eval(), random_tensor(level(case), INPUTS)
    check(layer(x), dense_layers.norm_relu(layer, as_dense(case, x)))


@pytest.mark.parametrize("case", ["one pixel", "odd size", "random"])
def test_norm_relu_in_training(case: str) -> None:
    layer, x = random_norm(INPUTS), random_tensor(level(case), INPUTS)
    sites, before = x.features[:-1], layer.running_mean.clone()
    mean, variance = sites.mean(0), sites.var(0, correction=0)
    answer = layer(x).features
    expected = (sites - mean) / torch.sqrt(variance + layer.eps) * layer.weight + layer.bias
    torch.testing.assert_close(answer[:-1], expected.relu(), atol=1e-4, rtol=1e-4)
    assert answer[-1].abs().max() == 0
    torch.testing.assert_close(layer.running_mean, 0.98 * before + 0.02 * mean)


def test_norm_relu_in_training_of_two_values() -> None:
    # Values 1 and 3: mean 2, variance 1; scaled by 1/√1.0001 they become ∓0.99995.
    layer = NormRelu(1)
    sites = level("one row")
    features = torch.zeros(len(sites) + 1, 1)
    features[: len(sites) // 2 * 2 : 2], features[1 : len(sites) // 2 * 2 : 2] = 1.0, 3.0
    assert len(sites) % 2 == 0
    answer = layer(SparseTensor(sites, features)).features
    assert sorted({round(v, 4) for v in answer.flatten().tolist()}) == [0.0, 1.0]
    assert layer.running_mean.item() == pytest.approx(0.04)
    assert layer.running_var.item() == pytest.approx(0.98 + 0.02)


def test_norm_relu_in_training_without_pixels_changes_no_nan() -> None:
    layer = NormRelu(2)
    answer = layer(random_tensor(level("no pixel"), 2)).features
    assert answer.tolist() == [[0.0, 0.0]]
    assert torch.isfinite(layer.running_mean).all()
    assert torch.isfinite(layer.running_var).all()


@pytest.mark.parametrize("layer_class", [SubmanifoldConv, DownConv])
def test_many_chunks_give_what_one_gives(
    layer_class: type[SubmanifoldConv | DownConv], monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, x = layer_class(INPUTS, OUTPUTS), random_tensor(level("all lit"), INPUTS)
    whole = layer(x).features
    # Plain torch alone works in chunks.
    monkeypatch.setitem(gather._CHUNK_BYTES, "cpu", 1)
    assert gather.chunk_rows(x.features, 9) == 256 < len(x.level)
    torch.testing.assert_close(layer(x).features, whole)


@pytest.mark.parametrize("layer_class", [SubmanifoldConv, DownConv, Linear])
def test_bfloat16_is_close(layer_class: type[SubmanifoldConv | DownConv | Linear]) -> None:
    layer, x = layer_class(INPUTS, OUTPUTS), random_tensor(level("random"), INPUTS)
    exact = layer(x).features
    rounded = layer(x.with_features(x.features.bfloat16())).features
    assert rounded.dtype == torch.bfloat16
    torch.testing.assert_close(rounded.float(), exact, atol=0.05, rtol=0.05)


# Gradients, in float64. The last row is a constant zero, so it is added inside the function.


def with_zero_row(sites: Tensor) -> Tensor:
    return torch.cat([sites, sites.new_zeros(1, sites.shape[1])])


def double(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


GRADIENT_CASES = ["one pixel", "odd size", "border"]


@pytest.mark.parametrize("case", GRADIENT_CASES)
def test_submanifold_gradient(case: str) -> None:
    sites = level(case)

    def layer(features: Tensor, weight: Tensor) -> Tensor:
        return gather.Submanifold.apply(with_zero_row(features), weight, sites.neighbours)[:-1]

    assert torch.autograd.gradcheck(layer, (double(len(sites), 2), double(9, 2, 3)))


@pytest.mark.parametrize("case", GRADIENT_CASES)
def test_down_gradient(case: str) -> None:
    sites = level(case)

    def layer(features: Tensor, weight: Tensor) -> Tensor:
        return gather.Down.apply(with_zero_row(features), weight, sites.children, sites.slots)[:-1]

    assert torch.autograd.gradcheck(layer, (double(len(sites), 2), double(4, 2, 3)))


@pytest.mark.parametrize("case", GRADIENT_CASES)
def test_inverse_gradient(case: str) -> None:
    sites = level(case)

    def layer(features: Tensor, weight: Tensor) -> Tensor:
        return gather.Inverse.apply(with_zero_row(features), weight, sites.children, sites.slots)[:-1]

    assert torch.autograd.gradcheck(layer, (double(len(sites.below), 2), double(4, 2, 3)))


def test_dense_gradient() -> None:
    assert torch.autograd.gradcheck(gather.Dense.apply, (double(6, 2), double(2, 3)))


def test_norm_relu_gradient() -> None:
    from inference.sparse.norm import NormRelu as Function

    def layer(features: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        return Function.apply(with_zero_row(features), gamma, beta, 1e-4)[0][:-1]

    assert torch.autograd.gradcheck(layer, (double(12, 2), double(2), double(2)))


def test_gradient_of_the_first_layer_needs_no_input_gradient() -> None:
    layer, x = SubmanifoldConv(1, 2), random_tensor(level("odd size"), 1)
    layer(x).features.sum().backward()
    # With all gradients one, the weight gradient is the sum of the inputs that meet each offset.
    centre = x.features.sum()
    torch.testing.assert_close(layer.weight.grad[4], centre.expand(1, 2))
