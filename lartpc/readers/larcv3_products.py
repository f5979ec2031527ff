"""Data products of larcv3 files: which there are, and the voxels of one event and projection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from lartpc.errors import EventFileError
from lartpc.readers.base import Columns

_GROUP = re.compile(r"(?P<kind>[a-z0-9]+)_(?P<producer>.+)_group")


@dataclass(frozen=True)
class PlaneVoxels:
    """Where one projection of one event lies: rows first to first + count of the product's extents.

    size: (wires, rows) of the image.
    """

    projection: int
    size: tuple[int, int]
    first: int
    count: int


class Product:
    """One product, such as sparse2d_sbndwire."""

    def __init__(self, path: Path, group: h5py.Group, kind: str, producer: str) -> None:
        self.kind = kind
        self.producer = producer
        self._path = path
        self._columns = Columns(path, group)

    def planes(self, entry: int) -> list[PlaneVoxels]:
        """The projections of an event; count is in voxels (sparse2d) or clusters (cluster2d)."""
        extents = "voxel_extents" if self.kind == "sparse2d" else "projection_extents"
        spans = self.records(entry, extents)
        metas = self.records(entry, "image_meta")
        return [
            PlaneVoxels(
                projection=int(meta["projection_id"]),
                size=(int(meta["number_of_voxels"][0]), int(meta["number_of_voxels"][1])),
                first=int(span["first"]),
                count=int(span["N"]),
            )
            for span, meta in zip(spans, metas, strict=True)
            if meta["valid"]
        ]

    def voxels(self, part: PlaneVoxels) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids (K,) and values (K,) of a sparse2d projection."""
        rows = self._slice("voxels", part.first, part.count)
        return rows["id"].astype(np.int64), rows["value"].astype(np.float32)

    def cluster_voxels(
        self, part: PlaneVoxels
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
        """Ids, values and cluster number (K,) of the voxels of a cluster2d projection."""
        clusters = self._slice("cluster_extents", part.first, part.count)
        clusters = clusters[clusters["N"] > 0]
        if not len(clusters):
            return np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.int64)
        start = int(clusters["first"].min())
        counts = clusters["N"].astype(np.int64)
        stop = int((clusters["first"].astype(np.int64) + counts).max())
        rows = self._slice("voxels", start, stop - start)
        offsets = np.repeat(clusters["first"].astype(np.int64) - start - np.cumsum(counts) + counts, counts)
        chosen = rows[offsets + np.arange(len(offsets))]
        numbers = np.repeat(clusters["ID"].astype(np.int64), counts)
        return chosen["id"].astype(np.int64), chosen["value"].astype(np.float32), numbers

    def records(self, entry: int, table: str) -> NDArray:
        """The rows of a table that belong to an event, found through the product's extents."""
        extents = self._columns["extents"]
        if entry >= len(extents):
            return self._slice(table, 0, 0)
        return self._slice(table, int(extents[entry]["first"]), int(extents[entry]["N"]))

    def _slice(self, table: str, first: int, count: int) -> NDArray:
        dataset = self._columns[table]
        if first + count > len(dataset):
            raise EventFileError(
                self._path.name,
                f"{dataset.name} ends at row {len(dataset)}",
                f"rows {first} to {first + count}",
            )
        return np.asarray(dataset[first : first + count])


def products(path: Path, file: h5py.File) -> dict[tuple[str, str], Product]:
    """The products of a file by (kind, producer), from the names of the groups in /Data."""
    found = {}
    for name, group in file["Data"].items():
        match = _GROUP.fullmatch(name)
        if match and isinstance(group, h5py.Group):
            kind, producer = match["kind"], match["producer"]
            found[kind, producer] = Product(path, group, kind, producer)
    return found


def wires_rows(ids: NDArray[np.int64], part: PlaneVoxels) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Wire and drift row of voxel ids: id = wire * rows + row."""
    wires, rows = np.divmod(ids, max(part.size[1], 1))
    return wires, rows
