"""Where the sites of a sparse image lie: rule books for every level, built once an image.

Shape shorthand: N sites of one level, M sites of the level below (half the resolution).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from inference.sparse import kernel
from inference.sparse.strided_windows import StridedWindows
from inference.sparse.windows import Pairs, Products, pair_blocks, product_blocks

_SENTINEL = torch.iinfo(torch.int64).max


@dataclass(frozen=True)
class Level:
    """Active sites of one resolution, sorted by key.

    keys: int64 (N,), strictly increasing, (image, row, wire) flattened with a border of one pixel
    round every image, so that a neighbour beyond an edge is a key that no site has.
    shape: (rows, wires) of one image at this level.
    """

    keys: Tensor
    shape: tuple[int, int]

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def coordinates(self) -> tuple[Tensor, Tensor, Tensor]:
        """image, row and wire of every site, each int64 (N,)."""
        rows, wires = self.shape[0] + 2, self.shape[1] + 2
        line = torch.div(self.keys, wires, rounding_mode="floor")
        image = torch.div(line, rows, rounding_mode="floor")
        return image, line - image * rows - 1, self.keys - line * wires - 1

    @cached_property
    def neighbours(self) -> Tensor:
        """int32 (N, 9): site at each offset of a 3×3 window, row-major; N where there is none."""
        if self._by_kernel:
            return kernel.neighbours(self.keys, self.shape[1] + 2)
        keys, stride, number = self.keys, self.shape[1] + 2, len(self.keys)
        index = torch.arange(number, dtype=torch.int32, device=keys.device)
        # One column more than sites: what is not found is written there.
        table = torch.full((9, number + 1), number, dtype=torch.int32, device=keys.device)
        table[4, :number] = index
        touches = keys[1:] - keys[:-1] == 1
        table[3, 1:number] = torch.where(touches, index[:-1], number)
        table[5, : number - 1] = torch.where(touches, index[1:], number)
        padded = torch.cat([keys, keys.new_full((3,), _SENTINEL)])
        wanted = keys - (stride + 1)
        position = torch.searchsorted(keys, wanted)
        for offset in range(3):
            hit = padded.index_select(0, position) == wanted
            found = torch.where(hit, position, number)
            table[offset, :number] = found
            # Whom a site finds above itself finds the site below.
            table[8 - offset].scatter_(0, found, index)
            position = position + hit
            wanted = wanted + 1
        return table[:, :number].t().contiguous()

    @cached_property
    def product_blocks(self) -> list[Products]:
        """The 3×3 windows for `windows.convolve_products`."""
        return product_blocks(self.neighbours)

    @cached_property
    def pair_blocks(self) -> list[Pairs]:
        """The 3×3 windows for `windows.convolve_pairs`."""
        return pair_blocks(self.neighbours)

    @cached_property
    def window_book(self) -> kernel.RuleBook:
        """The 3×3 windows for the compiled kernel."""
        return kernel.rule_book(self.neighbours, missing=len(self))

    @cached_property
    def down_book(self) -> kernel.RuleBook:
        """The way to the level below for the compiled kernel: every parent from its children."""
        return kernel.rule_book(self.children, missing=len(self))

    @cached_property
    def up_book(self) -> kernel.RuleBook:
        """The way back for the compiled kernel: every site from its parent."""
        missing = len(self.below)
        return kernel.rule_book(kernel.parents(self.slots, missing), missing)

    @property
    def _by_kernel(self) -> bool:
        return kernel.active() and self.keys.device.type == "cpu"

    @cached_property
    def _halved(self) -> tuple[Level, Tensor, Tensor]:
        """The level below, slots and children."""
        shape = ((self.shape[0] + 1) // 2, (self.shape[1] + 1) // 2)
        if self._by_kernel:
            keys, slots, children = kernel.halve(self.keys, self.shape)
            return Level(keys, shape), slots, children
        image, row, wire = self.coordinates
        keys, parent = torch.unique(
            flat_keys(image, row >> 1, wire >> 1, shape), sorted=True, return_inverse=True
        )
        slot = parent * 4 + (row & 1) * 2 + (wire & 1)
        slots = torch.cat([slot, slot.new_full((1,), 4 * len(keys))]).to(torch.int32)
        table = torch.full((4 * len(keys),), len(self), dtype=torch.int32, device=keys.device)
        table[slot] = torch.arange(len(self), dtype=torch.int32, device=keys.device)
        return Level(keys, shape), slots, table.view(-1, 4)

    @cached_property
    def _strided(self) -> dict[int, StridedWindows]:
        return {}

    def strided(self, side: int) -> StridedWindows:
        """Windows of side × side of a stride of two, to the level below; built once a side."""
        if side not in self._strided:
            coordinates = self.coordinates, self.below.coordinates
            self._strided[side] = StridedWindows(*coordinates, self.shape, side)
        return self._strided[side]

    @property
    def below(self) -> Level:
        """The level of half the resolution: a site is active where one of its 2×2 children is."""
        return self._halved[0]

    @property
    def slots(self) -> Tensor:
        """int32 (N + 1,): 4 · parent + place in the 2×2 window; the last entry is 4M, a row of zeros."""
        return self._halved[1]

    @property
    def children(self) -> Tensor:
        """int32 (M, 4): site at each place of a 2×2 window of the level below; N where there is none."""
        return self._halved[2]


def flat_keys(image: Tensor, row: Tensor, wire: Tensor, shape: tuple[int, int]) -> Tensor:
    """int64 keys of sites, as `Level` wants them."""
    return (image * (shape[0] + 2) + row + 1) * (shape[1] + 2) + wire + 1


def level_of(rows: Tensor, wires: Tensor, shape: tuple[int, int], image: Tensor | None = None) -> Level:
    """The full-resolution level of one image, or of a batch (`image` says which, in rising order).

    Raises ValueError where a pixel lies outside `shape` or where pixels are not sorted and unique.
    """
    rows, wires = rows.to(torch.int64), wires.to(torch.int64)
    image = torch.zeros_like(rows) if image is None else image.to(torch.int64)
    if len(rows) and not _inside(rows, wires, shape):
        raise ValueError(
            f"a pixel lies outside the image of {shape[0]} rows and {shape[1]} wires: "
            f"rows {int(rows.min())} to {int(rows.max())}, wires {int(wires.min())} to {int(wires.max())}"
        )
    keys = flat_keys(image, rows, wires, shape)
    if not bool((keys[1:] > keys[:-1]).all()):
        raise ValueError("the pixels of a sparse image must be sorted by row, then wire, each once")
    return Level(keys, shape)


def _inside(rows: Tensor, wires: Tensor, shape: tuple[int, int]) -> bool:
    low = min(int(rows.min()), int(wires.min()))
    return low >= 0 and int(rows.max()) < shape[0] and int(wires.max()) < shape[1]
