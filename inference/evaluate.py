"""`argonscope evaluate`: a set of weights on files, or on held-out simulation, one report a plane."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from inference.cards import WeightsCard, named_weights
from inference.evaluated_networks import EvaluatedDetector, EvaluatedNetwork, EvaluatedSegmenter
from inference.evaluation import Kept, Sample
from inference.evaluation_events import (
    Batch,
    Map,
    evaluate_batches,
    events_at,
    of_files,
    process_map,
    simulated,
)
from inference.training.decision import FIRST_VALIDATION_SEED
from inference.weights_file import write_card
from lartpc.classes import PLANES
from lartpc.event import Event
from lartpc.writer import EventWriter
from records.evaluations import EvaluationStore, evaluation_id, write_report
from records.folder import DataFolder, data_folder_of

Json = dict[str, Any]


def run(given: argparse.Namespace) -> int:
    """Carry out `argonscope evaluate`.

    All that can be refused is refused before the first event; nothing is written before the last.
    Raises ValueError, LookupError, OSError, EventFileError.
    """
    planes = PLANES if given.plane == "all" else (given.plane,)
    _check(given, planes)
    network = _network(given)
    cards = {plane: _card(given, plane, network) for plane in planes}
    batches = _batches(given)
    with process_map(min(given.processes, len(batches)), given.threads) as mapped:
        results = _evaluate(batches, cards, network, mapped)
        kept = network.telling(list(results.values()), given.keep) if given.worst else []
        reports = _reports(given, cards, network, results, kept)
        if given.worst:
            _write_events(given, events_at(batches, kept, mapped))
    for plane, found in reports.items():
        print(network.table(found))
        print(f"report: {_write(given.json, found)}\n")
        if given.card:
            card = cards[plane]
            write_card(card.path, {**card.card, "metrics": _short(found, network)})
    return 0


def _network(given: argparse.Namespace) -> EvaluatedNetwork[Any]:
    if given.network == "smask-rcnn":
        return EvaluatedDetector(gain=given.gain)
    return EvaluatedSegmenter()


def _check(given: argparse.Namespace, planes: Sequence[str]) -> None:
    if not given.files and not 0 <= given.seed < FIRST_VALIDATION_SEED:
        raise ValueError(f"seed {given.seed} is not held out; expected one below {FIRST_VALIDATION_SEED}")
    if not given.files and given.events < 1:
        raise ValueError(f"--events {given.events}: nothing to evaluate; expected at least one event")
    if given.files and given.worst:
        raise ValueError("--worst is for simulated events; those of files can be opened where they are")
    if given.network != "smask-rcnn" and given.gain != "own":
        raise ValueError(f"--gain {given.gain}: is for smask-rcnn; {given.network} reads events as they come")
    if given.keep < 1:
        raise ValueError(f"--keep {given.keep}: no event to write; expected at least one")
    if given.worst and given.worst.is_dir():
        raise ValueError(f"{given.worst}: is a folder; expected the name of a file to write")
    if given.json and len(planes) > 1 and given.json.suffix == ".json":
        raise ValueError(f"{given.json}: {len(planes)} planes make {len(planes)} reports; expected a folder")
    for path in (given.json, given.worst):
        if path and not path.is_dir() and not path.absolute().parent.is_dir():
            raise ValueError(f"{path}: there is no folder {path.parent} to write it to; expected one")


def _card(given: argparse.Namespace, plane: str, network: EvaluatedNetwork[Any]) -> WeightsCard:
    """The card of a plane's weights, which load. Raises ValueError, LookupError."""
    found = named_weights(given.network, plane, given.weights)
    network.load(plane, found.path)
    return found


def _batches(given: argparse.Namespace) -> list[Batch]:
    if not given.files:
        return simulated(given.sample, given.seed, given.events)
    batches = of_files(given.files)
    if not batches:
        raise ValueError(f"{', '.join(file.name for file in given.files)}: no events; expected at least one")
    return batches


def _evaluate(
    batches: Sequence[Batch], cards: Mapping[str, WeightsCard], network: EvaluatedNetwork[Any], mapped: Map
) -> dict[str, list[Any]]:
    """plane → results of all events. Raises ValueError for a plane on which nothing counts."""
    weights = {plane: card.path for plane, card in cards.items()}
    total = sum(batch.number for batch in batches)
    found = list(
        tqdm(evaluate_batches(batches, network, weights, mapped), total=total, unit="event", disable=None)
    )
    by_plane = {plane: [event[plane] for event in found] for plane in cards}
    for plane, events in by_plane.items():
        network.check(plane, events)
    return by_plane


def _write_events(given: argparse.Namespace, events: Iterator[Event]) -> None:
    attributes = {"sample": given.sample, "seed": given.seed, "worst_of": given.events}
    with EventWriter(given.worst, "microboone", "simulation", attributes) as writer:
        for event in events:
            writer.append(event)


def _reports(
    given: argparse.Namespace,
    cards: Mapping[str, WeightsCard],
    network: EvaluatedNetwork[Any],
    results: Mapping[str, Sequence[Any]],
    positions: Sequence[int],
) -> dict[str, Json]:
    """plane → report. positions: of the events that are kept, in the order of their entries."""
    files = tuple(file.name for file in given.files)
    kept = Kept(
        given.worst.name if given.worst else None,
        {position: entry for entry, position in enumerate(positions)},
    )
    reports = {}
    for plane, events in results.items():
        sample = Sample(
            name="files" if files else given.sample,
            seed=None if files else given.seed,
            files=files,
            events=len(events),
        )
        reports[plane] = network.report(events, cards[plane], sample, kept)
    return reports


def _write(out: Path | None, found: Json) -> Path:
    """Write a report to the data folder, to a folder or to a file, and say where."""
    if out is None:
        folder = DataFolder(data_folder_of(os.environ)).evaluations
        return folder / f"{EvaluationStore(folder).put(found)}.json"
    if out.suffix == ".json" and not out.is_dir():
        write_report(out, found)
        return out
    out.mkdir(exist_ok=True)
    path = out / f"{evaluation_id(found)}.json"
    write_report(path, found)
    return path


def _short(found: Json, network: EvaluatedNetwork[Any]) -> Json:
    """What a card says of an evaluation."""
    sample = found["sample"]
    names = ("network", "weights", "weights_hash")
    return {
        "sample": sample["files"] or f"{sample['name']}, seed {sample['seed']}",
        "plane": found["plane"],
        "networks": [{name: found[name] for name in names}],
        **network.short(found),
    }
