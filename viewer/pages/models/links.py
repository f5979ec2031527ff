"""From an event in an evaluation to the display: an address, or words that say why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from lartpc.errors import EventFileError
from lartpc.readers.simulated import simulated_name
from lartpc.simulation import SAMPLES
from viewer.library import Library, UnknownEntryError, UnknownFileError


@dataclass(frozen=True)
class EventLink:
    """address: None where the event cannot be opened here, and words say why."""

    address: str | None
    words: str


def event_link(
    place: Mapping[str, Any], plane: str, weights: str | None, library: Library, look: Mapping[str, str]
) -> EventLink:
    """How to see an event of an evaluation: place has its file (or None), entry, run, subrun and event.

    The address opens it on its plane, with the overlay and other looks of `look`, and runs the weights,
    if any are named. A simulated event that no file keeps is simulated again. A file that only goes by
    the same name is not taken for it: the event's id must agree.
    """
    if place["file"] is None:
        name = _simulated(place)
        return _there(name, place, plane, weights, look) if name and _holds(library, name, place) else _LOST
    file = place["file"].replace("\\", "/").rsplit("/", 1)[-1]
    names = [name for name in library.names if library.path(name).name == file]
    for name in names:
        if _holds(library, name, place):
            return _there(name, place, plane, weights, look)
    return EventLink(None, f"another {file} is open" if names else f"open {file} to see it")


_LOST = EventLink(None, "not kept in a file")


def _there(
    name: str, place: Mapping[str, Any], plane: str, weights: str | None, look: Mapping[str, str]
) -> EventLink:
    query = urlencode({"plane": plane, **look, **({"run": weights} if weights else {})})
    return EventLink(f"/event/{quote(name, safe='')}/{place['entry']}?{query}", "see it")


def _simulated(place: Mapping[str, Any]) -> str | None:
    """The sample of an event without a file: its run is the seed, its subrun says which of SAMPLES."""
    if not 0 <= place["subrun"] < len(SAMPLES) or place["run"] < 0:
        return None
    return simulated_name(SAMPLES[place["subrun"]], place["run"])


def _holds(library: Library, name: str, place: Mapping[str, Any]) -> bool:
    try:
        found = library.event_id(name, place["entry"])
    except (UnknownFileError, UnknownEntryError, EventFileError):
        return False
    return (found.run, found.subrun, found.event) == (place["run"], place["subrun"], place["event"])
