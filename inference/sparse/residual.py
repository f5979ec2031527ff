"""The residual block that sparse networks here are built from."""

from __future__ import annotations

from torch import nn

from inference.sparse.layers import Linear, NormRelu, SparseTensor, SubmanifoldConv


class ResidualBlock(nn.Module):
    """x + conv(norm-relu(conv(norm-relu(x)))); a matrix product on the shortcut where the width changes."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = NormRelu(inputs), SubmanifoldConv(inputs, outputs)
        self.norm2, self.conv2 = NormRelu(outputs), SubmanifoldConv(outputs, outputs)
        self.shortcut = Linear(inputs, outputs) if inputs != outputs else None

    def forward(self, x: SparseTensor) -> SparseTensor:
        inner = self.conv2(self.norm2(self.conv1(self.norm1(x))))
        kept = x if self.shortcut is None else self.shortcut(x)
        return x.with_features(inner.features + kept.features)
