"""Celery's filesystem broker with messages that appear, and are taken, in one step.

kombu writes a message under its final name and lists it while it is still empty: a reader that is
quick enough takes an empty file and stops. It also moves messages through the system's temporary
folder, which may be another disk. Here a message is written aside and renamed, taken by a rename
within the queue's folder, and named by the time of day, so that the oldest goes first after a reboot.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """A channel over ``data_folder_in``, which is also ``data_folder_out``."""

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        table = self.get_table(exchange)
        if row not in table:
            file = self._exchange_file(exchange)
            aside = file.with_suffix(f".{uuid.uuid4().hex}")
            aside.write_text(dumps([row, *table]))
            os.replace(aside, file)

    # kombu's own file channel differs from its base class in the name of the argument.
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        aside = folder / f"{name}.part"
        aside.write_text(dumps(payload))
        os.replace(aside, folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.endswith(f".{queue}.msg"):
                taken = folder / f"{name}.taken.{os.getpid()}"
                try:
                    os.rename(folder / name, taken)
                except FileNotFoundError:
                    continue  # another worker was quicker
                text = taken.read_text()
                taken.unlink()
                return loads(text)
        raise Empty


class Transport(filesystem.Transport):
    """kombu's filesystem transport over the channel above."""

    Channel = Channel
