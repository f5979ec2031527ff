"""3×3 convolution on active sites for inference: faster than `gather`, without gradients.

Only neighbours that exist are moved, and each output sums its own products (`embedding_bag`), so
that no threads can race here either. Narrow and wide outputs differ in what costs most:

- products first (`Products`): every site is multiplied with all nine weights, and each output adds
  up to nine of the results. The extra products are cheap, and nothing is gathered.
- pairs (`Pairs`): inputs are gathered by offset and multiplied with that offset's weight, so that
  no product is made in vain.

Both go block by block of output sites, so that what lies between stays in cache.

Shape shorthand: N sites, P pairs of neighbours, I and O channels in and out.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

BLOCK = 2048
"""Output sites a block; 1024 to 8192 do alike."""
OFFSETS, _CENTRE = 9, 4


@dataclass(frozen=True)
class Epilogue:
    """What is done to an output block while it is in cache: + bias (O,), + added (N + 1, O), then ReLU."""

    bias: Tensor | None = None
    added: Tensor | None = None
    relu: bool = False

    def write(self, block: Tensor, out: Tensor, first: int, last: int) -> None:
        """block (last - first, O) goes to out (N + 1, O)."""
        target = out[first:last]
        if self.added is not None:
            torch.add(block, self.added[first:last], out=target)
            if self.bias is not None:
                target += self.bias
        elif self.bias is not None:
            torch.add(block, self.bias, out=target)
        else:
            target.copy_(block)
        if self.relu:
            target.relu_()


@dataclass(frozen=True)
class Products:
    """A block for products first: outputs first to last need the products of sites low to high.

    terms: int32 (P,), 9 · (site - low) + offset, output by output; ends: int32 (last - first + 1,),
    where each output's terms begin, and the end.
    """

    first: int
    last: int
    low: int
    high: int
    terms: Tensor
    ends: Tensor


@dataclass(frozen=True)
class Pairs:
    """A block for pairs: sources int32 (P,), neighbours sorted by offset, counts[k] of them at offset k.

    The centre is not among them. terms, ends: as in `Products`, but rows of the products: first the
    centres, then the pairs.
    """

    first: int
    last: int
    sources: Tensor
    counts: tuple[int, ...]
    terms: Tensor
    ends: Tensor


class Scratch:
    """Memory that is used over and over, so that it stays mapped and in cache; it only grows.

    One at a time: what `take` gave last is overwritten by what it gives next.
    """

    def __init__(self) -> None:
        self._memory: Tensor | None = None

    def take(self, like: Tensor, rows: int, width: int) -> Tensor:
        """(rows, width), uninitialised, of the dtype and device of another tensor."""
        memory = self._memory
        if (
            memory is None
            or memory.numel() < rows * width
            or (memory.dtype, memory.device) != (like.dtype, like.device)
        ):
            self._memory = memory = like.new_empty(rows * width)
        return memory[: rows * width].view(rows, width)


def product_blocks(neighbours: Tensor, block: int = BLOCK) -> list[Products]:
    """Blocks of a neighbour table int32 (N, 9) whose missing neighbours are N."""
    sites = len(neighbours)
    offsets = torch.arange(OFFSETS, dtype=neighbours.dtype, device=neighbours.device)
    blocks = []
    for first in range(0, sites, block):
        table = neighbours[first : first + block]
        found = table < sites
        terms = torch.masked_select(table * OFFSETS + offsets, found)
        # Sites are sorted by row, so a block's neighbours lie close together.
        low, high = int(terms.min()) // OFFSETS, int(terms.max()) // OFFSETS + 1
        blocks.append(Products(first, first + len(table), low, high, terms - low * OFFSETS, _ends(found)))
    return blocks


def pair_blocks(neighbours: Tensor, block: int = BLOCK) -> list[Pairs]:
    """Blocks of a neighbour table int32 (N, 9) whose missing neighbours are N."""
    sites = len(neighbours)
    blocks = []
    for first in range(0, sites, block):
        table = neighbours[first : first + block]
        found, number, by_offset = table < sites, len(table), table.t().contiguous()
        paired = by_offset < sites
        paired[_CENTRE] = False
        place = paired.view(-1).cumsum(0, dtype=torch.int32).view(OFFSETS, number) + (number - 1)
        place[_CENTRE] = torch.arange(number, dtype=torch.int32, device=table.device)
        blocks.append(
            Pairs(
                first,
                first + number,
                torch.masked_select(by_offset, paired),
                tuple(paired.sum(dim=1).tolist()),
                torch.masked_select(place.t().contiguous(), found),
                _ends(found),
            )
        )
    return blocks


def _ends(found: Tensor) -> Tensor:
    """bool (n, 9) → int32 (n + 1,): running count of True, from 0."""
    ends = found.new_zeros(len(found) + 1, dtype=torch.int32)
    torch.cumsum(found.sum(dim=1, dtype=torch.int32), 0, out=ends[1:])
    return ends


def _sums(products: Tensor, block: Products | Pairs) -> Tensor:
    return functional.embedding_bag(block.terms, products, block.ends, mode="sum", include_last_offset=True)


def convolve_products(
    features: Tensor, blocks: list[Products], weight: Tensor, epilogue: Epilogue, scratch: Scratch
) -> Tensor:
    """features (N + 1, I), weight (I, 9 · O) → (N + 1, O), last row zero."""
    outputs = weight.shape[1] // OFFSETS
    out = features.new_empty(len(features), outputs)
    for block in blocks:
        products = scratch.take(features, block.high - block.low, weight.shape[1])
        torch.mm(features[block.low : block.high], weight, out=products)
        epilogue.write(_sums(products.view(-1, outputs), block), out, block.first, block.last)
    out[-1:].zero_()
    return out


def convolve_pairs(
    features: Tensor, blocks: list[Pairs], weight: Tensor, epilogue: Epilogue, scratch: Scratch
) -> Tensor:
    """features (N + 1, I), weight (9, I, O) → (N + 1, O), last row zero."""
    out = features.new_empty(len(features), weight.shape[2])
    for block in blocks:
        products = _pair_products(features, block, weight, scratch)
        epilogue.write(_sums(products, block), out, block.first, block.last)
    out[-1:].zero_()
    return out


def _pair_products(features: Tensor, block: Pairs, weight: Tensor, scratch: Scratch) -> Tensor:
    """(centres + pairs, O), the rows that `terms` speak of."""
    _, inputs, outputs = weight.shape
    centres, pairs = block.last - block.first, len(block.sources)
    memory = scratch.take(features, 1, pairs * inputs + (centres + pairs) * outputs)[0]
    gathered = memory[: pairs * inputs].view(pairs, inputs)
    products = memory[pairs * inputs :].view(centres + pairs, outputs)
    torch.index_select(features, 0, block.sources, out=gathered)
    torch.mm(features[block.first : block.last], weight[_CENTRE], out=products[:centres])
    first = 0
    for offset, count in enumerate(block.counts):
        rows = slice(centres + first, centres + first + count)
        torch.mm(gathered[first : first + count], weight[offset], out=products[rows])
        first += count
    return products
