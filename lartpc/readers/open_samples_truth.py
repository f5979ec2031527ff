"""Truth of the Open Samples: from hits, energy deposits and particles to pixels.

Shape shorthand: H hits of an event, P particles, N lit pixels of a plane, K painted pixels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from lartpc.classes import PLANES, InstanceClass, PixelClass
from lartpc.event import Interaction, Particle, Truth
from lartpc.readers.open_samples_tables import Table
from lartpc.readers.pixels import Pixels, whole

NEUTRINO = 0
"""Interaction.id of the one simulated neutrino."""
HIP_MIN_GEV = 0.2
"""Slowest proton that the samples' labelling tool calls highly ionising."""
_HALF_WIDTH = 2.0
_NO_POSITION = -900.0
_MICHEL_ENDS = frozenset({"muMinusCaptureAtRest", "muPlusCaptureAtRest", "Decay"})
_MASS_GEV = {
    11: 0.000511,
    13: 0.105658,
    211: 0.139570,
    111: 0.134977,
    321: 0.493677,
    2212: 0.938272,
    2112: 0.939565,
}
_PAINTED_LAST = 99


@dataclass(frozen=True)
class Hits:
    """Reconstructed hits, all arrays (H,): wire int64, time and rms in ticks, integral in ADC·tick."""

    id: NDArray[np.int64]
    plane: NDArray[np.int64]
    wire: NDArray[np.int64]
    time: NDArray[np.float64]
    rms: NDArray[np.float64]
    integral: NDArray[np.float64]

    @classmethod
    def none(cls) -> Hits:
        """No hit at all."""
        whole, real = np.empty(0, np.int64), np.empty(0, np.float64)
        return cls(whole, whole, whole, real, real, real)

    def of_plane(self, number: int) -> Hits:
        """The hits of one plane (0 U, 1 V, 2 Y)."""
        here = self.plane == number
        return Hits(**{name: values[here] for name, values in vars(self).items()})

    def spread(
        self, readout_ticks: int, ticks_per_row: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Rows that time ± 2 rms covers, clipped to the readout, which hit covers each, and its share.

        The share is that of a Gaussian cut off at ± 2 rms, so a hit inside the readout keeps its integral.
        """
        half = _HALF_WIDTH * np.maximum(self.rms, 0.5)
        start = np.clip(self.time - half, 0, readout_ticks)
        stop = np.clip(self.time + half, 0, readout_ticks)
        first = (start // ticks_per_row).astype(np.int64)
        count = np.where(stop > start, np.ceil(stop / ticks_per_row).astype(np.int64) - first, 0)
        which = np.repeat(np.arange(len(self.time)), count)
        rows = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        low = np.maximum(rows * ticks_per_row, start[which])
        high = np.minimum((rows + 1) * ticks_per_row, stop[which])
        sigma, middle = half[which] / _HALF_WIDTH, self.time[which]
        share = ndtr((high - middle) / sigma) - ndtr((low - middle) / sigma)
        return rows, which, share / (ndtr(_HALF_WIDTH) - ndtr(-_HALF_WIDTH))


def read_hits(table: Table, entry: int) -> Hits:
    """The hits of one event; those whose numbers are not finite are left out."""
    names = ("hit_id", "local_plane", "local_wire", "local_time", "rms", "integral")
    values = {name: table.read(name, entry).astype(np.float64) for name in names}
    good = np.all([np.isfinite(column) for column in values.values()], axis=0)
    kept = {name: column[good] for name, column in values.items()}
    return Hits(
        whole(kept["hit_id"]),
        whole(kept["local_plane"]),
        whole(kept["local_wire"]),
        kept["local_time"],
        kept["rms"],
        kept["integral"],
    )


def read_truth(
    tables: Mapping[str, Table],
    entry: int,
    pixels: Mapping[str, Pixels],
    hits: Hits | None,
    readout_ticks: int,
    ticks_per_row: int,
) -> Truth:
    """Truth of an event that has particles: classes, instances and particles of the neutrino's pixels."""
    particles = _Particles(tables["particle_table"], entry)
    owner = _owners(tables.get("edep_table"), entry, hits, particles)
    classes, instances, ids = {}, {}, {}
    boxes: dict[str, tuple[int, int, int, int]] = {}
    for plane, lit in pixels.items():
        best = _paint(lit, plane, hits, owner, particles.classes, readout_ticks, ticks_per_row)
        seen = best >= 0
        classes[plane] = np.where(seen, particles.classes[best], -1).astype(np.int8)
        instances[plane] = np.where(seen, NEUTRINO, -1).astype(np.int32)
        ids[plane] = np.where(seen, particles.ids[best], -1).astype(np.int32)
        if seen.any():
            boxes[plane] = (
                int(lit.rows[seen].min()),
                int(lit.wires[seen].min()),
                int(lit.rows[seen].max()),
                int(lit.wires[seen].max()),
            )
    return Truth(
        classes=classes,
        instances=instances,
        particle_ids=ids,
        interactions=(_neutrino(tables["event_table"], entry, boxes),),
        particles=particles.listed(),
        vertex_cm=_vertex(tables["event_table"], entry),
    )


class _Particles:
    """particle_table of one event. ids int64 (P,); classes int8 (P,)."""

    def __init__(self, table: Table, entry: int) -> None:
        self.ids = table.read("g4_id", entry).astype(np.int64)
        self.pdg = table.read("g4_pdg", entry).astype(np.int64)
        self.parents = table.read("parent_id", entry).astype(np.int64)
        self.momentum = np.nan_to_num(table.read("momentum", entry).astype(np.float64))
        self.starts = _words(table.read("start_process", entry))
        self.ends = _words(table.read("end_process", entry))
        self.start = _positions(table, "start_position", entry)
        self.end = _positions(table, "end_position", entry)
        self.row = {int(number): row for row, number in enumerate(self.ids)}
        self.classes = np.array([self._pixel_class(row) for row in range(len(self.ids))], np.int8)

    def listed(self) -> tuple[Particle, ...]:
        """The particles as an event lists them; a primary has parent -1."""
        return tuple(
            Particle(
                id=int(self.ids[row]),
                pdg=int(self.pdg[row]),
                parent=int(self.parents[row]) if self.parents[row] > 0 else -1,
                interaction=NEUTRINO,
                kinetic_energy_mev=_kinetic_mev(int(self.pdg[row]), float(self.momentum[row])),
                start_cm=_point(self.start[row]),
                end_cm=_point(self.end[row]),
                process=self.starts[row],
            )
            for row in range(len(self.ids))
        )

    def _pixel_class(self, row: int) -> PixelClass:
        """Rules of the samples' own labelling tool, folded to five classes (docs/formats.md)."""
        code = abs(int(self.pdg[row]))
        if code in (13, 211):
            return PixelClass.MIP
        if code == 321 or (code == 2212 and self.momentum[row] >= HIP_MIN_GEV):
            return PixelClass.HIP
        if code == 22:
            return PixelClass.SHOWER
        if code != 11:
            return PixelClass.UNKNOWN
        if self.starts[row] == "muIoni":
            return PixelClass.DELTA
        return PixelClass.MICHEL if self._from_stopped_muon(row) else PixelClass.SHOWER

    def _from_stopped_muon(self, row: int) -> bool:
        parent = self.row.get(int(self.parents[row]))
        return parent is not None and abs(int(self.pdg[parent])) == 13 and self.ends[parent] in _MICHEL_ENDS


def _owners(table: Table | None, entry: int, hits: Hits | None, particles: _Particles) -> NDArray[np.int64]:
    """Row of the particle that left most of each hit, -1 where no known one did; int64 (H,)."""
    owner = np.full(0 if hits is None else len(hits.id), -1, np.int64)
    if table is None or hits is None or table.span(entry) is None:
        return owner
    fraction = table.read("energy_fraction", entry).astype(np.float64)
    deposit_hit = table.read("hit_id", entry).astype(np.int64)
    deposit_particle = table.read("g4_id", entry).astype(np.int64)
    largest = {
        int(deposit_hit[row]): particles.row.get(int(deposit_particle[row]), -1)
        for row in np.argsort(fraction, kind="stable")
    }
    owner[:] = [largest.get(int(hit), -1) for hit in hits.id]
    return owner


def _paint(
    lit: Pixels,
    plane: str,
    hits: Hits | None,
    owner: NDArray[np.int64],
    classes: NDArray[np.int8],
    readout_ticks: int,
    ticks_per_row: int,
) -> NDArray[np.int64]:
    """Row of the particle that each lit pixel belongs to, -1 for none; int64 (N,).

    Where hits overlap, the lower pixel class wins, and a known class over an unknown one.
    """
    best = np.full(len(lit.rows), -1, np.int64)
    if hits is None:
        return best
    chosen = (hits.plane == PLANES.index(plane)) & (owner >= 0)
    drawn = Hits(**{name: values[chosen] for name, values in vars(hits).items()})
    rows, which, _ = drawn.spread(readout_ticks, ticks_per_row)
    wires, particle = drawn.wire[which], owner[chosen][which]
    inside = (rows < lit.shape[0]) & (wires >= 0) & (wires < lit.shape[1])
    index = lit.index(rows[inside], wires[inside])
    particle = particle[inside][index >= 0]
    index = index[index >= 0]
    rank = np.where(classes[particle] < 0, _PAINTED_LAST, classes[particle])
    order = np.argsort(-rank, kind="stable")
    best[index[order]] = particle[order]
    return best


def _neutrino(table: Table, entry: int, boxes: Mapping[str, tuple[int, int, int, int]]) -> Interaction:
    columns = table.columns
    pdg, energy_gev = (
        float(np.nan_to_num(columns[name][entry]).flat[0]) if name in columns else 0.0
        for name in ("nu_pdg", "nu_energy")
    )
    return Interaction(NEUTRINO, InstanceClass.NEUTRINO, int(pdg), energy_gev * 1000.0, dict(boxes))


def _vertex(table: Table, entry: int) -> tuple[float, float, float] | None:
    """Vertex as it appears in the image; nu_vtx_wire_time is in ns of the generator and not used."""
    if "nu_vtx_corr" not in table.columns:
        return None
    position = np.asarray(table.columns["nu_vtx_corr"][entry], np.float64).ravel()
    usable = len(position) == 3 and np.isfinite(position).all() and (position > _NO_POSITION).all()
    return _point(position) if usable else None


def _positions(table: Table, name: str, entry: int) -> NDArray[np.float64]:
    """Positions (P, 3) in cm, with space charge and time offset where the file has them."""
    corrected = f"{name}_corr"
    values = table.read(corrected if corrected in table.columns else name, entry)
    return np.nan_to_num(values.astype(np.float64))


def _words(values: NDArray) -> list[str]:
    return [v.decode("utf-8", "replace").rstrip("\0 ") if isinstance(v, bytes) else str(v) for v in values]


def _kinetic_mev(pdg: int, momentum_gev: float) -> float:
    """Kinetic energy; nuclei take 0.9315 GeV a nucleon, particles without a listed mass none."""
    code = abs(pdg)
    mass = 0.9315 * (code // 10 % 1000) if code > 1_000_000_000 else _MASS_GEV.get(code, 0.0)
    return 1000.0 * (math.hypot(momentum_gev, mass) - mass)


def _point(values: NDArray[np.float64]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
