"""A data folder that cannot be used is refused at the start, in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.folder import DataFolder, DataFolderError, read_json, write_json


def test_a_new_folder_is_made(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "new" / "folder")
    folder.prepare(space_needed=0)
    assert folder.jobs.is_dir()


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(DataFolderError, match=r"cannot be written \(not a directory\)"):
        DataFolder(tmp_path / "data").prepare()


def test_a_read_only_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The error is raised by hand, because root may write where the mode forbids it.
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("records.folder.os.replace", refuse)
    with pytest.raises(DataFolderError, match=r"read-only file system\); name another with --data-dir\.$"):
        DataFolder(tmp_path).prepare()


def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="nearly full"):
        DataFolder(tmp_path).prepare(space_needed=10**18)


def test_json_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    write_json(path, {"a": 1})
    write_json(path, {"a": 2})
    assert read_json(path) == {"a": 2}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "{", "[1]", "\udcff"])
def test_damaged_json_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "value.json"
    path.write_text(text, errors="surrogateescape")
    assert read_json(path) is None
