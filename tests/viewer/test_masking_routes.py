"""The HTTP contract of the masking study; no worker runs here."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from inference.jobs import JobFolder
from lartpc.calibration import track_dedx_mev_per_cm
from records.folder import DataFolder
from viewer.dedx import dedx_tables
from viewer.services import Services

STUDY = {"file": "events.h5", "entry": 1, "plane": "Y"}
"""The plane has three pixels with ADC 20, 50 and 101."""


def mask(*kept: bool) -> str:
    return base64.b64encode(np.packbits(kept, bitorder="little").tobytes()).decode()


ALL, FIRST, LAST_TWO = mask(True, True, True), mask(True, False, False), mask(False, True, True)


def ask(client: FlaskClient, masks: Any, **changes: Any) -> list[dict[str, Any]]:
    answer = client.post("/api/masking", json={**STUDY, "masks": masks, **changes})
    assert answer.status_code == 200, answer.json
    steps: list[dict[str, Any]] = answer.json["steps"]
    return steps


def test_each_mask_is_a_job_in_its_order(client: FlaskClient, services: Services) -> None:
    steps = ask(client, [FIRST, LAST_TWO])
    assert [step["state"] for step in steps] == ["queued", "queued"]
    jobs = JobFolder(DataFolder(services.settings.data_folder).jobs)
    requests = [jobs.request(step["key"]) for step in steps]
    images = [jobs.image(request) for request in requests if request is not None]
    assert [image.adc.tolist() for image in images] == [[20], [50, 101]]
    assert images[1].wires.tolist() == images[1].rows.tolist() == [2, 3]
    assert images[1].shape == (1008, 2400)


def test_a_mask_that_keeps_all_is_the_job_of_the_whole_plane(client: FlaskClient) -> None:
    whole = client.post("/api/jobs", json={"file": "events.h5", "entry": 1, "planes": ["Y"]}).json["jobs"]
    assert ask(client, [ALL])[0]["key"] == whole["Y"]["key"]


def test_equal_masks_are_one_job_and_gain_makes_another(client: FlaskClient) -> None:
    first, again, other = ask(client, [FIRST, FIRST, LAST_TWO])
    assert first["key"] == again["key"] != other["key"]
    assert ask(client, [FIRST], gain={"Y": 2})[0]["key"] != first["key"]


def test_a_study_does_not_tick_the_event_as_predicted(client: FlaskClient, services: Services) -> None:
    ask(client, [FIRST])
    assert services.asked.keys(services.library.path("events.h5")) == {}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"plane": "X"}, "expected some of U, V, Y"),
        ({"plane": None}, "expected some of U, V, Y"),
        ({"file": 3}, "needs file"),
        ({"weights": "other"}, "there are toy"),
        ({"gain": -1}, "expected a number above 0"),
        ({"settings": {"adc_min": "low"}}, "expected a number"),
        ({"masks": []}, "masks needs 1 to 64 texts"),
        ({"masks": FIRST}, "masks needs 1 to 64 texts"),
        ({"masks": [FIRST] * 65}, "masks needs 1 to 64 texts"),
        ({"masks": [FIRST, 7]}, "one bit for each of the 3 pixels"),
        ({"masks": ["AA"]}, "one bit for each of the 3 pixels"),
        ({"masks": ["é"]}, "one bit for each of the 3 pixels"),
        ({"masks": ["AAAA"]}, "expected 1 bytes in base64"),
        ({"content_hash": "0" * 64}, "The file changed since this event was opened"),
    ],
)
def test_a_study_that_makes_no_sense_is_refused(
    client: FlaskClient, changes: dict[str, Any], words: str
) -> None:
    answer = client.post("/api/masking", json={**STUDY, "masks": [FIRST], **changes})
    assert answer.status_code == 400
    assert words in answer.json["error"]


@pytest.mark.parametrize(
    ("masks", "settings", "words"),
    [
        ([LAST_TWO, mask(False, False, False)], {"saturate": False}, "(10 < ADC × gain < 300)"),
        ([LAST_TWO], {"adc_max": 50, "saturate": False}, "(10 < ADC × gain < 50)"),
        ([FIRST], {"adc_min": 30}, "(30 < ADC × gain)"),
    ],
)
def test_a_region_without_a_readable_pixel_is_refused_whole(
    client: FlaskClient, services: Services, masks: list[str], settings: dict[str, Any], words: str
) -> None:
    answer = client.post("/api/masking", json={**STUDY, "masks": masks, "settings": settings})
    assert answer.status_code == 400
    assert answer.json["error"] == f"The region holds no pixel that the network reads {words}."
    assert JobFolder(DataFolder(services.settings.data_folder).jobs).requests() == []


def test_the_page_gets_dedx_as_a_table() -> None:
    tables = dedx_tables()
    for plane, values in tables["planes"].items():
        for charge in (165.0, 410.0, 1234.0):
            by_table = np.interp(charge, np.arange(len(values)) * tables["step"], values)
            assert by_table == pytest.approx(track_dedx_mev_per_cm(charge, 1.0, plane), rel=2e-3)
