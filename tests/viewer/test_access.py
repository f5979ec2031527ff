"""Who is let in, as whom, and what one person cannot do to another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from records.accounts import create_account
from records.models import LoginSession
from viewer.access import COOKIE
from viewer.application import create_app
from viewer.services import Services
from viewer.settings import Authentication, Settings, SettingsError

PASSWORDS = {"Ada": "correct horse", "Ben": "battery staple", "Olga": "a third sentence"}
ROLES = {"Ada": "rater", "Ben": "rater", "Olga": "admin"}


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take no time; how they are made is tested with the accounts."""
    from werkzeug.security import generate_password_hash

    def quick(password: str) -> str:
        return generate_password_hash(password, "pbkdf2:sha256:1")

    monkeypatch.setattr("records.accounts.generate_password_hash", quick)


@pytest.fixture
def guarded(services: Services, quick_hashes: None) -> FlaskClient:
    """The app for people who log in, open to other machines."""
    with services.database.writing() as session:
        for name, password in PASSWORDS.items():
            create_account(session, name, ROLES[name], password)
    return client_of(services, Authentication("accounts"))


def client_of(services: Services, authentication: Authentication) -> FlaskClient:
    settings = replace(services.settings, host="0.0.0.0", authentication=authentication)
    return create_app(replace(services, settings=settings)).server.test_client()


def log_in(client: FlaskClient, name: str, password: str | None = None) -> Any:
    client.delete_cookie(COOKIE)
    return client.post("/api/login", json={"name": name, "password": password or PASSWORDS[name]})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "lab.example"])
