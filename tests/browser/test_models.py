"""The Models page in Chromium: from the display to a cell of the matrix, and into an event from there."""

from __future__ import annotations

import re

import pytest
from evaluation_reports import made_up_report
from page import ScanPage, Serving

DRAWN = "document.querySelectorAll('.models .graph .main-svg').length >= 16"


@pytest.fixture(scope="module", autouse=True)
def evaluation(serving: Serving) -> str:
    """Of the weights "quick"; its events have the run, subrun and event of the first ones of the demo."""
    kept = {entry: entry for entry in range(6)}
    report = made_up_report("Y", events=8, seed=2026, weights="quick", kept_file="demo.h5", kept=kept)
    return serving.evaluations.put(report)


def test_from_the_display_to_a_cell_and_into_its_worst_event(page: ScanPage, evaluation: str) -> None:
    page.open("/event/demo.h5/3?overlay=truth")
    loaded = page.js("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert any("95_dash.js" in name for name in loaded)
    assert not [name for name in loaded if "plotly" in name or "/models/" in name]
    page.driver.find_element("css selector", "a[href='/models/']").click()
    page.until(lambda: page.js(DRAWN), "the figures")
    page.until(lambda: page.js("location.search") == f"?evaluation={evaluation}", "the address")
    assert page.element("models-events-link").get_attribute("href").endswith("/event/demo.h5/3?overlay=truth")
    assert page.text("models-events-title") == "Worst events"

    x, y = page.js(
        "(function () { const graph = document.querySelector('#models-confusion .js-plotly-plot');"
        " const box = graph.getBoundingClientRect(), axes = graph._fullLayout;"
        " const x = axes.xaxis, y = axes.yaxis;"
        " return [box.x + x._offset + x.d2p(2), box.y + y._offset + y.d2p(3)]; })()"
    )
    page.mouse("mouseMoved", x, y)
    page.until(lambda: page.js("document.querySelector('.hoverlayer').textContent"), "the tip of the cell")
    for kind in ("mousePressed", "mouseReleased"):
        page.mouse(kind, x, y, button="left", clickCount=1)
    page.until(lambda: page.text("models-events-title") == "True delta, predicted shower", "its events")
    page.until(lambda: page.js("location.search").endswith("&cell=delta-shower"), "the cell in the address")

    page.until(lambda: page.js("document.querySelector('#models-events a')"), "a link")
    page.driver.find_element("css selector", "#models-events a").click()
    page.wait("argonscope.mounted && argonscope.event && argonscope.state().predicted.includes('Y')")
    address = page.js("location.pathname + location.search")
    assert re.match(r"/event/demo\.h5/\d\?plane=Y&overlay=disagreement", address)
    assert page.js("argonscope.chosenWeights") == "uresnet quick"
    page.until(lambda: "differ" in page.text("legend"), "the counts of the disagreement")

    page.driver.back()
    page.until(lambda: page.js(DRAWN), "the figures again")
    page.until(lambda: page.text("models-events-title") == "True delta, predicted shower", "the same cell")


def test_themes_shares_pictures_and_a_link_that_asks_for_unknown_weights(page: ScanPage) -> None:
    page.driver.get(page.address + "/models/?shares=counts")
    page.until(lambda: page.js(DRAWN), "the figures")
    matrix = "document.querySelector('#models-confusion .js-plotly-plot')"
    page.until(lambda: page.js(f"{matrix}.data[0].text[0][0].indexOf('.') < 0"), "pixels in the cells")
    before = page.js(f"{matrix}.layout.paper_bgcolor")
    page.element("models-theme-toggle").click()
    page.until(lambda: page.js(f"{matrix}.layout.paper_bgcolor") != before, "the other theme")
    page.driver.find_element("xpath", "//label[text()='of predicted' or .//*[text()='of predicted']]").click()
    page.until(lambda: page.js("location.search").endswith("&shares=predicted"), "the shares in the address")
    page.driver.find_element("xpath", "//label[text()='SVG' or .//*[text()='SVG']]").click()
    page.until(
        lambda: page.js(f"{matrix}._context.toImageButtonOptions.format") == "svg", "the format of pictures"
    )
    assert page.js(f"{matrix}._context.toImageButtonOptions.filename").startswith("confusion-quick")
    theme = page.js("document.documentElement.getAttribute('data-mantine-color-scheme')")
    page.open("/event/demo.h5/0?run=uresnet-9-99-Y")
    assert page.state()["theme"] == theme
    page.until(lambda: "uresnet-9-99-Y, which are not installed" in page.text("run-problem"), "a sentence")
