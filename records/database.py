"""The label database: SQLite in the data folder, or PostgreSQL where ARGONSCOPE_DATABASE names one.

Both behave alike: one transaction writes at a time, so that the numbers of the log follow the order in
which its actions were stored; reading never waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, NoSuchModuleError
from sqlalchemy.orm import Session

VARIABLE = "ARGONSCOPE_DATABASE"
FILE_NAME = "labels.sqlite"

_WAIT_S = 30.0
"""How long a writer waits for another one; a transaction takes milliseconds."""
_WRITER_LOCK = 0x41726753
"""Any number that nothing else on the PostgreSQL server uses ('ArgS')."""


class LabelStoreError(Exception):
    """The label database cannot be used; the text is one sentence for people. Nothing was stored."""


class Database:
    """The open database. Threads and processes may share it; each call takes a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # On PostgreSQL a reader keeps what it saw first, as in SQLite; a writer, which may have waited for
        # others, sees what they wrote.
        levels = engine.dialect.name == "postgresql"
        self._reader = engine.execution_options(isolation_level="REPEATABLE READ") if levels else engine
        self._writer = engine.execution_options(argonscope_writes=True)

    @property
    def engine(self) -> Engine:
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view. Raises LabelStoreError."""
        with _explained(self._engine.url, "read"), self._session(self._reader) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: all of it is stored when the block ends well, nothing where it raises.

        Raises LabelStoreError: the disk is full, the server is gone, the log was to be changed.
        """
        explained = _explained(self._engine.url, "written")
        with explained, self._session(self._writer) as session, session.begin():
            yield session

    def close(self) -> None:
        self._engine.dispose()

    def _session(self, engine: Engine) -> Session:
        # What was read stays readable after the transaction.
        return Session(engine, expire_on_commit=False)


def database_url(environment: Mapping[str, str], folder: Path) -> URL:
    """Where the labels are: what ARGONSCOPE_DATABASE says, else a file in the data folder.

    Raises LabelStoreError for an address that is neither of SQLite nor of PostgreSQL.
    """
    given = environment.get(VARIABLE)
    if not given:
        return URL.create("sqlite", database=str(folder / FILE_NAME))
    try:
        url = make_url(given)
    except ArgumentError as error:
        raise LabelStoreError(
            f"{VARIABLE} is no database address; expected postgresql://user:password@host/name"
        ) from error
    kind = url.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise LabelStoreError(f"{VARIABLE} names a database of {kind}; expected postgresql or sqlite")
    if kind == "sqlite" and url.database in (None, "", ":memory:"):
        raise LabelStoreError(f"{VARIABLE} names no file; expected sqlite:////path/to/labels.sqlite")
    return url.set(drivername="postgresql+psycopg" if kind == "postgresql" else "sqlite")


def open_database(url: URL) -> Database:
    """Open the database, made or brought up to date first. Raises LabelStoreError."""
    engine = _engine(url)
    try:
        with _explained(url, "opened"):
            upgrade(engine)
    except CommandError as error:
        engine.dispose()
        newer = f"was made by a newer ArgonScope, which this one cannot read ({error})"
        raise LabelStoreError(f"The label database {_place(url)} {newer}") from error
    except LabelStoreError:
        engine.dispose()
        raise
    return Database(engine)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to a revision; what a second process does at the same time waits and finds it done."""
    folder = Path(__file__).parent / "migrations"
    with engine.execution_options(argonscope_writes=True).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url)
        engine = create_engine(url, pool_pre_ping=True)
    except (NoSuchModuleError, ImportError) as error:
        raise LabelStoreError(f"The driver of the label database is missing ({error})") from error
    event.listen(engine, "begin", _lock_postgresql)
    return engine


def _sqlite_engine(url: URL) -> Engine:
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise LabelStoreError(f"The folder of the label database {path} cannot be made ({reason})") from error
    engine = create_engine(url, connect_args={"timeout": _WAIT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, below
    # FULL: a label that was confirmed survives a power cut, too.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its place in the queue at once: one that has read before would be refused, not wait.
    writes = connection.get_execution_options().get("argonscope_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _lock_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("argonscope_writes"):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER_LOCK})


@contextmanager
def _explained(url: URL, what: str) -> Iterator[None]:
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        reason = str(error.orig or error).strip().splitlines()[0]
        raise LabelStoreError(f"The label database {_place(url)} cannot be {what} ({reason})") from error


def _place(url: URL) -> str:
    """Where the database is, in words, without a password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.database} on {url.host or url.query.get('host', 'this machine')}"
