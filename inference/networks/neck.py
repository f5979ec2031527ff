"""What stands between the trunk and the heads: a wider view of C4, and features of every pixel.

The convolutions of C4 see some 200 pixels, a cosmic muon is up to 900 long; so two coarser levels
look at the whole of it (`Context`). A cell of a mask is some 10 × 20 pixels of a long track, which
does not part two tracks that run side by side; so every lit pixel gets features of its own (`Pixels`).
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from inference.networks.resnet import BasicBlock
from inference.sparse.convnorm import ConvNorm
from inference.sparse.layers import (
    DownConv,
    InverseConv,
    Linear,
    NormRelu,
    SparseTensor,
    SubmanifoldConv,
)


class Context(nn.Module):
    """Down by some levels and back up, as a U-Net: features and sites of C4 to `width` on the same sites."""

    def __init__(self, inputs: int, width: int, levels: int) -> None:
        super().__init__()
        self.reduce = ConvNorm(Linear(inputs, width)) if inputs != width else None
        self.down = nn.ModuleList(DownConv(width, width) for _ in range(levels))
        self.norm = nn.ModuleList(NormRelu(width) for _ in range(levels))
        self.encode = nn.ModuleList(BasicBlock(width, width) for _ in range(levels))
        self.up = nn.ModuleList(InverseConv(width, width) for _ in range(levels))
        self.decode = nn.ModuleList(BasicBlock(width, width) for _ in range(levels))

    def forward(self, x: SparseTensor) -> SparseTensor:
        if self.reduce is not None:
            x = self.reduce(x)
        passed = []
        for down, norm, encode in zip(self.down, self.norm, self.encode, strict=True):
            passed.append(x)
            x = encode(norm(down(x)))
        for up, decode in zip(reversed(self.up), reversed(self.decode), strict=True):
            above = passed.pop()
            x = decode(_sum(above, up(x, above.level)))
        return x


class Pixels(nn.Module):
    """Features of every lit pixel, (N, outputs): from C4 up to the image, with the stages' own beside."""

    def __init__(self, coarsest: int, stages: Sequence[int], width: int, outputs: int) -> None:
        """coarsest: channels of what comes from C4; stages: of C3, C2 and stem, in this order."""
        super().__init__()
        inputs = [coarsest, *(width for _ in stages)]
        self.up = nn.ModuleList(InverseConv(i, width) for i in inputs[: len(stages)])
        self.lateral = nn.ModuleList(Linear(channels, width) for channels in stages)
        self.norm = nn.ModuleList(NormRelu(width) for _ in stages)
        self.smooth = nn.ModuleList(ConvNorm(SubmanifoldConv(width, width)) for _ in stages)
        self.last = InverseConv(width, outputs)
        self.charge = SubmanifoldConv(1, outputs)
        self.last_norm = NormRelu(outputs)

    def forward(self, image: SparseTensor, coarsest: SparseTensor, stages: Sequence[SparseTensor]) -> Tensor:
        x = coarsest
        for up, lateral, norm, smooth, stage in zip(
            self.up, self.lateral, self.norm, self.smooth, stages, strict=True
        ):
            x = smooth(norm(_sum(lateral(stage), up(x, stage.level))))
        found: SparseTensor = self.last_norm(_sum(self.charge(image), self.last(x, image.level)))
        return found.sites


def _sum(one: SparseTensor, other: SparseTensor) -> SparseTensor:
    return one.with_features(one.features + other.features)
