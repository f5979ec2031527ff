"""What enters the detector: the primaries of the samples `bomb`, `michel` and `bnb`.

x is the true drift coordinate; an interaction's time offset moves it in the image.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lartpc.classes import InstanceClass
from lartpc.detector import Detector
from lartpc.simulation import argon
from lartpc.simulation.particles import Array, ParticleTable, isotropic, rotate
from lartpc.simulation.tracks import decay_pi0

COSMICS_DRAWN = 34.0
"""Mean number of cosmic muons drawn for a full image; about 20 of them leave 30 pixels or more on Y."""
_MICHEL_MUONS = 10.0
_NEUTRINO_SHARE = 0.85
_MU_PLUS_SHARE = 0.56
_MICHEL_MU_PLUS_SHARE = 1.0 / 3.0
_DOWN = np.array([0.0, -1.0, 0.0])
_BEAM = np.array([0.0, 0.0, 1.0])


class Primaries:
    """One batch's primaries; classes, pdgs and vertices are lists with one item an event."""

    def __init__(self, rng: np.random.Generator, detector: Detector, events: int) -> None:
        self.rng = rng
        self.detector = detector
        self.table = ParticleTable()
        self.classes: list[list[InstanceClass]] = [[] for _ in range(events)]
        self.pdgs: list[list[int]] = [[] for _ in range(events)]
        self.vertices: list[Array | None] = [None] * events

    @property
    def box(self) -> tuple[Array, Array]:
        """Lowest and highest corner (3,) of the active volume in cm."""
        d = self.detector
        low, high = zip(d.x_cm, d.y_cm, d.z_cm, strict=True)
        return np.array(low), np.array(high)

    def add_muons(
        self, event: int, start: Array, direction: Array, kinetic: Array, time_us: Array, plus_share: float
    ) -> None:
        """Cosmic muons (n), each an interaction of its own."""
        pdg = np.where(self.rng.random(len(kinetic)) < plus_share, -13, 13)
        first = len(self.classes[event])
        self.classes[event] += [InstanceClass.COSMIC] * len(kinetic)
        self.pdgs[event] += pdg.tolist()
        number = np.arange(first, first + len(kinetic))
        self.table.add(
            pdg, start, direction, kinetic,
            event=np.full(len(kinetic), event), interaction=number, time_us=time_us,
        )  # fmt: skip

    def add_vertex(
        self,
        event: int,
        vertex: Array,
        instance_class: InstanceClass,
        ancestor: int,
        pdg: list[int],
        kinetic: Array,
        direction: Array,
    ) -> None:
        """Particles from one point at the trigger time; a pi0 (111) decays at once."""
        self.classes[event].append(instance_class)
        self.pdgs[event].append(ancestor)
        self.vertices[event] = vertex
        count = len(pdg)
        rows = self.table.add(
            np.array(pdg), np.broadcast_to(vertex, (count, 3)), direction, kinetic,
            event=np.full(count, event),
            interaction=np.full(count, len(self.classes[event]) - 1),
            time_us=np.zeros(count),
        )  # fmt: skip
        neutral = np.array(pdg) == 111
        if neutral.any():
            start = np.broadcast_to(vertex, (count, 3))[neutral]
            decay_pi0(self.rng, self.table, rows[neutral], start, direction[neutral], kinetic[neutral])


def cosmic_directions(rng: np.random.Generator, count: int) -> Array:
    """Downward unit vectors (count, 3) with a zenith distribution of cos^2 per solid angle."""
    return rotate(
        np.tile(_DOWN, (count, 1)), rng.random(count) ** (1.0 / 3.0), rng.uniform(0.0, 2.0 * np.pi, count)
    )


def cosmic_energies(rng: np.random.Generator, count: int) -> Array:
    """Muon kinetic energies in MeV: a falling spectrum (T + T0)^-3 with T0 of 4 GeV, flat below a GeV."""
    return np.minimum(4000.0 * ((1.0 - rng.random(count)) ** -0.5 - 1.0) + 20.0, 5.0e5)


