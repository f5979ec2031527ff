"""sMask-RCNN: Mask R-CNN on the active sites of a sparse trunk (MICROBOONE-NOTE-1081-PUB).

    looked = network.sparse(pixels)             trunk, RPN and features, on active sites alone
    proposals = propose(looked, ...)            inference.detection.propose
    network.box(read boxes), network.mask(...)  the heads, on what RoIAlign reads

Here stand the parts and their sizes; `inference.detector` puts them to use, and
`inference.training.detector_loss` to learn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor, nn

from inference.networks.heads import BoxHead, MaskHead, PixelMask
from inference.networks.neck import Context, Pixels
from inference.networks.resnet import STRIDES, ResNet, ResNetConfig
from inference.networks.rpn import RegionProposals
from inference.sparse.convnorm import ConvNorm
from inference.sparse.geometry import Level
from inference.sparse.layers import Linear, SparseTensor

STRIDE = STRIDES[-1]
Watch = Callable[[float], None]


@dataclass(frozen=True)
class SMaskRCNNConfig:
    """Sizes of a detector; those of the shipped one are the defaults.

    depth, width: of the trunk, see `ResNetConfig`. classes: of `InstanceClass`, in its order; 2 are
    cosmic and neutrino. context, context_width: levels below C4 and their channels. read: channels
    that RoIAlign reads. pixel_width, pixel_features: channels on the way up to the pixels and there.
    """

    depth: int = 18
    width: int = 32
    classes: int = 2
    anchor_sizes: tuple[float, ...] = (32.0, 64.0, 128.0, 256.0, 512.0)
    anchor_ratios: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0)
    context: int = 2
    context_width: int = 96
    rpn_width: int = 96
    read: int = 48
    box_cells: int = 7
    box_width: int = 256
    mask_cells: int = 14
    mask_width: int = 48
    mask_convolutions: int = 2
    pixel_width: int = 32
    pixel_features: int = 16

    @property
    def trunk(self) -> ResNetConfig:
        return ResNetConfig(self.depth, self.width)

    @property
    def name(self) -> str:
        """That of the trunk."""
        return self.trunk.name

    @property
    def anchors(self) -> int:
        """Anchors at each site."""
        return len(self.anchor_sizes) * len(self.anchor_ratios)

    def as_dict(self) -> dict[str, Any]:
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SMaskRCNNConfig:
        """From `as_dict`. Raises TypeError for unknown entries."""
        given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**given)


PUBLISHED = SMaskRCNNConfig(
    depth=50, width=64, anchor_ratios=(0.5, 1.0, 2.0), context=0, context_width=1024, rpn_width=512
)
"""Trunk, RPN and anchors as published, with the light heads of the shipped detector."""


@dataclass(frozen=True)
class Looked:
    """What the sparse part says of an image.

    level: the M sites of C4; objectness (M · A) and offsets (M · A, 4) of their anchors; read (M, C):
    features for RoIAlign; pixels (N, F): features of the lit pixels.
    """

    level: Level
    objectness: Tensor
    offsets: Tensor
    read: Tensor
    pixels: Tensor


class SparsePart(nn.Module):
    """Everything that is computed on active sites: features (N + 1, 1) to `Looked`."""

    def __init__(self, config: SMaskRCNNConfig) -> None:
        super().__init__()
        stem, c2, c3, c4 = config.trunk.channels
        self.trunk = ResNet(config.trunk)
        self.context = Context(c4, config.context_width, config.context)
        self.rpn = RegionProposals(config.context_width, config.rpn_width, config.anchors)
        self.read = ConvNorm(Linear(config.context_width, config.read))
        self.pixels = Pixels(config.context_width, (c3, c2, stem), config.pixel_width, config.pixel_features)

    def forward(self, image: SparseTensor, watch: Watch | None = None) -> Looked:
        """watch: called with the share done, 0 to 1, between the parts; may raise to stop."""

        def tell(share: float) -> None:
            if watch is not None:
                watch(share)

        stem, c2, c3, c4 = self.trunk(image)
        tell(0.4)
        wide = self.context(c4)
        tell(0.6)
        objectness, offsets = self.rpn(wide)
        read = self.read(wide).sites
        tell(0.7)
        pixels = self.pixels(image, wide, (c3, c2, stem))
        tell(1.0)
        return Looked(wide.level, objectness, offsets, read, pixels)


class SMaskRCNN(nn.Module):
    """The parts of a detector: `sparse`, which backends take over, and the heads."""

    def __init__(self, config: SMaskRCNNConfig) -> None:
        super().__init__()
        self.config = config
        self.sparse = SparsePart(config)
        self.box = BoxHead(config.read, config.box_cells, config.box_width, config.classes)
        self.mask = MaskHead(config.read, config.mask_width, config.mask_convolutions, config.classes)
        self.pixel = PixelMask(config.box_width, config.pixel_features)
