"""The sparse ResNet trunk, first four stages (C4): an image to features of stride 16.

Shapes and names of torchvision's ResNet-18 and ResNet-50 (arXiv:1512.03385, with the stride of a
bottleneck on its 3×3 convolution), so that dense weights can be translated; sites as in
`strided_windows`.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from inference.sparse.convnorm import ConvNorm
from inference.sparse.layers import Linear, SparseTensor, SubmanifoldConv
from inference.sparse.strided import StridedConv, StridedMax

BLOCKS = {18: (2, 2, 2), 50: (3, 4, 6)}
"""Blocks of the stages C2, C3, C4 by depth."""
STRIDES = (2, 4, 8, 16)
"""Pixels a site is wide after stem, C2, C3, C4."""


@dataclass(frozen=True)
class ResNetConfig:
    """depth: 18 or 50, as published; width: of the first stage, 64 as published."""

    depth: int = 18
    width: int = 64

    @property
    def name(self) -> str:
        """For example resnet50, or resnet18-32 where it is narrower than published."""
        return f"resnet{self.depth}" + ("" if self.width == 64 else f"-{self.width}")

    @property
    def channels(self) -> tuple[int, int, int, int]:
        """Channels after stem, C2, C3, C4."""
        growth = 4 if self.depth == 50 else 1
        return (self.width, *(growth * self.width * 2**stage for stage in range(3)))


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a shortcut, which is a 1×1 convolution where sites or width change."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = ConvNorm(_conv(inputs, width, stride))
        self.conv2 = ConvNorm(SubmanifoldConv(width, width))
        self.shortcut = _shortcut(inputs, width, stride)

    def forward(self, x: SparseTensor) -> SparseTensor:
        kept: Tensor = x.features if self.shortcut is None else self.shortcut(x).features
        out: SparseTensor = self.conv2(self.conv1(x), kept)
        return out


class Bottleneck(nn.Module):
    """1×1, 3×3 and 1×1 convolution, four times as wide at the end, and a shortcut."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = ConvNorm(Linear(inputs, width))
        self.conv2 = ConvNorm(_conv(width, width, stride))
        self.conv3 = ConvNorm(Linear(width, 4 * width))
        self.shortcut = _shortcut(inputs, 4 * width, stride)

    def forward(self, x: SparseTensor) -> SparseTensor:
        kept: Tensor = x.features if self.shortcut is None else self.shortcut(x).features
        out: SparseTensor = self.conv3(self.conv2(self.conv1(x)), kept)
        return out


def _conv(inputs: int, outputs: int, stride: int) -> SubmanifoldConv | StridedConv:
    return SubmanifoldConv(inputs, outputs) if stride == 1 else StridedConv(inputs, outputs)


def _shortcut(inputs: int, outputs: int, stride: int) -> ConvNorm | None:
    if stride == 1 and inputs == outputs:
        return None
    conv = Linear(inputs, outputs) if stride == 1 else StridedConv(inputs, outputs, side=1)
    return ConvNorm(conv, relu=False)


class ResNet(nn.Module):
    """Features (N + 1, inputs) of an image to those after stem, C2, C3 and C4, of strides 2, 4, 8, 16."""

    def __init__(self, config: ResNetConfig, inputs: int = 1) -> None:
        super().__init__()
        self.config = config
        block = Bottleneck if config.depth == 50 else BasicBlock
        channels = config.channels
        self.stem = ConvNorm(StridedConv(inputs, config.width, side=7))
        self.pool = StridedMax()
        stages = []
        for stage, number in enumerate(BLOCKS[config.depth]):
            width, first = config.width * 2**stage, channels[stage]
            stages.append(
                nn.Sequential(
                    block(first, width, 1 if stage == 0 else 2),
                    *(block(block.expansion * width, width) for _ in range(number - 1)),
                )
            )
        self.stages = nn.ModuleList(stages)

    def forward(self, x: SparseTensor) -> tuple[SparseTensor, ...]:
        stem = self.stem(x)
        found = [stem]
        x = self.pool(stem)
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return tuple(found)
