"""`argonscope michel`: candidates in files or in held-out simulation, and their quality where truth is."""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from inference.evaluation_events import of_files, simulated
from inference.predictor import Segmenter
from inference.training.decision import FIRST_VALIDATION_SEED
from lartpc.classes import PLANES, PixelClass
from lartpc.event import Event, WireImage
from lartpc.metrics.michel import (
    MichelEvent,
    Spectrum,
    has_michel_truth,
    match,
    michel_figures,
    spectrum,
    true_michels,
)
from lartpc.michel import MichelParameters, find_michels
from lartpc.showers import ShowerParameters, find_showers
from lartpc.simulation.calibrate import calibrate

DrawSpectra = Callable[[Mapping[str, Spectrum], str], str]
"""Spectra by plane and one line on where they come from → a whole HTML page."""


_TRACKS = {"mip": (PixelClass.MIP,), "hip+mip": (PixelClass.HIP, PixelClass.MIP)}


@dataclass(frozen=True)
class CandidateRow:
    """One line of candidates.csv; truth is empty where the event has none, or nothing matches."""

    file: str
    entry: int
    run: int
    subrun: int
    event: int
    plane: str
    attachment_wire: int
    attachment_tick: int
    pixels: int
    track_pixels: int
    charge_adc: float
    energy_mev: float
    true_particle: int | None
    true_pixels: int | None
    shared_pixels: int | None
    true_energy_mev: float | None
    true_kinetic_mev: float | None


@dataclass(frozen=True)
class ShowerRow:
    """One line of showers.csv; the direction is a unit vector in the image plane, in cm."""

    file: str
    entry: int
    run: int
    subrun: int
    event: int
    plane: str
    start_wire: int
    start_tick: int
    direction_drift: float
    direction_wire: float
    pixels: int
    charge_adc: float
    energy_mev: float


@dataclass
class Found:
    """What a run collects: lines of both tables, and by plane every event's candidates and truth."""

    candidates: list[CandidateRow] = field(default_factory=list)
    showers: list[ShowerRow] = field(default_factory=list)
    events: dict[str, list[MichelEvent]] = field(default_factory=dict)


def run(given: argparse.Namespace, draw: DrawSpectra) -> int:
    """Carry out `argonscope michel`; nothing is written before the last event.

    Raises ValueError for a seed that is not held out, weights of another plane, no --out, or no event.
    """
    _check(given)
    if given.calibrate:
        return _calibrate(given)
    torch.set_num_threads(given.threads)
    planes = PLANES if given.plane == "all" else (given.plane,)
    segmenters = {plane: Segmenter.load(plane, given.weights) for plane in planes}
    batches = of_files(given.files) if given.files else simulated(given.sample, given.seed, given.events)
    given.out.mkdir(parents=True, exist_ok=True)
    parameters = MichelParameters(track_classes=_TRACKS[given.tracks])
    found = Found(events={plane: [] for plane in planes})
    events = (event for batch in batches for event in batch.events())
    for event in tqdm(events, total=sum(batch.number for batch in batches), unit="event", disable=None):
        for plane in planes:
            if plane in event.images:
                _look(found, event, segmenters[plane], plane, parameters)
    sample = ", ".join(file.name for file in given.files) or f"{given.sample}, seed {given.seed}"
    names = {plane: segmenter.name for plane, segmenter in segmenters.items()}
    figures = {"sample": sample, "tracks": given.tracks, **_figures(found, names, parameters)}
    spectra = {plane: spectrum(seen) for plane, seen in found.events.items()}
    _write_all(given.out, found, figures, spectra, draw(spectra, sample))
    print(table(figures, found))
    return 0


def _check(given: argparse.Namespace) -> None:
    if given.events < 1:
        raise ValueError(f"--events {given.events}: expected 1 or more")
    if given.calibrate:
        return
    if given.out is None:
        raise ValueError("say where the tables go: --out DIR")
    if not given.files and not 0 <= given.seed < FIRST_VALIDATION_SEED:
        raise ValueError(f"seed {given.seed} is not held out; expected one below {FIRST_VALIDATION_SEED}")


def _figures(found: Found, weights: Mapping[str, str], parameters: MichelParameters) -> dict[str, Any]:
    tracks = [pixel_class.label for pixel_class in parameters.track_classes]
    return {
        "parameters": {
            "michel": {**asdict(parameters), "track_classes": tracks},
            "shower": asdict(ShowerParameters()),
        },
        "planes": {
            plane: {"weights": weights[plane], **michel_figures(events)}
            for plane, events in found.events.items()
        },
    }


def _look(found: Found, event: Event, segmenter: Segmenter, plane: str, parameters: MichelParameters) -> None:
    """Predict and collect one plane; an error says of which event."""
    try:
        collect(found, event, plane, segmenter(event.images[plane]).classes, parameters)
    except ValueError as error:
        raise ValueError(f"{event.id.file or 'simulation'}, entry {event.id.entry}: {error}") from error


def _calibrate(given: argparse.Namespace) -> int:
    for plane, constants in calibrate(given.events).items():
        numbers = ", ".join(f"{number:.4g}" for number in astuple(constants))
        print(f'"{plane}": PlaneCalibration({numbers}),')
    return 0


