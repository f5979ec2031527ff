"""Detector geometry: numbers from TOML, wire <-> position, tick <-> drift, wire crossings.

Coordinates: x drift, y up, z beam, in cm. A wire of a plane is a straight line in (z, y):
wire = (z cos a - y sin a) / pitch + offset, a the angle to the vertical. For MicroBooNE this is the
Open Samples' published formula.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", float, NDArray[np.float64])
"""One number, or an array of them."""

_FOLDER = Path(__file__).parent / "detectors"


@dataclass(frozen=True)
class WirePlane:
    """One wire plane: angle to the vertical in degrees, pitch in cm, offset in wires."""

    name: str
    wires: int
    angle_deg: float
    pitch_cm: float
    offset_wires: float

    def wire_at(self, y_cm: Value, z_cm: Value) -> Value:
        """Wire coordinate (fractional) of a point; arrays broadcast."""
        angle = math.radians(self.angle_deg)
        return (z_cm * math.cos(angle) - y_cm * math.sin(angle)) / self.pitch_cm + self.offset_wires

    def position_cm(self, wire: Value) -> Value:
        """Distance of a wire from wire 0, perpendicular to the wires, in cm."""
        return wire * self.pitch_cm


@dataclass(frozen=True)
class Detector:
    """Geometry and readout of one detector; lengths in cm, times in microseconds."""

    name: str
    label: str
    planes: tuple[WirePlane, ...]
    x_cm: tuple[float, float]
    y_cm: tuple[float, float]
    z_cm: tuple[float, float]
    tick_us: float
    drift_speed_cm_per_us: float
    trigger_tick: float
    readout_ticks: int

    @classmethod
    def load(cls, name: str) -> Detector:
        """A detector from ``lartpc/detectors/<name>.toml``. Raises ValueError for an unknown name."""
        return _load(name)

    @staticmethod
    def names() -> tuple[str, ...]:
        """The detectors that can be loaded, sorted."""
        return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))

    def resized(self, wires: Mapping[str, int], readout_ticks: int) -> Detector:
        """The same geometry with other numbers of wires (plane -> wires) and ticks."""
        planes = tuple(replace(plane, wires=wires.get(plane.name, plane.wires)) for plane in self.planes)
        return replace(self, planes=planes, readout_ticks=readout_ticks)

    def plane(self, name: str) -> WirePlane:
        """The plane called U, V or Y. Raises KeyError if there is none."""
        for plane in self.planes:
            if plane.name == name:
                return plane
        raise KeyError(name)

    @property
    def cm_per_tick(self) -> float:
        """Drift length of one tick."""
        return self.tick_us * self.drift_speed_cm_per_us

    def drift_cm(self, tick: Value) -> Value:
        """x of charge that arrives at a tick, if it was left at the trigger time; arrays broadcast."""
        return (tick - self.trigger_tick) * self.cm_per_tick

    def tick_at(self, x_cm: Value) -> Value:
        """Inverse of drift_cm."""
        return x_cm / self.cm_per_tick + self.trigger_tick

    def crossing(self, plane_a: str, wire_a: float, plane_b: str, wire_b: float) -> tuple[float, float]:
        """(y, z) in cm where two wires of different planes cross. Raises ValueError if parallel."""
        a, b = self.plane(plane_a), self.plane(plane_b)
        ta, tb = math.radians(a.angle_deg), math.radians(b.angle_deg)
        ua, ub = (wire_a - a.offset_wires) * a.pitch_cm, (wire_b - b.offset_wires) * b.pitch_cm
        determinant = math.sin(ta - tb)
        if abs(determinant) < 1e-9:
            raise ValueError(f"wires of planes {plane_a} and {plane_b} are parallel and never cross")
        y = (ua * math.cos(tb) - ub * math.cos(ta)) / -determinant
        z = (ub * math.sin(ta) - ua * math.sin(tb)) / determinant
        return y, z


@cache
def _load(name: str) -> Detector:
    if name not in Detector.names():
        raise ValueError(f"unknown detector {name!r}; known: {', '.join(Detector.names())}")
    table: dict[str, Any] = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    table["planes"] = tuple(WirePlane(**row) for row in table.pop("plane"))
    for axis in ("x_cm", "y_cm", "z_cm"):
        table[axis] = tuple(table[axis])
    return Detector(**table)
