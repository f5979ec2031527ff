"""The HTTP contract of files, events and planes."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from lartpc.event import Event
from viewer.encoding import decode
from viewer.library import Library
from viewer.services import Services

EVENT = "/api/files/events.h5/events/1"


def test_files(client: FlaskClient) -> None:
    assert client.get("/api/files").json == [
        {
            "name": "events.h5",
            "format": "ArgonScope",
            "source": "simulation",
            "detector": "MicroBooNE",
            "entries": 3,
            "error": None,
        }
    ]


def test_events(client: FlaskClient) -> None:
    rows = client.get("/api/files/events.h5/events").json
    assert len(rows) == 3
    assert rows[1] == {
        "entry": 1,
        "run": 5,
        "subrun": 1,
        "event": 101,
        "lit": {"U": 3, "V": 3, "Y": 3},
        "truth": True,
        "predicted": False,
    }


def test_event_header(client: FlaskClient) -> None:
    header = client.get(EVENT).json
    assert (header["run"], header["entry"], header["entries"], header["file"]) == (5, 1, 3, "events.h5")
    assert header["detector"]["planes"]["Y"]["pitch_cm"] == 0.3
    plane = header["planes"]["Y"]
    assert (plane["shape"], plane["lit"], plane["dead"], plane["gain"]) == ([1008, 2400], 3, 1, 1.0)
    assert plane["cm_per_wire"] == 0.3
    assert plane["cm_per_row"] == pytest.approx(6 * 0.0548965)
    assert header["truth"]["vertex_cm"] == [1.0, 2.0, 3.0]
    assert header["truth"]["interactions"][0] == {
        "id": 40, "class": "cosmic", "pdg": 13, "energy_mev": 1000.0, "boxes": {"Y": [0, 0, 2, 2]}
    }  # fmt: skip
    assert header["answers"] == {}


def test_planes(client: FlaskClient) -> None:
    header, arrays = decode(client.get(f"{EVENT}/planes").data)
    assert header["planes"] == ["U", "V", "Y"]
    np.testing.assert_array_equal(arrays["Y.rows"], [1, 2, 3])
    np.testing.assert_array_equal(arrays["Y.wires"], [1, 2, 3])
    np.testing.assert_array_equal(arrays["Y.adc"], [20, 50, 101])
    np.testing.assert_array_equal(arrays["Y.truth"], [1, 1, -1])
    np.testing.assert_array_equal(arrays["Y.instances"], [0, 1, -1])
    np.testing.assert_array_equal(arrays["Y.dead"], [7])
    kinds = [str(arrays[f"Y.{name}"].dtype) for name in ("rows", "adc", "truth", "instances")]
    assert kinds == ["uint16", "float32", "int8", "int16"]


def test_planes_are_zipped_for_those_who_can_read_it(client: FlaskClient) -> None:
    plain = client.get(f"{EVENT}/planes")
    zipped = client.get(f"{EVENT}/planes", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert "Accept-Encoding" in zipped.headers["Vary"]


def test_planes_that_the_browser_has_are_not_read_again(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = client.get(f"{EVENT}/planes").headers["ETag"]

    def read(self: Library, name: str, entry: int) -> Event:
        raise AssertionError("the event was read")

    monkeypatch.setattr(Library, "event", read)
    again = client.get(f"{EVENT}/planes", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{EVENT}/planes").status_code == 200


def test_another_event_has_another_tag(client: FlaskClient) -> None:
    tags = {client.get(f"/api/files/events.h5/events/{entry}/planes").headers["ETag"] for entry in range(3)}
    assert len(tags) == 3


def test_a_wire_without_a_waveform_is_no_error(client: FlaskClient) -> None:
    answer = client.get(f"{EVENT}/waveform?plane=Y&wire=1")
    assert answer.status_code == 204
    assert answer.data == b""


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/files/other.h5/events", 404, "no file named 'other.h5'"),
        ("/api/files/..%2Fevents.h5/events", 404, ""),
        ("/api/files/%2Fetc%2Fpasswd/events/0", 404, ""),
        ("/api/files/events.h5/events/3", 404, "entries run from 0 to 2"),
        ("/api/files/events.h5/events/-1", 404, ""),
        ("/api/files/events.h5/events/3/planes", 404, "no entry 3"),
        ("/api/files/events.h5/events/0/waveform", 400, "needs plane="),
        ("/api/nothing", 404, ""),
    ],
)
def test_errors_are_sentences(
    client: FlaskClient, tmp_path: Path, address: str, status: int, words: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.json is not None
    assert set(answer.json) == {"error"}
    assert words in answer.json["error"]
    assert str(tmp_path) not in answer.json["error"]


def test_a_damaged_file_is_a_sentence_and_the_app_lives_on(client: FlaskClient, event_file: Path) -> None:
    whole = event_file.read_bytes()
    event_file.write_bytes(whole[:100])
    answer = client.get(f"{EVENT}/planes")
    assert answer.status_code == 422
    assert answer.json["error"].startswith("events.h5: ")
    event_file.write_bytes(whole)
    assert client.get(f"{EVENT}/planes").status_code == 200


def test_an_error_nobody_foresaw_tells_no_secret(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: Library, name: str) -> None:
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(Library, "summaries", fail)
    answer = client.get("/api/files/events.h5/events")
    assert answer.status_code == 500
    assert answer.json == {
        "error": "The server met an error that it did not foresee (RuntimeError); see its log."
    }
    assert "unforeseen error at /api/files/events.h5/events" in caplog.text
