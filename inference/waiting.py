"""How the threads of a network wait for one another."""

import os


def wait_passively() -> None:
    """Let waiting threads sleep; call it before torch is imported.

    By default they spin, which on a machine with other work takes the core from the very thread they
    wait for: a network was seen to take fifty times as long.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
