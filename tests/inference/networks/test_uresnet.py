"""The whole U-ResNet against the same network in dense convolutions."""

from __future__ import annotations

import dense_layers
import pytest
import torch
from sparse_images import CASES, level, pixels, random_tensor

from inference.networks.uresnet import UResNet, UResNetConfig
from inference.sparse.fast import fast
from inference.sparse.geometry import level_of
from inference.sparse.layers import NormRelu, SparseTensor


@pytest.fixture(scope="module")
def network() -> UResNet:
    """Five levels of few filters, with batch norms that do something."""
    torch.manual_seed(3)
    network = UResNet(UResNetConfig(depth=5, filters=4)).eval()
    for module in network.modules():
        if isinstance(module, NormRelu):
            torch.nn.init.uniform_(module.weight, 0.7, 1.3)
            torch.nn.init.uniform_(module.bias, -0.3, 0.3)
            torch.nn.init.uniform_(module.running_mean, -0.3, 0.3)
            torch.nn.init.uniform_(module.running_var, 0.7, 1.3)
    return network


def close(answer: torch.Tensor, expected: torch.Tensor) -> None:
    size = max(1.0, expected.abs().max().item() if expected.numel() else 0.0)
    torch.testing.assert_close(answer.double(), expected.double(), atol=1e-4 * size, rtol=0)


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_whole_network_against_dense(network: UResNet, case: str, gradients: bool) -> None:
    rows, wires, shape = pixels(case)
    x = random_tensor(level(case), 1)
    with torch.set_grad_enabled(gradients):
        logits = network(x)
    assert logits.shape == (len(rows), 5)
    expected = dense_layers.uresnet(network, dense_layers.dense_image(rows, wires, shape, x.features[:-1]))
    close(logits.detach(), expected)


@pytest.mark.parametrize("case", CASES)
def test_inference_path_gives_what_the_network_gives(network: UResNet, case: str) -> None:
    x = random_tensor(level(case), 1)
    with torch.no_grad():
        close(fast(network)(x), network(x))


def test_inference_path_of_wide_layers() -> None:
    torch.manual_seed(6)
    wide = UResNet(UResNetConfig(depth=3, filters=24, blocks=1)).eval()
    x = random_tensor(level("track"), 1)
    with torch.no_grad():
        close(fast(wide)(x), wide(x))


def test_a_batch_gives_what_its_images_give_alone(network: UResNet) -> None:
    parts = [pixels("odd size"), pixels("border")]
    rows, wires = (torch.cat([part[i] for part in parts]) for i in (0, 1))
    image = torch.repeat_interleave(torch.arange(2), torch.tensor([len(part[0]) for part in parts]))
    together = random_tensor(level_of(rows, wires, (20, 20), image), 1)
    first = len(parts[0][0])
    with torch.no_grad():
        logits = network(together)
        for part, features in zip(
            parts, together.features[:-1].split([first, len(rows) - first]), strict=True
        ):
            sites = level_of(part[0], part[1], (20, 20))
            alone = network(SparseTensor(sites, torch.cat([features, torch.zeros(1, 1)])))
            close(alone, logits[:first] if part is parts[0] else logits[first:])


def test_training_gradient_is_that_of_finite_differences() -> None:
    torch.manual_seed(8)
    network = UResNet(UResNetConfig(depth=3, filters=3, blocks=1)).double()
    x = random_tensor(level("random"), 1)
    x = x.with_features(x.features.double())
    target = torch.randn(len(x.level), 5, dtype=torch.float64)

    def loss() -> torch.Tensor:
        return ((network(x) - target) ** 2).mean()

    loss().backward()
    step = 1e-6
    for parameter in (network.stem.weight, network.levels.up.weight, network.levels.inner.down.weight):
        index = (0,) * parameter.dim()
        with torch.no_grad():
            parameter[index] += step
            up = loss().item()
            parameter[index] -= 2 * step
            down = loss().item()
            parameter[index] += step
        assert parameter.grad[index].item() == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-8)


def test_bfloat16_is_close(network: UResNet) -> None:
    x = random_tensor(level("track"), 1)
    with torch.no_grad():
        exact, rounded = network(x), network(x.with_features(x.features.bfloat16()))
    assert rounded.dtype == torch.float32
    assert (rounded - exact).abs().max() < 0.05 * exact.abs().max()


def test_progress_rises_to_one_and_may_stop_the_run(network: UResNet) -> None:
    x, seen = random_tensor(level("one pixel"), 1), []
    with torch.no_grad():
        network(x, seen.append)
    assert seen == [pytest.approx(i / 9) for i in range(1, 10)]

    def stop(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        network(x, stop)


def test_widths_grow_linearly_and_the_name_says_so() -> None:
    config = UResNetConfig(depth=3, filters=2, blocks=1)
    assert config.name == "3-2"
    network = UResNet(config)
    assert network.levels.down.weight.shape == (4, 2, 4)
    assert network.levels.inner.down.weight.shape == (4, 4, 6)
    assert network.levels.inner.up.weight.shape == (4, 6, 4)
    assert network.levels.decode[0].shortcut.weight.shape == (1, 4, 2)
    assert UResNetConfig(**config.as_dict()) == config
