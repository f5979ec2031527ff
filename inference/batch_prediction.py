"""`argonscope predict`: a whole file through the networks into one HDF5 file, resumable.

Layout: one group an entry (`entry/000012`), one dataset a plane, float16 (N, 5) in the pixel order of the
event, with the weights' name and SHA-256 as attributes. An entry is complete when it has `done`.
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
        segmenters: dict[str, Segmenter] = {}
        for entry in tqdm(range(len(events))[slice(first, last)], unit="event"):
            if not _is_done(out, entry):
                _predict_entry(out, events[entry], segmenters, given)
    return 0


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


def _is_done(out: h5py.File, entry: int) -> bool:
    group = out.get(f"entry/{entry:06d}")
    return group is not None and bool(group.attrs.get("done", False))


def _predict_entry(
    out: h5py.File, event: Event, segmenters: dict[str, Segmenter], given: argparse.Namespace
) -> None:
    name = f"entry/{event.id.entry:06d}"
    if name in out:
        del out[name]
    group = out.create_group(name)
    group.attrs["id"] = np.array([event.id.run, event.id.subrun, event.id.event])
    for plane, image in event.images.items():
        if plane not in segmenters:
            segmenters[plane] = Segmenter.load(plane, given.weights, given.device)
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
