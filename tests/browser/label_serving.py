"""A label server for the browser tests that can be stopped, slowed, filled up and made to lose answers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import event, select
from werkzeug.serving import BaseWSGIServer, make_server

from lartpc.readers import open_events
from lartpc.writer import EventWriter
from records.accounts import find_account
from records.labels import TaskLabels, read_labels
from records.models import LabelAction, Task
from viewer.application import create_app
from viewer.services import Services
from viewer.settings import DEMO_FILE, Settings

ENTRIES = (19, 16)
"""Of the demo: 1510 and some hundred lit pixels."""


def few_events(path: Path) -> Path:
    """A small file of demo events."""
    with open_events(DEMO_FILE) as demo, EventWriter(path, "microboone", "demo") as writer:
        for entry in ENTRIES:
            writer.append(demo[entry])
    return path


class LabelServer:
    """The app in this process, on a port that it keeps."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(files=(few_events(folder / "few.h5"),), data_folder=folder / "data")
        self.delay_s = 0.0
        self.lose_answers = 0
        self.bodies: list[tuple[str, bytes]] = []
        self.port = 0
        self.start()

    def start(self) -> None:
        self.services = Services.open(self.settings)
        app = create_app(self.services).server
        self._server: BaseWSGIServer = make_server("127.0.0.1", self.port, self._around(app), threaded=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="labels")
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections from now on, as a server that was killed does."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.services.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _around(self, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        def serve(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            posted = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].endswith("/actions")
            if posted:
                time.sleep(self.delay_s)
            environ.pop("HTTP_ACCEPT_ENCODING", None)
            given = app(environ, start)
            answer = b"".join(given)
            given.close()  # type: ignore[attr-defined]
            if posted and self.lose_answers:
                self.lose_answers -= 1
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
                raise ConnectionResetError("the server died after it had stored, before it answered")
            self.bodies.append((environ["PATH_INFO"], answer))
            return [answer]

        return serve

    def fill_disk(self) -> Callable[[], None]:
        """The database cannot grow any more; what is returned makes space again."""
        engine = self.services.database.engine

        def no_more(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA max_page_count = 1")  # taken as: as many as there are

        engine.dispose()
        event.listen(engine, "connect", no_more)

        def space() -> None:
            event.remove(engine, "connect", no_more)
            engine.dispose()

        return space

    def log(self, rater: str = "Ada") -> list[str]:
        """Ids of all actions of a rater, in the order they were stored."""
        with self.services.database.reading() as session:
            account = find_account(session, rater)
            assert account is not None
            query = select(LabelAction.id).where(LabelAction.author_id == account.id)
            return list(session.scalars(query.order_by(LabelAction.seq)))

    def labels(self, token: str) -> TaskLabels:
        """What the server says is labelled."""
        with self.services.database.reading() as session:
            task = session.scalars(select(Task).where(Task.token == token)).one()
            return read_labels(session, task)

    def classes(self, token: str, plane: str = "Y") -> list[int]:
        return np.asarray(self.labels(token).planes[plane].classes).tolist()
