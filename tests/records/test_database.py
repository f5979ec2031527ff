"""The database itself: its tables on both kinds, an old file, a full disk, processes side by side."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from records.accounts import create_account
from records.database import FILE_NAME, VARIABLE, Database, LabelStoreError, database_url, open_database
from records.labels import read_labels
from records.models import Account, Base, LabelAction, Study, Submission, Task
from records.studies import definition_of

FIRST_REVISION = Path(__file__).with_name("first_revision.sql")
"""A file as the first revision made it, with a study that was labelled; never to be edited."""


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / FILE_NAME
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_REVISION.read_text())
    connection.close()
    return path


def test_the_tables_are_those_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == "0004"


def test_an_old_file_is_brought_up_to_date_with_everything_in_it(old_file: Path) -> None:
    with sqlite3.connect(old_file) as old:  # the author of this one had seen an answer
        old.execute(
            "INSERT INTO label_actions SELECT 4, '00000000-0000-0000-0000-000000000004', task_id, author_id, "
            "plane, image_hash, tool, payload, client_time, server_time, ?, ?, app_version "
            "FROM label_actions WHERE seq = 2",
            ("c" * 64, "d" * 64),
        )
    old.close()
    database = open_database(database_url({}, old_file.parent))
    with database.reading() as session:
        seen = session.scalars(select(LabelAction.predictions).order_by(LabelAction.seq)).all()
        assert seen == [[], [], [], [{"key": "c" * 64, "weights": "d" * 64}]]
        names = session.execute(select(Account.name, Account.role)).all()
        assert [tuple(row) for row in names] == [("Ada", "owner"), ("Ben", "rater")]
        study = session.scalars(select(Study)).one()
        assert study.definition_hash == definition_of(study).digest
        task = session.scalars(select(Task)).one()
        submission = session.scalars(select(Submission)).one()
        labels = read_labels(session, task, submission.last_seq)
    assert (task.origin, submission.verdict["michel"]) == (None, "present")
    assert labels.planes["Y"].classes[:11].tolist() == [4] * 10 + [-1]
    assert labels.planes["Y"].redo == ("00000000-0000-0000-0000-000000000002",)
    for table in ("label_actions", "adjudications", "turing_answers"):
        with database.reading() as session:
            session.execute(text(f"SELECT * FROM {table}"))
    with pytest.raises(LabelStoreError, match="append-only"), database.writing() as session:
        session.execute(text("DELETE FROM label_actions"))
    with pytest.raises(LabelStoreError, match="append-only"), database.writing() as session:
        session.execute(text("UPDATE label_actions SET tool = 'lasso'"))
    database.close()
    open_database(database_url({}, old_file.parent)).close()  # which finds nothing left to do


def test_a_file_of_a_newer_version_is_left_alone(old_file: Path) -> None:
    connection = sqlite3.connect(old_file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    with pytest.raises(LabelStoreError, match=r"labels.sqlite was made by a newer ArgonScope"):
        open_database(database_url({}, old_file.parent))
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    connection.close()


def test_sqlite_keeps_what_it_confirmed(sqlite: Database) -> None:
    with sqlite.reading() as session:
        names = ("journal_mode", "synchronous", "foreign_keys")
        assert [session.scalar(text(f"PRAGMA {name}")) for name in names] == ["wal", 2, 1]


def _fill(database: Database, accounts: int, pages: int | None = None) -> None:
    with database.writing() as session:
        if pages is not None:
            session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for i in range(accounts):
            create_account(session, f"rater {i}")
        if pages is None:
            raise RuntimeError


def test_what_fails_half_way_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        _fill(database, 3)
    with database.reading() as session:
        assert session.scalars(select(Account)).all() == []


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(sqlite: Database) -> None:
    with sqlite.writing() as session:
        create_account(session, "Ada")
    with sqlite.reading() as session:
        pages = session.scalar(text("PRAGMA page_count"))
    with pytest.raises(LabelStoreError, match=r"cannot be written \(database or disk is full\)") as error:
        _fill(sqlite, 400, pages)
    assert "\n" not in str(error.value)
    with sqlite.reading() as session:
        assert session.scalars(select(Account.name)).all() == ["Ada"]


def test_readers_see_the_state_before_while_somebody_writes(database: Database) -> None:
    with database.writing() as session:
        create_account(session, "Ada")
        with database.reading() as other:
            assert other.scalars(select(Account)).all() == []
    with database.reading() as other:
        assert other.scalars(select(Account.name)).all() == ["Ada"]


def test_a_new_database_is_made_once_though_several_open_it_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_database(database_url({}, tmp_path / "new")), range(4)))
    with opened[0].writing() as session:
        create_account(session, "Ada")
    for database in opened:
        with database.reading() as session:
            assert session.scalars(select(Account.name)).all() == ["Ada"]
        database.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("no address", "is no database address; expected postgresql://"),
        ("mysql://host/name", "names a database of mysql; expected postgresql or sqlite"),
        ("sqlite://", "names no file; expected sqlite:////"),
    ],
)
def test_what_is_no_address(address: str, sentence: str) -> None:
    with pytest.raises(LabelStoreError, match=sentence):
        database_url({VARIABLE: address}, Path())


def test_the_address_says_where(tmp_path: Path) -> None:
    assert database_url({}, tmp_path).database == str(tmp_path / FILE_NAME)
    assert database_url({VARIABLE: "sqlite:////tmp/x.sqlite"}, tmp_path).database == "/tmp/x.sqlite"
    url = database_url({VARIABLE: "postgresql://ada:secret@host/argon"}, tmp_path)
    assert (url.drivername, url.host, url.database) == ("postgresql+psycopg", "host", "argon")


def test_a_database_that_is_not_there_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    url = database_url({VARIABLE: "postgresql://ada:secret@127.0.0.1:1/argon"}, tmp_path)
    with pytest.raises(LabelStoreError, match=r"database argon on 127\.0\.0\.1 cannot be opened") as error:
        open_database(url)
    assert "secret" not in str(error.value)
    (tmp_path / "file").write_text("")
    with pytest.raises(LabelStoreError, match=r"The folder of the label database .* cannot be made"):
        open_database(database_url({}, tmp_path / "file" / "below"))
    (tmp_path / FILE_NAME).write_text("this is no database, but a text that is long enough to be read as one")
    with pytest.raises(LabelStoreError, match=r"cannot be opened \(file is not a database\)"):
        open_database(database_url({}, tmp_path))
