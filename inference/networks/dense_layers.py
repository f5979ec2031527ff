"""The dense twin of a sparse network: every layer an ordinary convolution over every pixel.

As in `dense_uresnet`, where every pixel is lit both give the same answer, and elsewhere they differ:
an empty pixel is given a value by its neighbours and by the shift of a norm, and hands it on.

Shape shorthand: H rows and W wires of one image, C channels; features are (1, C, H, W).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.sparse.convert import converted
from inference.sparse.convnorm import ConvNorm
from inference.sparse.layers import DownConv, InverseConv, Linear, NormRelu, SubmanifoldConv
from inference.sparse.strided import StridedConv, StridedMax


@dataclass(frozen=True)
class DenseLevel:
    """All places of an image at one resolution, as a `Level` where every one is active."""

    shape: tuple[int, int]
    device: torch.device

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    @cached_property
    def coordinates(self) -> tuple[Tensor, Tensor, Tensor]:
        """image, row and wire of every place, each int64 (H · W,)."""
        sides = (torch.arange(side, device=self.device) for side in self.shape)
        rows, wires = torch.meshgrid(*sides, indexing="ij")
        return torch.zeros_like(rows).flatten(), rows.flatten(), wires.flatten()


@dataclass(frozen=True)
class DenseTensor:
    """What the twin's layers take in the place of a `SparseTensor`."""

    features: Tensor

    @property
    def level(self) -> DenseLevel:
        return DenseLevel((self.features.shape[2], self.features.shape[3]), self.features.device)

    @property
    def sites(self) -> Tensor:
        """(H · W, C), by row, then wire."""
        return self.features[0].flatten(1).T

    def with_features(self, features: Tensor) -> DenseTensor:
        return DenseTensor(features)


def dense_tensor(rows: Tensor, wires: Tensor, shape: tuple[int, int], features: Tensor) -> DenseTensor:
    """Features (N, C) of pixels laid out on their image, 0 elsewhere."""
    values = features.new_zeros(*shape, features.shape[1])
    values[rows.long(), wires.long()] = features
    return DenseTensor(values.permute(2, 0, 1)[None])


class _Convolution(nn.Module):
    """A convolution, with the bias of a folded norm if one is given: padding keeps the sites in place."""

    weight: Tensor
    bias: Tensor | None

    def __init__(self, weight: Tensor, stride: int, bias: Tensor | None = None) -> None:
        super().__init__()
        side = round(len(weight) ** 0.5)
        window = weight.detach().unflatten(0, (side, side)).permute(3, 2, 0, 1)
        # Channels last is the fastest on CPU, and asks for the least memory.
        self.register_buffer("weight", window.contiguous(memory_format=torch.channels_last))
        self.register_buffer("bias", bias)
        self.stride, self.padding = stride, side // 2

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.weight, self.bias, self.stride, self.padding)


class DenseConv(nn.Module):
    """`SubmanifoldConv`, `StridedConv` or `Linear`."""

    def __init__(self, layer: SubmanifoldConv | StridedConv | Linear) -> None:
        super().__init__()
        self.conv = _Convolution(layer.weight, _stride(layer))

    def forward(self, x: DenseTensor) -> DenseTensor:
        return DenseTensor(self.conv(x.features))


class DenseConvNorm(nn.Module):
    """`ConvNorm` in evaluation, the norm folded into the convolution."""

    def __init__(self, layer: ConvNorm) -> None:
        super().__init__()
        weight, bias = layer.folded()
        self.conv, self.relu = _Convolution(weight, _stride(layer.conv), bias), layer.relu

    def forward(self, x: DenseTensor, added: Tensor | None = None) -> DenseTensor:
        values = self.conv(x.features)
        if added is not None:
            values = values.add_(added)
        return DenseTensor(values.relu_() if self.relu else values)


def _stride(layer: nn.Module) -> int:
    return 2 if isinstance(layer, StridedConv) else 1


class DenseDown(nn.Module):
    """`DownConv`: an odd side is continued by a row, or a column, of zeros."""

    weight: Tensor

    def __init__(self, layer: DownConv) -> None:
        super().__init__()
        self.register_buffer("weight", layer.weight.detach().unflatten(0, (2, 2)).permute(3, 2, 0, 1))

    def forward(self, x: DenseTensor) -> DenseTensor:
        rows, wires = x.level.shape
        padded = functional.pad(x.features, (0, wires % 2, 0, rows % 2))
        return DenseTensor(functional.conv2d(padded, self.weight, stride=2))


class DenseInverse(nn.Module):
    """`InverseConv`."""

    weight: Tensor

    def __init__(self, layer: InverseConv) -> None:
        super().__init__()
        self.register_buffer("weight", layer.weight.detach().unflatten(0, (2, 2)).permute(2, 3, 0, 1))

    def forward(self, x: DenseTensor, above: DenseLevel) -> DenseTensor:
        values = functional.conv_transpose2d(x.features, self.weight, stride=2)
        return DenseTensor(values[..., : above.shape[0], : above.shape[1]])


class DenseMax(nn.Module):
    """`StridedMax`."""

    def forward(self, x: DenseTensor) -> DenseTensor:
        return DenseTensor(functional.max_pool2d(x.features, 3, stride=2, padding=1).relu_())


class DenseNormRelu(nn.Module):
    """`NormRelu` in evaluation."""

    scale: Tensor
    shift: Tensor

    def __init__(self, layer: NormRelu) -> None:
        super().__init__()
        for name, value in zip(("scale", "shift"), layer.scale_and_shift(), strict=True):
            self.register_buffer(name, value.detach()[:, None, None])

    def forward(self, x: DenseTensor) -> DenseTensor:
        return DenseTensor(torch.addcmul(self.shift, x.features, self.scale).relu_())


class Dense:
    """The twin as a backend, see `inference.sparse.backends.Backend`."""

    name = "dense"

    @torch.no_grad()
    def network(self, network: nn.Module) -> nn.Module:
        return converted(
            network,
            {
                ConvNorm: DenseConvNorm,
                SubmanifoldConv: DenseConv,
                StridedConv: DenseConv,
                Linear: DenseConv,
                DownConv: DenseDown,
                InverseConv: DenseInverse,
                StridedMax: lambda _: DenseMax(),
                NormRelu: DenseNormRelu,
            },
        )

    def tensor(self, rows: Tensor, wires: Tensor, shape: tuple[int, int], features: Tensor) -> Any:
        return dense_tensor(rows, wires, shape, features)
