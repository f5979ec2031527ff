"""Numbers for people: shares in percent, counts with thin spaces, intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NONE = "–"


def count(number: float) -> str:
    """1596536 is 1 596 536, with thin spaces, from 10 000 on."""
    whole = round(number)
    return f"{whole:,}".replace(",", "\u2009") if abs(whole) >= 10_000 else str(whole)


def events_words(number: int) -> str:
    """1 event, 2 events."""
    return f"{count(number)} event{'' if number == 1 else 's'}"


def share(value: float | None, digits: int = 3) -> str:
    """A share of 1, or a dash where it is undefined."""
    return NONE if value is None else f"{value:.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share of 1 in percent, or a dash where it is undefined."""
    return NONE if value is None else f"{100 * value:.{digits}f} %"


def interval(estimate: Mapping[str, Any], as_percent: bool = False) -> str:
    """The ends of an estimate's 95 % interval, "0.934 – 0.942"; empty where one is undefined."""
    low, high = estimate["interval_95"]
    if low is None or high is None:
        return ""
    return f"{100 * low:.1f} – {100 * high:.1f} %" if as_percent else f"{low:.3f} – {high:.3f}"
