"""A file of three small events, toy weights, and the services and test client on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from inference.cards import WeightsCard
from lartpc.classes import InstanceClass
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Interaction, Truth, WireImage
from lartpc.writer import EventWriter
from viewer.application import create_app
from viewer.services import Services
from viewer.settings import Settings

WriteEvents = Callable[[Path, int], Path]


def _image(plane: str, entry: int) -> WireImage:
    """Three pixels on the diagonal, the first at (entry, entry)."""
    places = np.arange(entry, entry + 3, dtype=np.int32)
    adc = np.array([20, 50, 100 + entry], np.float32)
    dead = np.array([7], np.int32)
    return WireImage(plane, places, places, adc, (1008, 2400), dead_wires=dead)


def make_event(entry: int) -> Event:
    """Run 5, subrun 1, event 100 + entry; truth: MIP, MIP, unknown; two interactions, 40 and 7."""
    planes = ("U", "V", "Y")
    truth = Truth(
        classes={plane: np.array([1, 1, -1], np.int8) for plane in planes},
        instances={plane: np.array([40, 7, -1], np.int32) for plane in planes},
        interactions=(
            Interaction(40, InstanceClass.COSMIC, 13, 1000.0, {"Y": (0, 0, 2, 2)}),
            Interaction(7, InstanceClass.NEUTRINO, 14, 500.0),
        ),
        vertex_cm=(1.0, 2.0, 3.0),
    )
    images = {plane: _image(plane, entry) for plane in planes}
    identity = EventId(5, 1, 100 + entry, "events.h5", entry)
    return Event(identity, Detector.load("microboone"), images, truth, "simulation")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[int, bytes]:
    """Files of one, two and three events, which take longer to write than to copy."""
    files = {}
    for count in (1, 2, 3):
        path = tmp_path_factory.mktemp("written") / "events.h5"
        with EventWriter(path, "microboone", "simulation") as writer:
            for entry in range(count):
                writer.append(make_event(entry))
        files[count] = path.read_bytes()
    return files


@pytest.fixture
def write_events(written: dict[int, bytes]) -> WriteEvents:
    """Puts down a file of one to three events."""

    def write(path: Path, count: int) -> Path:
        path.write_bytes(written[count])
        return path

    return write


@pytest.fixture
def event_file(tmp_path: Path, write_events: WriteEvents) -> Path:
    return write_events(tmp_path / "events.h5", 3)


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[WeightsCard]:
    """Toy weights of the segmenter on every plane, and of the detector on Y, in place of those shipped."""
    made = [
        WeightsCard(
            name="toy", path=Path("toy"), plane=plane, network="uresnet", sha256=digit * 64, card={"steps": 3}
        )
        for plane, digit in zip("UVY", "abc", strict=True)
    ]
    made.append(WeightsCard("boxes", Path("boxes"), "Y", "smask-rcnn", "d" * 64))

    def default(network: str, plane: str) -> WeightsCard:
        return next(card for card in made if (card.network, card.plane) == (network, plane))

    for module in ("viewer.job_routes", "viewer.services"):
        monkeypatch.setattr(f"{module}.available_weights", lambda: made)
        monkeypatch.setattr(f"{module}.default_weights", default)
    return made


@pytest.fixture
def services(tmp_path: Path, event_file: Path, cards: list[WeightsCard]) -> Iterator[Services]:
    made = Services.open(Settings(files=(event_file,), data_folder=tmp_path / "data"))
    yield made
    made.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    """A browser without the browser."""
    return create_app(services).server.test_client()
