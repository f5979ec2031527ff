"""The layers of a network in evaluation on the compiled kernel; see `kernel`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inference.sparse.convert import converted
from inference.sparse.convnorm import ConvNorm
from inference.sparse.geometry import Level
from inference.sparse.kernel import MOST_OFFSETS, Epilogue, RuleBook, Term, convolve, norm_relu, pack
from inference.sparse.layers import DownConv, InverseConv, Linear, NormRelu, SubmanifoldConv
from inference.sparse.residual import ResidualBlock
from inference.sparse.strided import StridedConv, gathered


@dataclass(frozen=True)
class KernelTensor:
    """Features on the sites of a level, as arrays (N + 1, C) side by side: channels are never copied
    only to stand beside others."""

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

    def with_features(self, features: Tensor) -> KernelTensor:
        """Other features on the same sites."""
        return KernelTensor(self.level, (features,))

    def on(self, level: Level, features: Tensor) -> KernelTensor:
        """Features of another level."""
        return KernelTensor(level, (features,))

    def beside(self, other: KernelTensor) -> KernelTensor:
        """The channels of both, those of the other last; it lies on the same sites."""
        return KernelTensor(self.level, self.parts + other.parts)


def kernel_tensor(level: Level, features: Tensor) -> KernelTensor:
    """features (N, C), of one array."""
    return KernelTensor(level, (torch.cat([features, features.new_zeros(1, features.shape[1])]),))


@torch.no_grad()
def kernel_network(network: nn.Module) -> nn.Module:
    """A copy of a network for inference on `KernelTensor`s."""
    return converted(
        network,
        {
            ConvNorm: KernelConvNorm,
            ResidualBlock: KernelBlock,
            SubmanifoldConv: KernelSubmanifold,
            DownConv: KernelDown,
            InverseConv: KernelInverse,
            NormRelu: KernelNormRelu,
            Linear: KernelLinear,
            nn.Linear: KernelHead,
        },
    )


def _terms(parts: Iterable[Tensor], weight: Tensor, gathered: bool = True) -> list[Term]:
    """One term a part, which take their shares of a packed weight one after another."""
    terms, first = [], 0
    for part in parts:
        terms.append(Term(part, weight, gathered, first))
        first += part.shape[1]
    return terms


class _Packed(nn.Module):
    """A packed weight (K, ⌈O / 16⌉, I, 16) for O outputs."""

    weight: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.outputs = weight.shape[2]
        self.register_buffer("weight", pack(weight.detach()))

    def _convolved(self, parts: Iterable[Tensor], book: RuleBook | None, rows: int) -> Tensor:
        terms = _terms(parts, self.weight, gathered=book is not None)
        return convolve(terms, book, rows, self.outputs)


class KernelSubmanifold(_Packed):
    """`SubmanifoldConv`."""

    def __init__(self, layer: SubmanifoldConv) -> None:
        super().__init__(layer.weight)

    def forward(self, x: KernelTensor) -> KernelTensor:
        return x.with_features(self._convolved(x.parts, x.level.window_book, len(x.level)))


class KernelDown(_Packed):
    """`DownConv`."""

    def __init__(self, layer: DownConv) -> None:
        super().__init__(layer.weight)

    def forward(self, x: KernelTensor) -> KernelTensor:
        below = x.level.below
        return KernelTensor(below, (self._convolved(x.parts, x.level.down_book, len(below)),))


class KernelInverse(_Packed):
    """`InverseConv`."""

    def __init__(self, layer: InverseConv) -> None:
        super().__init__(layer.weight)

    def forward(self, x: KernelTensor, above: Level) -> KernelTensor:
        return KernelTensor(above, (self._convolved(x.parts, above.up_book, len(above)),))


class KernelLinear(_Packed):
    """`Linear`."""

    def __init__(self, layer: Linear) -> None:
        super().__init__(layer.weight)

    def forward(self, x: KernelTensor) -> KernelTensor:
        return x.with_features(self._convolved(x.parts, None, len(x.level)))


class KernelHead(nn.Module):
    """`torch.nn.Linear` on sites (N, I): (N, O)."""

    weight: Tensor
    bias: Tensor | None

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.outputs = layer.out_features
        self.register_buffer("weight", pack(layer.weight.detach().t()[None]))
        self.register_buffer("bias", None if layer.bias is None else layer.bias.detach())

    def forward(self, sites: Tensor) -> Tensor:
        term = Term(sites.contiguous(), self.weight, gathered=False)
        return convolve([term], None, len(sites), self.outputs, Epilogue(self.bias))[:-1]


class KernelNormRelu(nn.Module):
    """`NormRelu` in evaluation."""

    scale: Tensor
    shift: Tensor

    def __init__(self, layer: NormRelu) -> None:
        super().__init__()
        scale, shift = layer.scale_and_shift()
        self.register_buffer("scale", scale.detach())
        self.register_buffer("shift", shift.detach())

    def forward(self, x: KernelTensor) -> KernelTensor:
        parts, first = [], 0
        for part in x.parts:
            last = first + part.shape[1]
            parts.append(norm_relu(part, self.scale[first:last], self.shift[first:last]))
            first = last
        return KernelTensor(x.level, tuple(parts))


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

    def forward(self, x: KernelTensor) -> KernelTensor:
        book, rows = x.level.window_book, len(x.level)
        inner = convolve(
            _terms(self.norm(x).parts, self.weight1),
            book,
            rows,
            self.outputs,
            Epilogue(self.bias1, relu=True),
        )
        terms, added = [Term(inner, self.weight2)], None
        if self.shortcut is None:
            (added,) = x.parts
        else:
            terms += _terms(x.parts, self.shortcut, gathered=False)
        return x.with_features(convolve(terms, book, rows, self.outputs, Epilogue(added=added)))


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
        epilogue = Epilogue(self.bias, added, self.relu)
        return x.on(level, convolve(terms, book, len(level), self.outputs, epilogue))
