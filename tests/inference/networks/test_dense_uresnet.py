"""The dense twin: equal to the sparse network where every pixel is lit, and the same weights both ways."""

from __future__ import annotations

import dense_layers
import pytest
import torch

from inference.networks.dense_uresnet import (
    DenseUResNet,
    at_sites,
    dense_input,
    dense_state,
    sparse_state,
)
from inference.networks.uresnet import UResNet, UResNetConfig
from inference.sparse.geometry import level_of
from inference.sparse.layers import NormRelu, SparseTensor

CONFIGS = [
    UResNetConfig(depth=1, filters=5, blocks=1),
    UResNetConfig(depth=3, filters=3),
    UResNetConfig(depth=4, filters=8, blocks=1),
    UResNetConfig(depth=5, filters=4),
    UResNetConfig(depth=6, filters=2, classes=3, inputs=2),
]


def trained(config: UResNetConfig) -> UResNet:
    """A network in evaluation whose batch norms do something."""
    torch.manual_seed(config.depth)
    network = UResNet(config)
    for module in network.modules():
        if isinstance(module, NormRelu):
            torch.nn.init.uniform_(module.weight, 0.7, 1.3)
            torch.nn.init.uniform_(module.bias, -0.3, 0.3)
            torch.nn.init.uniform_(module.running_mean, -0.3, 0.3)
            torch.nn.init.uniform_(module.running_var, 0.7, 1.3)
    return network.eval()


def twin(network: UResNet) -> DenseUResNet:
    dense = DenseUResNet(network.config).eval()
    dense.load_state_dict(dense_state(network.state_dict()))
    return dense


def pixels(mask: torch.Tensor, channels: int = 1) -> SparseTensor:
    """Normal features on the lit pixels of mask (B, H, W)."""
    image, rows, wires = torch.nonzero(mask, as_tuple=True)
    features = torch.cat([torch.randn(len(rows), channels), torch.zeros(1, channels)])
    return SparseTensor(level_of(rows, wires, (mask.shape[1], mask.shape[2]), image), features)


def close(answer: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(answer, expected, atol=1e-4 * max(1.0, expected.abs().max().item()), rtol=0)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
@pytest.mark.parametrize("size", [(2, 16, 32), (1, 24, 17), (3, 13, 1), (1, 33, 47)])
def test_fully_lit_images_give_the_same_logits(config: UResNetConfig, size: tuple[int, int, int]) -> None:
    network = trained(config)
    x = pixels(torch.ones(size, dtype=torch.bool), config.inputs)
    with torch.no_grad():
        logits = twin(network)(dense_input(x, size[0]))
        assert logits.shape == (size[0], config.classes, *size[1:])
        close(at_sites(logits, x.level), network(x))


def test_training_on_fully_lit_images_gives_the_same_gradients() -> None:
    network = trained(UResNetConfig(depth=3, filters=3)).double().train()
    dense = twin(network).double().train()
    x = pixels(torch.ones(2, 12, 9, dtype=torch.bool))
    x = x.with_features(x.features.double())
    (network(x) ** 2).mean().backward()
    (at_sites(dense(dense_input(x, 2)), x.level) ** 2).mean().backward()
    gradients = sparse_state({name: value.grad for name, value in dense.named_parameters()})
    for name, value in network.named_parameters():
        torch.testing.assert_close(gradients[name], value.grad)
    means = {n: v for n, v in sparse_state(dense.state_dict()).items() if n.endswith("running_mean")}
    assert means
    for name, value in means.items():
        torch.testing.assert_close(value, network.state_dict()[name])


def test_weights_come_back_bit_by_bit() -> None:
    state = trained(UResNetConfig(depth=4, filters=3)).state_dict()
    back = sparse_state(twin(trained(UResNetConfig(depth=4, filters=3))).state_dict())
    assert list(back) == list(state)
    for name, value in state.items():
        assert torch.equal(back[name], value), name


def test_dense_weights_come_back_bit_by_bit() -> None:
    torch.manual_seed(2)
    state = DenseUResNet(UResNetConfig(depth=3, filters=3)).state_dict()
    back = dense_state(sparse_state(state))
    for name, value in state.items():
        assert name.endswith("num_batches_tracked") or torch.equal(back[name], value), name


def test_both_begin_with_the_spread_of_he() -> None:
    torch.manual_seed(5)
    config = UResNetConfig(depth=2, filters=64, blocks=1)
    sparse, dense = UResNet(config).state_dict(), sparse_state(DenseUResNet(config).state_dict())
    for name, value in sparse.items():
        assert dense[name].shape == value.shape
        if value.dim() == 3:
            assert dense[name].std().item() == pytest.approx(value.std().item(), rel=0.1), name


def test_empty_pixels_carry_values_in_the_dense_network_alone() -> None:
    network = trained(UResNetConfig(depth=2, filters=4, blocks=1))
    mask = torch.zeros(1, 16, 16, dtype=torch.bool)
    mask[0, 4, 2:14] = True
    x = pixels(mask)
    with torch.no_grad():
        dense = at_sites(twin(network)(dense_input(x, 1)), x.level)
        sparse = network(x)
    masked = dense_layers.uresnet(
        network, dense_layers.dense_image(*x.level.coordinates[1:], (16, 16), x.sites)
    )
    close(sparse.double(), masked)
    assert (dense - sparse).abs().max() > 0.01


def test_pixels_are_laid_out_where_they_belong() -> None:
    mask = torch.zeros(2, 3, 4, dtype=torch.bool)
    mask[0, 2, 1] = mask[1, 0, 3] = True
    x = pixels(mask)
    values = dense_input(x, 2)
    assert values.shape == (2, 1, 3, 4)
    assert values[0, 0, 2, 1] == x.features[0, 0]
    assert values[1, 0, 0, 3] == x.features[1, 0]
    assert (values != 0).sum() == 2
    assert torch.equal(at_sites(values, x.level), x.sites)


@pytest.mark.parametrize("name", ["depth", "filters", "blocks"])
def test_a_network_with_nothing_in_it_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} 0; expected at least 1"):
        DenseUResNet(UResNetConfig(**{name: 0}))
