"""Events from a sample and a seed: primaries, transport, readout, truth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lartpc.classes import PLANES, InstanceClass
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Interaction, Particle, Truth, WireImage
from lartpc.simulation.cascade import transport_showers
from lartpc.simulation.particles import PROCESSES, Array, Deposits, Ints, ParticleTable
from lartpc.simulation.readout import CROP, ROWS, TICKS_PER_ROW, Charge, PlaneTruth, Window, drift, read_plane
from lartpc.simulation.samples import PRIMARIES, Primaries
from lartpc.simulation.tracks import transport_tracks

SAMPLES = tuple(PRIMARIES)
BATCH = {"bomb": 32, "michel": 16, "bnb": 8}
"""Events that are simulated together in a file; part of what makes a file reproducible."""
_SHOWER_CODES = (11, -11, 22)
_TRACK_CODES = (13, -13, 211, -211, 2212)
_SEEN_PARTICLE_MEV = 1.0


def simulate(sample: str, seed: int, entry: int, detector: str = "microboone") -> Event:
    """One event; the same arguments give the same event. Raises ValueError for an unknown sample."""
    return simulate_batch(sample, seed, [entry], detector)[0]


def simulate_batch(
    sample: str, seed: int, entries: Sequence[int], detector: str = "microboone"
) -> list[Event]:
    """Events simulated together, several times faster than one by one.

    All random numbers come from one generator seeded by (sample, seed, first entry), so an event is
    reproduced by the same batch, not by another that contains the same entry.
    """
    return [event for event, _ in simulate_with_charge(sample, seed, entries, detector)]


def simulate_with_charge(
    sample: str, seed: int, entries: Sequence[int], detector: str = "microboone"
) -> list[tuple[Event, Charge]]:
    """The events of simulate_batch, each with the ionisation that its images were read from."""
    if sample not in PRIMARIES:
        raise ValueError(f"unknown sample {sample!r}; known: {', '.join(SAMPLES)}")
    if not len(entries):
        return []
    rng = np.random.default_rng([SAMPLES.index(sample), seed, entries[0]])
    primaries = Primaries(rng, Detector.load(detector), len(entries))
    for event in range(len(entries)):
        PRIMARIES[sample](primaries, event)
    charge = _transport(primaries)
    bounds = np.searchsorted(charge.event, np.arange(len(entries) + 1))
    ids = [EventId(seed, SAMPLES.index(sample), entry, "", entry) for entry in entries]
    parts = [charge.part(slice(bounds[i], bounds[i + 1])) for i in range(len(entries))]
    return [(_read_event(primaries, ids[i], i, part, sample == "bomb"), part) for i, part in enumerate(parts)]


class _BatchCharge:
    """Charge of a whole batch, ordered by event."""

    def __init__(self, table: ParticleTable, deposits: Deposits, detector: Detector) -> None:
        particle = np.concatenate(deposits.particle) if deposits.particle else np.empty(0, np.int64)
        order = np.argsort(table["event"][particle], kind="stable")
        particle = particle[order]
        self.event: Ints = table["event"][particle]
        position = np.concatenate(deposits.position)[order]
        energy = np.concatenate(deposits.energy)[order]
        electrons, tick, drift_us = drift(
            detector,
            position,
            energy,
            np.concatenate(deposits.dedx)[order],
            table["time_us"][particle],
        )
        inside = (position[:, 0] >= detector.x_cm[0]) & (position[:, 0] <= detector.x_cm[1])
        inside &= (position[:, 1] >= detector.y_cm[0]) & (position[:, 1] <= detector.y_cm[1])
        inside &= (position[:, 2] >= detector.z_cm[0]) & (position[:, 2] <= detector.z_cm[1])
        self._all = Charge(
            position,
            tick,
            energy,
            np.where(inside, electrons, 0.0),
            drift_us,
            particle,
            table["interaction"][particle],
            np.concatenate(deposits.pixel_class)[order],
        )

    def part(self, which: slice) -> Charge:
        return Charge(**{name: value[which] for name, value in vars(self._all).items()})


def _transport(primaries: Primaries) -> _BatchCharge:
    rng, table, box = primaries.rng, primaries.table, primaries.box
    deposits = Deposits()
    codes = table["pdg"]
    primary_showers = np.flatnonzero(np.isin(codes, _SHOWER_CODES))
    tracks = np.flatnonzero(np.isin(codes, _TRACK_CODES))
    born, born_class = transport_tracks(rng, table, tracks, deposits, box)
    owner = np.concatenate([primary_showers, born])
    pixel_class = np.concatenate([np.full(len(primary_showers), 2, np.int8), born_class])
    transport_showers(
        rng,
        table["pdg"][owner],
        table["start"][owner].copy(),
        table["direction"][owner],
        table["kinetic"][owner].copy(),
        owner,
        pixel_class,
        deposits,
        box,
    )
    return _BatchCharge(table, deposits, primaries.detector)


def _read_event(primaries: Primaries, event_id: EventId, event: int, charge: Charge, crop: bool) -> Event:
    rng, detector = primaries.rng, primaries.detector
    vertex = primaries.vertices[event]
    images: dict[str, WireImage] = {}
    truths: dict[str, PlaneTruth] = {}
    row = _crop_row(rng, detector, vertex) if crop and vertex is not None else 0
    for plane in PLANES:
        window = _window(rng, detector, plane, vertex, row) if crop else _whole(detector, plane)
        images[plane], truths[plane] = read_plane(rng, detector, plane, charge, window)
    truth = Truth(
        classes={p: t.classes for p, t in truths.items()},
        instances={p: t.instances for p, t in truths.items()},
        particle_ids={p: t.particle_ids for p, t in truths.items()},
        class_charge={p: t.class_charge for p, t in truths.items()},
        interactions=_interactions(primaries, event, images, truths),
        particles=_particles(primaries.table, event, truths),
        vertex_cm=None if vertex is None else tuple(float(v) for v in vertex),  # type: ignore[arg-type]
    )
    return Event(event_id, detector, images, truth, "simulation")


def _whole(detector: Detector, plane: str) -> Window:
    return Window(0, 0, (ROWS, detector.plane(plane).wires))


def _crop_row(rng: np.random.Generator, detector: Detector, vertex: Array) -> int:
    """First row of a bomb's crop: the same on all planes, the vertex somewhere in its middle."""
    row = int(detector.tick_at(float(vertex[0])) / TICKS_PER_ROW) - int(
        rng.integers(CROP // 4, 3 * CROP // 4)
    )
    return int(np.clip(row, 0, ROWS - CROP))


def _window(
    rng: np.random.Generator, detector: Detector, plane: str, vertex: Array | None, row: int
) -> Window:
    assert vertex is not None
    geometry = detector.plane(plane)
    wire = int(geometry.wire_at(float(vertex[1]), float(vertex[2])))
    wire -= int(rng.integers(CROP // 4, 3 * CROP // 4))
    return Window(row, int(np.clip(wire, 0, geometry.wires - CROP)), (CROP, CROP))


def _interactions(
    primaries: Primaries, event: int, images: dict[str, WireImage], truths: dict[str, PlaneTruth]
) -> tuple[Interaction, ...]:
    table = primaries.table
    rows = np.flatnonzero((table["event"] == event) & (table["parent"] < 0))
    energy = np.bincount(table["interaction"][rows], table["kinetic"][rows], len(primaries.classes[event]))
    found = []
    for number, (instance_class, pdg) in enumerate(
        zip(primaries.classes[event], primaries.pdgs[event], strict=True)
    ):
        boxes = {
            plane: box
            for plane in images
            if (box := _box(images[plane], truths[plane].instances == number)) is not None
        }
        if boxes or instance_class is not InstanceClass.COSMIC:
            found.append(Interaction(number, instance_class, pdg, float(energy[number]), boxes))
    return tuple(found)


def _box(image: WireImage, chosen: np.ndarray) -> tuple[int, int, int, int] | None:
    if not chosen.any():
        return None
    rows, wires = image.rows[chosen], image.wires[chosen]
    return int(rows.min()), int(wires.min()), int(rows.max()), int(wires.max())


def _particles(table: ParticleTable, event: int, truths: dict[str, PlaneTruth]) -> tuple[Particle, ...]:
    """Particles that lit a pixel, and all primaries."""
    seen = np.unique(np.concatenate([t.particle_ids for t in truths.values()]))
    primary = np.flatnonzero((table["event"] == event) & (table["parent"] < 0))
    rows = np.union1d(seen[seen >= 0], primary)
    return tuple(
        Particle(
            id=int(row),
            pdg=int(table["pdg"][row]),
            parent=int(table["parent"][row]),
            interaction=int(table["interaction"][row]),
            kinetic_energy_mev=float(table["kinetic"][row]),
            start_cm=tuple(float(v) for v in table["start"][row]),  # type: ignore[arg-type]
            end_cm=tuple(float(v) for v in table["end"][row]),  # type: ignore[arg-type]
            process=PROCESSES[table["process"][row]],
        )
        for row in rows
    )
