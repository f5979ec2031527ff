"""`argonscope predict`: a whole file through the networks into one HDF5 file, resumable.

Layout (docs/formats.md): one group an entry (`entry/000012`), in it a plane's answer: a dataset of scores, or
a group of instances. An entry is complete when it has `done`; one that other weights answered is computed
again, so that a file never mixes two sets.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from inference.settings import SEGMENTER
from inference.shelf import LoadedNetwork, load_network
from lartpc.errors import EventFileError
from lartpc.event import Event
from lartpc.readers import EventFile, open_events
from records.answers import Answer
from records.detections import Detections


def run(given: argparse.Namespace) -> int:
    """Carry out `argonscope predict`; entries that OUT already holds are not computed again."""
    torch.set_num_threads(given.threads)
    with open_events(given.file) as events:
        entries = _entries(events, given.entries)
        networks = _Networks(given)
        networks.load(events[entries[0]])  # before OUT is made, so that wrong weights leave nothing behind
        with _open(given.out, given.file.name, given.network) as out:
            for entry in tqdm(entries, unit="event"):
                if not _is_done(out, entry, networks):
                    _predict_entry(out, events[entry], networks)
    return 0


def _entries(events: EventFile, wanted: tuple[int | None, int | None] | None) -> range:
    """The entries to predict. Raises EventFileError if there are none."""
    first, last = wanted or (None, None)
    entries = range(len(events))[slice(first, last)]
    if not entries:
        asked = (
            "none"
            if wanted is None
            else f"none of {'' if first is None else first}:{'' if last is None else last}"
        )
        raise EventFileError(
            events.path.name, f"holds {len(events)} events, {asked}", "at least one event to predict"
        )
    return entries


class _Networks(dict[str, LoadedNetwork]):
    """The network of each plane, loaded when it is first asked for."""

    def __init__(self, given: argparse.Namespace) -> None:
        super().__init__()
        self._how = (given.weights, given.device)
        self._network = given.network

    def load(self, event: Event) -> None:
        """Load the network of each plane of an event, or raise what loading raises."""
        for plane in event.images:
            self[plane]

    def __missing__(self, plane: str) -> LoadedNetwork:
        try:
            self[plane] = network = load_network(self._network, plane, *self._how)
        except LookupError as error:
            raise ValueError(str(error)) from error
        return network


def _open(path: Path, source: str, network: str) -> h5py.File:
    """OUT for appending. Raises EventFileError if it belongs to another file or network."""
    try:
        out = h5py.File(path, "a")
    except OSError as error:
        raise EventFileError(
            str(path), "cannot be opened for writing", "an HDF5 file of predictions"
        ) from error
    if len(out) and "events" not in out.attrs:
        out.close()
        raise EventFileError(str(path), "is HDF5 of something else", "a new file, or one of predictions")
    if out.attrs.setdefault("events", source) != source:
        belongs = out.attrs["events"]
        out.close()
        raise EventFileError(str(path), f"holds predictions for {belongs}", f"predictions for {source}")
    # Files of older versions do not say so: they are of the one network that there was.
    before = out.attrs.get("network", SEGMENTER) if "entry" in out else network
    if before != network:
        out.close()
        raise EventFileError(str(path), f"holds answers of {before}", f"answers of {network}")
    out.attrs["network"] = network
    return out


def _is_done(out: h5py.File, entry: int, networks: _Networks) -> bool:
    group = out.get(f"entry/{entry:06d}")
    if group is None or not group.attrs.get("done", False):
        return False
    return all(plane.attrs["weights_sha256"] == networks[name].weights_hash for name, plane in group.items())


def _predict_entry(out: h5py.File, event: Event, networks: _Networks) -> None:
    name = f"entry/{event.id.entry:06d}"
    if name in out:
        del out[name]
    group = out.create_group(name)
    group.attrs["id"] = np.array([event.id.run, event.id.subrun, event.id.event])
    for plane, image in event.images.items():
        answer = networks[plane](image)
        stored = _write_answer(group, plane, answer)
        stored.attrs["weights"] = answer.weights
        stored.attrs["weights_sha256"] = answer.weights_hash
        stored.attrs["image"] = image.content_hash
        stored.attrs["gain"] = image.gain
    group.attrs["done"] = True
    out.flush()


def _write_answer(group: h5py.Group, plane: str, answer: Answer) -> h5py.Dataset | h5py.Group:
    """Scores as one dataset; instances as a group with one dataset a column of `Detections.arrays`."""
    columns = answer.arrays()
    if not isinstance(answer, Detections):
        return _write_column(group, plane, columns["scores"])
    instances = group.create_group(plane)
    instances.attrs["image_pixels"] = answer.image_pixels
    for name, column in columns.items():
        _write_column(instances, name, column)
    return instances


def _write_column(group: h5py.Group, name: str, column: NDArray[Any]) -> h5py.Dataset:
    packed = {"compression": "gzip", "shuffle": True} if column.size else {}  # HDF5 packs no empty dataset
    return group.create_dataset(name, data=column, **packed)
