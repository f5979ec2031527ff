"""A network on the compiled kernel recorded once, as a list of calls, and run on any image.

A network of sparse layers alone calls the kernel in the same order whatever the image; only the sites
differ. `Tape` notes the calls while the network is handed `Array`s, which stand for features that are
not there yet. `Program` makes all of them in one call of the library, in memory that is kept between
images. Norms join the call before them, and what nobody reads is not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import torch
from torch import Tensor

from inference.sparse import kernel
from inference.sparse.geometry import Level


@dataclass(frozen=True)
class Book:
    """Stands for a rule book: the attribute `kind` of the level at `depth`."""

    depth: int
    kind: str


@dataclass(frozen=True)
class Place:
    """Stands for the level `depth` below that of the input."""

    depth: int

    @property
    def below(self) -> Place:
        """The level of half the resolution."""
        return Place(self.depth + 1)

    @property
    def window_book(self) -> Book:
        """`Level.window_book`."""
        return Book(self.depth, "window_book")

    @property
    def down_book(self) -> Book:
        """`Level.down_book`."""
        return Book(self.depth, "down_book")

    @property
    def up_book(self) -> Book:
        """`Level.up_book`."""
        return Book(self.depth, "up_book")


@dataclass(frozen=True, eq=False)
class Array:
    """Stands for features (N + 1, channels) on a level."""

    place: Place
    channels: int

    @property
    def shape(self) -> tuple[None, int]:
        """That of a tensor, as far as it is known."""
        return None, self.channels


@dataclass
class ArrayCall:
    """`kernel.Call` with arrays that are not there yet. norm: its scale and shift."""

    terms: list[kernel.Term[Array]]
    book: Book | None
    out: Array
    bias: Tensor | None = None
    added: Array | None = None
    relu: bool = False
    norm: tuple[Tensor, Tensor] | None = None
    normed: Array | None = None

    def reads(self) -> Iterator[Array]:
        """The arrays that it needs."""
        yield from (term.features for term in self.terms)
        if self.added is not None:
            yield self.added


@dataclass
class Tape:
    """What a network does. marks: calls made, and the share of the work done, at each tick."""

    calls: list[ArrayCall] = field(default_factory=list)
    marks: list[tuple[int, float]] = field(default_factory=list)

    def tick(self, share: float) -> None:
        """The network has done this share of its work."""
        self.marks.append((len(self.calls), share))

    def add(self, call: ArrayCall) -> Array:
        """Note a call; the array that it makes."""
        self.calls.append(call)
        return call.out

    def norm_relu(self, x: Array, scale: Tensor, shift: Tensor) -> Array:
        """relu(x · scale + shift), by the call that makes x where that norms nothing else."""
        normed = Array(x.place, x.channels)
        maker = next((call for call in self.calls if call.out is x), None)
        if maker is None or maker.norm is not None:
            maker = ArrayCall([], None, Array(x.place, x.channels), added=x)
            self.calls.append(maker)
        maker.norm, maker.normed = (scale, shift), normed
        return normed


class Program:
    """A finished tape, from `inputs` to `outputs`."""

    def __init__(self, tape: Tape, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        self._calls, self._inputs, self._outputs = tape.calls, inputs, outputs
        self._read = {array for call in tape.calls for array in call.reads()} | set(outputs)
        self._depth = max(call.out.place.depth for call in tape.calls)
        ends = sorted({0, len(tape.calls), *(at for at, _ in tape.marks)})
        self._segments = list(pairwise(ends))
        self._shares = dict(tape.marks)
        self._slots, self._slot_of = self._shared_slots()

    def _shared_slots(self) -> tuple[list[Array], dict[Array, int]]:
        """Kinds of memory, and which one holds each array that is neither handed in nor out: one that is
        read for the last time leaves its place to a later one of the same level and width."""
        elsewhere = {*self._inputs, *self._outputs}
        last = {array: at for at, call in enumerate(self._calls) for array in call.reads()}
        slots: list[Array] = []
        slot_of: dict[Array, int] = {}
        free: dict[tuple[Place, int], list[int]] = {}
        for at, call in enumerate(self._calls):
            for array in (call.out, call.normed):
                if array is None or array in elsewhere or array not in self._read:
                    continue
                spare = free.get((array.place, array.channels))
                if not spare:
                    slots.append(array)
                slot_of[array] = spare.pop() if spare else len(slots) - 1
            for array in set(call.reads()) - elsewhere:
                if last[array] == at:
                    free.setdefault((array.place, array.channels), []).append(slot_of[array])
        return slots, slot_of

    def __call__(
        self, level: Level, inputs: Sequence[Tensor], watch: Callable[[float], None] | None = None
    ) -> list[Tensor]:
        """The outputs, each (N + 1, C), for inputs on a level. watch: told the share done; may raise."""
        levels = [level]
        while len(levels) <= self._depth:
            levels.append(levels[-1].below)
        with _workspace([(len(levels[s.place.depth]) + 1, s.channels) for s in self._slots]) as memory:
            tensors = dict(zip(self._inputs, inputs, strict=True))
            outputs = [torch.empty(len(levels[a.place.depth]) + 1, a.channels) for a in self._outputs]
            tensors.update(zip(self._outputs, outputs, strict=True))
            tensors.update({array: memory[slot] for array, slot in self._slot_of.items()})
            calls = [self._call(call, levels, tensors) for call in self._calls]
            for first, last in self._segments:
                kernel.run(calls[first:last])
                if watch is not None and last in self._shares:
                    watch(self._shares[last])
        return outputs

    def _call(self, call: ArrayCall, levels: Sequence[Level], tensors: dict[Array, Tensor]) -> kernel.Call:
        scale, shift = call.norm or (None, None)
        book = None if call.book is None else getattr(levels[call.book.depth], call.book.kind)
        return kernel.Call(
            [kernel.Term(tensors[t.features], t.weight, t.gathered, t.first) for t in call.terms],
            book,
            len(levels[call.out.place.depth]),
            call.out.channels,
            tensors[call.out] if call.out in self._read else None,
            call.bias,
            None if call.added is None else tensors[call.added],
            call.relu,
            scale,
            shift,
            None if call.normed is None else tensors.get(call.normed),
        )


_spare: list[Tensor] = []
_KEPT_FLOATS = 1 << 24
"""Workspaces of up to 64 MB are kept for the next image; a crowded Y plane of [5-32] takes some 25."""
_ALIGNED = 16


@contextmanager
def _workspace(shapes: Sequence[tuple[int, int]]) -> Iterator[list[Tensor]]:
    """Uninitialised arrays of these shapes. One after another, runs use the same memory."""
    ends = list(accumulate(-(-rows * channels // _ALIGNED) * _ALIGNED for rows, channels in shapes))
    total = ends[-1] if ends else 0
    try:
        memory = _spare.pop()
    except IndexError:
        memory = torch.empty(0)
    if len(memory) < total:
        memory = torch.empty(total)
    try:
        yield [
            memory[first : first + rows * channels].view(rows, channels)
            for first, (rows, channels) in zip([0, *ends], shapes, strict=False)
        ]
    finally:
        if len(memory) <= _KEPT_FLOATS:
            _spare.append(memory)
