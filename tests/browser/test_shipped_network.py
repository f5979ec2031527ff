"""The whole path with nothing in place of anything: shipped weights, real worker, real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from page import ScanPage
from selenium import webdriver
from werkzeug.serving import make_server

from inference.cards import available_weights
from inference.embedded import EmbeddedWorker
from records.folder import DataFolder
from viewer.application import create_app
from viewer.services import Services
from viewer.settings import DEMO_FILE, Settings

LOADING_S = 120.0
"""A worker that starts loads torch and three networks first; a busy machine takes its time."""

SMALL_EVENT = "/event/demo.h5/17"


@pytest.fixture
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an app on the demo with its own worker."""
    assert [card.plane for card in available_weights() if card.network == "uresnet"] == ["U", "V", "Y"]
    data = tmp_path_factory.mktemp("data")
    services = Services.open(Settings(files=(DEMO_FILE,), data_folder=data))
    server = make_server("127.0.0.1", 0, create_app(services).server, threaded=True)
    worker = EmbeddedWorker(DataFolder(data))
    worker.start()
    thread = threading.Thread(target=server.serve_forever, name="web")
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    worker.stop()
    services.close()


def test_the_shipped_network_labels_most_pixels_of_a_demo_event_right(
    driver: webdriver.Chrome, whole_app: str
) -> None:
    page = ScanPage(driver, whole_app)
    page.open(SMALL_EVENT)
    page.wait("argonscope.weights.length >= 3")
    page.click("run")
    page.wait("argonscope.state().predicted.length === 3", LOADING_S)
    assert page.state()["look"]["overlay"] == "class"
    right, compared = page.js(
        "['U', 'V', 'Y'].reduce((sums, name) => { const p = argonscope.event.planes[name];"
        " const said = p.prediction.classes([0, 0, 0, 0, 0]);"
        " for (let i = 0; i < p.count; i++) if (p.truth[i] >= 0 && said[i] >= 0)"
        " { sums[1]++; if (p.truth[i] === said[i]) sums[0]++; }"
        " return sums; }, [0, 0])"
    )
    assert compared > 1000
    assert right / compared > 0.5
