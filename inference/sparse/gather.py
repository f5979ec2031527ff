"""Sparse convolution as gather and matrix product, in row chunks that stay in cache.

Every feature array has N + 1 rows of which the last is zero, so that a missing neighbour is simply
index N. No direction scatters, so no threads can race: the input gradient of a submanifold
convolution is the same gather with flipped, transposed weights, and the gathered output gradient
gives the weight gradient too.

Shape shorthand: N sites, M sites of the level below, K offsets, I and O channels in and out.
Weights are (K, I, O), the 3×3 and 2×2 offsets row-major.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

_CHUNK_BYTES = {"cpu": 2 << 20, "cuda": 256 << 20}
_ROW_UNIT = 256


def chunk_rows(features: Tensor, offsets: int) -> int:
    """Rows whose gathered neighbourhoods fill the buffer: 2 MB on CPU, where it stays in cache."""
    row_bytes = offsets * features.shape[1] * features.element_size()
    rows = _CHUNK_BYTES.get(features.device.type, 2 << 20) // max(row_bytes, 1)
    return max(_ROW_UNIT, rows // _ROW_UNIT * _ROW_UNIT)


def _round_up(rows: int) -> int:
    """Rows rounded up to a multiple of 256, so that matrix products come in few different shapes.

    oneDNN compiles a kernel for every new shape in bfloat16, which costs more than the product.
    """
    return -(-rows // _ROW_UNIT) * _ROW_UNIT


def _empty_rows(like: Tensor, rows: int, width: int) -> Tensor:
    """An uninitialised (rows rounded up + 1, width) tensor; the caller keeps its first rows + 1."""
    return like.new_empty(_round_up(rows) + 1, width)


class _Chunks:
    """The gathered neighbourhoods of a table, chunk by chunk, in one buffer that stays in cache."""

    def __init__(self, features: Tensor, table: Tensor) -> None:
        self.rows, self.offsets = table.shape
        self.features, self.flat, self.width = features, table.view(-1), features.shape[1]
        self.step = min(chunk_rows(features, self.offsets), max(_round_up(self.rows), 1))
        self.buffer = features.new_empty(self.step * self.offsets, self.width)

    def __iter__(self) -> Iterator[tuple[int, int, Tensor]]:
        """First row, last row, and the gathered block (rows rounded up, K·I), zero beyond the last row."""
        for first in range(0, self.rows, self.step):
            last = min(first + self.step, self.rows)
            used, padded = (last - first) * self.offsets, _round_up(last - first) * self.offsets
            torch.index_select(
                self.features,
                0,
                self.flat[first * self.offsets : last * self.offsets],
                out=self.buffer[:used],
            )
            self.buffer[used:padded].zero_()
            yield first, last, self.buffer[:padded].view(-1, self.offsets * self.width)


def gather_matmul(features: Tensor, table: Tensor, weight: Tensor) -> Tensor:
    """features (·, I) gathered by table (R, K), times weight (K·I, O) → (R + 1, O), last row zero."""
    rows = table.shape[0]
    out = _empty_rows(features, rows, weight.shape[1])
    for first, _, block in _Chunks(features, table):
        torch.mm(block, weight, out=out[first : first + len(block)])
    out[rows:].zero_()
    return out[: rows + 1]


def gather_matmul_outer(
    features: Tensor, table: Tensor, weight: Tensor, other: Tensor, product: bool
) -> tuple[Tensor | None, Tensor]:
    """One gather, two products: gathered · weight → (R + 1, O), and otherᵀ · gathered in float32.

    features (·, I), table (R, K), weight (K·I, O), other (R, J) → float32 (J, K·I). The first is
    left out (None) unless `product`.
    """
    rows = table.shape[0]
    out = _empty_rows(features, rows, weight.shape[1]) if product else None
    wide = torch.promote_types(features.dtype, torch.float32)
    outer = torch.zeros(other.shape[1], weight.shape[0], dtype=wide, device=features.device)
    for first, last, block in _Chunks(features, table):
        if out is not None:
            torch.mm(block, weight, out=out[first : first + len(block)])
        part = other[first:last]
        if len(block) != len(part):
            part = torch.nn.functional.pad(part, (0, 0, 0, len(block) - len(part)))
        outer += part.t() @ block
    if out is None:
        return None, outer
    out[rows:].zero_()
    return out[: rows + 1], outer


def matmul_rows(features: Tensor, weight: Tensor) -> Tensor:
    """features (R, I) · weight (I, O) → (R, O), with the rows rounded up inside."""
    rows = len(features)
    padded = _round_up(rows)
    if padded != rows:
        features = torch.nn.functional.pad(features, (0, 0, 0, padded - rows))
    return (features @ weight)[:rows]


class Submanifold(torch.autograd.Function):
    """3×3 convolution on active sites only: (N + 1, I) → (N + 1, O)."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, neighbours: Tensor) -> Tensor:
        cast = weight.to(features.dtype)
        ctx.save_for_backward(features, cast, neighbours)
        return gather_matmul(features, neighbours, cast.flatten(0, 1))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor, None]:
        features, weight, neighbours = ctx.saved_tensors
        offsets, inputs, outputs = weight.shape
        transposed = weight.flip(0).transpose(1, 2).reshape(offsets * outputs, inputs)
        grad_in, outer = gather_matmul_outer(
            grads[0].contiguous(), neighbours, transposed, features[:-1], ctx.needs_input_grad[0]
        )
        grad_weight = outer.view(inputs, offsets, outputs).flip(1).transpose(0, 1)
        return grad_in, grad_weight, None


