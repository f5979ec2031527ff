"""Web servers as processes of their own, the real app among them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEMO_FILE = ROOT / "demo" / "demo.h5"
_PATIENCE_S = 60.0
_STOP_S = 10.0


@dataclass(frozen=True)
class Served:
    """A server that runs: where it answers, and its process number."""

    address: str
    pid: int

    def get(self, path: str) -> Any:
        """The JSON answer at a path."""
        with urllib.request.urlopen(self.address + path, timeout=_PATIENCE_S) as answer:
            return json.load(answer)

    def wait_for_worker(self) -> None:
        """Wait until the app's worker has its weights loaded. Raises TimeoutError."""
        end = time.monotonic() + _PATIENCE_S
        while self.get("/api/worker")["state"] != "ready":
            if time.monotonic() > end:
                raise TimeoutError(f"The worker was not ready after {_PATIENCE_S:g} s.")
            time.sleep(0.1)


@contextmanager
def served(command: Sequence[str]) -> Iterator[Served]:
    """Start a server that prints its address in its first line; stop it at the end."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        line = process.stdout.readline() if process.stdout else ""
        found = re.search(r"http://\S+", line)
        if found is None:
            raise RuntimeError(f"{' '.join(command)} did not start; it said {line.strip()!r}.")
        yield Served(found[0], process.pid)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def app(*options: str) -> Iterator[Served]:
    """The front door on the demo events, with a data folder that goes at the end."""
    with tempfile.TemporaryDirectory(prefix="argonscope-benchmark-") as folder:
        command = [str(ROOT / "app.py"), str(DEMO_FILE), "--port", "0", "--data-dir", folder, *options]
        with served(command) as server:
            yield server