def crossing_muons(rng: np.random.Generator, count: int, box: tuple[Array, Array]) -> tuple[Array, Array]:
    """Entry points and directions of muons through the box, with the flux of a distant source."""
    starts, directions = np.empty((0, 3)), np.empty((0, 3))
    centre, radius = 0.5 * (box[0] + box[1]), 0.5 * float(np.linalg.norm(box[1] - box[0]))
    while len(starts) < count:
        heading = cosmic_directions(rng, 8 * count + 8)
        offset = isotropic(rng, len(heading)) * radius * np.sqrt(rng.random(len(heading)))[:, None]
        point = centre + offset - heading * np.sum(offset * heading, axis=1, keepdims=True)
        safe = np.where(np.abs(heading) < 1e-9, 1e-9, heading)
        sides = np.stack([(box[0] - point) / safe, (box[1] - point) / safe])
        enter, leave = sides.min(axis=0).max(axis=1), sides.max(axis=0).min(axis=1)
        hit = leave > enter
        starts = np.concatenate([starts, (point + heading * (enter[:, None] + 1e-3))[hit]])
        directions = np.concatenate([directions, heading[hit]])
    return starts[:count], directions[:count]


def _visible_times(rng: np.random.Generator, count: int, detector: Detector) -> Array:
    """Times (us) at which some of the drift volume is still read out."""
    drift_us = (detector.x_cm[1] - detector.x_cm[0]) / detector.drift_speed_cm_per_us
    first = -detector.trigger_tick * detector.tick_us - drift_us
    last = (detector.readout_ticks - detector.trigger_tick) * detector.tick_us
    return rng.uniform(first, last, count)


def _log_uniform(rng: np.random.Generator, low: float, high: float, count: int) -> Array:
    return np.exp(rng.uniform(np.log(low), np.log(high), count))


def _point_inside(rng: np.random.Generator, box: tuple[Array, Array], margin_cm: float) -> Array:
    return rng.uniform(box[0] + margin_cm, box[1] - margin_cm)


_BOMB_RANGE_MEV = {
    11: (20.0, 1000.0), -11: (20.0, 1000.0), 22: (20.0, 1000.0),
    13: (25.0, 1000.0), -13: (25.0, 1000.0), 211: (25.0, 600.0), -211: (25.0, 600.0), 2212: (25.0, 600.0),
}  # fmt: skip
_BOMB_CODES = np.array([11, 22, 13, -13, 211, -211, 2212, 2212])


def add_bomb(primaries: Primaries, event: int) -> None:
    """One vertex with 1-6 of e, gamma, mu, pi, p, and up to four cosmic muons that pass near it."""
    rng, box = primaries.rng, primaries.box
    vertex = _point_inside(rng, box, 15.0)
    codes = rng.choice(_BOMB_CODES, rng.integers(1, 7)).tolist()
    kinetic = np.array([_log_uniform(rng, *_BOMB_RANGE_MEV[code], 1)[0] for code in codes])
    primaries.add_vertex(event, vertex, InstanceClass.OTHER, 0, codes, kinetic, isotropic(rng, len(codes)))
    count = int(rng.integers(0, 5))
    if count:
        _add_muons_near(primaries, event, vertex, count)


def _add_muons_near(primaries: Primaries, event: int, vertex: Array, count: int) -> None:
    """Muons through points within a metre of the vertex, in time with it to within 0.5 ms of drift."""
    rng, box = primaries.rng, primaries.box
    point = np.clip(vertex + rng.uniform(-90.0, 90.0, (count, 3)), box[0] + 1.0, box[1] - 1.0)
    start, heading, length = _backwards(rng, point, box)
    kinetic = cosmic_energies(rng, count)
    stops = rng.random(count) < 0.5
    kinetic = np.where(stops, argon.kinetic_at_range(length, argon.MUON_MASS), kinetic)
    primaries.add_muons(event, start, heading, kinetic, rng.uniform(-500.0, 500.0, count), 0.5)