class Down(torch.autograd.Function):
    """2×2 convolution of stride 2: (N + 1, I) → (M + 1, O)."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, children: Tensor, slots: Tensor) -> Tensor:
        cast = weight.to(features.dtype)
        ctx.save_for_backward(features, cast, children, slots)
        return gather_matmul(features, children, cast.flatten(0, 1))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        features, weight, children, slots = ctx.saved_tensors
        offsets, inputs, outputs = weight.shape
        grad = grads[0].contiguous()
        grad_in = spread(grad, slots, weight.transpose(1, 2)) if ctx.needs_input_grad[0] else None
        flat = weight.flatten(0, 1)
        _, outer = gather_matmul_outer(features, children, flat, grad[:-1], product=False)
        return grad_in, outer.view(outputs, offsets, inputs).permute(1, 2, 0), None, None


class Inverse(torch.autograd.Function):
    """Transpose of `Down`, back to the sites it came from: (M + 1, I) → (N + 1, O)."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, children: Tensor, slots: Tensor) -> Tensor:
        cast = weight.to(features.dtype)
        ctx.save_for_backward(features, cast, children)
        return spread(features, slots, cast)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        features, weight, children = ctx.saved_tensors
        offsets, inputs, outputs = weight.shape
        transposed = weight.transpose(1, 2).reshape(offsets * outputs, inputs)
        grad_in, outer = gather_matmul_outer(
            grads[0].contiguous(), children, transposed, features[:-1], ctx.needs_input_grad[0]
        )
        return grad_in, outer.view(inputs, offsets, outputs).transpose(0, 1), None, None


class Dense(torch.autograd.Function):
    """A matrix product a site: (R, I) → (R, O)."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor) -> Tensor:
        cast = weight.to(features.dtype)
        ctx.save_for_backward(features, cast)
        return matmul_rows(features, cast)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        features, weight = ctx.saved_tensors
        rows = torch.arange(len(features), dtype=torch.int32, device=features.device)[:, None]
        grad_in, outer = gather_matmul_outer(grads[0].contiguous(), rows, weight.t(), features, product=True)
        assert grad_in is not None
        return grad_in[:-1], outer


def spread(features: Tensor, slots: Tensor, weight: Tensor) -> Tensor:
    """Every site of a level to its 2×2 children: features (M + 1, I), weight (4, I, O) → (N + 1, O)."""
    offsets, inputs, outputs = weight.shape
    wide = matmul_rows(features, weight.transpose(0, 1).reshape(inputs, offsets * outputs))
    return wide.view(-1, outputs).index_select(0, slots)
