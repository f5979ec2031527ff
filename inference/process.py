"""How a process that runs networks shares the machine: its threads, and its memory."""

import ctypes
import os

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt, as malloc.h numbers them."""
_KEPT_BYTES = 256 << 20
_LARGEST_BYTES = 1 << 30


def prepare_process() -> None:
    """Let waiting threads sleep, and keep memory that is freed; call it before torch is imported.

    By default threads spin while they wait, which on a machine with other work takes the core from the
    very thread they wait for: a network was seen to take fifty times as long. And by default each
    layer's output, some megabytes, goes back to the system and is mapped anew, page by page: a fifth to
    a third of the time of a small network. Up to 256 MB are kept, where the C library is glibc.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_BYTES)
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
