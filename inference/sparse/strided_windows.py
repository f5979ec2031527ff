"""Rule books of windows that step two sites at a time, as dense ResNets have them.

A window of odd side k lies round row 2R and wire 2W of the site (R, W) of the level below, as that
of a dense convolution of stride 2 with padding k // 2. A site below is active where one of its 2×2
children is, so that sites do not spread as an ordinary sparse convolution spreads them.

Shape shorthand: N sites, M sites of the level below, K = k² offsets, row-major.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from inference.sparse import kernel

Coordinates = tuple[Tensor, Tensor, Tensor]
_SENTINEL = torch.iinfo(torch.int64).max


class StridedWindows:
    """table: int32 (M, K), the site at each offset of a window, N where there is none."""

    def __init__(self, sites: Coordinates, below: Coordinates, shape: tuple[int, int], side: int) -> None:
        """sites, below: image, row and wire of the sites of both levels, sorted; shape: of the upper one."""
        self.sites, self.sites_below = len(sites[0]), len(below[0])
        image, row, wire = below
        keys, centres = (_keys(*at, shape, side // 2) for at in (sites, (image, 2 * row, 2 * wire)))
        self.table = _table(keys, shape[1] + 2 * (side // 2), centres, side)

    @cached_property
    def back(self) -> Tensor:
        """int32 (N, K): the site below whose window has this site at that offset, M where there is none."""
        offsets = self.table.shape[1]
        back = self.table.new_full((self.sites + 1, offsets), self.sites_below)
        index = torch.arange(self.sites_below, dtype=torch.int32, device=self.table.device)
        # One row more than sites: windows write there what they do not find.
        back.scatter_(0, self.table.long(), index[:, None].expand(-1, offsets))
        return back[:-1].contiguous()

    @cached_property
    def book(self) -> kernel.RuleBook:
        """The windows for the compiled kernel."""
        return kernel.rule_book(self.table, missing=self.sites)

    @cached_property
    def book_back(self) -> kernel.RuleBook:
        """The way back for the compiled kernel."""
        return kernel.rule_book(self.back, missing=self.sites_below)


def _keys(image: Tensor, row: Tensor, wire: Tensor, shape: tuple[int, int], border: int) -> Tensor:
    """Flattened with a border round every image as wide as a window reaches."""
    return (image * (shape[0] + 2 * border) + row + border) * (shape[1] + 2 * border) + wire + border


def _table(keys: Tensor, stride: int, centres: Tensor, side: int) -> Tensor:
    if kernel.active() and keys.device.type == "cpu":
        return kernel.strided(keys, centres, stride, side)
    table = torch.empty(len(centres), side * side, dtype=torch.int32, device=keys.device)
    padded = torch.cat([keys, keys.new_full((side + 1,), _SENTINEL)])
    reach = side // 2
    for line in range(side):
        wanted = centres + ((line - reach) * stride - reach)
        position = torch.searchsorted(keys, wanted)
        for column in range(side):
            hit = padded.index_select(0, position) == wanted
            table[:, line * side + column] = torch.where(hit, position, len(keys))
            position = position + hit
            wanted = wanted + 1
    return table
