"""The compiled kernel of sparse layers on CPU: `native/`, called through ctypes, which frees the GIL.

It is compiled when ArgonScope is installed, for several instruction sets of which the best is picked
at run time. Where it could not be compiled, `active()` is false and plain torch serves instead.

    ARGONSCOPE_KERNEL=torch|portable|avx2|avx512    overrides the choice, for comparison

Shape shorthand: N sites, R rows of output, K offsets, I and O channels in and out. Features have one
row more than sites, all zero, see `gather`.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import POINTER, Structure, c_int32, c_int64, c_void_p
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Generic, TypeVar

import torch
from torch import Tensor

VARIABLE = "ARGONSCOPE_KERNEL"
TORCH = "torch"
_SETS = {"portable": 0, "avx2": 1, "avx512": 2}
_KEYS = {number: key for key, number in _SETS.items()}
_NAMES = {0: "portable kernel", 1: "AVX2 kernel", 2: "AVX-512 kernel"}
MOST_OFFSETS = 16
"""Of a rule book, whose masks have a bit for each."""
_GROUP = 16
_BUFFERS, _ROWS_A_BUFFER = 8, 512


class _Term(Structure):
    _fields_ = (
        ("features", c_void_p), ("table", c_void_p), ("weight", c_void_p),
        ("inputs", c_int64), ("first", c_int64), ("weight_inputs", c_int64),
    )  # fmt: skip


class _Convolution(Structure):
    _fields_ = (
        ("terms", POINTER(_Term)), ("term_count", c_int64),
        ("rows", c_int64), ("offsets", c_int64), ("outputs", c_int64),
        ("order", c_void_p), ("patterns", c_void_p),
        ("bias", c_void_p), ("added", c_void_p), ("out", c_void_p),
        ("scale", c_void_p), ("shift", c_void_p), ("normed", c_void_p),
        ("relu", c_int32), ("threads", c_int32),
    )  # fmt: skip


class _WeightGradient(Structure):
    _fields_ = (
        ("features", c_void_p), ("gradients", c_void_p),
        ("table", c_void_p), ("order", c_void_p), ("patterns", c_void_p),
        ("rows", c_int64), ("offsets", c_int64), ("inputs", c_int64), ("outputs", c_int64),
        ("buffers", c_int64), ("sums", c_void_p), ("threads", c_int32),
    )  # fmt: skip


_SIGNATURES = {
    "argonscope_convolve": (None, [POINTER(_Convolution), c_int64]),
    "argonscope_weight_gradient": (None, [POINTER(_WeightGradient)]),
    "argonscope_pack": (None, [c_void_p, *[c_int64] * 6, c_void_p]),
    "argonscope_neighbours": (None, [c_void_p, c_int64, c_int64, c_void_p, c_int32]),
    "argonscope_strided": (None, [c_void_p, c_int64, c_void_p, *[c_int64] * 3, c_void_p, c_int32]),
    "argonscope_halve": (c_int64, [c_void_p, *[c_int64] * 3, *[c_void_p] * 3]),
    "argonscope_parents": (None, [c_void_p, c_int64, c_int32, c_void_p]),
    "argonscope_order": (None, [c_void_p, c_int64, c_int64, c_int32, *[c_void_p] * 3, c_int32]),
    "argonscope_instruction_set": (c_int32, []),
    "argonscope_use": (c_int32, [c_int32]),
}


@cache
def _library() -> ctypes.CDLL | None:
    """The compiled file beside this one, or None where there is none that loads."""
    folder = Path(__file__).parent
    for path in (folder / f"_kernel{suffix}" for suffix in EXTENSION_SUFFIXES):
        if path.is_file():
            try:
                library = ctypes.CDLL(str(path))
                for name, (result, arguments) in _SIGNATURES.items():
                    function = getattr(library, name)
                    function.restype, function.argtypes = result, arguments
            except (OSError, AttributeError):
                # Built for another system, or from other sources than these.
                return None
            return library
    return None


def use(name: str) -> None:
    """Compute by this instruction set, or by plain torch, from now on.

    name: torch, portable, avx2, avx512, or "" for the best there is. Raises ValueError where the name
    is unknown, or where this machine or build lacks it.
    """
    global _chosen
    if name not in ("", TORCH, *_SETS):
        raise ValueError(f"{name!r} is no kernel; expected one of {', '.join((TORCH, *_SETS))}")
    library = _library()
    if library is not None and name != TORCH:
        sets = [_SETS[name]] if name else sorted(_SETS.values(), reverse=True)
        if any(library.argonscope_use(number) for number in sets):
            _chosen = library
            return
    if name not in ("", TORCH):
        raise ValueError(f"this machine has no {name} kernel; available: {', '.join(available())}")
    _chosen = None


def available() -> list[str]:
    """What `use` takes here: plain torch first, then instruction sets from the slowest on."""
    library = _library()
    if library is None:
        return [TORCH]
    before = library.argonscope_instruction_set()
    found = [TORCH, *(name for name, number in _SETS.items() if library.argonscope_use(number))]
    library.argonscope_use(before)
    return found


@contextmanager
def using(name: str) -> Iterator[None]:
    """`use` for a while."""
    library = _chosen
    number = None if library is None else library.argonscope_instruction_set()
    use(name)
    try:
        yield
    finally:
        use(TORCH if number is None else _KEYS[number])


_chosen: ctypes.CDLL | None = None
use(os.environ.get(VARIABLE, ""))


def active() -> bool:
    """Whether the kernel computes float32 features on CPU; plain torch does where not."""
    return _chosen is not None


def takes(features: Tensor) -> bool:
    """Whether the kernel computes these features."""
    return _chosen is not None and features.dtype == torch.float32 and features.device.type == "cpu"


def name() -> str:
    """In words for people: "AVX2 kernel", or "plain torch"."""
    return "plain torch" if _chosen is None else _NAMES[_chosen.argonscope_instruction_set()]


def _kernel() -> ctypes.CDLL:
    if _chosen is None:
        raise RuntimeError("the compiled kernel was asked for, but plain torch is in use")
    return _chosen


@dataclass(frozen=True)
class RuleBook:
    """Who contributes to each row of output, in the order in which rows are computed.

    table: int32 (R, K), the row of features at each offset, the last one (zeros) where there is none;
    order: int32 (R,), the row of output that each row of the table is for; patterns: int32 (R,), bit k
    set where offset k has a neighbour, bit 16 + k where it lies right behind that of offset k - 1.
    """

    table: Tensor
    order: Tensor
    patterns: Tensor


def neighbours(keys: Tensor, stride: int) -> Tensor:
    """`Level.neighbours` of keys int64 (N,) whose rows are `stride` apart: int32 (N, 9)."""
    table = torch.empty(len(keys), 9, dtype=torch.int32)
    _kernel().argonscope_neighbours(keys.data_ptr(), len(keys), stride, table.data_ptr(), _threads())
    return table


def strided(keys: Tensor, centres: Tensor, stride: int, side: int) -> Tensor:
    """`StridedWindows.table` of keys int64 (N,) whose rows are `stride` apart: int32 (M, side²), of windows
    round centres int64 (M,), rising."""
    table = torch.empty(len(centres), side * side, dtype=torch.int32)
    _kernel().argonscope_strided(
        keys.data_ptr(), len(keys), centres.data_ptr(), len(centres), stride, side,
        table.data_ptr(), _threads(),
    )  # fmt: skip
    return table


def halve(keys: Tensor, shape: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """Keys of the level below int64 (M,), `Level.slots` int32 (N + 1,), `Level.children` int32 (M, 4)."""
    sites = len(keys)
    below, slots = torch.empty_like(keys), torch.empty(sites + 1, dtype=torch.int32)
    children = torch.empty(sites, 4, dtype=torch.int32)
    found = _kernel().argonscope_halve(
        keys.data_ptr(), sites, *shape, below.data_ptr(), slots.data_ptr(), children.data_ptr()
    )
    return below[:found].clone(), slots, children[:found].clone()


def parents(slots: Tensor, missing: int) -> Tensor:
    """`Level.slots` as a table int32 (N, 4): the parent at the place of its child, `missing` elsewhere."""
    table = torch.empty(len(slots) - 1, 4, dtype=torch.int32)
    _kernel().argonscope_parents(slots.data_ptr(), len(slots) - 1, missing, table.data_ptr())
    return table


def rule_book(table: Tensor, missing: int) -> RuleBook:
    """The rows of a table int32 (R, K) put in order; `missing` says that there is no neighbour."""
    rows, offsets = table.shape
    ordered, order = torch.empty_like(table), table.new_empty(rows)
    patterns = torch.empty(rows, dtype=torch.int32)
    _kernel().argonscope_order(
        table.data_ptr(), rows, offsets, missing,
        ordered.data_ptr(), order.data_ptr(), patterns.data_ptr(), _threads(),
    )  # fmt: skip
    return RuleBook(ordered, order, patterns)


def pack(weight: Tensor) -> Tensor:
    """weight float32 (K, I, O), strided as it likes, as the kernel reads it: (⌈O / 16⌉, K, I, 16)."""
    offsets, inputs, outputs = weight.shape
    packed = torch.empty(-(-outputs // _GROUP), offsets, inputs, _GROUP)
    _kernel().argonscope_pack(
        weight.data_ptr(), *weight.stride(), offsets, inputs, outputs, packed.data_ptr()
    )
    return packed


Features = TypeVar("Features")


@dataclass(frozen=True)
class Term(Generic[Features]):
    """features (·, I) gathered by the rule book of the convolution, or row by row, times packed weights.

    first: where the features begin among the inputs of the weights.
    """

    features: Features
    weight: Tensor
    gathered: bool = True
    first: int = 0


@dataclass(frozen=True)
class Call:
    """What one pass over the rows of a level computes.

    sum of terms + bias (O,) + added (R + 1, O), then ReLU → out (R + 1, O); and relu(out · scale + shift)
    → normed, the norm of a layer that follows. Either may be None; their last rows become zero.
    """

    terms: Sequence[Term[Tensor]]
    book: RuleBook | None
    rows: int
    outputs: int
    out: Tensor | None = None
    bias: Tensor | None = None
    added: Tensor | None = None
    relu: bool = False
    scale: Tensor | None = None
    shift: Tensor | None = None
    normed: Tensor | None = None


def run(calls: Sequence[Call]) -> None:
    """One call after the other, each on all threads."""
    threads = _threads()
    given = (_Convolution * len(calls))(*(_convolution(call, threads) for call in calls))
    _kernel().argonscope_convolve(given, len(calls))


def _convolution(call: Call, threads: int) -> _Convolution:
    book = call.book
    terms = (_Term * len(call.terms))(
        *(
            _Term(
                term.features.data_ptr(),
                book.table.data_ptr() if book is not None and term.gathered else None,
                term.weight.data_ptr(),
                term.features.shape[1],
                term.first,
                term.weight.shape[2],
            )
            for term in call.terms
        )
    )
    return _Convolution(
        terms, len(terms), call.rows, 1 if book is None else book.table.shape[1], call.outputs,
        _address(None if book is None else book.order), _address(None if book is None else book.patterns),
        _address(call.bias), _address(call.added), _address(call.out),
        _address(call.scale), _address(call.shift), _address(call.normed), call.relu, threads,
    )  # fmt: skip


def convolve(terms: Sequence[Term[Tensor]], book: RuleBook | None, rows: int, outputs: int) -> Tensor:
    """The sum of the terms: (R + 1, O), last row zero."""
    out = torch.empty(rows + 1, outputs)
    run([Call(terms, book, rows, outputs, out)])
    return out


def weight_gradient(features: Tensor, gradients: Tensor, book: RuleBook | None, rows: int) -> Tensor:
    """(K, I, O) from the features (·, I) that went in and the gradients (·, O) of what came out."""
    offsets = 1 if book is None else book.table.shape[1]
    inputs, outputs = features.shape[1], gradients.shape[1]
    buffers = min(_BUFFERS, max(1, rows // _ROWS_A_BUFFER))
    sums = torch.empty(buffers, offsets, inputs, outputs)
    _kernel().argonscope_weight_gradient(
        _WeightGradient(
            features=features.data_ptr(), gradients=gradients.data_ptr(),
            table=_address(None if book is None else book.table),
            order=_address(None if book is None else book.order),
            patterns=_address(None if book is None else book.patterns),
            rows=rows, offsets=offsets, inputs=inputs, outputs=outputs,
            buffers=buffers, sums=sums.data_ptr(), threads=_threads(),
        )
    )  # fmt: skip
    return sums[0]


def _address(tensor: Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()


def _threads() -> int:
    return torch.get_num_threads()
