"""Databases for the tests of records: SQLite for each test, one PostgreSQL server for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import postgresql_server
import pytest
from sqlalchemy import text

from records.database import VARIABLE, Database, database_url, open_database


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of a PostgreSQL server."""
    folder = postgresql_server.programs()
    if folder is None:
        pytest.skip("there is no PostgreSQL server on this machine (.ci/install-postgresql installs one)")
    with postgresql_server.server(folder) as address:
        yield address


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    database = open_database(database_url({}, tmp_path))
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    address = request.getfixturevalue("postgresql")
    opened = open_database(database_url({VARIABLE: address}, Path("unused")))
    yield opened
    with opened.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    opened.close()
