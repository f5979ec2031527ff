"""RoIAlign (arXiv:1703.06870, section 3) on the active sites alone: no dense map is made.

Each cell of a box is a weighted sum of a few sites, so all boxes together are one `embedding_bag`
over the rows of features. Inactive sites count as zero, as they would in a dense map.

Shape shorthand: B boxes, S cells a side, N active sites, C channels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from inference.sparse.geometry import Level

SAMPLES = 2
"""Points a side at which a cell is read, as torchvision's `sampling_ratio=2`."""


class SiteMap:
    """Where in the features of a level each place of one image stands."""

    def __init__(self, level: Level) -> None:
        _, rows, wires = level.coordinates
        self.shape, self.sites = level.shape, len(level)
        self._places = rows.new_full((self.shape[0] * self.shape[1],), self.sites)
        self._places[rows * self.shape[1] + wires] = torch.arange(self.sites, device=rows.device)

    def at(self, rows: Tensor, wires: Tensor) -> Tensor:
        """The site at each place, N where none is active; both are broadcast."""
        return self._places[rows * self.shape[1] + wires]


def roi_align(features: Tensor, places: SiteMap, boxes: Tensor, stride: int, cells: int) -> Tensor:
    """features (N, C) read in boxes (B, 4) given in pixels: (B, S, S, C), S = cells.

    stride: pixels a site is wide and high. As torchvision's with `aligned=True`: a point up to one
    site beyond the edge reads the edge, one farther out reads zero.
    """
    rows, row_weights = _taps(boxes[:, 0], boxes[:, 2], stride, cells, places.shape[0])
    wires, wire_weights = _taps(boxes[:, 1], boxes[:, 3], stride, cells, places.shape[1])
    # (B, S, S, taps of rows, taps of wires)
    sites = places.at(rows[:, :, None, :, None], wires[:, None, :, None, :])
    weights = row_weights[:, :, None, :, None] * wire_weights[:, None, :, None, :]
    wanted = (sites < places.sites) & (weights > 0)
    number = wanted.flatten(3).sum(dim=3).flatten()
    offsets = torch.cat([number.new_zeros(1), number.cumsum(0)[:-1]]) if len(number) else number
    pooled = functional.embedding_bag(
        sites[wanted],
        features,
        offsets,
        mode="sum",
        per_sample_weights=weights[wanted].to(features.dtype),
    )
    return pooled.view(len(boxes), cells, cells, features.shape[1])


def _taps(low: Tensor, high: Tensor, stride: int, cells: int, length: int) -> tuple[Tensor, Tensor]:
    """Along one axis: the places that each cell reads and their weights, each (B, S, 2 · SAMPLES)."""
    points = cells * SAMPLES
    steps = (torch.arange(points, device=low.device, dtype=low.dtype) + 0.5) / points
    position = (low[:, None] + (high - low)[:, None] * steps) / stride - 0.5
    inside = (position >= -1.0) & (position <= length)
    position = position.clamp(0.0, length - 1.0)
    first = position.floor().to(torch.int64)
    share = position - first
    places = torch.stack([first, (first + 1).clamp_max(length - 1)], dim=2)
    weights = torch.stack([1.0 - share, share], dim=2) * inside[:, :, None] / SAMPLES
    taps = (len(low), cells, 2 * SAMPLES)
    return places.view(taps), weights.view(taps)
