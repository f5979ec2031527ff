"""The heads that look at one box each: its class and its box, and its mask.

Shape shorthand: B boxes, S cells a side, C channels, K classes without the background.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

HIDDEN = 8
"""Units of the small network that each box brings along for its pixels."""


@dataclass(frozen=True)
class BoxAnswer:
    """logits (B, K + 1), background first; offsets (B, K, 4), of each class; seen (B, F), for `PixelMask`."""

    logits: Tensor
    offsets: Tensor
    seen: Tensor


class BoxHead(nn.Module):
    """Two layers on what RoIAlign read: (B, S, S, C) to class and box."""

    def __init__(self, channels: int, cells: int, width: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.first = nn.Linear(channels * cells * cells, width)
        self.second = nn.Linear(width, width)
        self.logits = nn.Linear(width, classes + 1)
        self.offsets = nn.Linear(width, 4 * classes)
        nn.init.normal_(self.logits.weight, std=0.01)
        nn.init.normal_(self.offsets.weight, std=0.001)
        for layer in (self.logits, self.offsets):
            nn.init.zeros_(layer.bias)

    def forward(self, pooled: Tensor) -> BoxAnswer:
        seen = functional.relu(self.first(pooled.flatten(1)))
        seen = functional.relu(self.second(seen))
        return BoxAnswer(self.logits(seen), self.offsets(seen).view(-1, self.classes, 4), seen)


class MaskHead(nn.Module):
    """Convolutions on 14×14 cells, then 28×28 logits of each class: (B, S, S, C) → (B, K, 2S, 2S)."""

    def __init__(self, channels: int, width: int, convolutions: int, classes: int) -> None:
        super().__init__()
        inputs = [channels] + [width] * (convolutions - 1)
        self.convolutions = nn.ModuleList(nn.Conv2d(i, width, 3, padding=1) for i in inputs)
        self.up = nn.ConvTranspose2d(width, width, 2, stride=2)
        self.logits = nn.Conv2d(width, classes, 1)

    def forward(self, pooled: Tensor) -> Tensor:
        x = pooled.permute(0, 3, 1, 2)
        for convolution in self.convolutions:
            x = functional.relu(convolution(x))
        logits: Tensor = self.logits(functional.relu(self.up(x)))
        return logits


class PixelMask(nn.Module):
    """What is added to a mask's logit at each lit pixel, from the pixel's own features and its place.

    Every box brings a network of one hidden layer along, whose weights come from what the box head
    saw (arXiv:2003.05664): it picks out the pixels that look, and lie, as those of its track.
    """

    def __init__(self, seen: int, features: int) -> None:
        super().__init__()
        self.inputs = features + 2
        self.weights = nn.Linear(seen, HIDDEN * (self.inputs + 2) + 1)
        nn.init.normal_(self.weights.weight, std=0.01)
        nn.init.zeros_(self.weights.bias)
        with torch.no_grad():
            # Units that differ from the start; the last weights begin small.
            self.weights.bias[: HIDDEN * self.inputs].normal_(std=self.inputs**-0.5)
            self.weights.bias[-HIDDEN - 1 : -1].normal_(std=0.1)

    def forward(self, seen: Tensor, features: Tensor, place: Tensor, counts: list[int]) -> Tensor:
        """seen (B, F) of the boxes; features (P, ·) and place (P, 2), from -1 to 1 across the box, of the
        pixels of one box after another, `counts` of each: (P,)."""
        first, bias, second, last = self.weights(seen).split([HIDDEN * self.inputs, HIDDEN, HIDDEN, 1], dim=1)
        inputs = torch.cat([features, place], dim=1).split(counts)
        logits = [
            functional.relu(torch.addmm(bias[box], x, first[box].view(self.inputs, HIDDEN))) @ second[box]
            + last[box]
            for box, x in enumerate(inputs)
        ]
        return torch.cat(logits) if logits else features.new_zeros(0)
