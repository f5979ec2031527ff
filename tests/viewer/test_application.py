"""The app around the routes: served locally, twice if wanted, with headers that keep it to itself."""

from __future__ import annotations

from dataclasses import replace

from flask.testing import FlaskClient

from viewer.application import create_app
from viewer.services import Services
from viewer.settings import Authentication


def test_the_page_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/event/events.h5/1")
    assert page.status_code == 200
    assert b"<title>ArgonScope</title>" in page.data
    assert b'src="http' not in page.data
    assert b'href="http' not in page.data
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]


def test_headers(client: FlaskClient) -> None:
    for address in ("/", "/api/files", "/api/nothing"):
        headers = client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_foreign_host_name_is_refused_on_loopback(client: FlaskClient) -> None:
    answer = client.get("/api/files", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "error" in answer.json


def test_any_host_name_is_served_beyond_loopback(services: Services) -> None:
    proxy = Authentication("proxy", "X-User", ("127.0.0.1",))
    settings = replace(services.settings, host="0.0.0.0", authentication=proxy)
    client = create_app(replace(services, settings=settings)).server.test_client()
    headers = {"Host": "farm.example:8050", "X-User": "ada"}
    assert client.get("/api/files", headers=headers).status_code == 200


def test_a_second_app_has_its_callbacks_too(services: Services) -> None:
    first = create_app(services).server.test_client().get("/_dash-dependencies").json
    second = create_app(services).server.test_client().get("/_dash-dependencies").json
    assert first == second


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/jobs", data=b" " * 2_000_000, content_type="application/json")
    assert answer.status_code in (400, 413)
