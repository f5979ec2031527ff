"""The layers of a network in evaluation on the compiled kernel, recorded once; see `tape`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inference.sparse.convert import Makers, converted
from inference.sparse.geometry import Level
from inference.sparse.kernel import pack
from inference.sparse.layers import DownConv, InverseConv, Linear, NormRelu, SubmanifoldConv
from inference.sparse.residual import ResidualBlock
from inference.sparse.tape import Array, ArrayCall, ArrayTerm, Book, Place, Program, Tape


@dataclass(frozen=True)
class KernelTensor:
    """Features (N + 1, C) on the sites of a level."""

    level: Level
    features: Tensor

    @property
    def sites(self) -> Tensor:
        """The features without the row of zeros, (N, C)."""
        return self.features[:-1]


def kernel_tensor(level: Level, features: Tensor) -> KernelTensor:
    """features (N, C) with the row of zeros that the kernel wants."""
    return KernelTensor(level, torch.cat([features, features.new_zeros(1, features.shape[1])]))


@dataclass(frozen=True)
class Traced:
    """What a network is handed while it is recorded: arrays side by side, so that channels are never
    copied only to stand beside others."""

    tape: Tape
    level: Place
    parts: tuple[Array, ...]

    @property
    def sites(self) -> TracedSites:
        """Without the row of zeros."""
        return TracedSites(self)

    def with_array(self, array: Array) -> Traced:
        """Another array."""
        return Traced(self.tape, array.place, (array,))

    def beside(self, other: Traced) -> Traced:
        """The channels of both, those of the other last; it lies on the same sites."""
        return Traced(self.tape, self.level, self.parts + other.parts)


@dataclass(frozen=True)
class TracedSites:
    """What a head is handed, and gives."""

    traced: Traced

    def to(self, _: torch.dtype) -> TracedSites:
        """The same: all is float32 here."""
        return self


class Recorded(nn.Module):
    """Sparse layers, recorded at the first call and run from the record; see `tape`.

    network: it names nothing but layers, in the same order for every image. The answer is (N, O) where
    it ends in a head, a `KernelTensor` otherwise.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._network = converted(network, _LAYERS)
        self._programs: dict[tuple[int, bool], tuple[Program, Place, bool]] = {}

    def forward(self, x: KernelTensor, watch: Callable[[float], None] | None = None) -> Tensor | KernelTensor:
        key = x.features.shape[1], watch is not None
        if key not in self._programs:
            self._programs[key] = self._record(*key)
        program, place, is_head = self._programs[key]
        (features,) = program(x.level, [x.features], watch)
        if is_head:
            return features[:-1]
        level = x.level
        for _ in range(place.depth):
            level = level.below
        return KernelTensor(level, features)

    def _record(self, width: int, watched: bool) -> tuple[Program, Place, bool]:
        tape, start = Tape(), Array(Place(0), width)
        answer = self._network(Traced(tape, start.place, (start,)), *([tape.tick] if watched else []))
        is_head = isinstance(answer, TracedSites)
        last = answer.traced if is_head else answer
        (array,) = last.parts
        return Program(tape, [start], [array]), last.level, is_head


@torch.no_grad()
def kernel_network(network: nn.Module) -> nn.Module:
    """A copy of a network for inference on `KernelTensor`s.

    What has a true `only_layers` is recorded as a whole; elsewhere each layer is by itself.
    """
    if type(network) in _LAYERS or getattr(network, "only_layers", False):
        return Recorded(network)
    return converted(network, {type(m): Recorded for m in network.modules() if type(m) in _SPARSE})


def _terms(parts: Iterable[Array], weight: Tensor, gathered: bool = True) -> list[ArrayTerm]:
    """One term a part, which take their shares of a packed weight one after another."""
    terms, first = [], 0
    for part in parts:
        terms.append(ArrayTerm(part, weight, gathered, first))
        first += part.channels
    return terms


class _Packed(nn.Module):
    """A packed weight (⌈O / 16⌉, K, I, 16) for O outputs."""

    weight: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.outputs = weight.shape[2]
        self.register_buffer("weight", pack(weight.detach()))

    def _convolved(self, x: Traced, book: Book | None, place: Place, bias: Tensor | None = None) -> Traced:
        terms = _terms(x.parts, self.weight, gathered=book is not None)
        return x.with_array(x.tape.add(ArrayCall(terms, book, Array(place, self.outputs), bias)))


class KernelSubmanifold(_Packed):
    """`SubmanifoldConv`."""

    def __init__(self, layer: SubmanifoldConv) -> None:
        super().__init__(layer.weight)

    def forward(self, x: Traced) -> Traced:
        return self._convolved(x, x.level.window_book, x.level)


class KernelDown(_Packed):
    """`DownConv`."""

    def __init__(self, layer: DownConv) -> None:
        super().__init__(layer.weight)

    def forward(self, x: Traced) -> Traced:
        return self._convolved(x, x.level.down_book, x.level.below)


class KernelInverse(_Packed):
    """`InverseConv`."""

    def __init__(self, layer: InverseConv) -> None:
        super().__init__(layer.weight)

    def forward(self, x: Traced, above: Place) -> Traced:
        return self._convolved(x, above.up_book, above)


class KernelLinear(_Packed):
    """`Linear`."""

    def __init__(self, layer: Linear) -> None:
        super().__init__(layer.weight)

    def forward(self, x: Traced) -> Traced:
        return self._convolved(x, None, x.level)


class KernelHead(_Packed):
    """`torch.nn.Linear` on sites."""

    bias: Tensor | None

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__(layer.weight.detach().t()[None])
        self.register_buffer("bias", None if layer.bias is None else layer.bias.detach())

    def forward(self, sites: TracedSites) -> TracedSites:
        return self._convolved(sites.traced, None, sites.traced.level, self.bias).sites


class KernelNormRelu(nn.Module):
    """`NormRelu` in evaluation."""

    scale: Tensor
    shift: Tensor

    def __init__(self, layer: NormRelu) -> None:
        super().__init__()
        scale, shift = layer.scale_and_shift()
        self.register_buffer("scale", scale.detach())
        self.register_buffer("shift", shift.detach())

    def forward(self, x: Traced) -> Traced:
        parts, first = [], 0
        for part in x.parts:
            last = first + part.channels
            parts.append(x.tape.norm_relu(part, self.scale[first:last], self.shift[first:last]))
            first = last
        return Traced(x.tape, x.level, tuple(parts))


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

    def forward(self, x: Traced) -> Traced:
        book, tape = x.level.window_book, x.tape
        first = _terms(self.norm(x).parts, self.weight1)
        inner = tape.add(ArrayCall(first, book, Array(x.level, self.outputs), self.bias1, relu=True))
        terms, added = [ArrayTerm(inner, self.weight2)], None
        if self.shortcut is None:
            (added,) = x.parts
        else:
            terms += _terms(x.parts, self.shortcut, gathered=False)
        return x.with_array(tape.add(ArrayCall(terms, book, Array(x.level, self.outputs), added=added)))


_SPARSE: Makers = {
    ResidualBlock: KernelBlock,
    SubmanifoldConv: KernelSubmanifold,
    DownConv: KernelDown,
    Linear: KernelLinear,
    NormRelu: KernelNormRelu,
}
_LAYERS: Makers = {**_SPARSE, InverseConv: KernelInverse, nn.Linear: KernelHead}
