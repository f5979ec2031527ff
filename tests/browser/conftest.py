"""A server with a real worker process, and a Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from page import ScanPage, Serving
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from werkzeug.serving import make_server

from inference.cards import WeightsCard
from inference.embedded import EmbeddedWorker
from lartpc.readers import open_events
from lartpc.writer import EventWriter
from records.evaluations import EvaluationStore
from records.folder import DataFolder
from viewer.application import create_app
from viewer.services import Services
from viewer.settings import DEMO_FILE, Settings

FEW = (11, 15, 16, 17, 18)
RULES = ("quick", "slow", "broken", "deadly", "counting", "ends")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1600,1000",
)  # fmt: skip


def pytest_itemcollected(item: pytest.Item) -> None:
    """selenium 4.2, which dash's testing tools pin, reads headers in a way that urllib3 deprecates."""
    if Path(__file__).resolve().parent in item.path.parents:
        item.add_marker(pytest.mark.filterwarnings("ignore:HTTPResponse.getheader:DeprecationWarning"))


def _cards() -> list[WeightsCard]:
    """Weights of the rule networks: what they do is in their name."""
    return [
        WeightsCard(name, Path(name), plane, network, f"{name}{plane}".encode().hex().ljust(64, "0"), {})
        for network, name in [("smask-rcnn", "clusters"), *(("uresnet", rule) for rule in RULES)]
        for plane in "UVY"
    ]


def _few(path: Path) -> Path:
    """A file of the demo's event 11 and four small ones."""
    with open_events(DEMO_FILE) as demo, EventWriter(path, "microboone", "demo") as writer:
        for entry in FEW:
            writer.append(demo[entry])
    return path


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The demo, a file that is no HDF5 and one of few events, with rules in place of networks."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "broken.h5").write_text("These are not the bytes of an HDF5 file.")
    cards = _cards()
    here = Path(__file__).resolve().parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(here), str(here.parents[1])]))
        for module in ("viewer.job_routes", "viewer.services"):
            patch.setattr(f"{module}.available_weights", lambda: cards)
            patch.setattr(
                f"{module}.default_weights",
                lambda network, plane: next(c for c in cards if (c.network, c.plane) == (network, plane)),
            )
        files = (DEMO_FILE, folder / "broken.h5", _few(folder / "few.h5"))
        evaluations = EvaluationStore(folder / "data" / "evaluations")
        opened = Services.open(Settings(files=files, data_folder=folder / "data"))
        services = replace(opened, evaluations=evaluations)
        server = make_server("127.0.0.1", 0, create_app(services).server, threaded=True)
        worker = EmbeddedWorker(DataFolder(folder / "data"), module="rule_worker")
        worker.start()
        thread = threading.Thread(target=server.serve_forever, name="web")
        thread.start()
        yield Serving(f"http://127.0.0.1:{server.server_port}", worker, evaluations)
        server.shutdown()
        thread.join()
        server.server_close()
        worker.stop()
        services.close()


@pytest.fixture(scope="session")
def driver() -> Iterator[webdriver.Chrome]:
    """One headless Chromium for all tests."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.fail("chromium or chromedriver is not installed; make test installs both")
    options = Options()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for option in OPTIONS:
        options.add_argument(option)
    made = webdriver.Chrome(service=Service(chromedriver), options=options)
    made.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1600, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
    )
    yield made
    made.quit()


@pytest.fixture
def page(driver: webdriver.Chrome, serving: Serving) -> Iterator[ScanPage]:
    """A page that has forgotten its preferences; a test fails if the console is not empty after it."""
    page = ScanPage(driver, serving.address)
    driver.get(serving.address + "/api/files")
    driver.execute_script("window.localStorage.clear();")
    page.console()
    yield page
    assert page.console() == []
