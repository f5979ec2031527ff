"""The dense twin of the sparse U-ResNet: ordinary convolutions over every pixel of a crop.

As in arXiv:1903.05663, which compares the two. Names and widths are those of `uresnet`, so that
weights go both ways, without loss, through `dense_state` and `sparse_state`.

Where every pixel is lit the two give the same logits. Elsewhere they differ:

- Empty pixels: a submanifold convolution knows lit pixels alone. Here an empty pixel begins at 0 but
  is given a value by the first batch norm (its shift) or by a lit neighbour, and hands it on; charge
  spreads by one pixel with every convolution. So a dense network with weights trained sparse is
  another function of the same image.
- Image edges: a pixel beyond the edge counts as 0 for both, at every level, and a level of odd size
  is continued by one such row or column for the step down. But an edge is where the crop ends: a
  sparse image padded with empty pixels gives the same answer, a dense one does not.
- Batch norm in training: mean and variance are taken over all pixels, of which some 99 % are empty,
  not over the lit ones; and the running variance is the unbiased one (n/(n - 1) of the sparse).

Shape shorthand: B crops of H rows and W wires, N lit pixels of all of them, C channels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.networks.uresnet import UResNetConfig
from inference.sparse.geometry import Level
from inference.sparse.layers import NormRelu, SparseTensor


class DenseNormRelu(nn.BatchNorm2d):
    """Batch normalisation over all pixels, then ReLU; eps and momentum of the sparse `NormRelu`."""

    def __init__(self, channels: int) -> None:
        sparse = NormRelu(channels)
        super().__init__(channels, eps=sparse.eps, momentum=sparse.momentum)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).relu_()


def _conv(inputs: int, outputs: int, side: int, stride: int = 1) -> nn.Conv2d:
    padding = side // 2 if stride == 1 else 0
    layer = nn.Conv2d(inputs, outputs, side, stride, padding, bias=False)
    nn.init.normal_(layer.weight, std=math.sqrt(2.0 / (side * side * inputs)))
    return layer


class DenseResidualBlock(nn.Module):
    """x + conv(norm-relu(conv(norm-relu(x)))); a 1×1 convolution on the shortcut where the width changes."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = DenseNormRelu(inputs), _conv(inputs, outputs, 3)
        self.norm2, self.conv2 = DenseNormRelu(outputs), _conv(outputs, outputs, 3)
        self.shortcut = _conv(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.conv2(self.norm2(self.conv1(self.norm1(x))))
        return inner.add_(x if self.shortcut is None else self.shortcut(x))


def _blocks(inputs: int, outputs: int, number: int) -> nn.Sequential:
    return nn.Sequential(*(DenseResidualBlock(inputs if i == 0 else outputs, outputs) for i in range(number)))


class DenseULevel(nn.Module):
    """One resolution of the U and, recursively, all below it: (B, C, H, W) → (B, C, H, W)."""

    def __init__(self, config: UResNetConfig, level: int) -> None:
        super().__init__()
        width = (level + 1) * config.filters
        self.encode = _blocks(width, width, config.blocks)
        self.inner: DenseULevel | None = None
        if level + 1 < config.depth:
            below = width + config.filters
            self.norm_down, self.down = DenseNormRelu(width), _conv(width, below, 2, stride=2)
            self.inner = DenseULevel(config, level + 1)
            self.norm_up = DenseNormRelu(below)
            self.up = nn.ConvTranspose2d(below, width, 2, stride=2, bias=False)
            nn.init.normal_(self.up.weight, std=math.sqrt(2.0 / (4 * below)))
            self.decode = _blocks(2 * width, width, config.blocks)

    def forward(self, x: Tensor) -> Tensor:
        x = self.encode(x)
        if self.inner is None:
            return x
        rows, wires = x.shape[-2:]
        y = self.inner(self.down(functional.pad(self.norm_down(x), (0, wires % 2, 0, rows % 2))))
        y = self.up(self.norm_up(y))[..., :rows, :wires]
        decoded: Tensor = self.decode(torch.cat([x, y], dim=1))
        return decoded


class DenseUResNet(nn.Module):
    """Class logits of every pixel, lit or not: (B, inputs, H, W) → (B, classes, H, W).

    Raises ValueError for a configuration with nothing in it, as a depth or a width of 0.
    """

    def __init__(self, config: UResNetConfig) -> None:
        super().__init__()
        for name, value in config.as_dict().items():
            if value < 1:
                raise ValueError(f"a U-ResNet with {name} {value}; expected at least 1")
        self.config = config
        self.stem = _conv(config.inputs, config.filters, 3)
        self.levels = DenseULevel(config, 0)
        self.norm = DenseNormRelu(config.filters)
        self.head = nn.Conv2d(config.filters, config.classes, 1)
        # Channels last is the fastest on CPU, and asks for the least memory.
        nn.utils.convert_conv2d_weight_memory_format(self, torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.norm(self.levels(self.stem(x))))
        return logits


def dense_input(x: SparseTensor, crops: int) -> Tensor:
    """The pixels of a batch laid out on its crops: features (N + 1, C) → (B, C, H, W), 0 elsewhere."""
    values = x.features.new_zeros(crops, *x.level.shape, x.features.shape[1])
    values[x.level.coordinates] = x.sites
    return values.permute(0, 3, 1, 2)


def at_sites(values: Tensor, level: Level) -> Tensor:
    """What stands at the lit pixels: values (B, C, H, W) → (N, C)."""
    return values.permute(0, 2, 3, 1)[level.coordinates]


def dense_state(sparse: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state of a `UResNet` as that of a `DenseUResNet` of the same configuration."""
    return {name: _to_dense(name, value) for name, value in sparse.items()}


def sparse_state(dense: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state of a `DenseUResNet` as that of a `UResNet`; exactly undoes `dense_state`."""
    return {
        name: _to_sparse(name, value)
        for name, value in dense.items()
        if not name.endswith("num_batches_tracked")
    }


# Sparse weights are (K, I, O), the K offsets of a window row-major. torch has (O, I, rows, wires) for
# a convolution and (I, O, rows, wires) for its transpose. The head is a `Linear` there, 1×1 here.


def _to_dense(name: str, value: Tensor) -> Tensor:
    if name == "head.weight":
        return value[:, :, None, None].clone()
    if value.dim() != 3:
        return value.clone()
    side = math.isqrt(len(value))
    window = value.unflatten(0, (side, side))
    order = (2, 3, 0, 1) if name.endswith("up.weight") else (3, 2, 0, 1)
    return window.permute(order).contiguous()


def _to_sparse(name: str, value: Tensor) -> Tensor:
    if name == "head.weight":
        return value[:, :, 0, 0].clone()
    if value.dim() != 4:
        return value.clone()
    order = (2, 3, 0, 1) if name.endswith("up.weight") else (2, 3, 1, 0)
    return value.permute(order).flatten(0, 1).contiguous()
