"""`argonscope evaluate`: a set of weights on files, or on held-out simulation, one report a plane."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from inference.cards import WeightsCard, default_weights, read_card
from inference.evaluation import Sample, Weights, report
from inference.evaluation_events import (
    Batch,
    Map,
    evaluate_batches,
    events_at,
    of_files,
    process_map,
    simulated,
)
from inference.evaluation_table import table
from inference.predictor import Segmenter, weights_path
from inference.settings import SegmenterSettings
from inference.training.decision import FIRST_VALIDATION_SEED
from inference.weights_file import write_card
from lartpc.classes import PLANES
from lartpc.event import Event
from lartpc.metrics.evaluated_event import EvaluatedEvent
from lartpc.metrics.worst import most_telling
from lartpc.writer import EventWriter
from records.evaluations import EvaluationStore, evaluation_id, write_report
from records.folder import DataFolder, data_folder_of

Json = dict[str, Any]
_ON_CARD = (
    "decision_rule", "events", "pixels", "nonzero_accuracy", "mean_recall", "recall", "classes",
    "confusion_rows_true", "median_seconds",
)  # fmt: skip


def run(given: argparse.Namespace) -> int:
    """Carry out `argonscope evaluate`.

    All that can be refused is refused before the first event; nothing is written before the last.
    Raises ValueError, LookupError, OSError, EventFileError.
    """
    planes = PLANES if given.plane == "all" else (given.plane,)
    _check(given, planes)
    cards = {plane: _card(given.weights, plane) for plane in planes}
    batches = _batches(given)
    settings = SegmenterSettings()
    with process_map(min(given.processes, len(batches)), given.threads) as mapped:
        results = _evaluate(batches, cards, settings, mapped)
        kept = _telling(results, given.keep) if given.worst else []
        reports = _reports(given, cards, settings, results, kept)
        if given.worst:
            _write_events(given, events_at(batches, kept, mapped))
    for plane, found in reports.items():
        print(table(found))
        print(f"report: {_write(given.json, found)}\n")
        if given.card:
            write_card(cards[plane].path, {**cards[plane].card, "metrics": _short(found)})
    return 0


def _check(given: argparse.Namespace, planes: Sequence[str]) -> None:
    if not given.files and not 0 <= given.seed < FIRST_VALIDATION_SEED:
        raise ValueError(f"seed {given.seed} is not held out; expected one below {FIRST_VALIDATION_SEED}")
    if not given.files and given.events < 1:
        raise ValueError(f"--events {given.events}: nothing to evaluate; expected at least one event")
    if given.files and given.worst:
        raise ValueError("--worst is for simulated events; those of files can be opened where they are")
    if given.keep < 1:
        raise ValueError(f"--keep {given.keep}: no event to write; expected at least one")
    if given.worst and given.worst.is_dir():
        raise ValueError(f"{given.worst}: is a folder; expected the name of a file to write")
    if given.json and len(planes) > 1 and given.json.suffix == ".json":
        raise ValueError(f"{given.json}: {len(planes)} planes make {len(planes)} reports; expected a folder")
    for path in (given.json, given.worst):
        if path and not path.is_dir() and not path.absolute().parent.is_dir():
            raise ValueError(f"{path}: there is no folder {path.parent} to write it to; expected one")


def _card(weights: Path | None, plane: str) -> WeightsCard:
    """The card of a plane's weights, which load. Raises ValueError, LookupError."""
    found = (
        default_weights("uresnet", plane)
        if weights is None
        else read_card(weights_path(weights, "uresnet", plane))
    )
    Segmenter.load(plane, found.path)
    return found


def _batches(given: argparse.Namespace) -> list[Batch]:
    if not given.files:
        return simulated(given.sample, given.seed, given.events)
    batches = of_files(given.files)
    if not batches:
        raise ValueError(f"{', '.join(file.name for file in given.files)}: no events; expected at least one")
    return batches


def _evaluate(
    batches: Sequence[Batch], cards: Mapping[str, WeightsCard], settings: SegmenterSettings, mapped: Map
) -> dict[str, list[EvaluatedEvent]]:
    """plane → results of all events. Raises ValueError for a plane on which no pixel counts."""
    weights = {plane: card.path for plane, card in cards.items()}
    total = sum(batch.number for batch in batches)
    found = list(
        tqdm(evaluate_batches(batches, weights, settings, mapped), total=total, unit="event", disable=None)
    )
    by_plane = {plane: [event[plane] for event in found] for plane in cards}
    for plane, events in by_plane.items():
        if not sum(int(event.confusion.sum()) for event in events):
            raise ValueError(
                f"plane {plane}: no event has a pixel of known truth with {settings.adc_min:g} < ADC × gain "
                f"< {settings.adc_max:g}; expected at least one"
            )
    return by_plane


def _telling(results: Mapping[str, Sequence[EvaluatedEvent]], number: int) -> list[int]:
    """Positions of the events to look at first."""
    return most_telling([np.stack([e.confusion for e in events]) for events in results.values()], number)


def _write_events(given: argparse.Namespace, events: Iterator[Event]) -> None:
    attributes = {"sample": given.sample, "seed": given.seed, "worst_of": given.events}
    with EventWriter(given.worst, "microboone", "simulation", attributes) as writer:
        for event in events:
            writer.append(event)


def _reports(
    given: argparse.Namespace,
    cards: Mapping[str, WeightsCard],
    settings: SegmenterSettings,
    results: Mapping[str, Sequence[EvaluatedEvent]],
    kept: Sequence[int],
) -> dict[str, Json]:
    files = tuple(file.name for file in given.files)
    reports = {}
    for plane, events in results.items():
        card = cards[plane]
        sample = Sample(
            name="files" if files else given.sample,
            seed=None if files else given.seed,
            files=files,
            events=len(events),
        )
        reports[plane] = report(
            events,
            plane,
            Weights(card.network, card.name, card.sha256, _rule(card)),
            sample,
            settings,
            given.worst.name if given.worst else None,
            {position: entry for entry, position in enumerate(kept)},
        )
    return reports


def _rule(card: WeightsCard) -> str:
    """How a class follows from the scores, in the words of the card."""
    decision = card.card.get("decision")
    rule = decision.get("rule") if isinstance(decision, dict) else None
    return rule if isinstance(rule, str) else "argmax of the scores"


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


def _short(found: Json) -> Json:
    """What a card says of an evaluation."""
    sample = found["sample"]
    names = ("network", "weights", "weights_hash")
    return {
        "sample": sample["files"] or f"{sample['name']}, seed {sample['seed']}",
        "plane": found["plane"],
        "networks": [{name: found[name] for name in names}],
        **{name: found[name] for name in _ON_CARD},
        "published": found["published"]["sparse_ssnet"],
    }
