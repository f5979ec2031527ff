"""From labels in the database to the report of a study, and judgements on the way."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from label_cases import action, labelled, paint
from sqlalchemy import select

import argonscope
from lartpc.calibration import electron_energy_mev
from records import commands
from records.accounts import ROLES, create_account
from records.actions import LabelError
from records.answers import AnswerStore
from records.blind import image_alias
from records.comparison_schema import check_study_report
from records.comparison_table import table
from records.database import Database, database_url, open_database
from records.exchange.transfer import FORMATS
from records.folder import DataFolder
from records.images import ImageStore
from records.judgements import (
    adjudicate,
    adjudications,
    answer_turing,
    turing_answers,
    turing_figures,
    wrong_kinds,
)
from records.labels import append
from records.models import Account, StudyImage, Task
from records.predictions import Prediction
from records.questions import LabelClass
from records.studies import define, freeze, next_task, submit
from records.study_answers import collect, study_report
from records.study_definition import StudyDefinition, StudyError, StudyImageSpec

NET = "ab" * 32
NOBODY, OTHER = {"kind": "human", "task": "0"}, {"kind": "network", "weights": "0"}
SOURCES = ("simulation", "simulation", "data")


def scores(classes: list[int]) -> np.ndarray:
    return np.eye(5, dtype=np.float32)[classes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return DataFolder(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def database(folder: DataFolder) -> Iterator[Database]:
    """A study of three images that Ada has finished and Ben has begun.

    The true electron is pixels 30 to 39; Ada always says 32 to 39, the network 28 to 39.
    """
    images, predictions = ImageStore(folder.images), AnswerStore(folder.predictions)
    specs = []
    for seed, source in enumerate(SOURCES):
        image = labelled(seed, source=source)["Y"]
        images.put(image)
        key = f"{seed:064x}"
        said = Prediction("Y", scores([1] * 28 + [4] * 12), "uresnet", "toy", NET, "cpu", 0.1)
        predictions.put(key, said, image.content_hash)
        window = (20, 0, 99, 119) if seed == 0 else None
        specs.append(StudyImageSpec(image.content_hash, source, window, seed == 0, {NET: key}))
    database = open_database(database_url({}, folder.root))
    definition = StudyDefinition(
        "Stopping muons", "michel_pixels", tuple(specs), ("Ada", "Ben"), (NET,), repeats=1, repeat_gap=1
    )
    with database.writing() as session:
        study = define(session, create_account(session, "Olga", "owner"), "muons", definition)
        freeze(session, study, images, predictions)
        ada, ben = (session.scalars(select(Account).where(Account.name == n)).one() for n in ("Ada", "Ben"))
    for account, tasks in ((ada, 4), (ben, 1)):
        for _ in range(tasks):
            with database.reading() as session:
                task = next_task(session, study, account)
                assert task is not None
            alias = image_alias(task.token, task.images["Y"])
            append(database, account.id, task.token, [paint(range(32, 40), LabelClass.MICHEL, alias)])
            with database.writing() as session:
                value = {"id": str(uuid.uuid4()), "time": 1.8e9, "seconds": None, "app_version": "0"}
                submit(session, account.id, task.token, value)
    yield database
    database.close()


def study_of(session: Any) -> Any:
    from records.studies import find_study

    return find_study(session, "muons")


def test_what_is_compared_is_what_was_said(database: Database, folder: DataFolder) -> None:
    stores = ImageStore(folder.images), AnswerStore(folder.predictions)
    with database.reading() as session:
        facts, images = collect(session, study_of(session), *stores)
    assert (facts.tasks, facts.submitted, facts.raters) == (8, 5, ("Ada", "Ben"))
    assert facts.notes == ("The study is under way: 5 of 8 tasks are handed in.",)
    first, second, data = images
    assert [len(i.charge) for i in images] == [20, 40, 40]  # the first is seen through a window
    assert first.raters["Ada"].classes.tolist() == [0] * 12 + [1] * 8
    assert first.networks[NET].classes.tolist() == [0] * 8 + [1] * 12
    assert first.truth is not None
    assert first.truth.classes.tolist() == [0] * 10 + [1] * 10
    assert (second.raters["Ada"].michel, second.truth is not None, data.truth) == (True, True, None)
    charge = float(labelled(1)["Y"].image.adc[32:].sum(dtype=np.float64))
    assert second.raters["Ada"].energy_mev == pytest.approx(electron_energy_mev(charge, "Y"))
    assert sum(len(i.again) for i in images) == 1
    assert sum("Ben" in i.raters for i in images) == 1


def test_the_report_of_a_study_under_way(database: Database, folder: DataFolder) -> None:
    stores = ImageStore(folder.images), AnswerStore(folder.predictions)
    with database.reading() as session:
        report = check_study_report(study_report(session, study_of(session), *stores, anonymous=True))
    assert report["raters"] == ["rater 1", "rater 2"]
    assert "Ada" not in json.dumps(report)
    comparisons = {c["pair"]: c for c in report["sources"]["simulation"]["comparisons"]}
    # Network against truth: 2 of 20 and 2 of 40 pixels wrong.
    assert comparisons["network-truth"]["pixels"]["agreement"]["value"] == pytest.approx(1 - 4 / 60)
    assert report["self_agreement"][0]["pixels"]["agreement"]["value"] == 1.0
    assert report["gold"][0]["pixels"]["agreement"]["value"] == pytest.approx(0.9)


def test_the_command_writes_json_csv_and_html(
    database: Database, folder: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = {kind: tmp_path / f"report.{kind}" for kind in ("json", "csv", "html")}
    data = ["--data-dir", str(folder.root)]
    asked = ["study", "report", "muons", "--json", str(out["json"]), "--csv", str(out["csv"])]
    assert argonscope.main([*asked, "--html", str(out["html"]), *data]) == 0
    page = out["html"].read_text()
    assert "The study is under way: 5 of 8 tasks are handed in." in page
    assert page.count("plotly-graph-div") > 4
    assert "under way" in (printed := capsys.readouterr().out)
    assert "network-truth abababab" in printed
    report = check_study_report(json.loads(out["json"].read_text()))
    assert len(list(csv.DictReader(out["csv"].read_text().splitlines()))) > 50 * len(report["sources"])
    assert argonscope.main(["study", "list", *data]) == 0
    assert capsys.readouterr().out == "muons: running, Stopping muons, 5 of 8 tasks handed in\n"
    assert argonscope.main(["study", "report", "none", *data]) == 2
    assert "there is no study of the name none" in capsys.readouterr().err


def test_labels_out_and_in_by_command(
    database: Database, folder: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data-dir", str(folder.root)]
    for name, kind in (("labels.h5", "hdf5"), ("labels.parquet", "parquet")):
        path = str(tmp_path / name)
        assert argonscope.main(["labels", "export", "--format", kind, "--study", "muons", path, *data]) == 0
        assert "5 labelled tasks in" in capsys.readouterr().out
        other = ["--data-dir", str(tmp_path / "other")]
        assert argonscope.main(["labels", "import", path, *other]) == 0
        assert argonscope.main(["labels", "import", path, *data]) == 0
        assert "0 labelled tasks added, 5 were there already" in capsys.readouterr().out
    assert argonscope.main(["labels", "import", str(tmp_path / "none.csv"), *data]) == 2


def test_commands_offer_what_there_is() -> None:
    assert commands._FORMATS == FORMATS
    assert commands._ROLES == ROLES


def test_accounts_by_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = ["--data-dir", str(tmp_path)]
    for line, words, status in (
        ("a long password\n", ["add", "Ada", "--role", "admin"], 0),
        ("short\n", ["add", "Ben"], 2),
        ("another password\n", ["password", "Ada"], 0),
        ("another password\n", ["password", "Nobody"], 2),
        ("", ["disable", "Ada"], 2),
        ("a long password\n", ["add", "Cleo"], 0),
        ("", ["role", "Cleo", "owner"], 0),
        ("", ["role", "Ada", "rater"], 2),
        ("", ["role", "Nobody", "owner"], 2),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(line))
        assert argonscope.main(["account", *words, *data]) == status
    errors = capsys.readouterr().err
    assert "the password has 5 characters" in errors
    assert errors.count("Ada is the last admin") == 2
    assert errors.count("there is no account of the name Nobody") == 2
    with pytest.raises(SystemExit):
        argonscope.main(["account", "role", "Cleo", "boss", *data])
    capsys.readouterr()
    assert argonscope.main(["account", "list", *data]) == 0
    assert capsys.readouterr().out == "Ada: admin, password\nCleo: owner, password\n"


def test_a_study_that_was_never_started_has_no_report(sqlite: Database, folder: DataFolder) -> None:
    spec = StudyImageSpec("0" * 64, "all")
    with sqlite.writing() as session:
        owner = create_account(session, "Olga")
        study = define(session, owner, "draft", StudyDefinition("t", "five_classes", (spec,)))
        with pytest.raises(StudyError, match="was never started"):
            study_report(session, study, ImageStore(folder.images), AnswerStore(folder.predictions))


def test_what_is_missing_is_said(database: Database, tmp_path: Path) -> None:
    with database.reading() as session:
        facts, images = collect(session, study_of(session), ImageStore(tmp_path), AnswerStore(tmp_path))
    assert images == []
    assert facts.notes[0].startswith("Image 0 is left out: the image")


def judgement(**others: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "time": 1.8e9, "app_version": "0", **others}


def sides_of(session: Any, names: tuple[str, str]) -> tuple[int, dict[str, Any]]:
    """An image that Ada and Ben have handed in, with Ada and the network as sides."""
    shared = session.scalars(select(Task).where(Task.state == "submitted", Task.rater_id == 3)).one()
    ada = session.scalars(
        select(Task).where(Task.study_image_id == shared.study_image_id, Task.rater_id == 2, ~Task.repeat)
    ).one()
    sides = ({"kind": "human", "task": ada.token}, {"kind": "network", "weights": NET})
    return shared.study_image_id, dict(zip(names, sides, strict=True))


def test_a_verdict_on_a_disagreement_is_a_record_of_its_own(database: Database) -> None:
    with database.writing() as session:
        olga = session.get_one(Account, 1)
        image, sides = sides_of(session, ("a", "b"))
        given = judgement(sides=sides, verdict="b_wrong", comment="the brems photon")
        row = adjudicate(session, olga, image, given)
        assert adjudicate(session, olga, image, given) is row
        assert wrong_kinds(row) == ("network",)
        truth = judgement(sides={**sides, "b": {"kind": "truth"}}, verdict="both_wrong", comment="")
        assert wrong_kinds(adjudicate(session, olga, image, truth)) == ("human", "truth")
        assert [a.verdict for a in adjudications(session, study_of(session))] == ["b_wrong", "both_wrong"]
        with pytest.raises(LabelError, match="stored already, with other content"):
            adjudicate(session, session.get_one(Account, 2), image, given)


def test_which_is_the_networks(database: Database) -> None:
    with database.writing() as session:
        olga = session.get_one(Account, 1)
        image, sides = sides_of(session, ("left", "right"))
        mirrored = {"left": sides["right"], "right": sides["left"]}
        humans = {"left": sides["left"], "right": sides["left"]}
        for shown, left, right in ((sides, 1, 3), (sides, 2, 6), (mirrored, 7, 1), (humans, 3, 1)):
            votes = {"left_votes": left, "right_votes": right, "audience": True}
            answer_turing(session, olga, image, judgement(sides=shown, **votes))
        found = turing_figures(turing_answers(session, study_of(session)))
    assert (found["pairs"], found["votes"]) == (3, 20)
    assert found["right"]["value"] == pytest.approx(16 / 20)
    assert found["d_prime"]["value"] > 1.0
    assert found["controls"] == {
        "human-human": {"pairs": 1, "left": 3, "right": 1},
        "network-network": {"pairs": 0, "left": 0, "right": 0},
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sides": {"left": {"kind": "truth"}, "right": {"kind": "truth"}}}, "truth is nobody's labelling"),
        ({"sides": {"left": {"kind": "human", "task": "0" * 32}}}, "expected left and right"),
        ({"sides": {"left": NOBODY, "right": NOBODY}}, "is none of this image"),
        ({"sides": {"left": OTHER, "right": OTHER}}, "is none of this image"),
        ({"left_votes": 0, "right_votes": 0}, "expected one vote of one person"),
        ({"left_votes": 2}, "expected one vote of one person"),
        ({"left_votes": -1}, "expected two whole numbers"),
        ({"audience": 1}, "audience is neither true nor false"),
        ({"id": 1}, "expected a UUID"),
        ({"time": None}, "time is None"),
        ({"more": 1}, "a judgement is a JSON object of"),
    ],
)
def test_what_is_no_answer(database: Database, change: dict[str, Any], sentence: str) -> None:
    with database.reading() as session:
        image, sides = sides_of(session, ("left", "right"))
        value = judgement(**{"sides": sides, "left_votes": 1, "right_votes": 0, "audience": False, **change})
        with pytest.raises(LabelError, match=sentence):
            answer_turing(session, session.get_one(Account, 1), image, value)
        verdict = judgement(sides=sides_of(session, ("a", "b"))[1], verdict="maybe", comment="")
        with pytest.raises(LabelError, match="verdict is 'maybe'; expected a_wrong"):
            adjudicate(session, session.get_one(Account, 1), image, verdict)
        with pytest.raises(LabelError, match="there is no image 999 in any study"):
            adjudicate(session, session.get_one(Account, 1), 999, {**verdict, "verdict": "a_wrong"})


def test_nothing_else_is_said_in_passing(database: Database, folder: DataFolder) -> None:
    """A Michel object and an unsure event count as what they are."""
    from records.labels import TaskLabels
    from records.questions import QUESTIONS
    from records.replay import EventLabels, replay_plane
    from records.study_answers import _of_rater

    image = labelled(1)["Y"].image
    inside = np.arange(40, dtype=np.int32)
    core = {"object": "m", "state": "present", "end": None, "core": "HgI=", "photons": ""}  # pixels 30, 31
    log = [type("Row", (), action("michel", core, ""))]
    for question, event, michel, has_energy in (
        ("michel_present", EventLabels(), True, True),
        ("michel_present", EventLabels(michel="absent"), False, True),
        ("track_shower", EventLabels(michel="unsure"), None, True),
        ("michel_pixels", EventLabels(verdict="impossible"), None, True),
    ):
        labels = TaskLabels("t", {"Y": replay_plane(log, 40)}, {}, event, 1, ())
        found = _of_rater(labels, image, inside, QUESTIONS[question])
        assert (found.michel, found.energy_mev is not None) == (michel, has_energy)
        if event.verdict == "impossible":
            assert (found.classes == -1).all()
        elif question == "track_shower":
            assert np.flatnonzero(found.classes == 1).tolist() == [30, 31]


def test_verdicts_of_adjudication_are_counted_with_the_events_behind_them(
    database: Database, folder: DataFolder
) -> None:
    stores = ImageStore(folder.images), AnswerStore(folder.predictions)
    with database.reading() as session:
        before = study_report(session, study_of(session), *stores)["adjudication"]["simulation"]
    with database.writing() as session:
        judge = create_account(session, "Judge", "owner")
        rows = {row.position: row for row in session.scalars(select(StudyImage))}
        tokens = {
            t.study_image_id: t.token for t in session.scalars(select(Task).where(Task.state == "submitted"))
        }
        network, truth = {"kind": "network", "weights": NET}, {"kind": "truth"}
        said = ((truth, "both_wrong"), (network, "b_wrong"), (network, "undecided"), (network, "a_wrong"))
        for position, (b, verdict) in zip((0, 0, 1, 2), said, strict=True):
            a = {"kind": "human", "task": tokens[rows[position].id]}
            value = {
                "id": str(uuid.uuid4()), "sides": {"a": a, "b": b}, "verdict": verdict, "comment": "look!",
                "time": 1.8e9, "app_version": "0",
            }  # fmt: skip
            adjudicate(session, judge, rows[position].id, value)
    with database.reading() as session:
        report = check_study_report(study_report(session, study_of(session), *stores))
        numbered = study_report(session, study_of(session), *stores, anonymous=True)
    data, found = report["adjudication"]["data"], report["adjudication"]["simulation"]
    assert (data["verdicts"], data["wrong"]) == (1, {"truth": 0, "human": 1, "network": 0, "undecided": 0})
    assert found["verdicts"] == before["verdicts"] + 3
    assert found["wrong"] == {who: number + 1 for who, number in before["wrong"].items()}
    first = found["per_verdict"][before["verdicts"]]
    expected = {"images": [0], "between": ["human", "truth"], "wrong": ["human", "truth"], "by": "Judge"}
    assert {name: first[name] for name in expected} == expected
    assert first["event"] == 0
    assert "Judge" not in json.dumps(numbered)
    assert "look!" not in json.dumps(numbered)
    lines = [row for row in csv.DictReader(io.StringIO(table(report))) if row["comparison"] == "adjudication"]
    assert len(lines) == 8
    assert {(r["class"], r["value"], r["events"], r["counted"]) for r in lines if r["source"] == "data"} == {
        ("truth", "0", "0", "1"), ("human", "1", "1", "1"), ("network", "0", "0", "1"),
        ("undecided", "0", "0", "1"),
    }  # fmt: skip
