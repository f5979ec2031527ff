"""Who asks: a name on one's own machine, an account with a password, or a name that a proxy vouches for.

Every request passes `Access.check` first: it turns away what comes from other sites, and, where people
log in, whoever has not.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from flask import Flask, Response, g, redirect, request
from werkzeug.exceptions import Forbidden, HTTPException, Unauthorized

from records.accounts import (
    SESSION_S,
    AccessError,
    AccountError,
    account_of,
    accounts,
    create_account,
    find_account,
    log_in,
    log_out,
    named_rater,
)
from records.database import Database, LabelStoreError
from records.models import Account
from viewer.answers import BadRequestError, error_answer
from viewer.settings import Authentication

COOKIE = "argonscope_session"
NAME_HEADER = "X-ArgonScope-Rater"
"""Carries the rater's name on a machine of one's own, percent-encoded. Another site cannot send it."""
LOGIN_PAGE = "/login"
_OPEN = ("/login", "/api/login", "/api/who")
"""What can be asked before one has logged in."""
_SAFE = ("GET", "HEAD", "OPTIONS")
_OWN_SITE = ("same-origin", "none")


@dataclass(frozen=True)
class Person:
    """Who is logged in, or whose name was given."""

    id: int
    name: str
    role: str


class Access:
    """The one place that knows how people are told apart."""

    def __init__(self, authentication: Authentication, database: Database) -> None:
        self._how = authentication
        self._database = database

    @property
    def kind(self) -> str:
        """ "local", "accounts" or "proxy"."""
        return self._how.kind

    def watch(self, server: Flask) -> None:
        """Have every request of a server checked."""
        server.before_request(self._guarded)

    def person(self) -> Person:
        """Who asks. Raises Unauthorized (401) where nobody is named, AccessError for a disabled account."""
        found = self.person_or_none()
        if found is None:
            raise Unauthorized(
                "Choose a name first." if self.kind == "local" else "Log in first; your log-in has ended."
            )
        return found

    def person_or_none(self) -> Person | None:
        """Who asks, None where nobody is named. Asked once a request. Raises AccessError."""
        if "person" not in g:
            g.person = self._find()
        found: Person | None = g.person
        return found

    def describe(self) -> dict[str, Any]:
        """What the page is told of who asks; on one's own machine also the names to pick from."""
        found = self.person_or_none()
        names: list[str] = []
        if self.kind == "local":
            with self._database.reading() as session:
                usable = [a for a in accounts(session) if not a.password_hash and a.disabled_at is None]
                names = [account.name for account in usable]
        return {
            "kind": self.kind,
            "name": found.name if found else None,
            "role": found.role if found else None,
            "names": names,
        }

    def pick(self, name: str) -> Person:
        """Take a name on one's own machine, an account where it is new. Raises AccountError, AccessError."""
        if self.kind != "local":
            raise AccessError("a name cannot be picked here; log in")
        with self._database.writing() as session:
            g.person = _person(named_rater(session, name))
        found: Person = g.person
        return found

    def log_in(self, name: str, password: str, response: Response) -> None:
        """Log in and leave the cookie on the response. Raises LoginError, AccessError."""
        if self.kind != "accounts":
            raise AccessError("there are no passwords here")
        token = log_in(self._database, name, password, request.remote_addr or "")
        response.set_cookie(
            COOKIE, token, max_age=int(SESSION_S), httponly=True, samesite="Lax", secure=request.is_secure
        )

    def log_out(self, response: Response) -> None:
        """End the log-in."""
        token = request.cookies.get(COOKIE)
        if token:
            with self._database.writing() as session:
                log_out(session, token)
        response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)

    # ---- checks ------------------------------------------------------------------------------------

    def _guarded(self) -> Response | None:
        try:
            return self._check()
        except (AccessError, AccountError, BadRequestError, LabelStoreError, HTTPException) as error:
            return error_answer(error)

    def _check(self) -> Response | None:
        if self.kind == "local" and not _from_here():
            raise Forbidden(
                "ArgonScope was started for this machine alone; start it with --auth to serve others."
            )
        if request.method not in _SAFE:
            _refuse_other_sites()
            # A form of another page cannot send this type unasked.
            if request.mimetype != "application/json":
                raise BadRequestError("Send application/json.")
        if self.kind == "local" or request.path in _OPEN or self.person_or_none() is not None:
            return None
        if request.method == "GET" and not request.path.startswith(("/api/", "/_", "/assets/")):
            if self.kind == "proxy":
                raise Unauthorized("The proxy in front of ArgonScope named nobody.")
            wanted = request.full_path.rstrip("?")
            return redirect(f"{LOGIN_PAGE}?next={quote(wanted)}")  # type: ignore[return-value]
        raise Unauthorized("Log in first; your log-in has ended.")

    def _find(self) -> Person | None:
        if self.kind == "local":
            return self._of_name_header()
        if self.kind == "proxy":
            return self._of_proxy()
        token = request.cookies.get(COOKIE)
        if not token:
            return None
        with self._database.reading() as session:
            account = account_of(session, token)
        return None if account is None else _person(account)

    def _of_name_header(self) -> Person | None:
        name = unquote(request.headers.get(NAME_HEADER, ""))
        if not name:
            return None
        with self._database.reading() as session:
            account = find_account(session, name)
        usable = account is not None and account.disabled_at is None and account.password_hash is None
        return _person(account) if account is not None and usable else None

    def _of_proxy(self) -> Person | None:
        name = request.headers.get(self._how.header, "")
        if not name or (request.remote_addr or "") not in self._how.proxies:
            return None
        with self._database.reading() as session:
            account = find_account(session, name)
        if account is None:
            with self._database.writing() as session:
                account = find_account(session, name) or create_account(session, name)
        if account.disabled_at is not None:
            raise AccessError(f"the account {account.name} is disabled")
        return _person(account)


def _person(account: Account) -> Person:
    return Person(account.id, account.name, account.role)


def _from_here() -> bool:
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _refuse_other_sites() -> None:
    """Browsers say where a request comes from; programs such as curl say nothing, and carry no cookie."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    foreign = site is not None and site not in _OWN_SITE
    if foreign or (origin is not None and urlsplit(origin).netloc.lower() != request.host.lower()):
        raise Forbidden("A page of another site may not send this.")
