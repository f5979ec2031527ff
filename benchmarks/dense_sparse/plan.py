"""What is measured: a base setting, and axes along which one of its numbers varies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["dense", "sparse"]
Mode = Literal["inference", "training"]

KINDS: tuple[Kind, ...] = ("dense", "sparse")
MODES: tuple[Mode, ...] = ("inference", "training")
AXES = {
    "size": "image size in pixels",
    "batch": "batch size in crops",
    "filters": "filters of the first level",
    "depth": "depth in levels",
    "plane": "whole planes, sparse alone",
}

# Values that the dense network holds at once, in units of (pixels × filters) summed over its levels;
# fitted to measured peaks, and rounded up.
_HELD: Mapping[Mode, float] = {"inference": 6.0, "training": 27.0}
_BYTES = 4


@dataclass(frozen=True)
class Setting:
    """What both networks are given. shape: (rows, wires) of a crop."""

    shape: tuple[int, int]
    batch: int
    filters: int
    depth: int

    @property
    def network(self) -> str:
        """As the field names it, for example [5-16]."""
        return f"[{self.depth}-{self.filters}]"

    def dense_bytes(self, mode: Mode) -> float:
        """Memory that the dense network will about need."""
        values = 0.0
        for level in range(self.depth):
            rows, wires = (-(-side // 2**level) for side in self.shape)
            values += rows * wires * (level + 1) * self.filters
        return _BYTES * self.batch * values * _HELD[mode]


@dataclass(frozen=True)
class Point:
    """A setting as one value of an axis; the plane axis has the numbers of the base and no value."""

    axis: str
    value: int
    setting: Setting


@dataclass(frozen=True)
class Plan:
    """All that a run measures. values: by axis. seconds: of repetitions at each point. timeout_s: after
    which a point is given up."""

    base: Setting
    values: Mapping[str, tuple[int, ...]]
    modes: tuple[Mode, ...] = MODES
    sample: str = "bomb"
    seed: int = 0
    threads: int = 2
    seconds: float = 1.5
    timeout_s: float = 180.0
    train_minutes: float = 1.5

    def __post_init__(self) -> None:
        for axis, values in (*self.values.items(), *_base_values(self.base)):
            for value in values:
                if value < 1:
                    raise ValueError(f"{AXES[axis]}: {value} is impossible; expected at least 1")
        largest = SMALLEST_SIDE[self.sample]
        for size in (*self.base.shape, *self.values.get("size", ())):
            if size > largest:
                raise ValueError(f"crops of {size} px; {self.sample!r} images have {largest} px at the most")
        for setting in (self.base, *(point.setting for point in self.points())):
            least = 2 ** (setting.depth - 1)
            if min(setting.shape) < least:
                raise ValueError(
                    f"images of {min(setting.shape)} px vanish at depth {setting.depth}, which halves them "
                    f"{setting.depth - 1} times; expected at least {least} px"
                )
        for name, number in (("threads", self.threads), ("the timeout", self.timeout_s)):
            if number <= 0:
                raise ValueError(f"{name}: {number:g} is impossible; expected more than 0")
        if self.train_minutes < 0:
            raise ValueError(f"minutes of training: {self.train_minutes:g} is impossible; 0 leaves it out")

    def points(self) -> Iterator[Point]:
        """The points of every axis, one after another; a setting may occur on several axes."""
        for axis, values in self.values.items():
            for value in values:
                yield Point(axis, value, self._varied(axis, value))

    def _varied(self, axis: str, value: int) -> Setting:
        match axis:
            case "size":
                return replace(self.base, shape=(value, value))
            case "batch":
                return replace(self.base, batch=value)
            case "filters":
                return replace(self.base, filters=value)
            case "depth":
                return replace(self.base, depth=value)
            case _:
                return replace(self.base, shape=PLANE_SHAPE, batch=value)


PLANE, PLANE_SHAPE = "Y", (1008, 3456)
SMALLEST_SIDE = {"bomb": 512, "bnb": 1008}
"""Pixels of the shorter side of each sample's images."""


def _base_values(base: Setting) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "size", base.shape
    yield "batch", (base.batch,)
    yield "filters", (base.filters,)
    yield "depth", (base.depth,)