def test_other_machines_are_not_served_without_a_log_in(host: str) -> None:
    with pytest.raises(SettingsError, match="people must log in"):
        Settings.from_arguments(["--host", host], {})
    assert (
        Settings.from_arguments(["--host", host, "--auth", "accounts"], {}).authentication.kind == "accounts"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_ones_own_machine_needs_none(host: str) -> None:
    assert Settings.from_arguments(["--host", host], {}).authentication == Authentication("local")


def test_a_proxy_is_named_with_its_header_and_addresses() -> None:
    read = Settings.from_environment({"ARGONSCOPE_AUTH": "proxy:X-Remote-User@10.0.0.2,10.0.0.3"})
    assert read.authentication == Authentication("proxy", "X-Remote-User", ("10.0.0.2", "10.0.0.3"))
    for wrong in ("proxy", "proxy:", "password", "accounts:X"):
        with pytest.raises(SettingsError, match="expected accounts"):
            Settings.from_environment({"ARGONSCOPE_AUTH": wrong})


def test_nobody_who_could_log_in_is_one_sentence(tmp_path: Path, event_file: Path) -> None:
    settings = Settings((event_file,), tmp_path / "data", authentication=Authentication("accounts"))
    with pytest.raises(SettingsError, match="Nobody can log in yet"):
        Services.open(settings)


def test_a_server_for_this_machine_answers_no_other(client: FlaskClient) -> None:
    away = client.get("/api/files", environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
    assert (away.status_code, away.json["error"].count(".")) == (403, 1)
    assert client.get("/api/files", environ_overrides={"REMOTE_ADDR": "::1"}).status_code == 200


def test_other_sites_cannot_post(client: FlaskClient) -> None:
    def post(**headers: str) -> int:
        return client.post(
            "/api/who", json={"name": "Ada"}, headers={k.replace("_", "-"): v for k, v in headers.items()}
        ).status_code

    assert post(Sec_Fetch_Site="cross-site") == 403
    assert post(Sec_Fetch_Site="same-site") == 403
    assert post(Origin="http://evil.example") == 403
    assert post(Origin="null") == 403
    assert post(Origin="http://localhost:8051") == 403
    assert client.post("/api/who", data={"name": "Ada"}).status_code == 400
    assert client.get("/api/who").json["names"] == []
    assert post(Origin="http://localhost", Sec_Fetch_Site="same-origin") == 200
    assert post() == 200


def test_a_name_is_picked_on_ones_own_machine(client: FlaskClient) -> None:
    assert client.get("/api/who").json == {"kind": "local", "name": None, "role": None, "names": []}
    assert client.post("/api/who", json={"name": "  Jörg  Maß "}).json["name"] == "Jörg Maß"
    headers = {"X-ArgonScope-Rater": "J%C3%B6rg%20Ma%C3%9F"}
    assert client.get("/api/who", headers=headers).json["name"] == "Jörg Maß"
    assert client.get("/api/studies").status_code == 401
    assert client.get("/api/studies", headers=headers).status_code == 200
    assert client.post("/api/who", json={"name": "<b>"}).status_code == 400
    assert client.post("/api/who", json={"name": 3}).status_code == 400


def test_a_name_with_a_password_cannot_be_picked(services: Services, quick_hashes: None) -> None:
    with services.database.writing() as session:
        create_account(session, "Ada", "admin", "correct horse")
    client = create_app(services).server.test_client()
    assert client.post("/api/who", json={"name": "ada"}).status_code == 403
    assert client.get("/api/studies", headers={"X-ArgonScope-Rater": "Ada"}).status_code == 401


def test_nothing_is_shown_before_the_log_in(guarded: FlaskClient) -> None:
    for address in ("/", "/event/events.h5/0?overlay=truth", "/models/", "/study/a"):
        answer = guarded.get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login?next=/")
    for address in ("/api/files", "/api/files/events.h5/events/0", "/_dash-layout", "/assets/style.css"):
        assert guarded.get(address).status_code == 401
    assert guarded.post("/api/jobs", json={"file": "events.h5", "entry": 0}).status_code == 401
    assert guarded.get("/api/files", headers={"X-ArgonScope-Rater": "Olga"}).status_code == 401
    page = guarded.get("/login")
    assert (page.status_code, 'type="password"' in page.text) == (200, True)


def test_a_log_in_is_a_cookie_that_scripts_and_other_sites_lack(guarded: FlaskClient) -> None:
    answer = log_in(guarded, "Ada")
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Max-Age=43200", "Path=/"))
    assert guarded.get("/api/who").json == {"kind": "accounts", "name": "Ada", "role": "rater", "names": []}
    assert guarded.get("/").status_code == 200
    assert guarded.post("/api/who", json={"name": "Ben"}).status_code == 403
    guarded.post("/api/logout", json={})
    assert guarded.get("/api/files").status_code == 401


def test_a_log_in_ends(guarded: FlaskClient, services: Services) -> None:
    log_in(guarded, "Ada")
    with services.database.writing() as session:
        session.execute(update(LoginSession).values(expires_at=1.0))
    answer = guarded.get("/api/files")
    assert (answer.status_code, answer.json["error"]) == (401, "Log in first; your log-in has ended.")


def test_guessing_is_slowed_down(guarded: FlaskClient) -> None:
    answers = [log_in(guarded, "Ada", f"guess number {i}") for i in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 60
    assert log_in(guarded, "Ada").status_code == 429
    assert log_in(guarded, "Ben").status_code == 200


def test_one_rater_cannot_reach_anothers_labels(guarded: FlaskClient) -> None:
    log_in(guarded, "Ada")
    task = guarded.post("/api/tasks", json={"file": "events.h5", "entry": 0}).json["task"]
    for other in ("Ben", "Olga"):
        log_in(guarded, other)
        assert guarded.get(f"/api/tasks/{task}/actions").status_code == 403
        assert guarded.post(f"/api/tasks/{task}/actions", json={"actions": []}).status_code == 403
        assert guarded.post(f"/api/tasks/{task}/submit", json={}).status_code == 403
        assert guarded.get(f"/api/tasks/{task}/planes").status_code == 403
        own = guarded.post("/api/tasks", json={"file": "events.h5", "entry": 0}).json["task"]
        assert own != task
    assert guarded.get("/api/tasks/0123/actions").status_code == 403


def test_a_proxy_names_who_is_logged_in(services: Services) -> None:
    client = client_of(services, Authentication("proxy", "X-Remote-User", ("10.0.0.2",)))
    from_proxy = {"REMOTE_ADDR": "10.0.0.2"}
    named = client.get("/api/who", headers={"X-Remote-User": "ada"}, environ_overrides=from_proxy)
    assert named.json == {"kind": "proxy", "name": "ada", "role": "rater", "names": []}
    forged = client.get("/api/files", headers={"X-Remote-User": "ada"})
    nobody = client.get("/", environ_overrides=from_proxy)
    assert (forged.status_code, nobody.status_code) == (401, 401)
    strange = client.get("/", headers={"X-Remote-User": "<b>"}, environ_overrides=from_proxy)
    assert strange.status_code == 400
    assert client.get("/login").status_code in (401, 404)
