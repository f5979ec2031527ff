"""The Models page in Chromium: from the display to a cell of the matrix, and into an event from there."""

from __future__ import annotations

import re

import pytest
from evaluation_reports import made_up_report
from instance_reports import made_up_instance_report
from page import ScanPage, Serving

DRAWN = (
    "(function (graphs) { return graphs.length === 8 && graphs.every(graph => graph.data.length); })"
    "(Array.from(document.querySelectorAll('#models-content .js-plotly-plot')))"
)
DRAWN_WITHIN_S = 60.0
"""Plotly's 3 MB and a dozen figures take half a minute where the other tests keep all cores busy."""


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
    page.until(lambda: page.js(DRAWN), "the figures", DRAWN_WITHIN_S)
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
    page.until(lambda: page.js(DRAWN), "the figures again", DRAWN_WITHIN_S)
    page.until(lambda: page.text("models-events-title") == "True delta, predicted shower", "the same cell")


def test_themes_shares_pictures_and_a_link_that_asks_for_unknown_weights(page: ScanPage) -> None:
    page.driver.get(page.address + "/models/?shares=counts")
    page.until(lambda: page.js(DRAWN), "the figures", DRAWN_WITHIN_S)
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


def test_a_detector_from_a_bin_to_its_events_and_back_to_the_segmenter(
    page: ScanPage, serving: Serving
) -> None:
    kept = {entry: entry for entry in range(6)}
    report = made_up_instance_report("Y", events=6, seed=2026, kept_file="demo.h5", kept=kept)
    name = serving.evaluations.put(report)
    page.driver.get(page.address + f"/models/?evaluation={name}")
    histogram = "document.querySelector('#models-efficiency-purity .js-plotly-plot')"
    page.until(
        lambda: page.js(f"({histogram} || {{data: []}}).data.length === 4"),
        "the histogram",
        DRAWN_WITHIN_S,
    )
    page.until(lambda: page.js("document.querySelector('#models-instance-events a')"), "the worst events")
    assert not page.element("models-content").is_displayed()
    page.until(lambda: page.text("models-instance-head").startswith("Efficiency"), "its figures")

    x, y = page.js(
        f"(function () {{ const graph = {histogram}, axes = graph._fullLayout, text = graph.data[0].text;"
        " const box = graph.getBoundingClientRect(), lit = function (words) { return words[0] !== '0'; };"
        " const row = text.findIndex(function (line) { return line.some(lit); });"
        " const x = 2.5 * text[row].findIndex(lit) + 1.25, y = 2.5 * row + 1.25;"
        " return [box.x + axes.xaxis._offset + axes.xaxis.d2p(x),"
        " box.y + axes.yaxis._offset + axes.yaxis.d2p(y)]; })()"
    )
    page.mouse("mouseMoved", x, y)
    page.until(lambda: "purity" in page.js(f"{histogram}.querySelector('.hoverlayer').textContent"), "a tip")
    for kind in ("mousePressed", "mouseReleased"):
        page.mouse(kind, x, y, button="left", clickCount=1)
    page.until(lambda: page.text("models-instance-events-title").startswith("Efficiency "), "its events")
    page.until(lambda: re.search(r"&cell=\d+-\d+$", page.js("location.search")), "the bin in the address")
    page.until(lambda: page.js(f"({histogram}.layout.shapes || []).length === 1"), "the picked bin is framed")
    link = page.driver.find_element("css selector", "#models-instance-events a").get_attribute("href")
    assert re.search(r"/event/demo\.h5/\d\?plane=Y&overlay=detections&boxes=found_true&least=0.4&run=", link)

    before = page.js(f"{histogram}.layout.paper_bgcolor")
    page.element("models-theme-toggle").click()
    page.until(lambda: page.js(f"{histogram}.layout.paper_bgcolor") != before, "the other theme")
    page.element("models-all-instance-events").click()
    page.until(lambda: page.text("models-instance-events-title") == "Worst events", "all events again")
    page.driver.execute_script("window.history.replaceState(null, '', '/models/');")
    page.driver.refresh()
    shown = "document.getElementById('models-content')?.checkVisibility()"
    page.until(lambda: page.js(shown), "the other network")
    assert not page.element("models-instance-content").is_displayed()
