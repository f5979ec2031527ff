"""The log of asked events survives concurrent writers and cut lines."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from records.asked import AskedLog

A, B = "a" * 64, "b" * 64


@pytest.fixture
def event_file(tmp_path: Path) -> Path:
    path = tmp_path / "events.h5"
    path.write_bytes(b"events")
    return path


def test_keys_are_found_by_entry(tmp_path: Path, event_file: Path) -> None:
    log = AskedLog(tmp_path / "asked")
    log.add(event_file, 3, [A, B])
    log.add(event_file, 5, [A])
    assert AskedLog(tmp_path / "asked").keys(event_file) == {3: {A, B}, 5: {A}}


def test_a_file_that_changed_is_another_file(tmp_path: Path, event_file: Path) -> None:
    log = AskedLog(tmp_path / "asked")
    log.add(event_file, 3, [A])
    event_file.write_bytes(b"other events")
    assert log.keys(event_file) == {}


def test_a_line_cut_short_is_skipped(tmp_path: Path, event_file: Path) -> None:
    log = AskedLog(tmp_path / "asked")
    log.add(event_file, 3, [A, B])
    (path,) = (tmp_path / "asked").iterdir()
    os.truncate(path, path.stat().st_size - 10)
    assert log.keys(event_file) == {3: {A}}
