"""How the server answers: JSON without NaN, gzip, and one sentence for every error."""

from __future__ import annotations

import gzip
import json
from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from inference.client import QueueError
from lartpc.errors import EventFileError
from viewer.describe import finite
from viewer.library import UnknownEntryError, UnknownFileError

GZIP_LEVEL = 1
"""Level 6 takes four times as long on plane bodies for a tenth fewer bytes."""

_GZIP_FROM_BYTES = 1000


class BadRequestError(ValueError):
    """The request makes no sense; the text is shown to the user."""


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
        case QueueError():
            return _sentence(str(error), 503)
        case HTTPException():
            return _sentence(error.description or error.name, error.code or 500)
    current_app.logger.error("unforeseen error at %s", request.path, exc_info=error)
    kind = type(error).__name__
    return _sentence(f"The server met an error that it did not foresee ({kind}); see its log.", 500)


def _sentence(text: str, status: int) -> Response:
    return json_answer({"error": text}, status)
