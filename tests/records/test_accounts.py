"""Accounts: who may come in, how long, and how often one may try."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from records import accounts
from records.accounts import (
    FAILURES,
    SESSION_S,
    WINDOW_S,
    AccessError,
    AccountError,
    LoginError,
    account_of,
    create_account,
    disable,
    find_account,
    log_in,
    log_out,
    named_rater,
    require_role,
    set_password,
    set_role,
)
from records.database import Database
from records.models import Account, LoginSession

PASSWORD = "a long enough one"


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hash with less work, where a test tries often."""
    slow = accounts.generate_password_hash
    monkeypatch.setattr(accounts, "generate_password_hash", lambda text: slow(text, method="scrypt:1024:8:1"))
    accounts._nobody.cache_clear()


@pytest.fixture
def ada(database: Database) -> int:
    with database.writing() as session:
        return create_account(session, "Ada Lovelace", "admin", PASSWORD).id


def refused(database: Database, name: str, password: str, address: str = "::1", now: float = 0.0) -> str:
    with pytest.raises(LoginError) as error:
        log_in(database, name, password, address, now)
    return str(error.value)


def test_logged_in_until_it_expires_or_one_logs_out(database: Database, ada: int) -> None:
    token = log_in(database, "ada lovelace", PASSWORD, "::1", now=1000.0)
    with database.writing() as session:
        stored = session.scalars(select(LoginSession)).one()
        assert token not in vars(stored).values()
        for now, who in ((1000.0, ada), (999.0 + SESSION_S, ada), (1000.0 + SESSION_S, None)):
            found = account_of(session, token, now)
            assert (found and found.id) == who
        assert account_of(session, token + "x", 1000.0) is None
        log_out(session, token)
        log_out(session, token)
        assert account_of(session, token, 1000.0) is None


def test_the_password_is_kept_as_a_salted_hash_only(sqlite: Database) -> None:
    with sqlite.writing() as session:
        one, other = (create_account(session, name, "rater", PASSWORD) for name in ("a", "b"))
        assert one.password_hash != other.password_hash
        assert str(one.password_hash).startswith("scrypt:")
        assert PASSWORD not in str(one.password_hash)


def test_unknown_wrong_and_disabled_are_refused_alike(database: Database, ada: int) -> None:
    with database.writing() as session:
        create_account(session, "Ben", "rater", PASSWORD)
        create_account(session, "no password")
        disable(session, find_account(session, "Ben"))  # type: ignore[arg-type]
    tries = [("Ada Lovelace", "wrong"), ("nobody", PASSWORD), ("Ben", PASSWORD), ("no password", "")]
    assert {refused(database, *one) for one in tries} == {"name or password is wrong"}
    assert refused(database, "Ada Lovelace", PASSWORD + "x" * 300) == "name or password is wrong"


def test_whoever_fails_too_often_waits(database: Database, ada: int) -> None:
    for i in range(FAILURES):
        refused(database, "ADA lovelace", "wrong", now=float(i))
    assert "try again in 15 min" in refused(database, "Ada Lovelace", PASSWORD, now=10.0)
    with pytest.raises(LoginError) as error:
        log_in(database, "Ada Lovelace", PASSWORD, "::1", WINDOW_S - 100.0)
    assert error.value.retry_after_s == pytest.approx(100.0)
    assert log_in(database, "Ada Lovelace", PASSWORD, "10.0.0.7", 10.0)  # from elsewhere she still may
    assert log_in(database, "Ada Lovelace", PASSWORD, "::1", WINDOW_S + 0.5)
    for i in range(FAILURES - 1):
        refused(database, "Ada Lovelace", "wrong", now=2000.0 + i)
    assert log_in(database, "Ada Lovelace", PASSWORD, "::1", 2010.0)  # which forgets the failures
    for i in range(FAILURES - 1):
        refused(database, "Ada Lovelace", "wrong", now=2020.0 + i)


def test_many_names_from_one_address_and_one_name_from_many_are_limited(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert accounts.FAILURES < accounts.FAILURES_OF_ADDRESS < accounts.FAILURES_OF_NAME
    for name in ("FAILURES_OF_ADDRESS", "FAILURES_OF_NAME"):
        monkeypatch.setattr(accounts, name, FAILURES + 3)
    for i in range(FAILURES + 3):
        refused(sqlite, f"name {i}", "wrong", "one", 0.0)
    assert "too many" in refused(sqlite, "another name", "wrong", "one", 1.0)
    for i in range(FAILURES + 3):
        refused(sqlite, "Ada", "wrong", f"address {i}", 0.0)
    assert "too many" in refused(sqlite, "Ada", "wrong", "another address", 1.0)


def test_a_new_password_or_a_disabled_account_ends_what_was_open(database: Database, ada: int) -> None:
    with database.writing() as session:
        create_account(session, "Ben", "admin", PASSWORD)
    first = log_in(database, "Ben", PASSWORD, "::1", 0.0)
    with database.writing() as session:
        ben = find_account(session, "Ben")
        assert ben is not None
        set_password(session, ben, "another long one")
        assert account_of(session, first, 1.0) is None
    second = log_in(database, "Ben", "another long one", "::1", 2.0)
    with database.writing() as session:
        disable(session, session.get_one(Account, ben.id))
        assert account_of(session, second, 3.0) is None


def test_roles(sqlite: Database) -> None:
    with sqlite.writing() as session:
        rater, owner = create_account(session, "r"), create_account(session, "o", "owner")
        admin = create_account(session, "a", "admin")
        for account, role, fine in ((rater, "owner", False), (owner, "owner", True), (admin, "owner", True)):
            if fine:
                require_role(account, role)
            else:
                with pytest.raises(AccessError, match="this needs the role owner"):
                    require_role(account, role)
        with pytest.raises(AccessError, match="this needs the role admin"):
            require_role(owner)
        for change in (lambda: set_role(session, admin, "rater"), lambda: disable(session, admin)):
            with pytest.raises(AccountError, match="a is the last admin"):
                change()
        set_role(session, owner, "admin")
        set_role(session, admin, "rater")
        with pytest.raises(AccountError, match="the role 'king' is unknown"):
            set_role(session, owner, "king")


def test_a_name_on_ones_own_machine_needs_no_password_but_takes_no_account_that_has_one(
    database: Database, ada: int
) -> None:
    with database.writing() as session:
        ben = named_rater(session, "  Ben   Nevis ")
        assert (ben.name, ben.role) == ("Ben Nevis", "rater")
        assert named_rater(session, "ben nevis").id == ben.id
        with pytest.raises(AccessError, match="cannot be used without its password"):
            named_rater(session, "Ada Lovelace")
        disable(session, ben)
        with pytest.raises(AccessError):
            named_rater(session, "Ben Nevis")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "'' is no name"),
        ({"name": "a" * 81}, "is no name"),
        ({"name": "<b>"}, "is no name"),
        ({"name": "new", "role": "king"}, "the role 'king' is unknown"),
        ({"name": "new", "password": "short"}, "the password has 5 characters; expected 10 to 200"),
        ({"name": "TAKEN"}, "there is an account of the name TAKEN already"),
    ],
)
def test_what_is_no_account(sqlite: Database, given: dict[str, Any], sentence: str) -> None:
    with sqlite.writing() as session:
        create_account(session, "taken")
        with pytest.raises(AccountError, match=sentence):
            create_account(session, **given)
