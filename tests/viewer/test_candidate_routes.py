"""The HTTP contract of Michel and shower candidates, on answers that the tests store themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from inference.cards import WeightsCard
from lartpc.classes import PixelClass
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Truth, WireImage
from lartpc.writer import EventWriter
from records.predictions import Prediction
from viewer.application import create_app
from viewer.services import Services
from viewer.settings import Settings

BODY = {"file": "muon.h5", "entry": 0, "planes": ["Y"]}
TRACK, ELECTRON, SHOWER = 80, 12, 30


def _image() -> WireImage:
    """On plane Y a muon of two wires by 40 rows, at its end an electron of 3 by 4, far away a shower of
    2 by 15; 50 ADC each, rows from the latest tick on."""
    wires = [*([200, 201] * 40), *([200, 201, 202] * 4), *([900, 901] * 15)]
    rows = [*np.repeat(range(100, 140), 2), *np.repeat(range(140, 144), 3), *np.repeat(range(500, 515), 2)]
    adc = np.full(len(rows), 50, np.float32)
    return WireImage(
        "Y", np.array(rows, np.int32), np.array(wires, np.int32), adc, (1008, 3456),
        first_tick=2400, first_wire=10, tick_order=-1,
    )  # fmt: skip


def _event(entry: int, truth: bool) -> Event:
    image = _image()
    classes = np.repeat(np.array([1, 4, 2], np.int8), [TRACK, ELECTRON, SHOWER])
    owners = np.repeat(np.array([1, 2, 3], np.int32), [TRACK, ELECTRON, SHOWER])
    known = Truth(classes={"Y": classes}, particle_ids={"Y": owners}) if truth else None
    identity = EventId(1, 0, entry, "muon.h5", entry)
    return Event(identity, Detector.load("microboone"), {"Y": image}, known, "simulation")


@pytest.fixture(scope="module")
def muon_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Entry 0 with truth, entry 1 without."""
    path = tmp_path_factory.mktemp("muon") / "muon.h5"
    with EventWriter(path, "microboone", "simulation") as writer:
        for entry, truth in enumerate((True, False)):
            writer.append(_event(entry, truth))
    return path


@pytest.fixture
def services(tmp_path: Path, muon_file: Path, cards: list[WeightsCard]) -> Iterator[Services]:
    made = Services.open(Settings(files=(muon_file,), data_folder=tmp_path / "data"))
    yield made
    made.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).server.test_client()


def _store(
    services: Services,
    client: FlaskClient,
    classes: Sequence[int] = (*[1] * TRACK, *[4] * ELECTRON, *[2] * SHOWER),
    **changes: Any,
) -> str:
    """An answer under the key of a job, right everywhere unless other classes are given."""
    key = str(client.post("/api/jobs", json={**BODY, **changes}).json["jobs"]["Y"]["key"])
    scores = np.full((len(classes), 5), 0.05, np.float32)
    scores[np.arange(len(classes)), classes] = 0.8
    services.stored.put(key, Prediction("Y", scores, "uresnet", "toy", "c" * 64, "cpu", 0.5), "e" * 64)
    return key


