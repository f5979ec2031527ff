"""Databases for the tests of records: SQLite for each test, one PostgreSQL server for all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import postgresql_server
import pytest
from sqlalchemy import URL, text

from records.database import FILE_NAME, VARIABLE, Database, database_url, open_database
from records.models import Base


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """Address of a database on a PostgreSQL server."""
    folder = postgresql_server.programs()
    if folder is None:
        pytest.skip("there is no PostgreSQL server on this machine (.ci/install-postgresql installs one)")
    with postgresql_server.server(folder) as address:
        yield database_url({VARIABLE: address}, Path("unused"))


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty database, to be copied: making one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("empty")
    open_database(database_url({}, folder)).close()
    return folder / FILE_NAME


@pytest.fixture
def sqlite(empty_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(empty_sqlite, tmp_path / FILE_NAME)
    database = open_database(database_url({}, tmp_path))
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    opened = open_database(request.getfixturevalue("postgresql"))
    yield opened
    with opened.engine.begin() as connection:
        # Not even a test can empty these tables unless it goes round their triggers.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"TRUNCATE {', '.join(Base.metadata.tables)}"))
    opened.close()
