"""Events as the page gets them: a JSON header, and the planes as arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lartpc.detector import Detector
from lartpc.errors import EventFileError
from lartpc.event import Event, Interaction, Particle, Truth, WireImage
from viewer.encoding import encode

MAX_PARTICLES = 200
"""Most energetic particles sent with an event; a real event can hold tens of thousands."""

_LARGEST_INDEX = np.iinfo(np.uint16).max


def event_header(event: Event, entries: int) -> dict[str, Any]:
    """What the page shows of an event besides its pixels. entries: number of events in the file."""
    return {
        "run": event.id.run,
        "subrun": event.id.subrun,
        "event": event.id.event,
        "file": event.id.file,
        "entry": event.id.entry,
        "entries": entries,
        "source": event.source,
        "notes": list(event.notes),
        "detector": detector_geometry(event.detector),
        "planes": {plane: plane_facts(event.detector, image) for plane, image in event.images.items()},
        "truth": None if event.truth is None else _truth(event.truth),
    }


def detector_geometry(detector: Detector) -> dict[str, Any]:
    """Numbers a page needs to turn wires and ticks into cm and to find wire crossings."""
    return {
        "name": detector.name,
        "label": detector.label,
        "x_cm": detector.x_cm,
        "y_cm": detector.y_cm,
        "z_cm": detector.z_cm,
        "tick_us": detector.tick_us,
        "drift_speed_cm_per_us": detector.drift_speed_cm_per_us,
        "cm_per_tick": detector.cm_per_tick,
        "trigger_tick": detector.trigger_tick,
        "readout_ticks": detector.readout_ticks,
        "planes": {
            plane.name: {
                "wires": plane.wires,
                "angle_deg": plane.angle_deg,
                "pitch_cm": plane.pitch_cm,
                "offset_wires": plane.offset_wires,
            }
            for plane in detector.planes
        },
    }


def event_planes(event: Event) -> bytes:
    """The binary body of all planes: rows, wires, adc, dead, and truth and instances where known.

    ``<P>.instances`` holds positions in the header's truth.interactions, -1 for none.
    Raises EventFileError for an image too large for 16-bit indices.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for plane, image in event.images.items():
        if max(image.shape) > _LARGEST_INDEX:
            expected = f"at most {_LARGEST_INDEX} rows and wires"
            raise EventFileError(event.id.file, f"plane {plane} has the shape {image.shape}", expected)
        arrays[f"{plane}.rows"] = image.rows.astype(np.uint16)
        arrays[f"{plane}.wires"] = image.wires.astype(np.uint16)
        arrays[f"{plane}.adc"] = image.adc.astype(np.float32)
        arrays[f"{plane}.dead"] = image.dead_wires.astype(np.uint16)
        if event.truth is not None:
            arrays |= _truth_arrays(plane, event.truth)
    return encode({"planes": list(event.images)}, arrays)


def finite(value: Any) -> Any:
    """The same JSON value with null in place of NaN and infinity, which JSON does not know."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def plane_facts(detector: Detector, image: WireImage) -> dict[str, Any]:
    """What the page needs to place the pixels of a plane."""
    return {
        "shape": image.shape,
        "ticks_per_row": image.ticks_per_row,
        "first_tick": image.first_tick,
        "first_wire": image.first_wire,
        "tick_order": image.tick_order,
        "cm_per_wire": detector.plane(image.plane).pitch_cm,
        "cm_per_row": detector.cm_per_tick * image.ticks_per_row,
        "lit": len(image),
        "dead": len(image.dead_wires),
        "gain": image.gain,
        "content_hash": image.content_hash,
    }


def _truth(truth: Truth) -> dict[str, Any]:
    ranked = sorted(truth.particles, key=lambda particle: -particle.kinetic_energy_mev)
    return {
        "planes": sorted(truth.classes),
        "vertex_cm": truth.vertex_cm,
        "interactions": [_interaction(interaction) for interaction in truth.interactions],
        "particles": [_particle(particle) for particle in ranked[:MAX_PARTICLES]],
        "particle_count": len(ranked),
    }


def _interaction(interaction: Interaction) -> dict[str, Any]:
    return {
        "id": interaction.id,
        "class": interaction.instance_class.name.lower(),
        "pdg": interaction.pdg,
        "energy_mev": interaction.energy_mev,
        "boxes": {plane: list(box) for plane, box in interaction.boxes.items()},
    }


def _particle(particle: Particle) -> dict[str, Any]:
    return {
        "id": particle.id,
        "pdg": particle.pdg,
        "parent": particle.parent,
        "interaction": particle.interaction,
        "kinetic_energy_mev": particle.kinetic_energy_mev,
        "start_cm": particle.start_cm,
        "end_cm": particle.end_cm,
        "process": particle.process,
    }


def _truth_arrays(plane: str, truth: Truth) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    if plane in truth.classes:
        arrays[f"{plane}.truth"] = truth.classes[plane].astype(np.int8)
    if plane in truth.instances:
        ids = [interaction.id for interaction in truth.interactions]
        arrays[f"{plane}.instances"] = _positions(truth.instances[plane], ids)
    return arrays


def _positions(instances: NDArray[np.int32], ids: list[int]) -> NDArray[np.int16]:
    """Where each pixel's interaction stands in ids; -1 where it does not."""
    if not ids:
        return np.full(len(instances), -1, np.int16)
    order = np.argsort(ids, kind="stable")
    ranked = np.asarray(ids)[order]
    place = np.searchsorted(ranked, instances).clip(max=len(ids) - 1)
    return np.where(ranked[place] == instances, order[place], -1).astype(np.int16)
