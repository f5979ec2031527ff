"""The file broker: oldest first, each message once, none half written, whoever else reads and writes."""

from __future__ import annotations

import threading
import time
from queue import Empty

import pytest
from kombu import Connection

from inference.queue import QUEUE, make_queue
from inference.transport import Channel
from records.folder import DataFolder


def open_channel(folder: DataFolder) -> tuple[Connection, Channel]:
    connection = make_queue(folder).connection_for_write()
    channel = connection.default_channel
    assert isinstance(channel, Channel)
    return connection, channel


def test_the_oldest_goes_first_and_nothing_is_left(folder: DataFolder) -> None:
    connection, channel = open_channel(folder)
    for number in range(3):
        channel._put(QUEUE, {"number": number})
    assert [channel._get(QUEUE)["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get(QUEUE)
    assert list((folder.queue / "messages").iterdir()) == []
    connection.release()


def test_a_message_of_another_queue_stays(folder: DataFolder) -> None:
    connection, channel = open_channel(folder)
    channel._put("other", {})
    with pytest.raises(Empty):
        channel._get(QUEUE)
    assert channel._get("other") == {}
    connection.release()


def test_each_message_is_taken_once_while_others_write(folder: DataFolder) -> None:
    writers, readers, each = 3, 3, 60
    taken: list[str] = []
    end = time.monotonic() + 60

    def write(name: int) -> None:
        connection, channel = open_channel(folder)
        for number in range(each):
            channel._put(QUEUE, {"name": f"{name} {number}", "long": "x" * 10_000})
        connection.release()

    def read() -> None:
        connection, channel = open_channel(folder)
        while len(taken) < writers * each and time.monotonic() < end:
            try:
                taken.append(channel._get(QUEUE)["name"])
            except Empty:
                time.sleep(0.001)
        connection.release()

    threads = [threading.Thread(target=write, args=(name,)) for name in range(writers)]
    threads += [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"{name} {number}" for name in range(writers) for number in range(each))
