"""Checks of JSON that say where a value is not as expected, to be put together into a schema."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Json = dict[str, Any]
Check = Callable[[Any, str], None]
"""Takes a value and where it stands; raises ValueError with one sentence."""


def is_a(kind: type | tuple[type, ...], name: str) -> Check:
    def check(value: Any, where: str) -> None:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{where or 'the report'} is {value!r:.40}; expected {name}")

    return check


def finite(value: Any, where: str) -> None:
    """A number that is finite; NaN is no JSON, though Python reads it."""
    is_a((int, float), "a number")(value, where)
    if not math.isfinite(value):
        raise ValueError(f"{where} is {value}; expected a finite number")


def or_null(check: Check) -> Check:
    return lambda value, where: None if value is None else check(value, where)


def list_of(check: Check, length: int | None = None) -> Check:
    def checked(value: Any, where: str) -> None:
        is_a(list, "a list")(value, where)
        if length is not None and len(value) != length:
            raise ValueError(f"{where} has {len(value)} entries; expected {length}")
        for i, item in enumerate(value):
            check(item, f"{where}[{i}]")

    return checked


def object_of(entries: Mapping[str, Check], each: Check | None = None) -> Check:
    """An object with these entries at least; each: what every other entry must be."""

    def checked(value: Any, where: str) -> None:
        is_a(dict, "an object")(value, where)
        for name, check in entries.items():
            if name not in value:
                raise ValueError(f"{where or 'the report'} has no entry {name}")
            check(value[name], f"{where}.{name}".lstrip("."))
        for name in value.keys() - entries.keys() if each else ():
            assert each is not None
            each(value[name], f"{where}.{name}".lstrip("."))

    return checked


TEXT, WHOLE, FLAG = is_a(str, "a text"), is_a(int, "a whole number"), is_a(bool, "true or false")
NUMBER = or_null(finite)
INTERVAL = list_of(NUMBER, 2)
FIGURE = object_of({"value": NUMBER, "interval_95": INTERVAL})


def square_of(size: int) -> Check:
    """A confusion in pixels."""
    return list_of(list_of(WHOLE, size), size)


def icpf_of(labels: Iterable[str]) -> Check:
    """What `lartpc.metrics.report.icpf_figures` gives."""
    figures = object_of({**dict.fromkeys(("mean", "median", "quantile_90"), FIGURE), "events": WHOLE})
    by_class = object_of(dict.fromkeys(labels, figures))
    entries: dict[str, Check] = {"all": figures, "by_class": by_class}
    return object_of({**entries, "charge_weighted": object_of(entries)})
