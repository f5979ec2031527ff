"""The Studies page in a browser, on the study that comes with the demo."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from page import ScanPage
from selenium import webdriver
from selenium.webdriver.common.keys import Keys
from werkzeug.serving import make_server

from records.turing_pairs import turing_test
from viewer import palette
from viewer.application import create_app
from viewer.demo import add_demo_studies
from viewer.services import Services
from viewer.settings import DEMO_FILE, Settings


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the demo's studies, no worker, and a Turing test of few pairs."""
    folder: Path = tmp_path_factory.mktemp("studies")
    services = Services.open(Settings(files=(DEMO_FILE,), data_folder=folder))
    adding = add_demo_studies(services)
    assert adding is not None
    adding.join()
    server = make_server("127.0.0.1", 0, create_app(services).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="web")
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("viewer.pages.studies.turing.turing_test", partial(turing_test, most=2))
        yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    services.close()


@pytest.fixture
def studies(driver: webdriver.Chrome, address: str) -> Iterator[ScanPage]:
    page = ScanPage(driver, address)
    driver.get(address + "/api/files")
    driver.execute_script(
        "localStorage.clear(); localStorage.setItem('mantine-color-scheme-value', 'light');"
    )
    page.console()
    yield page
    assert page.console() == []


def _open(page: ScanPage, path: str, ready: str) -> None:
    page.driver.get(page.address + path)
    page.until(lambda: page.js(ready), ready)


def _colours(page: ScanPage, box: str, side: int) -> dict[str, int]:
    """How many pixels of each colour a canvas shows."""
    found: dict[str, int] = page.js(
        "(function () {"
        f" const shown = document.querySelectorAll('#{box} canvas')[{side}];"
        " const own = document.createElement('canvas');"
        " own.width = shown.width; own.height = shown.height;"
        " const pen = own.getContext('2d', {willReadFrequently: true}), found = {};"
        " pen.drawImage(shown, 0, 0);"
        " const data = pen.getImageData(0, 0, own.width, own.height).data;"
        " for (let i = 0; i < data.length; i += 4) {"
        "   const name = '#' + [0, 1, 2].map(k => data[i + k].toString(16).padStart(2, '0')).join('');"
        "   found[name] = (found[name] || 0) + 1; }"
        " return found; })()"
    )
    return found


def test_results_and_the_events_behind_a_number(studies: ScanPage) -> None:
    _open(studies, "/studies/", "document.querySelectorAll('.study-card').length === 2")
    link = studies.driver.find_element("link text", "Results").get_attribute("href")
    assert link == f"{studies.address}/studies/demo"
    key = "demo.comparisons.0.cell.1-0"
    _open(studies, f"/studies/demo?of={key}", "document.querySelector('.events-list tbody tr')")
    assert "MIP by the first, HIP by the second" in studies.text("studies-detail")
    links = studies.js(
        "Array.from(document.querySelectorAll('.events-list a')).map(a => a.getAttribute('href'))"
    )
    assert links[0].startswith("/event/demo.h5/")
    assert links[1].startswith("/studies/demo/judge?image=")
    studies.until(lambda: "is not shown (two one-sided tests" in studies.text("studies-head"), "the tests")
    assert "say nothing of physicists" in studies.text("studies-head")
    other = "demo.double_scan.0"
    top = studies.js("window.scrollY")
    studies.driver.execute_script(f"document.querySelector('a.number[data-number=\"{other}\"]').click();")
    studies.until(lambda: "Double scan of scripted A" in studies.text("studies-detail"), "the double scan")
    assert studies.js("window.scrollY") == top
    assert studies.js("location.search") == f"?of={other}"
    studies.element("studies-theme-toggle").click()
    panel = palette.surfaces("dark")["panel"]
    drawn = "document.querySelector('#studies-agreement .js-plotly-plot')?._fullLayout?.paper_bgcolor"
    studies.until(lambda: str(studies.js(drawn)).upper() in (panel, _rgb(panel).upper()), "dark figures")


def _rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def test_a_verdict_needs_a_name_and_the_pictures_are_drawn_alike(studies: ScanPage) -> None:
    _open(studies, "/studies/demo/judge", "document.querySelector('#studies-legend .swatch')")
    studies.until(lambda: len(_colours(studies, "studies-pictures", 0)) > 2, "pictures")
    one, other = (_colours(studies, "studies-pictures", side) for side in (0, 1))
    ground = palette.surfaces("light")["plane"].lower()
    assert one != other
    assert one[ground] == other[ground]
    studies.element("studies-a-wrong").click()
    studies.until(lambda: "Give your name first" in studies.text("studies-problem"), "a reason")
    before = studies.text("studies-pair-words")
    studies.element("studies-name").send_keys("Ada", Keys.ENTER)
    studies.until(
        lambda: json.loads(studies.js("localStorage['argonscope.rater'] || 'null'")) == "Ada", "the name"
    )
    studies.element("studies-comment").send_keys("one & two")
    studies.element("studies-a-wrong").click()
    studies.until(lambda: studies.text("studies-verdict-said").startswith("Stored:"), "the verdict")
    studies.until(lambda: studies.text("studies-pair-words") != before, "the next pair")
    studies.until(lambda: "one & two" in studies.text("studies-verdicts"), "the list of verdicts")
    assert studies.text("studies-problem") == ""


def test_a_show_for_a_talk_from_first_to_last(studies: ScanPage) -> None:
    studies.driver.execute_script("localStorage.setItem('argonscope.rater', JSON.stringify('Speaker'));")
    _open(studies, "/turing/demo?audience=1", "document.getElementById('studies-hands')?.hidden === false")
    studies.until(
        lambda: studies.text("studies-turn-words").startswith("Which is the network’s? Pair 1 of"), "1"
    )
    studies.until(
        lambda: studies.js("document.querySelector('.study-turing.large .canvas-box').clientHeight > 600"),
        "large",
    )
    total = int(studies.text("studies-turn-words").split()[-1].rstrip("."))
    assert total == 3
    for number in range(1, total + 1):
        for side, hands in (("left", "12"), ("right", "30")):
            box = studies.element(f"studies-hands-{side}")
            box.send_keys(Keys.CONTROL, "a")
            box.send_keys(hands)
        studies.element("studies-hands-next").click()
        following = f"Pair {number + 1} of"
        studies.until(
            lambda following=following: (
                following in studies.text("studies-turn-words")
                or "The audience picked" in studies.text("studies-score")
            ),
            following,
        )
    said = studies.text("studies-score")
    assert "of the votes" in said
    assert "Controls: of" in said
    assert not studies.js("document.getElementById('studies-score').hidden")
