"""The sparse U-ResNet: pixels in, five class logits a pixel out.

Shape of arXiv:1903.05663: residual blocks of two 3×3 submanifold convolutions, stride-2 convolutions
down, their transposes up, concatenation across, and a width that grows linearly with depth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from torch import Tensor, nn

from inference.sparse.layers import (
    DownConv,
    InverseConv,
    NormRelu,
    SparseTensor,
    SubmanifoldConv,
)
from inference.sparse.residual import ResidualBlock

Watch = Callable[[float], None]


@dataclass(frozen=True)
class UResNetConfig:
    """depth: levels; filters: width of the first (m, 2m, ... depth·m); blocks: residual blocks a level."""

    depth: int = 5
    filters: int = 16
    blocks: int = 2
    classes: int = 5
    inputs: int = 1

    @property
    def name(self) -> str:
        """As the field names it, for example 5-16."""
        return f"{self.depth}-{self.filters}"

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def _blocks(inputs: int, outputs: int, number: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(inputs if i == 0 else outputs, outputs) for i in range(number)))


class ULevel(nn.Module):
    """One resolution of the U and, recursively, all below it: width unchanged, sites unchanged."""

    def __init__(self, config: UResNetConfig, level: int) -> None:
        super().__init__()
        width = (level + 1) * config.filters
        self.encode = _blocks(width, width, config.blocks)
        self.inner: ULevel | None = None
        if level + 1 < config.depth:
            below = width + config.filters
            self.norm_down, self.down = NormRelu(width), DownConv(width, below)
            self.inner = ULevel(config, level + 1)
            self.norm_up, self.up = NormRelu(below), InverseConv(below, width)
            self.decode = _blocks(2 * width, width, config.blocks)

    def forward(self, x: SparseTensor, watch: Callable[[], None]) -> SparseTensor:
        x = self.encode(x)
        watch()
        if self.inner is None:
            return x
        y = self.inner(self.down(self.norm_down(x)), watch)
        y = self.up(self.norm_up(y), x.level)
        x = self.decode(x.beside(y))
        watch()
        return x


class UResNet(nn.Module):
    """Five logits a pixel: features (N + 1, 1) → (N, 5)."""

    only_layers = True
    """So that the compiled kernel records it as a whole."""

    def __init__(self, config: UResNetConfig) -> None:
        super().__init__()
        self.config = config
        self.stem = SubmanifoldConv(config.inputs, config.filters)
        self.levels = ULevel(config, 0)
        self.norm = NormRelu(config.filters)
        self.head = nn.Linear(config.filters, config.classes)

    def forward(self, x: SparseTensor, watch: Watch | None = None) -> Tensor:
        """watch: called with the share done (0 to 1) as the network proceeds; may raise to stop it."""
        steps, done = 2 * self.config.depth - 1, 0

        def tick() -> None:
            nonlocal done
            done += 1
            if watch is not None:
                watch(done / steps)

        x = self.norm(self.levels(self.stem(x), tick))
        return self.head(x.sites.to(self.head.weight.dtype))