def _backwards(
    rng: np.random.Generator, point: Array, box: tuple[Array, Array]
) -> tuple[Array, Array, Array]:
    """Where cosmic muons that reach these points came in: entry, direction and distance in cm."""
    heading = cosmic_directions(rng, len(point))
    safe = np.where(np.abs(heading) < 1e-9, 1e-9, heading)
    length = np.maximum((point - box[0]) / safe, (point - box[1]) / safe).min(axis=1) - 1e-3
    return point - heading * length[:, None], heading, length


def add_michel(primaries: Primaries, event: int) -> None:
    """Cosmic muons that stop at points spread over the volume; about half of them decay."""
    rng, box = primaries.rng, primaries.box
    count = max(int(rng.poisson(_MICHEL_MUONS)), 1)
    point = rng.uniform(box[0] + 3.0, box[1] - 3.0, (count, 3))
    start, heading, length = _backwards(rng, point, box)
    kinetic = argon.kinetic_at_range(length, argon.MUON_MASS)
    arrival_tick = rng.uniform(0.0, primaries.detector.readout_ticks, count)
    time_us = (arrival_tick - primaries.detector.tick_at(point[:, 0])) * primaries.detector.tick_us
    primaries.add_muons(event, start, heading, kinetic, time_us, _MICHEL_MU_PLUS_SHARE)


def add_bnb(primaries: Primaries, event: int) -> None:
    """A full readout: cosmic muons at any time and, in most, one neutrino interaction in time."""
    rng, box = primaries.rng, primaries.box
    count = int(rng.poisson(COSMICS_DRAWN))
    start, heading = crossing_muons(rng, count, box)
    times = _visible_times(rng, count, primaries.detector)
    primaries.add_muons(event, start, heading, cosmic_energies(rng, count), times, _MU_PLUS_SHARE)
    if rng.random() < _NEUTRINO_SHARE:
        _add_neutrino(primaries, event)


def _add_neutrino(primaries: Primaries, event: int) -> None:
    rng = primaries.rng
    kind = rng.choice(["mu", "e", "nc"], p=[0.55, 0.2, 0.25])
    codes: list[int] = [2212] * int(rng.integers(1, 2) + rng.poisson(0.5))
    codes += rng.choice([211, -211], rng.poisson(0.25)).tolist()
    codes += [111] * int(rng.poisson(0.9 if kind == "nc" else 0.2))
    if kind != "nc":
        codes.append(13 if kind == "mu" else 11)
    kinetic = np.array([_NEUTRINO_ENERGY[abs(code)](rng) for code in codes])
    spread = np.where(np.isin(np.abs(codes), (11, 13)), 0.25, 0.6)
    cos_theta = np.clip(1.0 - rng.exponential(1.0, len(codes)) * spread, -1.0, 1.0)
    heading = rotate(np.tile(_BEAM, (len(codes), 1)), cos_theta, rng.uniform(0.0, 2.0 * np.pi, len(codes)))
    ancestor = 12 if kind == "e" else 14
    vertex = _point_inside(rng, primaries.box, 5.0)
    primaries.add_vertex(event, vertex, InstanceClass.NEUTRINO, ancestor, codes, kinetic, heading)


_NEUTRINO_ENERGY: dict[int, Callable[[np.random.Generator], float]] = {
    11: lambda rng: 40.0 + rng.exponential(400.0),
    13: lambda rng: 30.0 + rng.exponential(350.0),
    111: lambda rng: 20.0 + rng.exponential(180.0),
    211: lambda rng: 30.0 + rng.exponential(150.0),
    2212: lambda rng: 20.0 + rng.exponential(90.0),
}

PRIMARIES: dict[str, Callable[[Primaries, int], None]] = {
    "bomb": add_bomb,
    "michel": add_michel,
    "bnb": add_bnb,
}
"""Adds one event's primaries, by sample."""
