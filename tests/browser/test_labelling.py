"""Labelling in the display, and that no label is ever lost or doubled, whatever breaks."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from label_serving import LabelServer, few_events
from page import ScanPage
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from sqlalchemy import func, select

from inference.client import DETECTOR, SEGMENTER, default_weights
from records.database import database_url, open_database
from records.detections import Detections
from records.models import LabelAction
from records.predictions import Prediction

EVENT = "/event/few.h5/0?plane=Y"
ROOT = Path(__file__).resolve().parents[2]
QUEUE = "argonscope.labelQueue.state()"
LANE = "argonscope.labelling.lanes.Y"
CUT_OFF = ("net::ERR", "the server responded with a status of 5")
"""What Chromium itself says of a request that failed; a page cannot keep it from doing so."""


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelServer]:
    server = LabelServer(tmp_path_factory.mktemp("labels"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def opened(driver: webdriver.Chrome, labels: LabelServer) -> Desk:
    """Ada's page: opened once, because that is what takes most of the time."""
    desk = Desk(driver, labels.address)
    desk.begin("Ada")
    return desk


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    """Ada's page with the brush in her hand; her labels of earlier tests stay."""
    opened.keys("1", "b")
    yield opened
    assert [line for line in opened.console() if not any(word in line for word in CUT_OFF)] == []


class Desk(ScanPage):
    """A page on which somebody labels."""

    def begin(self, name: str) -> None:
        """Open the event with no labels in the way, and label it under a name."""
        self.driver.get(self.address + "/api/files")
        self.driver.execute_script("localStorage.clear(); indexedDB.deleteDatabase('argonscope-labels');")
        self.console()
        self.open(EVENT)
        self.keys("y")
        self.wait("document.querySelector('.label-name') && !document.querySelector('.label-name').hidden")
        self.driver.find_element("css selector", ".label-name input").send_keys(name, Keys.ENTER)
        self.labelling()

    def labelling(self) -> None:
        self.wait("argonscope.labelling.on && argonscope.labelling.task && argonscope.panes.length")

    def resume(self) -> None:
        """Open the event again and label on."""
        self.open(EVENT)
        self.keys("y")
        self.labelling()

    def saved(self, patience_s: float = 20.0) -> None:
        self.wait(f"{QUEUE}.state === 'saved'", patience_s)

    @property
    def token(self) -> str:
        return str(self.js("argonscope.labelling.task.task"))

    def classes(self) -> list[int]:
        found: list[int] = self.js(f"Array.from({LANE}.classes)")
        return found

    def corner(self, share: float) -> tuple[float, float]:
        """Window coordinates of the lit pixel of plane Y at a share of its pixels."""
        wire, tick = self.js(
            f"(p => {{ const i = Math.floor({share} * (p.count - 1));"
            " return [p.firstWire + p.wires[i], p.tickOfRow(p.rows[i]) + 3]; })(argonscope.event.planes.Y)"
        )
        return self.point_of("Y", wire, tick)

    def stroke(self, share: float, length: float = 30) -> None:
        x, y = self.corner(share)
        self.drag([(x - length, y), (x, y), (x + length, y + 4)], steps=3)

    def offline(self, off: bool) -> None:
        conditions = {"offline": off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)


def painted(classes: list[int]) -> int:
    return sum(value >= 0 for value in classes)


