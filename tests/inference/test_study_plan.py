"""A study made from a plan and event files, with a network that answers without computing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.cards import default_weights
from inference.study_plan import define_study, read_plan
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Truth, WireImage
from lartpc.writer import EventWriter
from records.accounts import create_account
from records.answers import AnswerStore
from records.database import database_url, open_database
from records.folder import DataFolder
from records.images import ImageStore
from records.predictions import Prediction
from records.studies import define, definition_of, freeze, next_task
from records.study_definition import StudyError

EVENTS = 6


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Plan and events in one folder; every second event has a Michel electron."""
    steps = np.arange(30, dtype=np.int32)
    with EventWriter(tmp_path / "events.h5", "microboone", "simulation") as writer:
        for entry in range(EVENTS):
            adc = np.full(30, 40 + entry, np.float32)
            shapes = {"U": (1008, 2400), "V": (1008, 2400), "Y": (1008, 3456)}
            images = {plane: WireImage(plane, steps, steps, adc, shape) for plane, shape in shapes.items()}
            classes = np.ones(30, np.int8)
            classes[24:] = 4 if entry % 2 else 1
            truth = Truth(
                classes=dict.fromkeys("UVY", classes), instances=dict.fromkeys("UVY", np.zeros(30, np.int32))
            )
            identity = EventId(1, 0, entry, "events.h5", entry)
            writer.append(Event(identity, Detector.load("microboone"), images, truth, "simulation"))
    return write(tmp_path / "plan.json")


def write(path: Path, **changes: Any) -> Path:
    plan = {
        "title": "Michels",
        "question": "michel_pixels",
        "files": ["events.h5"],
        "planes": ["Y"],
        "strata": [
            {"name": "with", "number": 2, "where": {"true_michel": {"min": 1}}},
            {"name": "gold", "number": 1, "where": {"true_michel": 0}, "gold": True},
        ],
        "raters": ["Ada"],
        "seed": 4,
    }
    path.write_text(json.dumps({**plan, **changes}))
    return path


class Network:
    """Calls every pixel a MIP, and counts how often it is asked."""

    asked = 0

    def __init__(self, plane: str) -> None:
        self._plane = plane

    def __call__(self, image: WireImage) -> Prediction:
        Network.asked += 1
        scores = np.zeros((len(image), 5), np.float32)
        scores[:, 1] = 1
        assert image.plane == self._plane
        weights = default_weights("uresnet", self._plane)
        return Prediction(self._plane, scores, "uresnet", weights.name, weights.sha256, "cpu", 0.0)


def test_a_plan_becomes_a_study_that_can_start(plan: Path, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    Network.asked = 0
    definition = define_study(read_plan(plan), folder, Network)
    assert [(image.stratum, image.gold) for image in definition.images] == [
        ("with", False), ("with", False), ("gold", True)
    ]  # fmt: skip
    assert (definition.raters, definition.weights) == (
        ("Ada",), (default_weights("uresnet", "Y").sha256,)
    )  # fmt: skip
    assert Network.asked == 3
    assert define_study(read_plan(plan), folder, Network) == definition
    assert Network.asked == 3
    database = open_database(database_url({}, folder.root))
    with database.writing() as session:
        study = define(session, create_account(session, "Olga", "owner"), "m", definition)
        freeze(session, study, ImageStore(folder.images), AnswerStore(folder.predictions))
        assert definition_of(study) == definition
        assert next_task(session, study, create_account(session, "Bo")) is None
    database.close()


def test_each_plane_has_the_weights_of_its_own_network(plan: Path, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    strata = [{"name": plane, "number": 2, "where": {"plane": plane}} for plane in "UY"]
    write(plan, planes=["U", "V", "Y"], strata=strata, window=[12, 10])
    definition = define_study(read_plan(plan), folder, Network)
    weights = {plane: default_weights("uresnet", plane).sha256 for plane in "UVY"}
    # None of V was drawn, so its network is not of the study.
    assert definition.weights == (weights["U"], weights["Y"])
    assert [list(image.predictions) for image in definition.images] == [[weights[p]] for p in "UUYY"]
    windows = [image.window for image in definition.images]
    assert all(w is not None and (w[2] - w[0], w[3] - w[1]) == (11, 9) for w in windows)
    assert len(set(windows)) > 1
    database, answers = open_database(database_url({}, folder.root)), AnswerStore(folder.predictions)
    with database.writing() as session:
        owner = create_account(session, "Olga", "owner")
        freeze(session, define(session, owner, "m", definition), ImageStore(folder.images), answers)
    broken = replace(definition.images[3], predictions={})
    lacking = replace(definition, images=(*definition.images[:3], broken))
    with (
        pytest.raises(StudyError, match=f"image 3 .* no stored answer of the weights {weights['Y'][:12]}"),
        database.writing() as session,
    ):
        freeze(session, define(session, owner, "n", lacking), ImageStore(folder.images), answers)
    strange = replace(definition, weights=(*definition.weights, weights["V"]))
    with (
        pytest.raises(StudyError, match=f"no image of the study .* of the weights {weights['V'][:12]}"),
        database.writing() as session,
    ):
        freeze(session, define(session, owner, "o", strange), ImageStore(folder.images), answers)
    database.close()


def test_candidates_of_the_network_can_be_asked_for(plan: Path, tmp_path: Path) -> None:
    Network.asked = 0
    write(plan, strata=[{"name": "none found", "number": 6, "where": {"michels": 0}}])
    definition = define_study(read_plan(plan), DataFolder(tmp_path / "data"), Network)
    assert (len(definition.images), Network.asked) == (6, EVENTS)


def test_a_study_without_a_network_loads_none(plan: Path, tmp_path: Path) -> None:
    write(plan, network=None)

    def load(_plane: str) -> Network:
        raise AssertionError("a network was loaded")

    definition = define_study(read_plan(plan), DataFolder(tmp_path / "data"), load)
    assert definition.weights == ()
    assert all(image.predictions == {} for image in definition.images)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"color": "red"}, "'color'"),
        ({"planes": ["W"]}, "planes .*'W'.*expected some of U, V, Y"),
        ({"planes": ["Y", "Y"]}, "each once"),
        ({"planes": []}, "expected some of U, V, Y"),
        ({"planes": "Y"}, "not as expected"),
        ({"plane": "Y"}, "'plane'"),
        ({"window": [20]}, "expected rows and wires"),
        ({"window": [20, 0]}, "expected rows and wires"),
        ({"window": 20}, "not as expected"),
        ({"network": "other"}, "expected uresnet or null"),
        ({"strata": [{"name": "a"}]}, "not as expected"),
        ({"strata": [{"name": "a", "number": 9}]}, "asks for 9 events; 6 are left"),
        ({"question": "what"}, "question of the study"),
        ({"repeats": 1.5}, "repeats of the study"),
    ],
)
def test_a_plan_that_makes_no_sense_is_one_sentence(
    plan: Path, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    write(plan, **changes)
    with pytest.raises(StudyError, match=words):
        define_study(read_plan(plan), DataFolder(tmp_path / "data"), Network)


def test_a_plan_that_is_no_json_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("{")
    with pytest.raises(StudyError, match=r"plan\.json is no JSON"):
        read_plan(path)
    path.write_text("[]")
    with pytest.raises(StudyError, match="expected an object"):
        read_plan(path)
