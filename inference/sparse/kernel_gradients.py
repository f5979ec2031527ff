"""Every convolution on the compiled kernel, with gradients; see `kernel`.

All four kinds are one sum over a rule book, and so is the gradient of their inputs: over the book of
the way back, with transposed weights. Nothing is scattered, so gradients do not depend on chance
or on the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.autograd import Function

from inference.sparse.geometry import Level
from inference.sparse.kernel import RuleBook, Term, convolve, pack, weight_gradient


@dataclass(frozen=True)
class Way:
    """From where to where a layer goes: its rule book and sites, and those of the way back.

    A book is None where every site feeds itself alone. mirrored: the way back uses the same book, in
    which the offset of a neighbour is the opposite one.
    """

    book: RuleBook | None
    sites: int
    book_back: RuleBook | None
    sites_back: int
    mirrored: bool = False


def windows(level: Level) -> Way:
    """3×3 windows within a level."""
    return Way(level.window_book, len(level), level.window_book, len(level), mirrored=True)


def down(level: Level) -> Way:
    """From a level to the one below."""
    return Way(level.down_book, len(level.below), level.up_book, len(level))


def up(above: Level) -> Way:
    """From the level below back to this one."""
    return Way(above.up_book, len(above), above.down_book, len(above.below))


def strided(level: Level, side: int) -> Way:
    """Windows of side × side of a stride of two, to the level below."""
    windows = level.strided(side)
    return Way(windows.book, windows.sites_below, windows.book_back, windows.sites)


def each(level: Level) -> Way:
    """Every site by itself."""
    return Way(None, len(level), None, len(level))


class Convolution(Function):
    """features float32 (·, I), weight float32 (K, I, O) → (sites + 1, O), last row zero."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, way: Way) -> Tensor:
        features = features.contiguous()
        ctx.save_for_backward(features, weight)
        ctx.way = way
        return convolve([Term(features, pack(weight))], way.book, way.sites, weight.shape[2])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        features, weight = ctx.saved_tensors
        way, grad = ctx.way, grads[0].contiguous()
        grad_in = grad_weight = None
        if ctx.needs_input_grad[0]:
            transposed = pack((weight.flip(0) if way.mirrored else weight).transpose(1, 2))
            grad_in = convolve([Term(grad, transposed)], way.book_back, way.sites_back, weight.shape[1])
        if ctx.needs_input_grad[1]:
            grad_weight = weight_gradient(features, grad, way.book, way.sites)
        return grad_in, grad_weight, None
