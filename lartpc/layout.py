"""Names and record types of our own HDF5 layout; docs/formats.md describes it in words.

Shape shorthand: E events of a file, P pixels of one plane over all events, C = 5 pixel classes.
"""

from __future__ import annotations

from enum import IntFlag

import numpy as np

from lartpc.classes import PIXEL_CLASSES, PLANES

FORMAT = "argonscope-events"
VERSION = 1
CLASSES = len(PIXEL_CLASSES)


class EventFlag(IntFlag):
    """What one event has, beyond its images."""

    TRUTH = 1
    VERTEX = 2


class PlaneFlag(IntFlag):
    """What one event has on one plane."""

    IMAGE = 1
    CLASSES = 2
    INSTANCES = 4
    PARTICLE_IDS = 8
    CLASS_CHARGE = 16


EVENT = np.dtype(
    [
        ("run", "<i8"),
        ("subrun", "<i8"),
        ("event", "<i8"),
        ("flags", "u1"),
        ("vertex_cm", "<f8", (3,)),
        ("first_interaction", "<u8"),
        ("interactions", "<u4"),
        ("first_particle", "<u8"),
        ("particles", "<u4"),
        ("notes", "<u4"),
    ]
)
"""/events (E,): notes is an index into /strings."""

PLANE = np.dtype(
    [
        ("first_pixel", "<u8"),
        ("pixels", "<u4"),
        ("flags", "u1"),
        ("shape", "<i4", (2,)),
        ("ticks_per_row", "<i4"),
        ("first_tick", "<i4"),
        ("first_wire", "<i4"),
        ("tick_order", "i1"),
        ("gain", "<f8"),
        ("first_dead", "<u8"),
        ("dead", "<u4"),
    ]
)
"""/planes/<P>/images (E,): one row an event, also where the event lacks the plane."""

INTERACTION = np.dtype(
    [("id", "<i8"), ("instance_class", "<i2"), ("pdg", "<i8"), ("energy_mev", "<f8")]
    + [(f"box_{plane}", "<i4", (4,)) for plane in PLANES]
)
"""/interactions: a box of -1, -1, -1, -1 means none on that plane."""

PARTICLE = np.dtype(
    [
        ("id", "<i8"),
        ("pdg", "<i8"),
        ("parent", "<i8"),
        ("interaction", "<i8"),
        ("kinetic_energy_mev", "<f8"),
        ("start_cm", "<f8", (3,)),
        ("end_cm", "<f8", (3,)),
        ("process", "<u4"),
    ]
)
"""/particles: process is an index into /strings."""

PIXEL_COLUMNS: dict[str, tuple[PlaneFlag, np.dtype, int | float, tuple[int, ...]]] = {
    "rows": (PlaneFlag.IMAGE, np.dtype("<u2"), 0, ()),
    "wires": (PlaneFlag.IMAGE, np.dtype("<u2"), 0, ()),
    "adc": (PlaneFlag.IMAGE, np.dtype("<f4"), 0.0, ()),
    "classes": (PlaneFlag.CLASSES, np.dtype("i1"), -1, ()),
    "instances": (PlaneFlag.INSTANCES, np.dtype("<i4"), -1, ()),
    "particle_ids": (PlaneFlag.PARTICLE_IDS, np.dtype("<i4"), -1, ()),
    "class_charge": (PlaneFlag.CLASS_CHARGE, np.dtype("<f4"), 0.0, (CLASSES,)),
}
"""/planes/<P>/<column>: its flag, type, value where an event lacks it, and shape of one pixel."""

MAX_SIDE = 65536
"""rows and wires are stored in 16 bits."""
