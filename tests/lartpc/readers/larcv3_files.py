"""Small files in the layout of larcv3: sparse images, clusters and particles of a few voxels."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

EXTENTS = np.dtype([("first", "<u8"), ("N", "<u4")])
PART_EXTENTS = np.dtype([("first", "<u8"), ("N", "<u4"), ("ID", "<u4")])
VOXEL = np.dtype([("id", "<u8"), ("value", "<f4")])
META = np.dtype(
    [
        ("valid", "u1"),
        ("projection_id", "<u8"),
        ("image_sizes", "<f8", (2,)),
        ("number_of_voxels", "<u8", (2,)),
        ("origin", "<f8", (2,)),
    ]
)
POINT = np.dtype([("x", "<f8"), ("y", "<f8"), ("z", "<f8"), ("t", "<f8")])
PARTICLE = np.dtype(
    [
        ("trackid", "<u4"),
        ("pdg", "<i4"),
        ("px", "<f8"),
        ("py", "<f8"),
        ("pz", "<f8"),
        ("vtx", POINT),
        ("end_pt", POINT),
        ("energy_init", "<f8"),
        ("process", "S64"),
        ("parent_trackid", "<u4"),
    ]
)
Voxels = Mapping[tuple[int, int], float]
"""{(row, wire): value}."""


class Larcv3Sample:
    """Collects products, then writes them; every event has the same planes."""

    def __init__(self, shape: tuple[int, int], events: int = 1) -> None:
        self.shape = shape
        self.events = events
        self.sparse: dict[str, list[Sequence[Voxels]]] = {}
        self.clusters: dict[str, list[Sequence[Mapping[int, Voxels]]]] = {}
        self.particles: dict[str, list[list[tuple]]] = {}

    def write(self, path: Path) -> Path:
        """The file: every product with its extents, and ids of -1 as in public files."""
        with h5py.File(path, "w") as file:
            ids = np.full(self.events, -1, np.dtype([("run", "<i8"), ("subrun", "<i8"), ("event", "<i8")]))
            file["Events/event_id"] = ids
            file.create_group("Data")
            for producer, events in self.sparse.items():
                self._write_sparse(file.create_group(f"Data/sparse2d_{producer}_group"), events)
            for producer, events in self.clusters.items():
                self._write_clusters(file.create_group(f"Data/cluster2d_{producer}_group"), events)
            for producer, events in self.particles.items():
                group = file.create_group(f"Data/particle_{producer}_group")
                group["extents"] = _extents([len(event) for event in events], EXTENTS)
                group["particles"] = np.array([row for event in events for row in event], PARTICLE)
        return path

    def _write_sparse(self, group: h5py.Group, events: list[Sequence[Voxels]]) -> None:
        self._write_images(group, events)
        parts = [part for event in events for part in event]
        group["voxel_extents"] = _extents([len(part) for part in parts], PART_EXTENTS)
        group["voxels"] = self._voxels(parts)

    def _write_clusters(self, group: h5py.Group, events: list[Sequence[Mapping[int, Voxels]]]) -> None:
        self._write_images(group, events)
        parts = [part for event in events for part in event]
        clusters = [(number, voxels) for part in parts for number, voxels in part.items()]
        group["projection_extents"] = _extents([len(part) for part in parts], PART_EXTENTS)
        group["cluster_extents"] = _extents([len(voxels) for _, voxels in clusters], PART_EXTENTS)
        numbered = group["cluster_extents"][()]
        numbered["ID"] = [number for number, _ in clusters]
        group["cluster_extents"][...] = numbered
        group["voxels"] = self._voxels([voxels for _, voxels in clusters])

    def _write_images(self, group: h5py.Group, events: Sequence[Sequence[object]]) -> None:
        group["extents"] = _extents([len(event) for event in events], EXTENTS)
        rows, wires = self.shape
        group["image_meta"] = np.array(
            [
                (1, projection, (wires, rows), (wires, rows), (0, 0))
                for event in events
                for projection in range(len(event))
            ],
            META,
        )

    def _voxels(self, parts: Sequence[Voxels]) -> np.ndarray:
        rows = self.shape[0]
        return np.array(
            [(wire * rows + row, value) for part in parts for (row, wire), value in part.items()], VOXEL
        )


def particle(track, pdg, energy, momentum, vertex, parent=2**32 - 1, process=b"primary") -> tuple:
    """A row of a particle table."""
    nowhere = (0.0, 0.0, 0.0, 0.0)
    return (track, pdg, 0.0, 0.0, momentum, (*vertex, 0.0), nowhere, energy, process, parent)


def _extents(counts: Sequence[int], kind: np.dtype) -> np.ndarray:
    rows = np.zeros(len(counts), kind)
    rows["first"] = np.cumsum([0, *counts[:-1]]) if counts else []
    rows["N"] = counts
    return rows
