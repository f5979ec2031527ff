"""Sparse layers with gradients; networks are built from these alone.

float32 on CPU is computed by the compiled kernel where there is one, all else in plain torch.
Features are (N + 1, C) with a last row of zeros, see `gather`. Weights are kept in float32; a layer
computes in the dtype of its input.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inference.sparse import kernel, kernel_gradients
from inference.sparse.gather import Dense, Down, Inverse, Submanifold, gather_matmul, matmul_rows, spread
from inference.sparse.geometry import Level
from inference.sparse.norm import NormRelu as _NormReluFunction


@dataclass(frozen=True)
class SparseTensor:
    """Features (N + 1, C) on the sites of a level."""

    level: Level
    features: Tensor

    @property
    def sites(self) -> Tensor:
        """The features without the row of zeros, (N, C)."""
        return self.features[:-1]

    def with_features(self, features: Tensor) -> SparseTensor:
        """Other features on the same sites."""
        return SparseTensor(self.level, features)

    def on(self, level: Level, features: Tensor) -> SparseTensor:
        """Features of another level."""
        return SparseTensor(level, features)

    def beside(self, other: SparseTensor) -> SparseTensor:
        """The channels of both, those of the other last; it lies on the same sites."""
        return self.with_features(torch.cat([self.features, other.features], dim=1))


class _Convolution(nn.Module):
    """A weight (K, I, O), initialised as He et al. for ReLU with K·I inputs."""

    def __init__(self, offsets: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(
            torch.randn(offsets, inputs, outputs) * math.sqrt(2.0 / (offsets * inputs))
        )

    def _training(self) -> bool:
        return torch.is_grad_enabled()

    def _by_kernel(self, features: Tensor, way: kernel_gradients.Way) -> Tensor:
        return kernel_gradients.Convolution.apply(features, self.weight, way)


class SubmanifoldConv(_Convolution):
    """3×3 convolution that keeps the sites: (N + 1, I) → (N + 1, O)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(9, inputs, outputs)

    def forward(self, x: SparseTensor) -> SparseTensor:
        if kernel.takes(x.features):
            return x.with_features(self._by_kernel(x.features, kernel_gradients.windows(x.level)))
        if self._training():
            return x.with_features(Submanifold.apply(x.features, self.weight, x.level.neighbours))
        weight = self.weight.to(x.features.dtype).flatten(0, 1)
        return x.with_features(gather_matmul(x.features, x.level.neighbours, weight))


class DownConv(_Convolution):
    """2×2 convolution of stride 2, to the level below: (N + 1, I) → (M + 1, O)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(4, inputs, outputs)

    def forward(self, x: SparseTensor) -> SparseTensor:
        level = x.level
        if kernel.takes(x.features):
            features = self._by_kernel(x.features, kernel_gradients.down(level))
        elif self._training():
            features = Down.apply(x.features, self.weight, level.children, level.slots)
        else:
            weight = self.weight.to(x.features.dtype).flatten(0, 1)
            features = gather_matmul(x.features, level.children, weight)
        return SparseTensor(level.below, features)


class InverseConv(_Convolution):
    """Transpose of a `DownConv`, back to the sites of the level above: (M + 1, I) → (N + 1, O)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(4, inputs, outputs)

    def forward(self, x: SparseTensor, above: Level) -> SparseTensor:
        if kernel.takes(x.features):
            features = self._by_kernel(x.features, kernel_gradients.up(above))
        elif self._training():
            features = Inverse.apply(x.features, self.weight, above.children, above.slots)
        else:
            features = spread(x.features, above.slots, self.weight.to(x.features.dtype))
        return SparseTensor(above, features)


class NormRelu(nn.Module):
    """Batch normalisation over the sites, then ReLU."""

    def __init__(self, channels: int, eps: float = 1e-4, momentum: float = 0.02) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def scale_and_shift(self) -> tuple[Tensor, Tensor]:
        """The layer in evaluation, before its ReLU, as x · scale + shift; each (C,)."""
        scale = self.weight * torch.rsqrt(self.running_var + self.eps)
        return scale, self.bias - self.running_mean * scale

    def forward(self, x: SparseTensor) -> SparseTensor:
        if self.training:
            out, mean, variance = _NormReluFunction.apply(x.features, self.weight, self.bias, self.eps)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(variance, self.momentum)
            return x.with_features(out)
        scale, shift = (v.to(x.features.dtype) for v in self.scale_and_shift())
        out = torch.addcmul(shift, x.features, scale).relu_()
        out[-1:] = 0
        return x.with_features(out)


class Linear(_Convolution):
    """A matrix product a site: (N + 1, I) → (N + 1, O), no bias, so that the last row stays zero."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(1, inputs, outputs)

    def forward(self, x: SparseTensor) -> SparseTensor:
        if kernel.takes(x.features):
            return x.with_features(self._by_kernel(x.features, kernel_gradients.each(x.level)))
        if self._training():
            return x.with_features(Dense.apply(x.features, self.weight[0]))
        return x.with_features(matmul_rows(x.features, self.weight[0].to(x.features.dtype)))
