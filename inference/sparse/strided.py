"""Layers of a stride of two: convolution and pooling; see `strided_windows`.

Shape shorthand: N sites, M sites of the level below, K = k² offsets, I and O channels in and out.
"""

from __future__ import annotations

from typing import Any, Protocol, Self, TypeVar

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

from inference.sparse import kernel, kernel_gradients
from inference.sparse.gather import gather_matmul, gather_matmul_outer
from inference.sparse.geometry import Level
from inference.sparse.layers import SparseTensor, _Convolution
from inference.sparse.strided_windows import StridedWindows


class OnLevel(Protocol):
    """A `SparseTensor` or what a backend has in its place."""

    @property
    def level(self) -> Level: ...

    @property
    def features(self) -> Tensor: ...

    def on(self, level: Level, features: Tensor) -> Self: ...


Tensors = TypeVar("Tensors", bound=OnLevel)


def gathered(features: Tensor, windows: StridedWindows) -> Tensor:
    """The windows themselves as channels: features (N + 1, I) → (M + 1, K · I)."""
    rows = features.index_select(0, windows.table.flatten())
    offsets, inputs = windows.table.shape[1], features.shape[1]
    return functional.pad(rows.view(windows.sites_below, offsets * inputs), (0, 0, 0, 1))


class StridedConv(_Convolution):
    """k×k convolution of stride 2, to the level below: (N + 1, I) → (M + 1, O)."""

    def __init__(self, inputs: int, outputs: int, side: int = 3) -> None:
        super().__init__(side * side, inputs, outputs)
        self.side = side

    def forward(self, x: SparseTensor) -> SparseTensor:
        if kernel.takes(x.features) and len(self.weight) > kernel.MOST_OFFSETS:
            rows = gathered(x.features, x.level.strided(self.side))
            way = kernel_gradients.each(x.level.below)
            features = kernel_gradients.Convolution.apply(rows, self.weight.flatten(0, 1)[None], way)
        elif kernel.takes(x.features):
            features = self._by_kernel(x.features, kernel_gradients.strided(x.level, self.side))
        else:
            features = Strided.apply(x.features, self.weight, x.level.strided(self.side))
        return x.on(x.level.below, features)


class Strided(Function):
    """A convolution by windows, in plain torch: (N + 1, I) → (M + 1, O)."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, windows: StridedWindows) -> Tensor:
        cast = weight.to(features.dtype)
        ctx.save_for_backward(features, cast)
        ctx.windows = windows
        return gather_matmul(features, windows.table, cast.flatten(0, 1))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor, None]:
        features, weight = ctx.saved_tensors
        offsets, inputs, outputs = weight.shape
        grad, table = grads[0].contiguous(), ctx.windows.table
        grad_in = None
        if ctx.needs_input_grad[0]:
            grad_in = gather_matmul(grad, ctx.windows.back, weight.transpose(1, 2).flatten(0, 1))
        _, outer = gather_matmul_outer(features, table, weight.flatten(0, 1), grad[:-1], product=False)
        return grad_in, outer.view(outputs, offsets, inputs).permute(1, 2, 0), None


class StridedMax(nn.Module):
    """The largest value of each channel in a 3×3 window, at least 0: (N + 1, C) → (M + 1, C)."""

    def forward(self, x: Tensors) -> Tensors:
        table = x.level.strided(3).table
        values = x.features.index_select(0, table.flatten()).view(*table.shape, x.features.shape[1])
        # Of equal values, the gradient goes to the first; amax would share it out.
        most = values.max(dim=1).values if torch.is_grad_enabled() else values.amax(dim=1)
        return x.on(x.level.below, torch.cat([most.relu(), most.new_zeros(1, most.shape[1])]))
