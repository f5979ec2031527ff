"""Convolution, batch norm, shortcut and ReLU as one: the unit of which ResNets are built."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.sparse.layers import Linear, SparseTensor, SubmanifoldConv
from inference.sparse.strided import StridedConv


class Norm(nn.Module):
    """Batch normalisation over sites: (N, C) → (N, C), with torchvision's eps."""

    running_mean: Tensor
    running_var: Tensor
    eps, momentum = 1e-5, 0.02

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, sites: Tensor) -> Tensor:
        # One site has no variance: it is normalised as in evaluation.
        over_sites = self.training and len(sites) > 1
        statistics = self.running_mean, self.running_var, self.weight, self.bias
        return functional.batch_norm(sites, *statistics, over_sites, self.momentum, self.eps)

    def scale_and_shift(self) -> tuple[Tensor, Tensor]:
        """The layer in evaluation as x · scale + shift; each (C,)."""
        scale = self.weight * torch.rsqrt(self.running_var + self.eps)
        return scale, self.bias - self.running_mean * scale


class ConvNorm(nn.Module):
    """relu(norm(conv(x)) + added)."""

    def __init__(self, conv: SubmanifoldConv | StridedConv | Linear, relu: bool = True) -> None:
        super().__init__()
        self.conv, self.relu = conv, relu
        self.norm = Norm(conv.weight.shape[2])

    def forward(self, x: SparseTensor, added: Tensor | None = None) -> SparseTensor:
        """added (sites of the output + 1, O): a shortcut."""
        y = self.conv(x)
        values = self.norm(y.sites)
        if added is not None:
            values = values + added[:-1]
        if self.relu:
            values = functional.relu(values)
        return y.with_features(functional.pad(values, (0, 0, 0, 1)))

    def folded(self) -> tuple[Tensor, Tensor]:
        """Weight (K, I, O) and bias (O,) of the convolution that does both in evaluation."""
        scale, shift = self.norm.scale_and_shift()
        return (self.conv.weight * scale).detach(), shift.detach()
