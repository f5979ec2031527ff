"""Which images a study has: drawn from a catalogue by query, in strata, with a seed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from records.study_definition import StudyError

Value = float | str | bool


@dataclass(frozen=True)
class Candidate:
    """An image that could be in a study. values: what a query can ask for, such as source, lit, michels.

    event: images of one event share it, so that a study need not ask about one event twice.
    """

    content_hash: str
    event: str
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Stratum:
    """A part of a study: so many images that fulfil every condition.

    where: name of a value -> the value itself, or {"min": a, "max": b} of a number (either may be
    missing), or {"in": [values]}.
    """

    name: str
    number: int
    where: Mapping[str, Any] = field(default_factory=dict)
    gold: bool = False


@dataclass(frozen=True)
class Selected:
    """A candidate that was drawn, and for which stratum."""

    candidate: Candidate
    stratum: Stratum


def select_images(
    catalogue: Sequence[Candidate], strata: Sequence[Stratum], seed: int, one_per_event: bool = True
) -> tuple[Selected, ...]:
    """Draw the images of every stratum, without regard to the order of the catalogue.

    one_per_event: no two images of one event, over all strata. An image is drawn for one stratum only,
    the first that asks for it. Raises StudyError where a stratum asks for more than there are, or for a
    value that no candidate has.
    """
    ordered = sorted(catalogue, key=lambda c: c.content_hash)
    known = set().union(*(candidate.values for candidate in ordered)) if ordered else set()
    taken: set[str] = set()
    chosen: list[Selected] = []
    for number, stratum in enumerate(strata):
        strange = stratum.where.keys() - known
        if strange and ordered:
            raise StudyError(f"stratum {stratum.name} asks for {sorted(strange)[0]}, which no image has")
        matching = [c for c in ordered if fulfils(c.values, stratum.where)]
        rng = np.random.default_rng([seed, number])
        drawn = _draw([matching[i] for i in rng.permutation(len(matching))], stratum, taken, one_per_event)
        chosen += [Selected(candidate, stratum) for candidate in drawn]
    return tuple(chosen)


def fulfils(values: Mapping[str, Value], where: Mapping[str, Any]) -> bool:
    """Whether an image has every value asked for. Raises StudyError for a condition of no known kind."""
    return all(name in values and _meets(values[name], wanted) for name, wanted in where.items())


def _draw(
    shuffled: Sequence[Candidate], stratum: Stratum, taken: set[str], one_per_event: bool
) -> list[Candidate]:
    drawn: list[Candidate] = []
    for candidate in shuffled:
        key = candidate.event if one_per_event else candidate.content_hash
        if len(drawn) < stratum.number and key not in taken:
            taken.add(key)
            drawn.append(candidate)
    if len(drawn) < stratum.number:
        what = "events" if one_per_event else "images"
        raise StudyError(
            f"stratum {stratum.name} asks for {stratum.number} {what}; {len(drawn)} are left that fulfil it"
        )
    return drawn


def _meets(value: Value, wanted: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return bool(value == wanted)
    if not wanted or wanted.keys() - {"min", "max", "in"}:
        raise StudyError(f"the condition {dict(wanted)!r:.60} is unknown; expected min, max, or in")
    if "in" in wanted and value not in wanted["in"]:
        return False
    if "min" in wanted or "max" in wanted:
        if not isinstance(value, (int, float)):
            return False
        return bool(wanted.get("min", -np.inf) <= value <= wanted.get("max", np.inf))
    return True
