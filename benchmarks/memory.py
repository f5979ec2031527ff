"""How much memory this process had at its peak."""

from __future__ import annotations

from pathlib import Path


def watch_peak() -> None:
    """Let the peak count from here. Not ru_maxrss, which a process inherits from the one that started it."""
    Path("/proc/self/clear_refs").write_text("5")


def resident_megabytes() -> float:
    """What is resident now, in MB."""
    return _status("VmRSS")


def peak_megabytes() -> float:
    """The most that was resident since `watch_peak`, in MB."""
    return _status("VmHWM")


def _status(name: str) -> float:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status[name].split()[0]) / 1024.0
