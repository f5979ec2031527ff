"""The layers and the U-ResNet as dense convolutions in float64, masked to the active sites.

Written from the definition of a submanifold network, with nothing of `inference.sparse` but its
weights: the independent answer that the sparse path has to give.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from inference.networks.uresnet import ULevel, UResNet
from inference.sparse.layers import DownConv, InverseConv, Linear, NormRelu, SubmanifoldConv
from inference.sparse.residual import ResidualBlock


@dataclass(frozen=True)
class DenseImage:
    """values (1, C, H, W), zero outside mask (H, W)."""

    values: Tensor
    mask: Tensor

    def at_sites(self) -> Tensor:
        """(N, C), in the order of rows, then wires."""
        return self.values[0].permute(1, 2, 0)[self.mask]


def dense_image(rows: Tensor, wires: Tensor, shape: tuple[int, int], features: Tensor) -> DenseImage:
    """features (N, C) laid out on the image, in float64."""
    values = torch.zeros(*shape, features.shape[1], dtype=torch.float64)
    values[rows, wires] = features.double()
    mask = torch.zeros(shape, dtype=torch.bool)
    mask[rows, wires] = True
    return DenseImage(values.permute(2, 0, 1)[None], mask)


def submanifold(layer: SubmanifoldConv, x: DenseImage) -> DenseImage:
    kernel = layer.weight.double().view(3, 3, *layer.weight.shape[1:]).permute(3, 2, 0, 1)
    return DenseImage(functional.conv2d(x.values, kernel, padding=1) * x.mask, x.mask)


def down(layer: DownConv, x: DenseImage) -> DenseImage:
    height, width = x.mask.shape
    pad = (0, width % 2, 0, height % 2)
    kernel = layer.weight.double().view(2, 2, *layer.weight.shape[1:]).permute(3, 2, 0, 1)
    values = functional.conv2d(functional.pad(x.values, pad), kernel, stride=2)
    return DenseImage(values, _halved(x.mask))


def inverse(layer: InverseConv, x: DenseImage, mask: Tensor) -> DenseImage:
    kernel = layer.weight.double().view(2, 2, *layer.weight.shape[1:]).permute(2, 3, 0, 1)
    values = functional.conv_transpose2d(x.values, kernel, stride=2)
    return DenseImage(values[:, :, : mask.shape[0], : mask.shape[1]] * mask, mask)


def norm_relu(layer: NormRelu, x: DenseImage) -> DenseImage:
    """In evaluation: with the running statistics."""
    mean, variance, gamma, beta = (
        v.double()[:, None, None] for v in (layer.running_mean, layer.running_var, layer.weight, layer.bias)
    )
    values = (x.values - mean) / torch.sqrt(variance + layer.eps) * gamma + beta
    return DenseImage(values.relu() * x.mask, x.mask)


def linear(layer: Linear, x: DenseImage) -> DenseImage:
    return DenseImage(torch.einsum("bihw,io->bohw", x.values, layer.weight[0].double()), x.mask)


def _halved(mask: Tensor) -> Tensor:
    height, width = mask.shape
    padded = functional.pad(mask, (0, width % 2, 0, height % 2))
    return padded.view((height + 1) // 2, 2, (width + 1) // 2, 2).any(dim=3).any(dim=1)


def _block(block: ResidualBlock, x: DenseImage) -> DenseImage:
    inner = submanifold(block.conv1, norm_relu(block.norm1, x))
    inner = submanifold(block.conv2, norm_relu(block.norm2, inner))
    kept = x if block.shortcut is None else linear(block.shortcut, x)
    return DenseImage(inner.values + kept.values, x.mask)


def _level(level: ULevel, x: DenseImage) -> DenseImage:
    for block in level.encode:
        x = _block(block, x)
    if level.inner is None:
        return x
    y = _level(level.inner, down(level.down, norm_relu(level.norm_down, x)))
    y = inverse(level.up, norm_relu(level.norm_up, y), x.mask)
    x = DenseImage(torch.cat([x.values, y.values], dim=1), x.mask)
    for block in level.decode:
        x = _block(block, x)
    return x


@torch.no_grad()
def uresnet(network: UResNet, x: DenseImage) -> Tensor:
    """Logits float64 (N, classes) of a network in evaluation."""
    features = norm_relu(network.norm, _level(network.levels, submanifold(network.stem, x))).at_sites()
    return functional.linear(features, network.head.weight.double(), network.head.bias.double())
