"""Only named files open, whatever the name asked for; what goes wrong is one sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lartpc.errors import EventFileError
from viewer.library import Library, UnknownEntryError, UnknownFileError

WriteEvents = Callable[[Path, int], Path]


def test_a_file_goes_by_its_own_name(event_file: Path) -> None:
    library = Library([event_file])
    info = library.info("events.h5")
    assert (info.entries, info.source, info.detector, info.error) == (3, "simulation", "MicroBooNE", None)
    assert library.event("events.h5", 2).id.event == 102
    library.close()


def test_two_files_of_one_name_are_told_apart(tmp_path: Path, write_events: WriteEvents) -> None:
    for folder, count in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        write_events(tmp_path / folder / "x.h5", count)
    library = Library([tmp_path / "a" / "x.h5", tmp_path / "b" / "x.h5", tmp_path / "a" / "x.h5"])
    assert library.names == ["x.h5", "x-2.h5"]
    assert [library.entries(name) for name in library.names] == [1, 2]
    library.close()


def test_a_folder_gives_its_event_files_also_those_that_come_later(
    tmp_path: Path, write_events: WriteEvents
) -> None:
    write_events(tmp_path / "b.hdf5", 1)
    (tmp_path / "notes.txt").write_text("no events")
    (tmp_path / "below").mkdir()
    write_events(tmp_path / "below" / "c.h5", 1)
    library = Library([tmp_path])
    assert library.names == ["b.hdf5"]
    write_events(tmp_path / "a.h5", 1)
    library.refresh()
    assert library.names == ["b.hdf5", "a.h5"]


def test_what_was_named_and_cannot_be_read_is_told_one_sentence_each(
    tmp_path: Path, event_file: Path
) -> None:
    whole = event_file.read_bytes()
    (tmp_path / "cut.h5").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty").mkdir()
    library = Library([event_file, tmp_path / "cut.h5", tmp_path / "none.h5", tmp_path / "empty"])
    cut, missing, empty = library.unreadable()
    assert f"cut short: {len(whole) // 2} of {len(whole)} bytes" in cut
    assert missing == "none.h5: no such file or directory; expected a file that can be read."
    assert empty.endswith("empty: the folder holds no event files; expected .h5 or .hdf5.")


@pytest.mark.parametrize(
    "name", ["", ".", "../secret.h5", "/etc/passwd", "folder/../../secret.h5", "a.h5\0", "secret.h5"]
)
def test_other_names_open_nothing(tmp_path: Path, write_events: WriteEvents, name: str) -> None:
    (tmp_path / "folder").mkdir()
    write_events(tmp_path / "secret.h5", 1)
    write_events(tmp_path / "folder" / "a.h5", 1)
    library = Library([tmp_path / "folder"])
    with pytest.raises(UnknownFileError):
        library.event(name, 0)


def test_a_link_out_of_the_folder_is_refused_also_when_it_is_turned_later(
    tmp_path: Path, write_events: WriteEvents
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    secret = write_events(tmp_path / "secret.h5", 1)
    write_events(folder / "real.h5", 2)
    (folder / "out.h5").symlink_to(secret)
    (folder / "in.h5").symlink_to("real.h5")
    library = Library([folder])
    assert library.names == ["in.h5", "real.h5"]
    assert library.entries("in.h5") == 2
    (folder / "in.h5").unlink()
    (folder / "in.h5").symlink_to(secret)
    with pytest.raises(UnknownFileError):
        library.event("in.h5", 0)
    library.close()


def test_a_missing_file_is_listed_with_a_sentence(tmp_path: Path) -> None:
    library = Library([tmp_path / "gone.h5"])
    error = library.info("gone.h5").error
    assert error == "gone.h5: no such file or directory; expected a file that can be read."


@pytest.mark.parametrize("content", [b"", b"not HDF5 at all", b"\x89HDF\r\n\x1a\n"])
def test_a_file_that_is_no_hdf5_is_listed_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.h5"
    path.write_bytes(content)
    library = Library([path])
    error = library.info("bad.h5").error
    assert error is not None
    assert error.startswith("bad.h5: ")
    assert str(tmp_path) not in error
    with pytest.raises(EventFileError):
        library.event("bad.h5", 0)


def test_a_file_cut_short_is_an_error_and_the_others_live_on(event_file: Path, tmp_path: Path) -> None:
    whole = event_file.read_bytes()
    cut = tmp_path / "cut.h5"
    cut.write_bytes(whole[: len(whole) // 2])
    library = Library([cut, event_file])
    with pytest.raises(EventFileError, match=r"^cut\.h5: "):
        library.event("cut.h5", 0)
    assert library.event("events.h5", 0).id.event == 100
    library.close()


def test_a_file_that_is_replaced_is_opened_anew(tmp_path: Path, write_events: WriteEvents) -> None:
    path = write_events(tmp_path / "x.h5", 1)
    library = Library([path])
    assert library.entries("x.h5") == 1
    assert len(library.summaries("x.h5")) == 1
    write_events(path, 2)
    assert library.entries("x.h5") == 2
    assert len(library.summaries("x.h5")) == 2
    assert library.info("x.h5").entries == 2
    library.close()


@pytest.mark.parametrize("entry", [-1, 3, 10**9])
def test_an_entry_that_is_not_there(event_file: Path, entry: int) -> None:
    library = Library([event_file])
    with pytest.raises(UnknownEntryError, match=r"entries run from 0 to 2"):
        library.event("events.h5", entry)
    library.close()


def test_more_files_than_stay_open(tmp_path: Path, write_events: WriteEvents) -> None:
    paths = [write_events(tmp_path / f"{number}.h5", 1) for number in range(12)]
    library = Library(paths)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(2):
        for name in library.names:
            assert library.event(name, 0).id.event == 100
    assert len(os.listdir("/proc/self/fd")) - before <= 8
    library.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_an_event_is_decoded_once(event_file: Path) -> None:
    library = Library([event_file])
    assert library.event("events.h5", 1) is library.event("events.h5", 1)
    library.close()


def test_a_simulated_sample_opens_by_its_name_without_a_file(event_file: Path) -> None:
    library = Library([event_file])
    event = library.event("bomb-9", 1)
    assert (event.id.file, event.id.run, event.id.subrun, event.id.event) == ("bomb-9", 9, 0, 1)
    assert library.event("bomb-9", 2).id.event == 2
    assert library.names == ["events.h5"]
    with pytest.raises(UnknownEntryError):
        library.event("bomb-9", 5000)
    with pytest.raises(UnknownFileError):
        library.event("bombs-9", 0)
    library.close()
