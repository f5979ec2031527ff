"""The web server of ``python app.py``: waitress, threads, stopped by a signal within moments."""

from __future__ import annotations

import logging
import signal
import threading

from flask import Flask
from waitress import create_server

_THREADS = 8
_OUT_BUFFER_BYTES = 16_000_000
"""A plane body stays in memory instead of going through a temporary file."""


class ServerError(Exception):
    """The address cannot be served; the text is one sentence for the user."""


class WebServer:
    """A Flask app on one address. The port is taken when it is made: port 0 takes a free one."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        """Raises ServerError when the address is taken or not of this machine."""
        logging.getLogger("waitress").setLevel(logging.ERROR)
        try:
            self._server = create_server(
                app,
                host=host,
                port=port,
                threads=_THREADS,
                ident=None,
                outbuf_overflow=_OUT_BUFFER_BYTES,
            )
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ServerError(
                f"Port {port} of {host} cannot be used ({reason}); name another with --port."
            ) from error
        except ValueError as error:
            raise ServerError(f"{host!r} is no address of this machine ({error}).") from error
        self._host = host
        self._port = port

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        port = self._port or self._server.effective_port
        return f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{port}"

    def serve(self) -> None:
        """Serve until SIGINT or SIGTERM. A request that is still being answered is not waited for:
        requests only read, and what they start is in files."""
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: stop.set())
        threading.Thread(target=self._run, args=(stop,), name="web", daemon=True).start()
        stop.wait()

    def _run(self, stop: threading.Event) -> None:
        try:
            self._server.run()
        finally:
            stop.set()
