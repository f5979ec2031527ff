"""Processes that prepare training batches beside the trainer, and the queue between them."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Generator, Iterable, Sequence
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from queue import Empty, Full
from typing import Any, TypeVar

Item = TypeVar("Item")


def prepared(
    make: Callable[..., Iterable[Item]], arguments: tuple[Any, ...], workers: int, ahead: int = 12
) -> Generator[Item, None, None]:
    """Endlessly what `make(*arguments, worker)` yields in each of some processes, `ahead` at the most.

    Ends its processes when the generator is closed. Raises RuntimeError if one of them dies.
    """
    context = multiprocessing.get_context("spawn")
    queue: Queue[Item] = context.Queue(maxsize=ahead)
    processes = [
        context.Process(target=_produce, args=(queue, make, (*arguments, worker)), daemon=True)
        for worker in range(max(workers, 1))
    ]
    for process in processes:
        process.start()
    try:
        while True:
            yield _next(queue, processes)
    finally:
        for process in processes:
            process.terminate()


def _next(queue: Queue[Item], processes: Sequence[BaseProcess]) -> Item:
    while True:
        try:
            return queue.get(timeout=20.0)
        except Empty:
            if any(not process.is_alive() for process in processes):
                raise RuntimeError(
                    "a process that prepares training events has died; see its message above"
                ) from None


def _produce(queue: Queue[Item], make: Callable[..., Iterable[Item]], arguments: tuple[Any, ...]) -> None:
    # Ctrl-C reaches every process of a terminal: it is the trainer that ends its own, after its step.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for item in make(*arguments):
        if not _hand_over(queue, item):
            return


def _hand_over(queue: Queue[Item], item: Item) -> bool:
    """Wait for room in the queue; False where the trainer has died and nobody will ever make any."""
    trainer = multiprocessing.parent_process()
    while trainer is None or trainer.is_alive():
        try:
            queue.put(item, timeout=2.0)
            return True
        except Full:
            continue
    queue.cancel_join_thread()
    return False
