"""Routes of names, log-in and log-out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from viewer.access import Access
from viewer.answers import BadRequestError, json_answer
from viewer.job_routes import json_body


def add_who_routes(blueprint: Blueprint, access: Access) -> None:
    """Put /api/who, /api/login and /api/logout on the /api blueprint."""

    @blueprint.get("/who")
    def who() -> Response:
        return json_answer(access.describe())

    @blueprint.post("/who")
    def pick() -> Response:
        access.pick(_text(json_body(), "name"))
        return json_answer(access.describe())

    @blueprint.post("/login")
    def login() -> Response:
        body = json_body()
        response = json_answer({})
        access.log_in(_text(body, "name"), _text(body, "password"), response)
        return response

    @blueprint.post("/logout")
    def logout() -> Response:
        response = json_answer({})
        access.log_out(response)
        return response


def _text(body: Any, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or len(value) > 1000:
        raise BadRequestError(f"{name} is missing; expected a text.")
    return value
