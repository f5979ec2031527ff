"""Routes of files, events and planes. Every failure is JSON: {"error": one sentence}."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import asdict

import numpy as np
from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from lartpc.classes import PLANES
from viewer.access import Access
from viewer.answers import GZIP_LEVEL, BadRequestError, NotFoundError, compressed, error_answer, json_answer
from viewer.blindness import Blindness
from viewer.candidate_routes import add_candidate_routes
from viewer.describe import event_header, event_planes
from viewer.encoding import MEDIA_TYPE, encode
from viewer.job_routes import add_job_routes
from viewer.label_routes import add_label_routes
from viewer.masking_routes import add_masking_routes
from viewer.services import Services
from viewer.study_routes import add_study_routes
from viewer.who_routes import add_who_routes

_FORMAT_VERSION = 1
"""Part of every ETag: raise it when the plane body changes, so that browsers fetch anew."""


def register_routes(server: Flask, services: Services, access: Access) -> None:
    """Put all of /api on a Flask server."""
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    blueprint.before_request(Blindness(services, access).check_request)
    _add_file_routes(blueprint, services)
    _add_event_routes(blueprint, services)
    add_job_routes(blueprint, services)
    add_candidate_routes(blueprint, services)
    add_masking_routes(blueprint, services)
    add_who_routes(blueprint, access)
    add_label_routes(blueprint, services, access)
    add_study_routes(blueprint, services, access)
    blueprint.register_error_handler(Exception, error_answer)
    blueprint.after_request(compressed)
    server.register_blueprint(blueprint)
    server.register_error_handler(HTTPException, _unrouted)

    @server.route("/api/<path:rest>")
    def nothing_here(rest: str) -> Response:
        """Without it the page itself would answer, as it does at every address."""
        raise NotFoundError(f"There is nothing at /api/{rest}.")

    server.register_error_handler(NotFoundError, error_answer)


def _unrouted(error: HTTPException) -> Response | HTTPException:
    """What no route took (wrong address, method or host) is answered in JSON under /api too."""
    return error_answer(error) if request.path.startswith("/api/") else error


def _add_file_routes(blueprint: Blueprint, services: Services) -> None:
    library = services.library

    @blueprint.get("/files")
    def files() -> Response:
        library.refresh()
        return json_answer([asdict(library.info(name)) for name in library.names])

    @blueprint.get("/files/<name>/events")
    def events(name: str) -> Response:
        summaries = library.summaries(name)
        predicted = services.predicted_entries(name)
        return json_answer(
            [
                {
                    "entry": entry,
                    "run": summary.id.run,
                    "subrun": summary.id.subrun,
                    "event": summary.id.event,
                    "lit": dict(summary.lit),
                    "truth": summary.has_truth,
                    "predicted": entry in predicted,
                }
                for entry, summary in enumerate(summaries)
            ]
        )


def _add_event_routes(blueprint: Blueprint, services: Services) -> None:
    library = services.library

    @blueprint.get("/files/<name>/events/<int:entry>")
    def event(name: str, entry: int) -> Response:
        found = library.event(name, entry)
        header = event_header(found, library.entries(name))
        return json_answer({**header, "file": name, "answers": services.answers(found)})

    @blueprint.get("/files/<name>/events/<int:entry>/planes")
    def planes(name: str, entry: int) -> Response:
        stamp = (_FORMAT_VERSION, name, entry, *library.stamp(name))
        tag = hashlib.sha256(repr(stamp).encode()).hexdigest()[:32]
        response = Response(mimetype=MEDIA_TYPE)
        response.set_etag(tag, weak=True)
        response.headers["Cache-Control"] = "private, no-cache"
        response.vary.add("Accept-Encoding")
        if not request.if_none_match.contains_weak(tag):
            _fill_with_planes(response, services, name, entry, tag)
        response.make_conditional(request)
        return response

    @blueprint.get("/files/<name>/events/<int:entry>/waveform")
    def waveform(name: str, entry: int) -> Response:
        plane, wire = request.args.get("plane", ""), request.args.get("wire", type=int)
        if plane not in PLANES or wire is None:
            raise BadRequestError("A waveform needs plane=U, V or Y and wire=<number>.")
        found = library.waveform(name, entry, plane, wire)
        if found is None:
            return Response(status=204)
        arrays = {"tick": found.tick.astype(np.float32), "adc": found.adc.astype(np.float32)}
        return Response(encode({"plane": plane, "wire": wire}, arrays), mimetype=MEDIA_TYPE)


def _fill_with_planes(response: Response, services: Services, name: str, entry: int, tag: str) -> None:
    """Cached as gzip: nearly every reader of it is a browser."""
    packed = services.cache.get(tag)
    if packed is None:
        packed = gzip.compress(event_planes(services.library.event(name, entry)), GZIP_LEVEL)
        services.cache.set(tag, packed)
    if "gzip" in request.accept_encodings:
        response.set_data(packed)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(gzip.decompress(packed))
