"""The layers of a network in evaluation on the compiled kernel.

A layer tells its tensor what to compute: a `KernelTensor` does so at once, a `Traced` one only notes it.
So a network of layers alone is recorded and run as a whole (see `tape`), and any other runs layer by layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

import torch
from torch import Tensor, nn

from inference.sparse import kernel
from inference.sparse.convert import Makers, converted
from inference.sparse.convnorm import ConvNorm
from inference.sparse.geometry import Level
from inference.sparse.kernel import MOST_OFFSETS, Term, pack
from inference.sparse.layers import DownConv, InverseConv, Linear, NormRelu, SubmanifoldConv
from inference.sparse.residual import ResidualBlock
from inference.sparse.strided import StridedConv, gathered
from inference.sparse.tape import Array, ArrayCall, Place, Program, Tape


@dataclass(frozen=True)
class Sum:
    """What a convolution adds up; see `kernel.Call`."""

    terms: Sequence[Term[Any]]
    outputs: int
    bias: Tensor | None = None
    added: Any = None
    relu: bool = False


class OnSites(Protocol):
    """Features on a level, that are there or not yet: arrays (N + 1, C) side by side, so that channels
    are never copied only to stand beside others."""

    @property
    def level(self) -> Any: ...

    @property
    def parts(self) -> tuple[Any, ...]: ...

    def convolved(self, total: Sum, book: Any, level: Any) -> Self:
        """The sum by a rule book, or site by site, on a level."""

    def norm_relu(self, part: Any, scale: Tensor, shift: Tensor) -> Any:
        """relu(part · scale + shift)."""

    def with_parts(self, parts: tuple[Any, ...]) -> Self:
        """Other features on the same sites."""


Sites = TypeVar("Sites", bound=OnSites)


@dataclass(frozen=True)
class KernelTensor:
    """`OnSites` that are there."""

    level: Level
    parts: tuple[Tensor, ...]

    @property
    def features(self) -> Tensor:
        """The features as one array, (N + 1, C)."""
        return self.parts[0] if len(self.parts) == 1 else torch.cat(self.parts, dim=1)

    @property
    def sites(self) -> Tensor:
        """The features without the row of zeros, (N, C)."""
        return self.features[:-1]

    def with_parts(self, parts: tuple[Tensor, ...]) -> KernelTensor:
        return KernelTensor(self.level, parts)

    def with_features(self, features: Tensor) -> KernelTensor:
        """Other features on the same sites."""
        return KernelTensor(self.level, (features,))

    def on(self, level: Level, features: Tensor) -> KernelTensor:
        """Features of another level."""
        return KernelTensor(level, (features,))

    def beside(self, other: KernelTensor) -> KernelTensor:
        """The channels of both, those of the other last; it lies on the same sites."""
        return KernelTensor(self.level, self.parts + other.parts)

    def convolved(self, total: Sum, book: kernel.RuleBook | None, level: Level) -> KernelTensor:
        return self.on(level, _computed(total, book, len(level)))

    def norm_relu(self, part: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        normed, rows = torch.empty_like(part), len(self.level)
        kernel.run(
            [kernel.Call([], None, rows, part.shape[1], added=part, scale=scale, shift=shift, normed=normed)]
        )
        return normed


def _computed(total: Sum, book: kernel.RuleBook | None, rows: int) -> Tensor:
    out = torch.empty(rows + 1, total.outputs)
    call = kernel.Call(total.terms, book, rows, total.outputs, out, total.bias, total.added, total.relu)
    kernel.run([call])
    return out


def kernel_tensor(level: Level, features: Tensor) -> KernelTensor:
    """features (N, C), of one array."""
    return KernelTensor(level, (torch.cat([features, features.new_zeros(1, features.shape[1])]),))


@dataclass(frozen=True)
class Traced:
    """`OnSites` that are not there yet: what a network is handed while it is recorded."""

    tape: Tape
    level: Place
    parts: tuple[Array, ...]

    @property
    def sites(self) -> TracedSites:
        """Without the row of zeros."""
        return TracedSites(self)

    def with_parts(self, parts: tuple[Array, ...]) -> Traced:
        return Traced(self.tape, self.level, parts)

    def beside(self, other: Traced) -> Traced:
        """The channels of both, those of the other last; it lies on the same sites."""
        return self.with_parts(self.parts + other.parts)

    def convolved(self, total: Sum, book: Any, level: Place) -> Traced:
        out = Array(level, total.outputs)
        call = ArrayCall(list(total.terms), book, out, total.bias, total.added, total.relu)
        return Traced(self.tape, level, (self.tape.add(call),))

    def norm_relu(self, part: Array, scale: Tensor, shift: Tensor) -> Array:
        return self.tape.norm_relu(part, scale, shift)


@dataclass(frozen=True)
class TracedSites:
    """What a head is handed, and gives."""

    traced: Traced

    def to(self, _: torch.dtype) -> TracedSites:
        """The same: all is float32 here."""
        return self


class Recorded(nn.Module):
    """A network of layers and a head, recorded at the first call and run from the record: (N, O)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._network = converted(network, _LAYERS)
        self._programs: dict[tuple[int, bool], Program] = {}

    def forward(self, x: KernelTensor, watch: Callable[[float], None] | None = None) -> Tensor:
        key = x.features.shape[1], watch is not None
        if key not in self._programs:
            self._programs[key] = self._record(*key)
        (features,) = self._programs[key](x.level, [x.features], watch)
        return features[:-1]

    def _record(self, width: int, watched: bool) -> Program:
        tape, start = Tape(), Array(Place(0), width)
        answer = self._network(Traced(tape, start.place, (start,)), *([tape.tick] if watched else []))
        return Program(tape, [start], answer.traced.parts)


