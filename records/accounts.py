"""Accounts: names, roles, passwords, log-ins that expire, and a limit on how often one may guess.

Plain functions over the database; the web server decides where they are asked.
"""

from __future__ import annotations

import hashlib
import math
import re
import secrets
import time
from functools import lru_cache

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from records.database import Database
from records.models import Account, LoginFailure, LoginSession

ROLES = ("rater", "owner", "admin")
"""A rater labels; an owner also makes studies and sees their results; an admin also keeps accounts."""

SESSION_S = 12 * 3600.0
"""A log-in lasts a working day."""
WINDOW_S = 15 * 60.0
"""Failed log-ins of this long count."""
FAILURES = 5
"""Of one name from one address."""
FAILURES_OF_ADDRESS = 30
"""More, because a whole laboratory may share one address."""
FAILURES_OF_NAME = 50
"""More, so that nobody can lock another out at once."""
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200

_NAME = re.compile(r"\w[\w .@'-]{0,78}\w|\w")


class AccountError(ValueError):
    """An account cannot be made or changed like this; the text is one sentence."""


class AccessError(Exception):
    """Somebody may not do this; the text is one sentence that says nothing about what is there."""


class LoginError(Exception):
    """Nobody was logged in. retry_after_s: how long to wait where it was tried too often, else 0."""

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


def create_account(session: Session, name: str, role: str = "rater", password: str | None = None) -> Account:
    """A new account. Raises AccountError: the name is taken or none, the role unknown, the password weak."""
    name = checked_name(name)
    if role not in ROLES:
        raise AccountError(f"the role {role!r:.20} is unknown; expected {', '.join(ROLES)}")
    if find_account(session, name) is not None:
        raise AccountError(f"there is an account of the name {name} already")
    hashed = None if password is None else _hash(password)
    account = Account(name=name, role=role, password_hash=hashed, created_at=time.time())
    session.add(account)
    session.flush()
    return account


def named_rater(session: Session, name: str) -> Account:
    """The account of a name that was picked or typed on a machine of one's own; made where it is new.

    Raises AccountError for what is no name, AccessError for an account that is disabled or has a password.
    """
    found = find_account(session, checked_name(name))
    if found is None:
        return create_account(session, name)
    if found.disabled_at is not None or found.password_hash is not None:
        raise AccessError(f"the account {found.name} cannot be used without its password")
    return found


def find_account(session: Session, name: str) -> Account | None:
    """The account of a name, whatever its capitals."""
    return session.scalars(select(Account).where(func.lower(Account.name) == name.lower())).first()


def accounts(session: Session) -> list[Account]:
    """All accounts by name."""
    return list(session.scalars(select(Account).order_by(Account.name)))


def checked_name(name: str) -> str:
    """The name without outer blanks. Raises AccountError."""
    tidy = " ".join(name.split())
    if not _NAME.fullmatch(tidy):
        raise AccountError(f"{name!r:.90} is no name; expected 1 to 80 letters, digits, blanks or . @ ' -")
    return tidy


def set_password(session: Session, account: Account, password: str) -> None:
    """A new password; all log-ins of the account end. Raises AccountError for a weak one."""
    account.password_hash = _hash(password)
    _end_sessions(session, account)


def set_role(session: Session, account: Account, role: str) -> None:
    """Another role. Raises AccountError for an unknown one, or if no admin with a password would be left."""
    if role not in ROLES:
        raise AccountError(f"the role {role!r:.20} is unknown; expected {', '.join(ROLES)}")
    if role != "admin":
        _keep_an_admin(session, account)
    account.role = role


def disable(session: Session, account: Account) -> None:
    """No more log-ins; what the account labelled stays. Raises AccountError for the last admin."""
    _keep_an_admin(session, account)
    account.disabled_at = time.time()
    _end_sessions(session, account)


def log_in(database: Database, name: str, password: str, address: str, now: float | None = None) -> str:
    """The token of a new log-in; only its hash is kept. address: of the client, for the rate limit.

    Raises LoginError: unknown name, wrong password or disabled account (which, it does not say), or too
    many failures. A try counts as failed until it has gone well, so that trying in parallel gains nothing.
    """
    now = time.time() if now is None else now
    with database.writing() as session:
        session.execute(delete(LoginFailure).where(LoginFailure.failed_at <= now - WINDOW_S))
        _check_rate(session, _key(name), address[:80], now)
        session.add(LoginFailure(name=_key(name), address=address[:80], failed_at=now))
        account = find_account(session, name)
        usable = account is not None and account.disabled_at is None
        stored, account_id = (account.password_hash, account.id) if account and usable else (None, 0)
    # Outside of a transaction: this is meant to take long.
    right = check_password_hash(stored or _nobody(), password[: LONGEST_PASSWORD + 1])
    if stored is None or not right:
        raise LoginError("name or password is wrong")
    token = secrets.token_urlsafe(32)
    with database.writing() as session:
        session.execute(delete(LoginFailure).where(LoginFailure.name == _key(name)))
        session.execute(delete(LoginSession).where(LoginSession.expires_at <= now))
        row = {"token_hash": _token_hash(token), "account_id": account_id}
        session.add(LoginSession(**row, created_at=now, expires_at=now + SESSION_S))
    return token


def account_of(session: Session, token: str, now: float | None = None) -> Account | None:
    """Whose log-in a token is; None where it is unknown, has expired, or its account is disabled."""
    row = session.get(LoginSession, _token_hash(token))
    if row is None or row.expires_at <= (time.time() if now is None else now):
        return None
    account = session.get_one(Account, row.account_id)
    return None if account.disabled_at is not None else account


def log_out(session: Session, token: str) -> None:
    """End a log-in; an unknown token is no error."""
    session.execute(delete(LoginSession).where(LoginSession.token_hash == _token_hash(token)))


def require_role(account: Account, *roles: str) -> None:
    """Raises AccessError unless the account has one of these roles; an admin may do everything."""
    if account.role not in (*roles, "admin"):
        raise AccessError(f"this needs the role {' or '.join(roles or ('admin',))}")


def _check_rate(session: Session, name: str, address: str, now: float) -> None:
    of_name, of_address = LoginFailure.name == name, LoginFailure.address == address
    limits = (
        (FAILURES, (of_name, of_address)),
        (FAILURES_OF_ADDRESS, (of_address,)),
        (FAILURES_OF_NAME, (of_name,)),
    )
    for most, which in limits:
        times = sorted(session.scalars(select(LoginFailure.failed_at).where(*which)))
        if len(times) >= most:
            wait = times[-most] + WINDOW_S - now
            raise LoginError(f"too many failed log-ins; try again in {math.ceil(wait / 60.0)} min", wait)


def _keep_an_admin(session: Session, account: Account) -> None:
    if account.role != "admin":
        return
    usable = (Account.role == "admin", Account.disabled_at.is_(None), Account.id != account.id)
    if session.scalars(select(Account.id).where(*usable)).first() is None:
        raise AccountError(f"{account.name} is the last admin; make another one first")


def _hash(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountError(
            f"the password has {len(password)} characters; expected {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}"
        )
    return generate_password_hash(password)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that no password has: a name nobody has takes as long to refuse as a wrong password."""
    return generate_password_hash(secrets.token_urlsafe(32))


def _key(name: str) -> str:
    return name.strip().lower()[:80]


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _end_sessions(session: Session, account: Account) -> None:
    session.execute(delete(LoginSession).where(LoginSession.account_id == account.id))
