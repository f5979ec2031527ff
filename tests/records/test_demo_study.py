"""The studies of the demo: they belong to the demo events, are scripted, and are added once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from label_cases import image
from sqlalchemy import select

from lartpc.classes import PixelClass
from records.answers import AnswerStore
from records.database import Database, database_url, open_database
from records.demo_study import STUDIES_FILE, load_demo_studies
from records.folder import DataFolder
from records.images import ImageStore
from records.models import Account, LabelAction, Task
from records.questions import LabelClass
from records.scripted_labels import HABITS, Habits, scripted_labels
from records.studies import find_study, progress_of_all, studies
from records.study_definition import StudyError

DEMO = Path(__file__).resolve().parents[2] / "demo"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return DataFolder(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def database(folder: DataFolder) -> Iterator[Database]:
    opened = open_database(database_url({}, folder.root))
    assert load(opened, folder) == ["demo", "practice"]
    yield opened
    opened.close()


def load(database: Database, folder: DataFolder, demo: Path = DEMO) -> list[str]:
    stores = ImageStore(folder.images), AnswerStore(folder.predictions)
    return load_demo_studies(database, *stores, DEMO / "demo.h5", demo)


def test_the_finished_study_is_finished_and_marked_as_scripted(database: Database) -> None:
    with database.reading() as session:
        demo, practice = find_study(session, "demo"), find_study(session, "practice")
        assert demo is not None
        assert practice is not None
        done = progress_of_all(session, demo)
        assert {name: (p.submitted, p.total) for name, p in done.items()} == {n: (16, 16) for n in HABITS}
        assert "not human" in demo.definition["title"]
        comments = select(LabelAction).where(LabelAction.tool == "comment")
        assert len(session.scalars(comments).all()) == 32
        versions = session.scalars(select(LabelAction.app_version).distinct()).all()
        assert versions == ["scripted"]
        assert practice.definition["raters"] == []
        assert practice.definition["show_answer"]
        assert session.scalars(select(Task).where(Task.study_id == practice.id)).first() is None


def test_nobody_can_use_the_accounts_of_the_script(database: Database) -> None:
    with database.reading() as session:
        found = {a.name: a.disabled_at is not None for a in session.scalars(select(Account))}
    assert found == {"ArgonScope demo": True, "scripted A": True, "scripted B": True}


def test_what_is_there_is_not_added_again(database: Database, folder: DataFolder) -> None:
    assert load(database, folder) == []
    with database.reading() as session:
        assert len(studies(session)) == 2


def test_a_study_of_other_events_is_refused_and_nothing_stored(
    sqlite: Database, folder: DataFolder, tmp_path: Path
) -> None:
    described = json.loads((DEMO / STUDIES_FILE).read_text())
    described["entries"] = [[99, "Y"]]
    (tmp_path / STUDIES_FILE).write_text(json.dumps(described))
    with pytest.raises(StudyError, match=r"demo\.h5 lacks events of the demo study"):
        load(sqlite, folder, tmp_path)
    with sqlite.reading() as session:
        assert studies(session) == []


def test_scripted_labels_are_truth_with_the_mistakes_asked_for() -> None:
    plane = image(1, pixels=40)
    truth = np.full(40, PixelClass.MIP, np.int8)
    truth[30:38], truth[38:] = PixelClass.MICHEL, PixelClass.UNKNOWN
    inside = np.arange(40) >= 10
    right = scripted_labels(plane, truth, inside, Habits(), 1)
    assert right.tolist() == [LabelClass.UNLABELLED] * 10 + [1] * 20 + [4] * 8 + [LabelClass.UNLABELLED] * 2
    spilled = scripted_labels(plane, truth, inside, Habits(spill=1.0), 1)
    assert np.flatnonzero(spilled == 4).tolist() == list(range(29, 38))
    always = Habits({PixelClass.MICHEL: (PixelClass.SHOWER, 1.0)})
    assert (scripted_labels(plane, truth, inside, always, 1)[30:38] == PixelClass.SHOWER).all()
