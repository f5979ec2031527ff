"""The layers of a network in evaluation on the compiled kernel; see `kernel`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inference.sparse.convert import converted
from inference.sparse.geometry import Level
from inference.sparse.kernel import (
    Epilogue,
    RuleBook,
    Term,
    convolve,
    convolve_and_norm,
    norm_relu,
    pack,
)
from inference.sparse.layers import DownConv, InverseConv, Linear, NormRelu, SubmanifoldConv
from inference.sparse.residual import ResidualBlock


@dataclass(frozen=True)
class Part:
    """An array (N + 1, C) of features.

    maker: the layer that gave it; normed: where the maker was asked for it, by which norm, from which
    of its channels on, and the answer (N + 1, C).
    """

    features: Tensor
    maker: _Maker | None = None
    normed: tuple[KernelNormRelu, int, Tensor] | None = None


@dataclass(frozen=True)
class KernelTensor:
    """Features on the sites of a level, as arrays side by side: channels are never copied only to stand
    beside others."""

    level: Level
    parts: tuple[Part, ...]

    @property
    def sites(self) -> Tensor:
        """The features without the row of zeros, (N, C)."""
        arrays = [part.features for part in self.parts]
        return (arrays[0] if len(arrays) == 1 else torch.cat(arrays, dim=1))[:-1]

    def beside(self, other: KernelTensor) -> KernelTensor:
        """The channels of both, those of the other last; it lies on the same sites."""
        return KernelTensor(self.level, self.parts + other.parts)


def kernel_tensor(level: Level, features: Tensor) -> KernelTensor:
    """features (N, C), of one array."""
    return KernelTensor(level, (Part(torch.cat([features, features.new_zeros(1, features.shape[1])])),))


@torch.no_grad()
def kernel_network(network: nn.Module) -> nn.Module:
    """A copy of a network for inference on `KernelTensor`s."""
    return converted(
        network,
        {
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


class _Maker(nn.Module):
    """A layer whose answer a norm may follow. Which one shows in the first run; from the second on the
    norm is done while the answer is in registers."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.outputs = outputs
        self.following: tuple[KernelNormRelu, int] | None = None

    def _made(self, terms: list[Term], book: RuleBook | None, rows: int, added: Tensor | None = None) -> Part:
        epilogue = Epilogue(added=added)
        if self.following is None:
            return Part(convolve(terms, book, rows, self.outputs, epilogue), self)
        norm, first = self.following
        share = norm.share(first, self.outputs)
        out, normed = convolve_and_norm(terms, book, rows, self.outputs, epilogue, share)
        return Part(out, self, (norm, first, normed))


class _Packed(_Maker):
    """A packed weight (K, ⌈O / 16⌉, I, 16) for O outputs."""

    weight: Tensor

    def __init__(self, layer: SubmanifoldConv | DownConv | InverseConv | Linear) -> None:
        super().__init__(layer.weight.shape[2])
        self.register_buffer("weight", pack(layer.weight.detach()))

    def _convolved(self, x: KernelTensor, book: RuleBook | None, to: Level) -> KernelTensor:
        terms = _terms((part.features for part in x.parts), self.weight, gathered=book is not None)
        return KernelTensor(to, (self._made(terms, book, len(to)),))


class KernelSubmanifold(_Packed):
    """`SubmanifoldConv`."""

    def forward(self, x: KernelTensor) -> KernelTensor:
        return self._convolved(x, x.level.window_book, x.level)


class KernelDown(_Packed):
    """`DownConv`."""

    def forward(self, x: KernelTensor) -> KernelTensor:
        return self._convolved(x, x.level.down_book, x.level.below)


class KernelInverse(_Packed):
    """`InverseConv`."""

    def forward(self, x: KernelTensor, above: Level) -> KernelTensor:
        return self._convolved(x, above.up_book, above)


class KernelLinear(_Packed):
    """`Linear`."""

    def forward(self, x: KernelTensor) -> KernelTensor:
        return self._convolved(x, None, x.level)


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

    def share(self, first: int, channels: int) -> tuple[Tensor, Tensor]:
        """Scale and shift of some of the channels."""
        return self.scale[first : first + channels], self.shift[first : first + channels]

    def normed(self, parts: Iterable[Part]) -> list[Tensor]:
        """relu(norm(features)) of each part, (N + 1, C)."""
        answers, first = [], 0
        for part in parts:
            answers.append(self._normed(part, first))
            first += part.features.shape[1]
        return answers

    def _normed(self, part: Part, first: int) -> Tensor:
        if part.normed is not None and part.normed[:2] == (self, first):
            return part.normed[2]
        if part.maker is not None and part.maker.following is None:
            part.maker.following = (self, first)
        return norm_relu(part.features, *self.share(first, part.features.shape[1]))

    def forward(self, x: KernelTensor) -> KernelTensor:
        return KernelTensor(x.level, tuple(map(Part, self.normed(x.parts))))


class KernelBlock(_Maker):
    """`ResidualBlock`. Its second norm is folded into the convolution before it; the shortcut is a term
    of the second convolution, whose sums stay in registers until all is added."""

    weight1: Tensor
    bias1: Tensor
    weight2: Tensor
    shortcut: Tensor | None

    def __init__(self, block: ResidualBlock) -> None:
        scale, shift = block.norm2.scale_and_shift()
        super().__init__(len(shift))
        self.norm = KernelNormRelu(block.norm1)
        self.register_buffer("weight1", pack((block.conv1.weight * scale).detach()))
        self.register_buffer("bias1", shift.detach())
        self.register_buffer("weight2", pack(block.conv2.weight.detach()))
        kept = None if block.shortcut is None else pack(block.shortcut.weight.detach())
        self.register_buffer("shortcut", kept)

    def forward(self, x: KernelTensor) -> KernelTensor:
        book, rows = x.level.window_book, len(x.level)
        normed = _terms(self.norm.normed(x.parts), self.weight1)
        inner = convolve(normed, book, rows, self.outputs, Epilogue(self.bias1, relu=True))
        terms, added, kept = [Term(inner, self.weight2)], None, [part.features for part in x.parts]
        if self.shortcut is None:
            (added,) = kept
        else:
            terms += _terms(kept, self.shortcut, gathered=False)
        return KernelTensor(x.level, (self._made(terms, book, rows, added),))