def _ask(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    answer = client.post("/api/candidates", json={**BODY, **changes})
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def test_an_answer_gives_its_candidates(client: FlaskClient, services: Services) -> None:
    key = _store(services, client)
    answer = _ask(client)
    assert answer["missing"] == []
    assert answer["parameters"]["michel"]["eps"] == 2.8
    plane = answer["planes"]["Y"]
    assert plane["key"] == key
    (michel,) = plane["michels"]
    assert michel["pixels"] == list(range(TRACK, TRACK + ELECTRON))
    assert michel["charge_adc"] == 50 * ELECTRON
    assert 3 < michel["energy_mev"] < 10
    place = michel["attachment"]
    assert (place["row"], place["tick"]) == (139, 2400 + (1008 - 1 - 139) * 6)
    assert place["wire"] in (210, 211)
    (shower,) = plane["showers"]
    assert shower["pixels"] == list(range(TRACK + ELECTRON, TRACK + ELECTRON + SHOWER))
    assert shower["start"]["row"] in (500, 514)
    assert np.hypot(shower["direction"]["drift"], shower["direction"]["wire"]) == pytest.approx(1)
    assert _ask(client) == answer


def test_truth_stands_beside_where_there_is_any(client: FlaskClient, services: Services) -> None:
    _store(services, client)
    plane = _ask(client)["planes"]["Y"]
    (true,) = plane["true_michels"]
    assert true["pixels"] == ELECTRON
    (michel,) = plane["michels"]
    assert michel["matched"] is True
    assert michel["true_energy_mev"] == true["energy_mev"] > 0
    plane = _ask(client, entry=1)["planes"]["Y"]
    assert plane["true_michels"] is None
    assert [(one["matched"], one["true_energy_mev"]) for one in plane["michels"]] == [(None, None)]


def test_a_candidate_on_pixels_that_truth_does_not_know_is_not_called_wrong(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    _store(services, client)
    event = services.library.event("muon.h5", 0)
    assert event.truth is not None
    for value, verdict in ((PixelClass.UNKNOWN, None), (PixelClass.SHOWER, False)):
        classes = event.truth.classes["Y"].copy()
        classes[TRACK : TRACK + ELECTRON] = value
        told = replace(event, truth=replace(event.truth, classes={"Y": classes}))
        monkeypatch.setattr(services.library, "event", lambda *_, told=told: told)
        fresh = create_app(services).server.test_client()
        plane = _ask(fresh)["planes"]["Y"]
        assert plane["true_michels"] == []
        assert [one["matched"] for one in plane["michels"]] == [verdict]


def test_a_truth_of_unknown_classes_is_a_sentence(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    _store(services, client)
    event = services.library.event("muon.h5", 0)
    assert event.truth is not None
    truth = replace(event.truth, classes={"Y": np.full(len(event.images["Y"]), 9, np.int8)})
    monkeypatch.setattr(services.library, "event", lambda *_: replace(event, truth=truth))
    answer = client.post("/api/candidates", json=BODY)
    assert answer.status_code == 422
    assert answer.json["error"].startswith("No candidates of this event of muon.h5: plane Y: unknown pixel")


def test_the_gain_of_the_question_counts(client: FlaskClient, services: Services) -> None:
    _store(services, client)
    _store(services, client, gain=2.5)
    charge = _ask(client)["planes"]["Y"]["michels"][0]["charge_adc"]
    assert _ask(client, gain=2.5)["planes"]["Y"]["michels"][0]["charge_adc"] == 2.5 * charge
    assert _ask(client, gain={"Y": 2.5})["planes"]["Y"]["michels"][0]["charge_adc"] == 2.5 * charge


@pytest.mark.parametrize(
    "other", [{}, {"gain": 2}, {"settings": {"adc_max": 200}}, {"settings": {"saturate": False}}]
)
def test_an_answer_to_another_question_is_not_taken(
    client: FlaskClient, services: Services, other: dict[str, Any]
) -> None:
    """Nothing stored for the plain question; then its answer, which no other question gets."""
    if other:
        _store(services, client)
    answer = _ask(client, **other)
    assert (answer["planes"], answer["missing"]) == ({}, ["Y"])


def test_a_bragg_peak_of_hip_parts_an_electron_from_its_track_unless_hip_counts(
    client: FlaskClient, services: Services
) -> None:
    _store(services, client, classes=[*[1] * 72, *[0] * 8, *[4] * ELECTRON, *[2] * SHOWER])
    assert _ask(client)["planes"]["Y"]["michels"] == []
    assert _ask(client, tracks="mip")["planes"]["Y"]["michels"] == []
    answer = _ask(client, tracks="hip+mip")
    assert [len(one["pixels"]) for one in answer["planes"]["Y"]["michels"]] == [ELECTRON]
    assert answer["parameters"]["michel"]["track_classes"] == [0, 1]


def test_an_answer_of_other_pixels_is_refused(client: FlaskClient, services: Services) -> None:
    _store(services, client, classes=[1] * TRACK)
    answer = client.post("/api/candidates", json=BODY)
    assert answer.status_code == 409
    assert answer.json["error"].startswith("The stored answer is of 80 pixels of plane Y, the image of 122")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"file": "x.h5"}, 404),
        ({"entry": 5}, 404),
        ({"planes": ["U"]}, 400),
        ({"tracks": "all"}, 400),
        ({"gain": 0}, 400),
    ],
)
def test_a_question_that_makes_no_sense(client: FlaskClient, changes: dict[str, Any], status: int) -> None:
    answer = client.post("/api/candidates", json={**BODY, **changes})
    assert answer.status_code == status
    assert set(answer.json) == {"error"}