def collect(
    found: Found,
    event: Event,
    plane: str,
    classes: NDArray[np.int8],
    parameters: MichelParameters | None = None,
) -> None:
    """Add one plane's candidates and showers, from classes in pixel order, and what truth says of them."""
    image = event.images[plane]
    candidates = find_michels(image, classes, parameters)
    truths = None
    if event.truth is not None and has_michel_truth(event.truth, plane):
        truths = true_michels(image, event.truth, classes >= 0)
    found.events.setdefault(plane, []).append(MichelEvent(candidates, truths))
    of_candidate = {pair.candidate: pair for pair in match(candidates, truths or ())}
    for number, candidate in enumerate(candidates):
        pair = of_candidate.get(number)
        true = None if pair is None or truths is None else truths[pair.true]
        found.candidates.append(
            CandidateRow(
                **_identity(event, plane),
                attachment_wire=image.first_wire + candidate.attachment_wire,
                attachment_tick=image.tick_of_row(candidate.attachment_row),
                pixels=len(candidate.pixels),
                track_pixels=len(candidate.track_pixels),
                charge_adc=candidate.charge_adc,
                energy_mev=candidate.energy_mev,
                true_particle=None if true is None else true.particle,
                true_pixels=None if true is None else len(true.pixels),
                shared_pixels=None if pair is None else pair.shared,
                true_energy_mev=None if true is None else true.energy_mev,
                true_kinetic_mev=None if true is None else true.kinetic_energy_mev,
            )
        )
    found.showers += _showers(event, image, classes)


def _showers(event: Event, image: WireImage, classes: NDArray[np.int8]) -> Iterator[ShowerRow]:
    for shower in find_showers(image, classes, event.detector):
        yield ShowerRow(
            **_identity(event, image.plane),
            start_wire=image.first_wire + shower.start_wire,
            start_tick=image.tick_of_row(shower.start_row),
            direction_drift=shower.direction_drift,
            direction_wire=shower.direction_wire,
            pixels=len(shower.pixels),
            charge_adc=shower.charge_adc,
            energy_mev=shower.energy_mev,
        )


def _identity(event: Event, plane: str) -> dict[str, Any]:
    return {
        "file": Path(event.id.file).name,
        "entry": event.id.entry,
        "run": event.id.run,
        "subrun": event.id.subrun,
        "event": event.id.event,
        "plane": plane,
    }


def _write_all(
    folder: Path, found: Found, figures: dict[str, Any], spectra: Mapping[str, Spectrum], page: str
) -> None:
    _write(folder / "candidates.csv", _csv(CandidateRow, [astuple(row) for row in found.candidates]))
    _write(folder / "showers.csv", _csv(ShowerRow, [astuple(row) for row in found.showers]))
    _write(folder / "metrics.json", json.dumps(figures, indent=2) + "\n")
    _write(folder / "spectrum.csv", _spectrum_csv(spectra))
    _write(folder / "spectrum.html", page)


def _csv(kind: type, rows: Sequence[Sequence[Any]]) -> str:
    return _lines([column.name for column in fields(kind)], rows)


def _spectrum_csv(spectra: Mapping[str, Spectrum]) -> str:
    header = ["plane", "low_mev", "high_mev", "true", "true_found", "candidates", "candidates_matched"]
    rows = []
    for plane, s in spectra.items():
        bins = zip(s.edges_mev[:-1], s.edges_mev[1:], s.true, s.found, s.candidates, s.matched, strict=True)
        rows += [(plane, *(value.item() for value in numbers)) for numbers in bins]
    return _lines(header, rows)


def _lines(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Six digits of a number, nothing for one that is unknown."""
    if not isinstance(value, float):
        return value
    return "" if math.isnan(value) else f"{value:.6g}"


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.partial")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


_ROWS = {
    "id_efficiency": "ID efficiency",
    "id_purity": "ID purity",
    "cluster_efficiency": "cluster efficiency",
    "cluster_purity": "cluster purity",
}
_SELECTIONS = {
    "all": "all candidates",
    "cut": "candidates of 10 pixels or more",
    "cut_both": "candidates and true Michels of 10 pixels or more",
}


def table(figures: dict[str, Any], found: Found) -> str:
    """The figures of every plane beside the published ones, as text."""
    lines = [
        f"{figures['sample']}: {len(found.candidates)} Michel and {len(found.showers)} shower candidates"
    ]
    for plane, entry in figures["planes"].items():
        if entry["events_with_truth"] == 0:
            why = "no truth, so candidates alone" if entry["events"] else "in none of the events"
            lines.append(f"plane {plane}, {entry['weights']}: {why}")
            continue
        lines.append(f"plane {plane}, {entry['weights']}, {entry['events_with_truth']} events with truth")
        for name, words in _SELECTIONS.items():
            lines += _selection_lines(words, entry[name], entry["published"].get(name, {}))
    return "\n".join(lines)


def _selection_lines(words: str, numbers: dict[str, Any], published: dict[str, float]) -> list[str]:
    of = f"{numbers['candidates']} candidates, {numbers['true']} true Michels"
    lines = [f"  {words}: {of}", f"    {'':20} {'ours':>7}  {'95 % interval':^15}  published"]
    for key, name in _ROWS.items():
        value, (low, high) = numbers[key]["value"], numbers[key]["interval_95"]
        ours = "–" if value is None else f"{100 * value:.1f} %"
        interval = "–" if low is None else f"{100 * low:.1f} – {100 * high:.1f}"
        beside = f"{100 * published[key]:.1f} %" if key in published else ""
        lines.append(f"    {name:20} {ours:>7}  {interval:^15}  {beside}".rstrip())
    ratio = numbers["energy_ratio"]
    if ratio["median"] is not None:
        lines.append(
            f"    energy, reconstructed / true: median {ratio['median']:.2f} ± {ratio['spread']:.2f}"
        )
    return lines