@torch.no_grad()
def kernel_network(network: nn.Module) -> nn.Module:
    """A copy of a network for inference on `KernelTensor`s; one with a true `only_layers` is recorded."""
    return Recorded(network) if getattr(network, "only_layers", False) else converted(network, _LAYERS)


def _terms(parts: Iterable[Any], weight: Tensor, gathered: bool = True) -> list[Term[Any]]:
    """One term a part, which take their shares of a packed weight one after another."""
    terms, first = [], 0
    for part in parts:
        terms.append(Term(part, weight, gathered, first))
        first += part.shape[1]
    return terms


class _Packed(nn.Module):
    """A packed weight (⌈O / 16⌉, K, I, 16) for O outputs."""

    weight: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.outputs = weight.shape[2]
        self.register_buffer("weight", pack(weight.detach()))

    def _convolved(self, x: Sites, book: Any, level: Any) -> Sites:
        return x.convolved(Sum(_terms(x.parts, self.weight, book is not None), self.outputs), book, level)


class KernelSubmanifold(_Packed):
    """`SubmanifoldConv`."""

    def __init__(self, layer: SubmanifoldConv) -> None:
        super().__init__(layer.weight)

    def forward(self, x: Sites) -> Sites:
        return self._convolved(x, x.level.window_book, x.level)


class KernelDown(_Packed):
    """`DownConv`."""

    def __init__(self, layer: DownConv) -> None:
        super().__init__(layer.weight)

    def forward(self, x: Sites) -> Sites:
        return self._convolved(x, x.level.down_book, x.level.below)


class KernelInverse(_Packed):
    """`InverseConv`."""

    def __init__(self, layer: InverseConv) -> None:
        super().__init__(layer.weight)

    def forward(self, x: Sites, above: Any) -> Sites:
        return self._convolved(x, above.up_book, above)


class KernelLinear(_Packed):
    """`Linear`."""

    def __init__(self, layer: Linear) -> None:
        super().__init__(layer.weight)

    def forward(self, x: Sites) -> Sites:
        return self._convolved(x, None, x.level)


