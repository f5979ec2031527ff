"""How the server answers: JSON without NaN, gzip, and one sentence for every error."""

from __future__ import annotations

import errno
import gzip
import json
import math
from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from inference.client import QueueError
from lartpc.errors import EventFileError
from records.accounts import AccessError, AccountError, LoginError
from records.actions import LabelError
from records.database import LabelStoreError
from records.study_definition import StudyError
from viewer.describe import finite
from viewer.library import UnknownEntryError, UnknownFileError

GZIP_LEVEL = 1
"""Level 6 takes four times as long on plane bodies for a tenth fewer bytes."""

_GZIP_FROM_BYTES = 1000
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FULL_WORDS = ("disk is full", "No space left", "Disk quota exceeded", "could not extend file")
"""How SQLite, the operating system and PostgreSQL say so."""


class BadRequestError(ValueError):
    """The request makes no sense; the text is shown to the user."""


class StillBlindError(AccessError):
    """What is asked for is closed until the person has finished a study."""

    def __init__(self, reason: str, study: str) -> None:
        super().__init__(reason)
        self.study = study


class NotFoundError(LookupError):
    """What is asked for does not exist; the text is shown to the user."""


def json_answer(value: Any, status: int = 200) -> Response:
    """JSON that no cache keeps; NaN and infinity become null."""
    text = json.dumps(finite(value), separators=(",", ":"), allow_nan=False)
    response = Response(text, status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def compressed(response: Response) -> Response:
    """gzip for a body that is worth it and not packed already."""
    if response.direct_passthrough or "Content-Encoding" in response.headers:
        return response
    if response.status_code == 200 and "gzip" in request.accept_encodings:
        body = response.get_data()
        if len(body) >= _GZIP_FROM_BYTES:
            response.set_data(gzip.compress(body, GZIP_LEVEL))
            response.headers["Content-Encoding"] = "gzip"
            response.vary.add("Accept-Encoding")
    return response


def error_answer(error: Exception) -> Response:
    """The sentence of an error that was foreseen; of any other its kind, with the rest in the log."""
    match error:
        case UnknownFileError() | UnknownEntryError() | NotFoundError():
            return _sentence(str(error), 404)
        case EventFileError():
            return _sentence(str(error), 422)
        case BadRequestError():
            return _sentence(str(error), 400)
        case LabelError():
            return json_answer({"error": _tidy(str(error)), "action": error.action}, 400)
        case AccountError():
            return _sentence(_tidy(str(error)), 400)
        case StillBlindError():
            return json_answer({"error": _tidy(str(error)), "study": error.study}, 403)
        case AccessError():
            return _sentence(_tidy(str(error)), 403)
        case StudyError():
            return _sentence(_tidy(str(error)), 409)
        case LoginError():
            return _login_failed(error)
        case LabelStoreError():
            return _not_stored(str(error))
        case OSError() if error.errno in _FULL:
            return _not_stored(str(error))
        case QueueError():
            return _sentence(str(error), 503)
        case HTTPException():
            return _sentence(error.description or error.name, error.code or 500)
    current_app.logger.error("unforeseen error at %s", request.path, exc_info=error)
    kind = type(error).__name__
    return _sentence(f"The server met an error that it did not foresee ({kind}); see its log.", 500)


def _login_failed(error: LoginError) -> Response:
    response = _sentence(_tidy(str(error)), 429 if error.retry_after_s else 401)
    if error.retry_after_s:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    return response


def _not_stored(reason: str) -> Response:
    """A full disk is told apart: the browser keeps what it could not send, and says why."""
    current_app.logger.error("labels at %s were not stored: %s", request.path, reason)
    if any(word in reason for word in _FULL_WORDS):
        return _sentence("The server's disk is full, so nothing was stored.", 507)
    return _sentence("The server's label database cannot be used now, so nothing was stored.", 503)


def _tidy(text: str) -> str:
    """A reason as a sentence of its own."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _sentence(text: str, status: int) -> Response:
    return json_answer({"error": text}, status)
