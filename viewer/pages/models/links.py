"""From an event in an evaluation to the display: an address, or words that say why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from lartpc.errors import EventFileError
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

    The address opens it on its plane, with the overlay and other looks of `look`, and runs the
    weights, if any are named. A file that only goes by the same name is not taken for it: the event's id must
    agree.
    """
    if place["file"] is None:
        return EventLink(None, "not kept in a file")
    file = place["file"].replace("\\", "/").rsplit("/", 1)[-1]
    names = [name for name in library.names if library.path(name).name == file]
    for name in names:
        if _holds(library, name, place):
            query = urlencode({"plane": plane, **look, **({"run": weights} if weights else {})})
            return EventLink(f"/event/{quote(name, safe='')}/{place['entry']}?{query}", "see it")
    return EventLink(None, f"another {file} is open" if names else f"open {file} to see it")


def _holds(library: Library, name: str, place: Mapping[str, Any]) -> bool:
    try:
        found = library.event_id(name, place["entry"])
    except (UnknownFileError, UnknownEntryError, EventFileError):
        return False
    return (found.run, found.subrun, found.event) == (place["run"], place["subrun"], place["event"])
