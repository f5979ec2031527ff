"""What the address of the Studies page asks for."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote

BASE = "/studies/"
VIEWS = ("results", "judge", "turing")


@dataclass(frozen=True)
class Address:
    """study: its name, None for the list of all. view: one of `VIEWS`."""

    study: str | None
    view: str = "results"


def read_path(path: str | None) -> Address:
    """From "/studies/NAME", "/studies/NAME/judge" or "/studies/NAME/turing"."""
    parts = [unquote(part) for part in (path or "").removeprefix(BASE).split("/") if part]
    if not parts or not (path or "").startswith(BASE):
        return Address(None)
    view = parts[1] if len(parts) > 1 and parts[1] in VIEWS else "results"
    return Address(parts[0], view)


def path_of(study: str, view: str = "results", **query: str) -> str:
    """The address of a view of a study."""
    name = f"{BASE}{quote(study, safe='')}"
    asked = "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    return name + ("" if view == "results" else f"/{view}") + (f"?{asked}" if asked else "")


def query_value(search: str | None, name: str) -> str | None:
    """A value of the address's query."""
    return parse_qs((search or "").removeprefix("?")).get(name, [None])[0]
