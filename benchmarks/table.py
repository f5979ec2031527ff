"""Tables in the terminal, ready to be pasted into the README, and the numbers in them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from statistics import median

ABSENT = "–"


def print_machine() -> None:
    """Say on what it is measured, and how busy that was before."""
    print(f"{os.cpu_count()} cores; {os.getloadavg()[0]:.1f} processes wanted them in the minute before")


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print an aligned Markdown table."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    print(f"\n{title}\n")
    for line in lines:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
    print(flush=True)


def spread(values: Sequence[float], unit: str, digits: int = 2) -> str:
    """Median with the smallest and the largest value, as "0.31 s (0.28–0.40)"."""
    if not values:
        return ABSENT
    low, high = min(values), max(values)
    return f"{median(values):.{digits}f} {unit} ({low:.{digits}f}–{high:.{digits}f})"


def ratio(values: Sequence[float], base: Sequence[float]) -> str:
    """How many times the median of one is that of the other."""
    if not values or not base or median(base) == 0:
        return ABSENT
    return f"{median(values) / median(base):.2g} ×"


def goal(values: Sequence[float], most: float, words: str) -> str:
    """A goal and whether the median keeps it."""
    return f"{words}: {'kept' if values and median(values) <= most else 'missed'}"