def test_tools_palette_history_and_objects(desk: Desk, labels: LabelServer) -> None:
    lit = desk.js("argonscope.event.planes.Y.count")
    assert painted(desk.classes()) == 0
    before = desk.js("argonscope.paneSums('Y')")
    desk.keys("5", "]", "]")
    desk.stroke(0.2)
    strokes = painted(desk.classes())
    assert 0 < strokes < lit
    assert set(desk.classes()) == {-1, 4}
    assert desk.js("argonscope.paneSums('Y')") != before
    desk.keys("2", "l")
    x, y = desk.corner(0.9)
    desk.drag([(x - 30, y - 30), (x + 30, y - 30), (x + 30, y + 30), (x - 30, y + 30), (x - 30, y - 29)])
    desk.keys("3", "x")
    x, y = desk.corner(0.5)
    desk.drag([(x - 20, y - 20), (x + 20, y + 20)])
    assert {1, 2, 4} <= set(desk.classes())
    boxed = desk.classes()
    # A cluster takes all of it; filling leaves alone what has a class.
    desk.keys("1", "f")
    desk.press_at(*desk.corner(0.2))
    filled = desk.classes()
    assert all(old == new for old, new in zip(boxed, filled, strict=True) if old >= 0)
    assert painted(filled) > painted(boxed)
    desk.keys("6", "c", "d")
    desk.press_at(*desk.corner(0.2))
    assert desk.classes().count(8) >= filled.count(0)
    desk.keys("e", "b")
    desk.stroke(0.2)
    erased = desk.classes()
    assert painted(erased) < painted(filled)
    desk.saved()
    assert labels.classes(desk.token) == erased
    # Undo and redo, with keys, all the way; then again after a reload.
    desk.keys("u", "u", "u")
    assert desk.classes() == boxed
    desk.keys("r")
    assert desk.classes() == filled
    desk.keys("u")
    desk.saved()
    desk.driver.refresh()
    desk.labelling()  # the address says that it was being labelled
    assert desk.classes() == boxed == labels.classes(desk.token)
    desk.driver.find_element("css selector", '[aria-label^="Do again"]').click()
    assert desk.classes() == filled
    for _ in range(4):
        ActionChains(desk.driver).key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL).perform()
    assert painted(desk.classes()) == 0
    desk.saved()
    assert labels.classes(desk.token) == desk.classes()

    # A Michel electron: where the muon ends, its core, a detached photon; a shower with its direction.
    desk.keys("m")
    desk.press_at(*desk.corner(0.3))
    desk.stroke(0.3)
    desk.keys("o")
    desk.stroke(0.8)
    desk.keys("q", "q")
    desk.keys("s")
    x, y = desk.corner(0.6)
    desk.drag([(x, y), (x + 60, y - 30)])
    desk.stroke(0.6)
    desk.keys(Keys.ESCAPE, "w", "v", "v", "i")
    desk.driver.switch_to.active_element.send_keys("two tracks?", Keys.ESCAPE)
    desk.saved()
    told = labels.labels(desk.token)
    [michel], [shower] = told.planes["Y"].michels, told.planes["Y"].showers
    assert (michel.object, michel.state) == ("michel-1", "unsure")
    assert michel.end is not None
    assert len(michel.core) > 0 < len(michel.photons)
    assert shower.direction is not None
    svg = desk.js("argonscope.pictureSvg()")
    assert ">michel-1 · unsure</text>" in svg
    assert ">shower-1</text>" in svg
    assert shower.direction[0] > 0 < shower.direction[1]
    assert len(shower.pixels) > 0
    # A saved picture has the marks of both, and the classes below.
    picture = desk.js("argonscope.pictureSvg()")
    assert all(name in picture for name in ("michel-1 · unsure", "shower-1", "labels"))
    assert "argonscope" not in picture
    assert (told.event.michel, told.event.verdict, told.event.comment) == ("present", "unsure", "two tracks?")
    # A mere look: charge alone and back; labelling ends with its key.
    desk.keys("a")
    desk.wait("argonscope.look.overlay === 'none'")
    desk.keys("a", "y")
    desk.wait("!argonscope.labelling.on")
    desk.keys("y")
    desk.labelling()
    assert len(desk.js(f"Array.from({LANE}.objects.keys())")) == 2
    desk.js("argonscope.chooseObject({id: 'michel-1', tool: 'michel'})")
    desk.keys(Keys.DELETE)
    desk.saved()
    assert labels.labels(desk.token).planes["Y"].michels == ()


def test_a_lost_network_a_lost_answer_and_a_stopped_server(desk: Desk, labels: LabelServer) -> None:
    before = len(labels.log())
    desk.offline(True)
    for share in (0.1, 0.3):
        desk.stroke(share)
    desk.wait(f"{QUEUE}.state === 'failing'")
    desk.wait("document.querySelector('.label-saved').textContent === 'not saved: 2'")
    assert "does not answer" in desk.js(f"{QUEUE}.why")
    desk.offline(False)
    desk.saved()
    assert len(labels.log()) == before + 2
    # Stored, but the answer was lost twice: sent again, stored once.
    labels.lose_answers = 2
    desk.stroke(0.7)
    desk.saved()
    assert labels.lose_answers == 0
    assert len(labels.log()) == len(set(labels.log())) == before + 3
    # The server goes in the middle of a stroke and comes back after the next one.
    x, y = desk.corner(0.5)
    desk.mouse("mouseMoved", x - 20, y)
    desk.mouse("mousePressed", x - 20, y, button="left", clickCount=1)
    desk.mouse("mouseMoved", x, y, button="left", buttons=1)
    labels.stop()
    desk.mouse("mouseReleased", x, y, button="left", clickCount=1)
    desk.stroke(0.9)
    desk.wait(f"{QUEUE}.state === 'failing' && {QUEUE}.waiting === 2")
    labels.start()
    desk.saved()
    assert len(labels.log()) == len(set(labels.log())) == before + 5
    assert labels.classes(desk.token) == desk.classes()


def test_a_full_disk_keeps_the_labels_in_the_browser(desk: Desk, labels: LabelServer) -> None:
    desk.saved()
    before = len(labels.log())
    space = labels.fill_disk()
    stored = True
    made = 0
    while stored and made < 60:
        desk.stroke(0.05 + made % 9 / 10, 60)
        made += 1
        desk.wait(f"{QUEUE}.state !== 'saving'")
        stored = desk.js(f"{QUEUE}.state") == "saved"
    assert not stored
    assert "disk is full" in desk.js("document.querySelector('#labelling .problem').textContent")
    desk.driver.get(labels.address + "/api/files")
    space()
    desk.resume()
    desk.saved()
    assert len(labels.log()) == len(set(labels.log())) == before + made
    assert labels.classes(desk.token) == desk.classes()