class KernelHead(_Packed):
    """`torch.nn.Linear` on sites (N, I): (N, O)."""

    bias: Tensor | None

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__(layer.weight.detach().t()[None])
        self.register_buffer("bias", None if layer.bias is None else layer.bias.detach())

    def forward(self, sites: Tensor | TracedSites) -> Tensor | TracedSites:
        if isinstance(sites, TracedSites):
            x = sites.traced
            return x.convolved(self._sum(x.parts), None, x.level).sites
        return _computed(self._sum([sites.contiguous()]), None, len(sites))[:-1]

    def _sum(self, parts: Iterable[Any]) -> Sum:
        return Sum(_terms(parts, self.weight, gathered=False), self.outputs, self.bias)


class KernelNormRelu(nn.Module):
    """`NormRelu` in evaluation."""

    scale: Tensor
    shift: Tensor

    def __init__(self, layer: NormRelu) -> None:
        super().__init__()
        scale, shift = layer.scale_and_shift()
        self.register_buffer("scale", scale.detach())
        self.register_buffer("shift", shift.detach())

    def forward(self, x: Sites) -> Sites:
        parts, first = [], 0
        for part in x.parts:
            last = first + part.shape[1]
            parts.append(x.norm_relu(part, self.scale[first:last], self.shift[first:last]))
            first = last
        return x.with_parts(tuple(parts))


class KernelBlock(nn.Module):
    """`ResidualBlock`. Its second norm is folded into the convolution before it; the shortcut is a term
    of the second convolution, whose sums stay in registers until all is added."""

    weight1: Tensor
    bias1: Tensor
    weight2: Tensor
    shortcut: Tensor | None

    def __init__(self, block: ResidualBlock) -> None:
        super().__init__()
        self.norm = KernelNormRelu(block.norm1)
        scale, shift = block.norm2.scale_and_shift()
        self.outputs = len(shift)
        self.register_buffer("weight1", pack((block.conv1.weight * scale).detach()))
        self.register_buffer("bias1", shift.detach())
        self.register_buffer("weight2", pack(block.conv2.weight.detach()))
        kept = None if block.shortcut is None else pack(block.shortcut.weight.detach())
        self.register_buffer("shortcut", kept)

    def forward(self, x: Sites) -> Sites:
        book, level = x.level.window_book, x.level
        first = Sum(_terms(self.norm(x).parts, self.weight1), self.outputs, self.bias1, relu=True)
        terms, added = _terms(x.convolved(first, book, level).parts, self.weight2), None
        if self.shortcut is None:
            (added,) = x.parts
        else:
            terms += _terms(x.parts, self.shortcut, gathered=False)
        return x.convolved(Sum(terms, self.outputs, added=added), book, level)


class KernelConvNorm(nn.Module):
    """`ConvNorm` in evaluation: one convolution, whose epilogue does all the rest."""

    weight: Tensor
    bias: Tensor

    def __init__(self, layer: ConvNorm) -> None:
        super().__init__()
        weight, bias = layer.folded()
        self.outputs, self.relu = weight.shape[2], layer.relu
        self._kind, self._side = type(layer.conv), getattr(layer.conv, "side", 0)
        self.wide = len(weight) > MOST_OFFSETS
        self.register_buffer("weight", pack(weight.flatten(0, 1)[None] if self.wide else weight))
        self.register_buffer("bias", bias)

    def forward(self, x: KernelTensor, added: Tensor | None = None) -> KernelTensor:
        book, level, parts = None, x.level, x.parts
        if self._kind is SubmanifoldConv:
            book = level.window_book
        elif self._kind is StridedConv:
            windows, level = level.strided(self._side), level.below
            if self.wide:
                parts = (gathered(x.features, windows),)
            else:
                book = windows.book
        terms = _terms(parts, self.weight, gathered=book is not None)
        return x.convolved(Sum(terms, self.outputs, self.bias, added, self.relu), book, level)


_LAYERS: Makers = {
    ConvNorm: KernelConvNorm,
    ResidualBlock: KernelBlock,
    SubmanifoldConv: KernelSubmanifold,
    DownConv: KernelDown,
    InverseConv: KernelInverse,
    NormRelu: KernelNormRelu,
    Linear: KernelLinear,
    nn.Linear: KernelHead,
}
