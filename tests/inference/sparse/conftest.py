"""Every way to compute sparse layers on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inference.sparse import kernel


@pytest.fixture(params=kernel.available())
def each_kernel(request: pytest.FixtureRequest) -> Iterator[str]:
    """Plain torch, then each instruction set of the compiled kernel."""
    with kernel.using(request.param):
        yield request.param
