"""A file is written whole or not at all, and never with events that contradict themselves."""

import re
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from lartpc.detector import Detector
from lartpc.errors import EventFileError
from lartpc.event import Event, EventId, Truth, WireImage
from lartpc.readers import open_events
from lartpc.writer import EventWriter


@pytest.fixture
def event():
    image = WireImage(
        "U",
        np.array([0, 1], np.int32),
        np.array([2, 0], np.int32),
        np.array([11.0, 12.0], np.float32),
        (2, 3),
    )
    return Event(EventId(1, 2, 3, "", 0), Detector.load("microboone"), {"U": image}, source="simulation")


def test_the_name_appears_when_the_file_is_finished(tmp_path, event):
    path = tmp_path / "events.h5"
    with EventWriter(path, "microboone", "demo") as writer:
        writer.append(event)
        assert not path.exists()
        assert len(writer) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["events.h5"]
    with open_events(path) as file:
        assert (len(file), file.source, file[0].source) == (1, "demo", "demo")


def test_an_older_file_is_replaced_only_at_the_end(tmp_path, event):
    path = tmp_path / "events.h5"
    with EventWriter(path, "microboone", "simulation") as writer:
        writer.append(event)
    before = path.read_bytes()
    writer = EventWriter(path, "microboone", "simulation")
    writer.append(event)
    writer.append(event)
    assert path.read_bytes() == before
    writer.close()
    with open_events(path) as file:
        assert len(file) == 2


def test_nothing_remains_of_a_failed_file(tmp_path, event):
    def fail_halfway():
        with EventWriter(tmp_path / "events.h5", "microboone", "simulation") as writer:
            writer.append(event)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_halfway()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_reported(tmp_path):
    with pytest.raises(EventFileError, match=r"events.h5: cannot be written"):
        EventWriter(tmp_path / "none" / "events.h5", "microboone", "simulation")


def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path, event, monkeypatch):
    free = iter([10**9, 10**6])
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=next(free)))
    said = "events.h5: cannot be written (1 MB free on the disk, 32 MB needed); expected a folder with room"

    def write_two():
        with EventWriter(tmp_path / "events.h5", "microboone", "simulation") as writer:
            writer.append(event)
            writer.append(event)

    with pytest.raises(EventFileError, match=re.escape(said)):
        write_two()
    assert list(tmp_path.iterdir()) == []


def test_a_closed_writer_takes_no_event(tmp_path, event):
    writer = EventWriter(tmp_path / "events.h5", Detector.load("microboone"), "simulation")
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="is closed"):
        writer.append(event)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"wires": np.array([3, 0], np.int32)}, "wire is outside 0 to 2"),
        ({"rows": np.array([0, 2], np.int32)}, "row is outside 0 to 1"),
        ({"rows": np.array([-1, 1], np.int32)}, "row is outside 0 to 1"),
        ({"adc": np.array([np.nan, 1], np.float32)}, "not finite"),
        ({"adc": np.array([1.0], np.float32)}, "1 adc for 2 pixels"),
        ({"rows": np.array([1, 0], np.int32)}, "not sorted"),
        ({"shape": (70_000, 3)}, "sides may have 65536"),
        ({"plane": "Y"}, "plane 'Y' under the name 'U'"),
    ],
)
def test_images_that_contradict_themselves_are_refused(tmp_path, event, change, said):
    wrong = replace(event, images={"U": replace(event.images["U"], **change)})
    with (
        EventWriter(tmp_path / "events.h5", "microboone", "simulation") as writer,
        pytest.raises(ValueError, match=said),
    ):
        writer.append(wrong)


def test_truth_of_another_length_is_refused(tmp_path, event):
    wrong = replace(event, truth=Truth(classes={"U": np.zeros(3, np.int8)}))
    with (
        EventWriter(tmp_path / "events.h5", "microboone", "simulation") as writer,
        pytest.raises(ValueError, match="3 classes for 2 pixels"),
    ):
        writer.append(wrong)


def test_an_event_of_another_detector_is_refused(tmp_path, event):
    with (
        EventWriter(tmp_path / "events.h5", "generic", "simulation") as writer,
        pytest.raises(ValueError, match="the event is of microboone, the file of generic"),
    ):
        writer.append(event)
