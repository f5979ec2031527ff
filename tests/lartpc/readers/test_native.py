"""Our own layout: what is written is read again, lazily, and files are reproducible."""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from native_files import assert_same_event, events, simple_event

from lartpc.errors import EventFileError
from lartpc.readers import open_events
from lartpc.readers.native import NativeFile
from lartpc.writer import EventWriter


def write(path, made, attributes=None):
    with EventWriter(path, "microboone", "simulation", attributes) as writer:
        for event in made:
            writer.append(event)
    return path


@given(made=st.lists(events(), max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_events_come_back_as_they_were(made):
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "events.h5", made, {"seed": 3})
        with open_events(path) as file:
            assert (len(file), file.format, file.source) == (len(made), "ArgonScope", "simulation")
            assert file.attributes == {"seed": 3}
            for entry, event in enumerate(made):
                found = file[entry]
                assert_same_event(found, event)
                assert (found.id.file, found.id.entry, found.source) == ("events.h5", entry, "simulation")
                summary = file.summary(entry)
                assert summary.id == found.id == file.event_id(entry)
                assert summary.lit == {plane: len(image) for plane, image in event.images.items()}
                assert summary.has_truth == (event.truth is not None)


def test_the_same_events_give_the_same_bytes(tmp_path):
    made = [simple_event(number, pixels=20) for number in range(5)]
    first, second = write(tmp_path / "a.h5", made), write(tmp_path / "b.h5", made)
    assert first.read_bytes() == second.read_bytes()


def test_a_file_is_a_sequence(tmp_path):
    with open_events(write(tmp_path / "events.h5", [simple_event(n) for n in range(4)])) as file:
        assert [event.id.event for event in file] == [0, 1, 2, 3]
        assert [event.id.event for event in file[1:3]] == [1, 2]
        assert [event.id.event for event in file[::-2]] == [3, 1]
        assert file[-1].id.entry == 3
        for wrong in (4, -5):
            with pytest.raises(IndexError, match=r"entry -?\d of events.h5, which has 4 events"):
                file[wrong]
        assert file.waveform(0, "Y", 0) is None


def test_one_event_reads_its_own_pixels_alone(tmp_path, monkeypatch):
    path = write(tmp_path / "events.h5", [simple_event(n, pixels=10 + n) for n in range(6)])
    read = []
    real = NativeFile._slice

    def spy(self, dataset, first, count):
        read.append((dataset.name, first, count))
        return real(self, dataset, first, count)

    monkeypatch.setattr(NativeFile, "_slice", spy)
    with open_events(path) as file:
        file.summary(2)
        assert read == []
        _ = file[2]
    # Entries 0 and 1 have 10 and 11 pixels, so entry 2 is pixels 21 to 32.
    assert ("/planes/Y/adc", 21, 12) in read
    assert {(first, count) for name, first, count in read if name.startswith("/planes/Y/") and count} == {
        (21, 12)
    }


def test_an_event_without_charge_is_an_event(tmp_path):
    with open_events(write(tmp_path / "events.h5", [simple_event(pixels=0)])) as file:
        assert len(file[0].images["Y"]) == 0
        assert file.summary(0).lit == {"Y": 0}


def test_a_file_without_events_is_a_file(tmp_path):
    with open_events(write(tmp_path / "events.h5", [])) as file:
        assert len(file) == 0
        assert list(file) == []
        with pytest.raises(IndexError):
            file.summary(0)


def test_threads_share_a_file(tmp_path):
    made = [simple_event(n, pixels=30) for n in range(8)]
    wrong = []
    with open_events(write(tmp_path / "events.h5", made)) as file:

        def check(start):
            for step in range(24):
                entry = (start + step) % len(made)
                if file[entry].images["Y"].content_hash != made[entry].images["Y"].content_hash:
                    wrong.append(entry)

        threads = [threading.Thread(target=check, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_a_closed_file_says_so(tmp_path):
    file = open_events(write(tmp_path / "events.h5", [simple_event()]))
    file.close()
    with pytest.raises(EventFileError, match="is closed"):
        file[0]


@pytest.mark.parametrize(
    ("dataset", "at", "value", "said"),
    [
        ("planes/Y/wires", 3, 50, "a pixel of plane Y lies at row 0, wire 50"),
        ("planes/Y/rows", 3, 9, "a pixel of plane Y lies at row 9"),
        ("planes/Y/adc", 0, np.nan, "an ADC value of plane Y is not finite"),
        ("planes/Y/adc", 0, np.inf, "an ADC value of plane Y is not finite"),
        ("planes/Y/wires", 3, 0, "pixels of plane Y are out of order"),
    ],
)
def test_a_pixel_that_cannot_be_is_refused(tmp_path, dataset, at, value, said):
    path = write(tmp_path / "events.h5", [simple_event()])
    with h5py.File(path, "r+") as file:
        file[dataset][at] = value
    with open_events(path) as file, pytest.raises(EventFileError, match=said):
        file[0]


@pytest.mark.parametrize("column", ["planes/Y/adc", "planes/Y/rows", "events", "planes/V/images", "strings"])
def test_a_missing_column_is_named(tmp_path, column):
    path = write(tmp_path / "events.h5", [simple_event()])
    with h5py.File(path, "r+") as file:
        del file[column]
    with (
        pytest.raises(EventFileError, match=f"has no column {column.split('/')[-1]}"),
        open_events(path) as file,
    ):
        file[0]


def test_columns_that_end_early_are_noticed(tmp_path):
    path = write(tmp_path / "events.h5", [simple_event()])
    with h5py.File(path, "r+") as file:
        file["planes/Y/adc"].resize(2, axis=0)
    with open_events(path) as file, pytest.raises(EventFileError, match=r"/planes/Y/adc ends at 2; expected"):
        file[0]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("version", 99, "the layout has version 99; expected version 1"),
        ("detector", "atlantis", "unknown detector 'atlantis'"),
        ("attributes", "{", "attributes is not JSON"),
        ("attributes", "[]", "attributes is list; expected a dict"),
    ],
)
def test_an_attribute_that_cannot_be_is_refused(tmp_path, name, value, said):
    path = write(tmp_path / "events.h5", [])
    with h5py.File(path, "r+") as file:
        file.attrs[name] = value
    with pytest.raises(EventFileError, match=said):
        open_events(path)
