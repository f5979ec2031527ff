"""The front door: settings, services, app, web server and worker.

``python app.py [FILE ...]`` serves in a browser; ``gunicorn app:server`` serves the same without a
worker. Nothing is opened, started or written when this module is imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from flask import Flask

from records.database import LabelStoreError
from records.folder import DataFolder, DataFolderError
from viewer.application import create_app
from viewer.demo import add_demo_studies
from viewer.services import Services
from viewer.settings import Settings, SettingsError


def main(arguments: Sequence[str]) -> int:
    """Serve until Ctrl-C or SIGTERM; 2 when it cannot start."""
    from inference.embedded import EmbeddedWorker
    from viewer.web_server import ServerError, WebServer

    try:
        settings = Settings.from_arguments(arguments, os.environ)
        services = Services.open(settings)
        web = WebServer(create_app(services).server, settings.host, settings.port)
    except (SettingsError, DataFolderError, LabelStoreError, ServerError) as error:
        print(f"ArgonScope cannot start. {error}", file=sys.stderr)
        return 2
    worker = EmbeddedWorker(DataFolder(settings.data_folder), settings.broker)
    try:
        if settings.worker:
            worker.start()
        add_demo_studies(services)
        for sentence in services.library.unreadable():
            print(sentence, file=sys.stderr)
        print(f"ArgonScope is at {web.url} (Ctrl-C stops it)", flush=True)
        web.serve()
    finally:
        worker.stop()
        services.close()
    return 0


def __getattr__(name: str) -> Any:
    """`server`, made when gunicorn asks for it, so that importing this module opens nothing."""
    if name == "server":
        server = _server()
        globals()["server"] = server
        return server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _server() -> Flask:
    try:
        services = Services.open(Settings.from_environment(os.environ))
    except (SettingsError, DataFolderError, LabelStoreError) as error:
        raise SystemExit(f"ArgonScope cannot start. {error}") from error
    add_demo_studies(services)
    return create_app(services).server


def leave(code: int) -> None:
    """End this process now. Everything is closed by then, and Python would take seconds to take so
    many modules apart, while whoever pressed Ctrl-C waits."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
