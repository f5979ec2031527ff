"""The region proposal network (arXiv:1506.01497), evaluated at the trunk's active sites alone."""

from __future__ import annotations

from torch import Tensor, nn

from inference.sparse.convnorm import ConvNorm
from inference.sparse.layers import SparseTensor, SubmanifoldConv


class RegionProposals(nn.Module):
    """Features on N sites to an objectness logit (N · A) and box offsets (N · A, 4) of each anchor."""

    def __init__(self, inputs: int, width: int, anchors: int) -> None:
        super().__init__()
        self.conv = ConvNorm(SubmanifoldConv(inputs, width))
        self.objectness = nn.Linear(width, anchors)
        self.offsets = nn.Linear(width, 4 * anchors)
        for layer in (self.objectness, self.offsets):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, x: SparseTensor) -> tuple[Tensor, Tensor]:
        sites = self.conv(x).sites
        return self.objectness(sites).flatten(), self.offsets(sites).view(-1, 4)
