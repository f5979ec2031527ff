"""A study from its definition to the last task handed in, on both databases."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from label_cases import KEY, WEIGHTS, action, labelled, paint
from sqlalchemy import select, text

from records.accounts import AccessError, create_account, find_account
from records.actions import LabelError
from records.answers import AnswerStore
from records.blind import blind_view, image_alias
from records.database import Database, LabelStoreError
from records.images import ImageStore
from records.labels import append, may_read, read_labels
from records.models import Account, Study, Submission, Task
from records.predictions import Prediction
from records.questions import LabelClass
from records.studies import (
    close,
    define,
    definition_of,
    find_study,
    freeze,
    join,
    next_task,
    progress,
    progress_of_all,
    redefine,
    skip,
    submit,
    task_facts,
)
from records.study_definition import StudyDefinition, StudyError, StudyImageSpec, from_json

IMAGES = 6


@pytest.fixture
def images(tmp_path: Path) -> ImageStore:
    store = ImageStore(tmp_path / "images")
    for seed in range(IMAGES):
        store.put(labelled(seed)["Y"])
    return store


@pytest.fixture
def predictions(tmp_path: Path) -> AnswerStore:
    store = AnswerStore(tmp_path / "predictions")
    scores = np.full((40, 5), 0.2, np.float32)
    store.put(KEY, Prediction("Y", scores, "uresnet", "toy", WEIGHTS, "cpu", 0.1), "e" * 64)
    return store


def definition(**others: Any) -> StudyDefinition:
    specs = tuple(
        StudyImageSpec(labelled(seed)["Y"].content_hash, "all", gold=seed == 0, predictions={WEIGHTS: KEY})
        for seed in range(IMAGES)
    )
    given = {"raters": ("Ada", "Ben"), "weights": (WEIGHTS,), "repeats": 2, "repeat_gap": 3, **others}
    return StudyDefinition("Stopping muons", **{"question": "michel_pixels", "images": specs, **given})


def start(database: Database, images: ImageStore, predictions: AnswerStore, **others: Any) -> Study:
    with database.writing() as session:
        owner = find_account(session, "Olga") or create_account(session, "Olga", "owner")
        study = define(session, owner, "muons", definition(**others))
        freeze(session, study, images, predictions)
        return study


def rater(database: Database, name: str = "Ada") -> Account:
    with database.reading() as session:
        found = find_account(session, name)
        assert found is not None
        return found


def next_token(database: Database, study: Study, account: Account) -> str | None:
    with database.reading() as session:
        task = next_task(session, study, account)
        return task.token if task else None


def handing_in(**others: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "time": 1.8e9, "seconds": 12.5, "app_version": "0.1.0", **others}


def hand_in(database: Database, account: Account, token: str, **others: Any) -> Submission:
    with database.writing() as session:
        return submit(session, account.id, token, handing_in(**others))


def test_a_rater_goes_through_the_queue_skips_and_comes_back(
    database: Database, images: ImageStore, predictions: AnswerStore
) -> None:
    study, ada = start(database, images, predictions), rater(database)
    first = next_token(database, study, ada)
    assert first is not None
    assert next_token(database, study, ada) == first
    with database.writing() as session:
        skip(session, ada.id, first)
    second = next_token(database, study, ada)
    assert second not in (first, None)
    done = []
    while (token := next_token(database, study, ada)) is not None:
        done.append(token)
        hand_in(database, ada, token)
    assert len(done) == len(set(done)) == IMAGES + 2
    assert (done[0], done[-1]) == (second, first)
    with database.reading() as session:
        assert (p := progress(session, study, ada)).total == p.submitted == IMAGES + 2
        ben = progress_of_all(session, study)["Ben"]
        assert (ben.total, ben.submitted, ben.skipped) == (IMAGES + 2, 0, 0)


def test_what_was_begun_comes_first_after_a_break(
    database: Database, images: ImageStore, predictions: AnswerStore
) -> None:
    study, ada = start(database, images, predictions), rater(database)
    first = next_token(database, study, ada)
    assert first is not None
    with database.reading() as session:
        mine = session.scalars(select(Task).where(Task.rater_id == ada.id).order_by(Task.position)).all()
    begun = mine[3].token
    append(database, ada.id, begun, [paint([1], LabelClass.MICHEL, image_alias(begun, mine[3].images["Y"]))])
    assert next_token(database, study, ada) == begun
    with database.writing() as session:
        skip(session, ada.id, begun)
    append(database, ada.id, begun, [paint([2], LabelClass.MICHEL, image_alias(begun, mine[3].images["Y"]))])
    assert next_token(database, study, ada) == first  # a stroke that came late does not bring it back


def _alias(session: Any, token: str) -> str:
    task = session.scalars(select(Task).where(Task.token == token)).one()
    return image_alias(token, task.images["Y"])


def test_a_task_is_handed_in_once_and_later_strokes_do_not_count(
    database: Database, images: ImageStore, predictions: AnswerStore
) -> None:
    study, ada = start(database, images, predictions), rater(database)
    token = next_token(database, study, ada)
    assert token is not None
    with database.reading() as session:
        alias = _alias(session, token)
    said = action("verdict", {"verdict": "unsure", "michel": "present"}, alias, "event")
    append(database, ada.id, token, [paint([1], LabelClass.MICHEL, alias), said])
    given = hand_in(database, ada, token)
    assert given.verdict == {"verdict": "unsure", "michel": "present", "comment": ""}
    late = append(database, ada.id, token, [paint([2], LabelClass.MICHEL, alias)])
    assert late[0].new  # kept all the same
    again = hand_in(database, ada, token)
    assert (again.id, again.last_seq) == (given.id, given.last_seq) != (given.id, late[0].seq)
    with database.reading() as session:
        task = session.scalars(select(Task).where(Task.token == token)).one()
        classes = read_labels(session, task, given.last_seq).planes["Y"].classes
    assert classes[:4].tolist() == [-1, 4, -1, -1]
    with database.writing() as session, pytest.raises(StudyError, match="handed in already"):
        skip(session, ada.id, token)


def test_a_frozen_study_cannot_change(
    database: Database, images: ImageStore, predictions: AnswerStore
) -> None:
    study = start(database, images, predictions)
    assert study.definition_hash == definition().digest
    with database.writing() as session, pytest.raises(StudyError, match="the study muons is frozen"):
        redefine(session, session.get_one(Study, study.id), definition(repeats=0))
    with database.writing() as session, pytest.raises(StudyError, match="is frozen"):
        freeze(session, session.get_one(Study, study.id), images, predictions)
    for command in (
        "UPDATE studies SET definition = '{}'",
        "UPDATE studies SET frozen_at = NULL",
        "DELETE FROM studies",
        "UPDATE study_images SET gold = NOT gold",
        "DELETE FROM study_images WHERE position = 5",
        "INSERT INTO study_images (study_id, position, image_hash, stratum, gold, predictions) "
        "SELECT study_id, 99, image_hash, stratum, gold, predictions FROM study_images WHERE position = 0",
    ):
        with pytest.raises(LabelStoreError, match="the study is frozen"), database.writing() as session:
            session.execute(text(command))
    with database.writing() as session:
        close(session, session.get_one(Study, study.id))
        found = find_study(session, "muons")
        assert found is not None
        assert found.closed_at is not None
        assert definition_of(found) == definition()


def test_a_draft_can_change_and_nothing_is_handed_out(sqlite: Database) -> None:
    with sqlite.writing() as session:
        owner = create_account(session, "Olga", "owner")
        study = define(session, owner, "muons", definition())
        redefine(session, study, definition(repeats=0))
        assert definition_of(study).repeats == 0
        with pytest.raises(StudyError, match="there is a study of the name muons already"):
            define(session, owner, "muons ", definition())
        assert next_task(session, study, owner) is None
        with pytest.raises(StudyError, match="the study muons is not started"):
            join(session, study, owner)


def test_a_study_starts_only_with_everything_it_needs(
    sqlite: Database, images: ImageStore, predictions: AnswerStore, tmp_path: Path
) -> None:
    first, *others = definition().images
    missing = replace(others[0], content_hash="0" * 64)
    dark, nothing = replace(first, window=(90, 0, 99, 5)), AnswerStore(tmp_path / "none")
    no_truth = labelled(9, source="data")["Y"]
    images.put(no_truth)
    gold = StudyImageSpec(no_truth.content_hash, "data", gold=True, predictions={WEIGHTS: KEY})
    cases = [
        ({"images": (missing,)}, images, predictions, r"image 0 \(000000000000\) of the study is not stored"),
        ({"images": (gold,)}, images, predictions, "is to be gold, but its truth is not known"),
        ({"images": (dark,)}, images, predictions, "no lit pixel in its window"),
        ({}, images, nothing, "no stored answer of the weights abababababab; run them"),
        ({"repeats": 5}, images, predictions, "do not fit into 6 images of Ada"),
    ]
    with sqlite.writing() as session:
        owner = create_account(session, "Olga", "owner")
    for number, (changes, *stores, sentence) in enumerate(cases):
        with sqlite.writing() as session:
            study = define(session, owner, f"study {number}", definition(repeats=0))
            study.definition = definition(**{"repeats": 0, **changes}).as_json()
        with pytest.raises(StudyError, match=sentence), sqlite.writing() as session:
            freeze(session, session.get_one(Study, study.id), *stores)
        with sqlite.reading() as session:
            assert not session.scalars(select(Task)).all()


def test_a_study_without_names_is_open_to_everyone_until_it_is_closed(
    database: Database, images: ImageStore, predictions: AnswerStore
) -> None:
    study = start(database, images, predictions, raters=())
    with database.writing() as session:
        for name in ("Cleo", "Dan"):
            account = create_account(session, name)
            join(session, study, account)
            join(session, study, account)
            assert progress(session, study, account).total == IMAGES + 2
        close(session, session.get_one(Study, study.id))
        with pytest.raises(StudyError, match="the study muons is closed"):
            join(session, session.get_one(Study, study.id), create_account(session, "Eve"))


def test_a_study_with_names_is_for_them_alone(
    sqlite: Database, images: ImageStore, predictions: AnswerStore
) -> None:
    study = start(sqlite, images, predictions)
    token = next_token(sqlite, study, rater(sqlite))
    assert token is not None
    with sqlite.writing() as session:
        eve = create_account(session, "Eve")
        with pytest.raises(AccessError, match="not open to everyone"):
            join(session, study, eve)
        with pytest.raises(AccessError, match="not yours, or does not exist"):
            skip(session, eve.id, token)
        with pytest.raises(AccessError, match="not yours, or does not exist"):
            submit(session, eve.id, token, handing_in())


def test_who_may_read_whose_labels(sqlite: Database, images: ImageStore, predictions: AnswerStore) -> None:
    study = start(sqlite, images, predictions, raters=("Ada", "Olga"), repeats=0)
    ada, olga = rater(sqlite), rater(sqlite, "Olga")
    token = next_token(sqlite, study, ada)
    with sqlite.writing() as session:
        boss, eve = create_account(session, "Boss", "admin"), create_account(session, "Eve", "owner")
        task = session.scalars(select(Task).where(Task.token == token)).one()
        may = [may_read(session, account, task) for account in (ada, olga, boss, eve)]
        assert may == [True, False, True, False]
    while (token := next_token(sqlite, study, olga)) is not None:
        hand_in(sqlite, olga, token)
    with sqlite.reading() as session:
        assert may_read(session, olga, task)


def test_a_question_of_the_whole_event_needs_an_answer(
    sqlite: Database, images: ImageStore, predictions: AnswerStore
) -> None:
    study = start(sqlite, images, predictions, question="michel_present")
    ada = rater(sqlite)
    token = next_token(sqlite, study, ada)
    assert token is not None
    with pytest.raises(StudyError, match="say first whether a Michel electron is present"):
        hand_in(sqlite, ada, token)
    with sqlite.reading() as session:
        alias = _alias(session, token)
    said = action("verdict", {"verdict": None, "michel": "absent"}, alias, "event")
    append(sqlite, ada.id, token, [said])
    assert hand_in(sqlite, ada, token).verdict["michel"] == "absent"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "a submission is a JSON object"),
        ({"id": "x"}, "a submission is a JSON object of id, time, seconds"),
        (handing_in(id="x"), "expected a UUID"),
        (handing_in(seconds=-1), "time is -1; expected seconds"),
        (handing_in(app_version=3), "app_version is 3"),
    ],
)
def test_what_is_no_submission(
    sqlite: Database, images: ImageStore, predictions: AnswerStore, value: Any, sentence: str
) -> None:
    study, ada = start(sqlite, images, predictions), rater(sqlite)
    token = next_token(sqlite, study, ada)
    assert token is not None
    with pytest.raises(LabelError, match=sentence), sqlite.writing() as session:
        submit(session, ada.id, token, value)


def test_nothing_that_a_rater_may_not_know_is_in_the_view(
    sqlite: Database, images: ImageStore, predictions: AnswerStore
) -> None:
    start(sqlite, images, predictions)
    ada = rater(sqlite)
    secret = {"prediction": "secret-prediction", "truth": "secret-truth", "others": ["secret-label"]}
    with sqlite.reading() as session:
        tasks = session.scalars(select(Task).where(Task.rater_id == ada.id)).all()
        views = [blind_view(task_facts(session, task, secret)) for task in tasks]
    hashes = {spec.content_hash for spec in definition().images}
    forbidden = ("secret", "simulation", "gold", "repeat", '"run"', '"event"', WEIGHTS, KEY, "Ben", *hashes)
    for view in views:
        text_of_view = json.dumps(view)
        assert not [word for word in forbidden if word in text_of_view]
        assert view["choices"][0] == {"class": 4, "label": "Michel"}
    # Not even a repeat can be told: every task names its image in its own way.
    assert len({view["image_hash"] for view in views}) == IMAGES + 2
    fewest = {"task", "study", "question", "question_text", "instructions", "choices", "plane", "pixels"}
    assert set(views[0]) == fewest | {"image_hash", "window", "submitted"}


def view_of(database: Database, token: str) -> dict[str, Any]:
    with database.reading() as session:
        task = session.scalars(select(Task).where(Task.token == token)).one()
        return blind_view(task_facts(session, task, {"truth": "shown"}))


def test_what_the_study_allows_is_shown(
    sqlite: Database, images: ImageStore, predictions: AnswerStore
) -> None:
    study = start(sqlite, images, predictions, hide_event_numbers=False, show_answer=True, repeats=0)
    ada = rater(sqlite)
    token = next_token(sqlite, study, ada)
    assert token is not None
    before = view_of(sqlite, token)
    assert set(before["event"]) == {"run", "subrun", "event"}
    assert "shown" not in json.dumps(before)
    hand_in(sqlite, ada, token)
    after = view_of(sqlite, token)
    assert after["answer"] == {"truth": "shown"}
    assert after["place"]["source"] == "simulation"


def test_with_repeats_no_answer_is_shown_before_the_last_task(
    sqlite: Database, images: ImageStore, predictions: AnswerStore
) -> None:
    study, done = start(sqlite, images, predictions, show_answer=True), []
    ada = rater(sqlite)
    while (token := next_token(sqlite, study, ada)) is not None:
        hand_in(sqlite, ada, token)
        done.append(token)
        shown = ["answer" in view_of(sqlite, name) for name in done]
        assert shown == [len(done) == IMAGES + 2] * len(done)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "title of the study is ''; expected 1 to 80 characters"),
        ({"question": "why"}, "question of the study is 'why'; expected michel_pixels"),
        ({"raters": ["Ada", "ada"]}, "raters of the study .* each name once"),
        ({"weights": ["x"]}, "weights of the study"),
        ({"margin": 0}, "margin of the study is 0; expected a share above 0"),
        ({"seed": -1}, "seed of the study is -1"),
        ({"images": []}, "expected at least one image"),
        ({"images": ["x"]}, "the study is not as expected"),
        ({"labels_per_image": 3}, "labels_per_image of the study is 3; expected a number of raters"),
        ({"repeats": True}, "repeats of the study is True"),
        ({"show_answer": 1}, "show_answer of the study is 1; expected true or false"),
        ({"colour": "red"}, "the unknown entry 'colour'"),
        ({"weights": []}, "an answer of weights that are not in the study"),
    ],
)
def test_what_is_no_definition(change: dict[str, Any], sentence: str) -> None:
    value = definition().as_json()
    assert from_json(value) == definition()
    with pytest.raises(StudyError, match=sentence):
        from_json({**value, **change})


def test_an_image_twice_or_with_an_odd_window_is_refused() -> None:
    first = definition().images[0]
    for bad, sentence in (
        ((first, first), "is in the study twice; use repeats for that"),
        ((replace(first, window=(5, 0, 4, 9)),), r"has the window \(5, 0, 4, 9\)"),
        ((replace(first, content_hash="ab"),), "is not named by a SHA-256"),
        ((replace(first, stratum=""),), "has the stratum ''"),
    ):
        with pytest.raises(StudyError, match=sentence):
            from_json(definition(images=bad).as_json())
    with pytest.raises(StudyError, match="str in place of a study"):
        from_json("study")
    with pytest.raises(StudyError, match="the study has no entry images"):
        from_json({"title": "t"})