def test_two_windows_of_one_task_and_one_that_closes(desk: Desk, labels: LabelServer) -> None:
    driver = desk.driver
    desk.keys("5")
    desk.stroke(0.2)
    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1600, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
    )
    desk.resume()
    desk.keys("1")
    desk.stroke(0.25)
    second = driver.current_window_handle
    driver.switch_to.window(first)
    desk.stroke(0.22)
    desk.saved()
    driver.switch_to.window(second)
    desk.saved()
    for window in (first, second):
        driver.switch_to.window(window)
        desk.until(lambda: desk.classes() == labels.classes(desk.token), "the windows agree")
    # The second window closes in the middle of a stroke, while the server takes its time.
    driver.switch_to.window(second)
    before, token = len(labels.log()), desk.token
    labels.delay_s = 1.0
    desk.stroke(0.6)
    x, y = desk.corner(0.8)
    desk.mouse("mouseMoved", x - 20, y)
    desk.mouse("mousePressed", x - 20, y, button="left", clickCount=1)
    desk.mouse("mouseMoved", x, y, button="left", buttons=1)
    drawn = desk.classes()
    driver.close()
    labels.delay_s = 0.0
    driver.switch_to.window(first)
    desk.resume()
    desk.saved()
    desk.until(lambda: len(labels.log()) >= before + 2, "both strokes of the closed window")
    assert len(labels.log()) == len(set(labels.log())) == before + 2
    assert desk.classes() == labels.classes(token) == drawn


def test_an_action_remembers_the_answers_of_every_network_that_was_shown(
    desk: Desk, labels: LabelServer
) -> None:
    services = labels.services
    image = services.library.event("few.h5", 0).images["Y"]
    cards = {network: default_weights(network, "Y") for network in (SEGMENTER, DETECTOR)}
    keys = {network: services.jobs.key(image, card) for network, card in cards.items()}
    scores = np.full((len(image), 5), 0.2, np.float32)
    hashes = {network: card.sha256 for network, card in cards.items()}
    said = Prediction("Y", scores, SEGMENTER, "w", hashes[SEGMENTER], "cpu", 0.1)
    services.stored.put(keys[SEGMENTER], said, image.content_hash)
    found = Detections("Y", (), len(image), DETECTOR, "w", hashes[DETECTOR], "cpu", 0.1)
    services.stored.put(keys[DETECTOR], found, image.content_hash)
    desk.resume()
    desk.wait("argonscope.event.planes.Y.whole && argonscope.event.planes.Y.detections")
    desk.js("argonscope.act('Y', 'brush', {'class': 1, pixels: argonscope.encodePixels([5])})")
    desk.js("argonscope.act('event', 'comment', {text: 'seen'})")
    desk.js("argonscope.act('U', 'brush', {'class': 1, pixels: argonscope.encodePixels([5])})")
    desk.saved()
    with services.database.reading() as session:
        newest = select(LabelAction).order_by(LabelAction.seq.desc()).limit(3)
        seen = {action.plane: action.predictions for action in session.scalars(newest)}
    expected = sorted((keys[network], hashes[network]) for network in cards)
    for plane in ("Y", "event"):
        assert sorted((one["key"], one["weights"]) for one in seen[plane]) == expected
    assert seen["U"] == []


def test_a_killed_server_loses_nothing(driver: webdriver.Chrome, tmp_path: Path) -> None:
    """A process of its own, killed outright in the middle of a stroke, and started again."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "app.py"), str(few_events(tmp_path / "few.h5")), "--no-worker"]
    command += ["--port", str(port), "--data-dir", str(tmp_path / "data")]

    def serve() -> subprocess.Popen[str]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert "ArgonScope is at" in process.stdout.readline()
        return process

    process = serve()
    try:
        desk = Desk(driver, f"http://127.0.0.1:{port}")
        desk.begin("Ada")
        for share in (0.1, 0.2, 0.3):
            desk.stroke(share)
        x, y = desk.corner(0.5)
        desk.mouse("mousePressed", x - 20, y, button="left", clickCount=1)
        desk.mouse("mouseMoved", x, y, button="left", buttons=1)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        desk.mouse("mouseReleased", x, y, button="left", clickCount=1)
        desk.stroke(0.7)
        desk.wait(f"{QUEUE}.state === 'failing'")
        drawn = desk.classes()
        process = serve()
        desk.saved(40.0)
        desk.resume()
        assert desk.classes() == drawn
        assert stored(tmp_path / "data") == (5, 5)
        desk.console()
    finally:
        process.kill()
        process.communicate()


def stored(folder: Path) -> tuple[Any, Any]:
    """Actions in a data folder, and how many different ones."""
    database = open_database(database_url({}, folder))
    with database.reading() as session:
        counts = session.execute(
            select(func.count(LabelAction.id), func.count(func.distinct(LabelAction.id)))
        ).one()
    database.close()
    return counts[0], counts[1]
