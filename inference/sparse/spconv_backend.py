"""The same layers by spconv modules, for CUDA. Imported only where spconv is to be used.

spconv weights are (O, 3, 3, I) where ours are (9, I, O). On CPU spconv is right with one thread
alone (its scatter-add races), which is how the tests compare it with the plain-torch path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import spconv.pytorch as spconv
import torch
from torch import Tensor, nn

from inference.sparse.convert import converted
from inference.sparse.layers import DownConv, InverseConv, Linear, NormRelu, SubmanifoldConv


@dataclass(frozen=True)
class SpconvTensor:
    """A spconv tensor in place of a `SparseTensor`. level: how often the resolution was halved."""

    tensor: Any
    level: int = 0

    @property
    def features(self) -> Tensor:
        """(N, C): no row of zeros here."""
        features: Tensor = self.tensor.features
        return features

    @property
    def sites(self) -> Tensor:
        return self.features

    def with_features(self, features: Tensor) -> SpconvTensor:
        """Other features on the same sites."""
        return SpconvTensor(self.tensor.replace_feature(features), self.level)

    def beside(self, other: SpconvTensor) -> SpconvTensor:
        """The channels of both, those of the other last; it lies on the same sites."""
        return self.with_features(torch.cat([self.features, other.features], dim=1))


def spconv_tensor(rows: Tensor, wires: Tensor, shape: tuple[int, int], features: Tensor) -> SpconvTensor:
    """One image: rows, wires (N,), features (N, C) on the device where spconv shall run; N > 0."""
    indices = torch.stack([torch.zeros_like(rows), rows, wires], dim=1).to(torch.int32)
    return SpconvTensor(spconv.SparseConvTensor(features, indices, list(shape), batch_size=1))


def spconv_network(network: nn.Module) -> nn.Module:
    """A copy of a network for inference on `SpconvTensor`s."""
    return converted(
        network,
        {
            SubmanifoldConv: SpconvSubmanifold,
            DownConv: SpconvDown,
            InverseConv: SpconvInverse,
            NormRelu: SpconvNormRelu,
            Linear: SpconvLinear,
        },
    )


def _copied(weight: Tensor, size: int, conv: Any) -> Any:
    """A weight (size², I, O) into a spconv module (O, size, size, I)."""
    _, inputs, outputs = weight.shape
    with torch.no_grad():
        conv.weight.copy_(weight.detach().view(size, size, inputs, outputs).permute(3, 0, 1, 2))
    return conv.to(weight.device)


class SpconvSubmanifold(nn.Module):
    """`SubmanifoldConv`; the rule book is shared by all of one level, through the key."""

    def __init__(self, layer: SubmanifoldConv) -> None:
        super().__init__()
        _, inputs, outputs = layer.weight.shape
        conv = spconv.SubMConv2d(inputs, outputs, 3, padding=1, bias=False, indice_key="sites")
        self.conv = _copied(layer.weight, 3, conv)

    def forward(self, x: SpconvTensor) -> SpconvTensor:
        self.conv.indice_key = f"sites {x.level}"
        return SpconvTensor(self.conv(x.tensor), x.level)


class SpconvDown(nn.Module):
    """`DownConv`."""

    def __init__(self, layer: DownConv) -> None:
        super().__init__()
        _, inputs, outputs = layer.weight.shape
        conv = spconv.SparseConv2d(inputs, outputs, 2, stride=2, bias=False, indice_key="down")
        self.conv = _copied(layer.weight, 2, conv)

    def forward(self, x: SpconvTensor) -> SpconvTensor:
        self.conv.indice_key = f"down {x.level}"
        # spconv drops the last row or wire of an odd image; an even one loses nothing.
        even = x.tensor.shadow_copy()
        even.spatial_shape = [size + size % 2 for size in x.tensor.spatial_shape]
        return SpconvTensor(self.conv(even), x.level + 1)


class SpconvInverse(nn.Module):
    """`InverseConv`, by the rule book of the way down."""

    def __init__(self, layer: InverseConv) -> None:
        super().__init__()
        _, inputs, outputs = layer.weight.shape
        conv = spconv.SparseInverseConv2d(inputs, outputs, 2, bias=False, indice_key="down")
        self.conv = _copied(layer.weight, 2, conv)

    def forward(self, x: SpconvTensor, above: int) -> SpconvTensor:
        self.conv.indice_key = f"down {above}"
        return SpconvTensor(self.conv(x.tensor), above)


class SpconvNormRelu(nn.Module):
    """`NormRelu` in evaluation."""

    scale: Tensor
    shift: Tensor

    def __init__(self, layer: NormRelu) -> None:
        super().__init__()
        scale, shift = layer.scale_and_shift()
        self.register_buffer("scale", scale.detach())
        self.register_buffer("shift", shift.detach())

    def forward(self, x: SpconvTensor) -> SpconvTensor:
        return x.with_features(torch.addcmul(self.shift, x.features, self.scale).relu_())


class SpconvLinear(nn.Module):
    """`Linear`."""

    weight: Tensor

    def __init__(self, layer: Linear) -> None:
        super().__init__()
        self.register_buffer("weight", layer.weight[0].detach())

    def forward(self, x: SpconvTensor) -> SpconvTensor:
        return x.with_features(x.features @ self.weight)
