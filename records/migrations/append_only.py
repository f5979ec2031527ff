"""Triggers that refuse changes, for both databases. Released revisions call these; keep what they do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

_FROZEN_COLUMNS = ("name", "owner_id", "definition", "definition_hash", "created_at", "frozen_at")


def protect(table: str, key: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE of a table, and in SQLite also INSERT OR REPLACE."""
    refusal = f"{table} is append-only"
    if _is_sqlite():
        for change in ("UPDATE", "DELETE"):
            _sqlite_trigger(f"{table}_no_{change.lower()}", f"{change} ON {table}", None, refusal)
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
        _sqlite_trigger(f"{table}_no_replace", f"INSERT ON {table}", taken, f"UNIQUE: {refusal}")
        return
    _postgresql_trigger(f"{table}_no_change", f"UPDATE OR DELETE ON {table}", "ROW", "true", refusal)
    _postgresql_trigger(f"{table}_no_truncate", f"TRUNCATE ON {table}", "STATEMENT", "true", refusal)


@contextmanager
def unprotected(table: str) -> Iterator[None]:
    """For a revision that writes what the table says in another way: without refusals, and with them after.

    Both databases undo all of it together where the revision fails.
    """
    if _is_sqlite():
        named = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
        triggers = op.get_bind().execute(named, {"table": table}).all()
        for name, _ in triggers:
            op.execute(f"DROP TRIGGER {name}")
        yield
        for _, sql in triggers:
            op.execute(sql)
        return
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def protect_frozen_studies() -> None:
    """Refuse every change of a frozen study but closing it, and of its images."""
    refusal = "the study is frozen"
    frozen = "(SELECT frozen_at FROM studies WHERE id = {}.study_id) IS NOT NULL"
    if _is_sqlite():
        changed = " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in _FROZEN_COLUMNS)
        update = f"OLD.frozen_at IS NOT NULL AND ({changed})"
        _sqlite_trigger("studies_frozen_update", "UPDATE ON studies", update, refusal)
        _sqlite_trigger("studies_frozen_delete", "DELETE ON studies", "OLD.frozen_at IS NOT NULL", refusal)
        for change, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            name = f"study_images_frozen_{change.lower()}"
            _sqlite_trigger(name, f"{change} ON study_images", frozen.format(row), refusal)
        return
    changed = " OR ".join(f"NEW.{c}::text IS DISTINCT FROM OLD.{c}::text" for c in _FROZEN_COLUMNS)
    update = f"OLD.frozen_at IS NOT NULL AND ({changed})"
    _postgresql_trigger("studies_frozen_update", "UPDATE ON studies", "ROW", update, refusal)
    _postgresql_trigger(
        "studies_frozen_delete", "DELETE ON studies", "ROW", "OLD.frozen_at IS NOT NULL", refusal
    )
    for change, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        name = f"study_images_frozen_{change.lower()}"
        _postgresql_trigger(name, f"{change} ON study_images", "ROW", frozen.format(row), refusal)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _sqlite_trigger(name: str, change: str, when: str | None, refusal: str) -> None:
    condition = f"WHEN {when} " if when else ""
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {change} {condition}BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )


def _postgresql_trigger(name: str, change: str, each: str, when: str, refusal: str) -> None:
    old_or_new = "OLD" if change.startswith("DELETE") else "NEW"
    passed = "NULL" if each == "STATEMENT" else old_or_new
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {when} THEN RAISE EXCEPTION '{refusal}'; END IF; RETURN {passed}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {change} FOR EACH {each} EXECUTE FUNCTION {name}()")
