"""`argonscope predict`: a whole file through the networks into one HDF5 file, resumable.

Layout: one group an entry (`entry/000012`), one dataset a plane, float16 (N, 5) in the pixel order of the
event, with the weights' name and SHA-256 as attributes. An entry is complete when it has `done`; one that
other weights answered is computed again, so that a file never mixes two sets.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import h5py
import numpy as np
import torch
from tqdm import tqdm

from inference.predictor import Segmenter
from lartpc.errors import EventFileError
from lartpc.event import Event
from lartpc.readers import open_events


def run(given: argparse.Namespace) -> int:
    """Carry out `argonscope predict`; entries that OUT already holds are not computed again."""
    torch.set_num_threads(given.threads)
    first, last = given.entries or (None, None)
    with open_events(given.file) as events, _open(given.out, given.file.name) as out:
        segmenters = _Segmenters(given)
        for entry in tqdm(range(len(events))[slice(first, last)], unit="event"):
            if not _is_done(out, entry, segmenters):
                _predict_entry(out, events[entry], segmenters)
    return 0


class _Segmenters(dict[str, Segmenter]):
    """The segmenter of each plane, loaded when it is first asked for."""

    def __init__(self, given: argparse.Namespace) -> None:
        super().__init__()
        self._weights, self._device = given.weights, given.device

    def __missing__(self, plane: str) -> Segmenter:
        self[plane] = segmenter = Segmenter.load(plane, self._weights, self._device)
        return segmenter


def _open(path: Path, source: str) -> h5py.File:
    """OUT for appending. Raises EventFileError if it belongs to another file."""
    try:
        out = h5py.File(path, "a")
    except OSError as error:
        raise EventFileError(
            str(path), "cannot be opened for writing", "an HDF5 file of predictions"
        ) from error
    if out.attrs.setdefault("events", source) != source:
        belongs = out.attrs["events"]
        out.close()
        raise EventFileError(str(path), f"holds predictions for {belongs}", f"predictions for {source}")
    return out


def _is_done(out: h5py.File, entry: int, segmenters: _Segmenters) -> bool:
    group = out.get(f"entry/{entry:06d}")
    if group is None or not group.attrs.get("done", False):
        return False
    return all(
        plane.attrs["weights_sha256"] == segmenters[name].weights_hash for name, plane in group.items()
    )


def _predict_entry(out: h5py.File, event: Event, segmenters: _Segmenters) -> None:
    name = f"entry/{event.id.entry:06d}"
    if name in out:
        del out[name]
    group = out.create_group(name)
    group.attrs["id"] = np.array([event.id.run, event.id.subrun, event.id.event])
    for plane, image in event.images.items():
        prediction = segmenters[plane](image)
        dataset = group.create_dataset(
            plane, data=prediction.scores.astype(np.float16), compression="gzip", shuffle=True
        )
        dataset.attrs["weights"] = prediction.weights
        dataset.attrs["weights_sha256"] = prediction.weights_hash
        dataset.attrs["image"] = image.content_hash
        dataset.attrs["gain"] = image.gain
    group.attrs["done"] = True
    out.flush()
