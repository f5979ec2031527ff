"""Small images, toy weights, and a data folder with a client on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from inference.cards import WeightsCard
from inference.client import JobClient
from lartpc.event import WireImage
from records.answers import AnswerStore
from records.folder import DataFolder

MakeImage = Callable[..., WireImage]
MakeCard = Callable[[str], WeightsCard]


@pytest.fixture
def make_image() -> MakeImage:
    """An image of 50 pixels by seed: other seed, other content."""

    def make(seed: int = 0, plane: str = "Y", gain: float = 1.0) -> WireImage:
        adc = np.random.default_rng(seed).uniform(10, 300, 50).astype(np.float32)
        rows, wires = np.arange(50, dtype=np.int32), np.arange(50, dtype=np.int32)
        return WireImage(plane, rows, wires, adc, (100, 100), gain=gain)

    return make


@pytest.fixture
def make_card() -> MakeCard:
    """Weights of the toy network by the name of what it shall do."""

    def make(name: str) -> WeightsCard:
        digest = name.encode().hex().ljust(64, "0")
        return WeightsCard(name=name, path=Path(name), plane="Y", network="uresnet", sha256=digest, card={})

    return make


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A prepared data folder."""
    made = DataFolder(tmp_path / "data")
    made.prepare(space_needed=0)
    return made


@pytest.fixture
def predictions(folder: DataFolder) -> AnswerStore:
    return AnswerStore(folder.predictions)


@pytest.fixture
def client(folder: DataFolder, predictions: AnswerStore) -> Iterator[JobClient]:
    """A client on the file broker."""
    made = JobClient(folder, predictions)
    yield made
    made.close()
