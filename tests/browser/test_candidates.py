"""Michel and shower candidates: outlines, list, and the table of a file, on a network that is a rule."""

from __future__ import annotations

import csv
from pathlib import Path

from page import ScanPage
from selenium.webdriver.common.keys import Keys

ENTRY = "/event/demo.h5/11"
"""Here the rule gives one Michel a plane; those of U and Y are true ones."""
ALL_DONE = "argonscope.state().predicted.length === 3"
ALL_FOUND = "argonscope.PLANES.every(p => argonscope.candidatesOf(argonscope.event.planes[p]))"
ASKED = "performance.getEntriesByType('resource').filter(r => r.name.endsWith('/api/candidates')).length"
ROWS = "[...document.querySelectorAll('.candidate-row')].map(r => [...r.cells].map(c => c.textContent))"


def _open_section(page: ScanPage) -> None:
    page.driver.find_element("css selector", "#candidates > summary").click()
    page.wait("document.getElementById('candidates').open")


def test_candidates_are_found_outlined_listed_and_led_to(page: ScanPage) -> None:
    page.open(ENTRY)
    page.choose_weights("ends")
    _open_section(page)
    page.until(lambda: "there is none" in page.text("candidates-note"), "a sentence without a prediction")
    page.click("candidates-run")
    page.wait(ALL_DONE)
    page.wait(ALL_FOUND)
    assert page.state()["look"]["overlay"] == "none", "the section's Run leaves the overlay alone"
    page.until(lambda: len(page.js(ROWS)) == 3, "one Michel a plane")
    rows = page.js(ROWS)
    assert [row[0] for row in rows] == ["U", "V", "Y"]
    michel = page.js("argonscope.candidatesOf(argonscope.event.planes.Y)[0]")
    assert rows[2][1:4] == [str(michel["place"]["wire"]), str(michel["place"]["tick"]), "21"]
    assert rows[1][6] == "×"
    assert rows[2][6] == f"{michel['true_energy_mev']:.1f}"
    assert "True found: U\u00a01/" in page.text("candidates-note")

    plain = page.js("argonscope.paneSums('Y')")
    page.keys("q")
    page.until(lambda: page.js("argonscope.paneSums('Y')") != plain, "the outline is drawn")
    outlined = page.js("argonscope.paneSums('Y')")
    page.driver.find_element("css selector", "label[for=showers], #showers").click()
    page.wait("argonscope.look.showers")
    page.until(lambda: page.js("argonscope.paneSums('Y')") != outlined, "the arrow is drawn")
    page.until(lambda: len(page.js(ROWS)) == 6, "the showers are listed")
    page.until(lambda: "candidates=michel_shower" in page.js("location.search"), "the look is in the address")

    page.driver.find_elements("css selector", ".candidate-row")[2].click()
    page.wait("argonscope.zoom && argonscope.chosenCandidate.plane === 'Y'")
    view = page.state()["view"]
    assert abs(view["wires"]["Y"] - michel["place"]["wire"]) < 15
    pixel = page.js(
        "(p => [p.firstWire + p.wires[i], p.tickOfRow(p.rows[i])])(argonscope.event.planes.Y)".replace(
            "[i]", f"[{michel['pixels'][0]}]"
        )
    )
    page.hover(*page.point_of("Y", pixel[0], pixel[1] + 3))
    page.wait("argonscope.pointedCandidate && argonscope.pointedCandidate.plane === 'Y'")
    assert page.text("inspect-candidate").startswith("Michel  ·  21 pixels")
    assert f"{michel['energy_mev']:.1f} MeV" in page.text("inspect-candidate")

    svg = page.js("argonscope.pictureSvg()")
    assert "outline: Michel candidate" in svg
    assert '<path d="M' in svg
    page.js("argonscope.setLook({michels: false, showers: false})")
    assert '<path d="M' not in page.js("argonscope.pictureSvg()")


def test_an_outline_goes_around_its_pixels(page: ScanPage) -> None:
    """Every pixel of a candidate lies inside, at the scale of the event and zoomed in."""
    page.open(ENTRY)
    inside = (
        "(function (zoom) { const A = argonscope, plane = A.event.planes.Y;"
        " A.zoom = zoom ? {height: 20, tick: plane.tickOfRow(plane.rows[50]),"
        "   wires: {Y: plane.firstWire + plane.wires[50]}} : null;"
        " const pane = A.panes.find(p => p.plane === 'Y');"
        " const frame = A.frameOf(pane, A.currentView(A.panes), 1);"
        " const pixels = [...Array(60).keys()], path = new Path2D();"
        " const loops = A.outlineOf(plane, frame, pixels);"
        " loops.forEach(loop => { path.moveTo(...loop[0]); loop.slice(1).forEach(p => path.lineTo(...p));"
        "   path.closePath(); });"
        " const context = document.createElement('canvas').getContext('2d');"
        " const middle = i => [frame.xOfWire(plane.firstWire + plane.wires[i]),"
        "   frame.yOfTick(plane.tickOfRow(plane.rows[i]) + plane.ticksPerRow / 2)];"
        " const seen = pixels.map(middle).filter(p => p[0] > 0 && p[1] > 0 && p[0] < frame.width"
        "   && p[1] < frame.height);"
        " return {loops: loops.length, seen: seen.length,"
        "   inside: seen.filter(p => context.isPointInPath(path, ...p, 'nonzero')).length}; })"
    )
    for zoomed in ("false", "true"):
        found = page.js(f"{inside}({zoomed})")
        assert found["loops"] >= 1
        assert found["seen"] >= 10
        assert found["inside"] == found["seen"]


def test_nothing_is_asked_until_candidates_are_wanted(page: ScanPage) -> None:
    page.open("/event/demo.h5/12")
    page.choose_weights("ends")
    page.click("run")
    page.wait(ALL_DONE)
    assert page.js(ASKED) == 0
    page.keys("q")
    page.wait(ALL_FOUND)
    assert page.js(ASKED) == 3
    page.js("argonscope.setLook({manyPixels: true})")
    assert page.js(ASKED) == 3


def test_the_table_runs_a_file_a_few_entries_at_a_time(page: ScanPage, tmp_path: Path) -> None:
    page.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    page.open("/event/few.h5/1")
    page.choose_weights("ends")
    page.keys("j")
    page.wait("document.getElementById('candidate-table-run')")
    page.until(lambda: page.text("candidate-table-run").startswith("Run on 5"), "entries without an answer")
    page.click("candidate-table-run")
    page.until(lambda: "running" in page.text("candidate-table-state"), "it runs")
    page.click("candidate-table-stop")
    page.until(lambda: page.text("candidate-table-run").startswith("Run on "), "it stops")
    page.click("candidate-table-run")
    page.until(lambda: page.text("candidate-table-state") == "5 of 5 entries have an answer", "the file", 60)
    page.until(lambda: "true Michels found" in page.text("candidate-table-summary"), "the truth beside")
    page.until(lambda: page.js("Boolean(document.querySelector('#candidate-spectrum svg'))"), "the spectrum")

    page.click("candidate-table-save")
    (saved,) = page.until(lambda: list(tmp_path.glob("*.csv")), "a CSV file")
    assert saved.name == "few_candidates.csv"
    table = list(csv.DictReader(saved.read_text(encoding="utf-8-sig").splitlines()))
    michels = [row for row in table if row["kind"] == "Michel" and row["entry"] == "1"]
    assert [(row["plane"], row["true Michel"]) for row in michels] == [
        ("U", "matched"),
        ("V", "none"),
        ("Y", "matched"),
    ]

    box = page.driver.find_elements("css selector", "#candidate-table .ag-floating-filter-input input")[0]
    box.send_keys("1", Keys.ENTER)
    cell = "#candidate-table .ag-row[row-id^='0 Y michel ']"
    page.until(lambda: page.driver.find_elements("css selector", cell), "the rows of entry 1 alone")
    page.driver.find_element("css selector", f"{cell} .ag-cell").click()
    page.wait("argonscope.event.entry === 0 && argonscope.zoom")
    page.wait("argonscope.look.michels && argonscope.chosenCandidate.id.startsWith('Y michel')")
    page.wait(ALL_FOUND)


def test_closing_the_table_withdraws_what_has_not_begun(page: ScanPage) -> None:
    page.open("/event/few.h5/1")
    page.choose_weights("slow")
    page.keys("j")
    page.wait("document.getElementById('candidate-table-run')")
    page.click("candidate-table-run")
    watched = (
        "[...new Set(performance.getEntriesByType('resource').flatMap("
        "r => (r.name.split('api/jobs?keys=')[1] || '').split(',').filter(Boolean)))]"
    )
    keys = page.until(
        lambda: len(page.js(watched)) == 6 and page.js(watched), "two entries, three planes each"
    )
    page.keys(Keys.ESCAPE)
    states = (
        "const done = arguments[1];"
        "argonscope.requestJson('api/jobs?keys=' + arguments[0].join(','))"
        ".then(jobs => done(Object.values(jobs).map(job => job.state)));"
    )
    page.until(
        lambda: "queued" not in page.driver.execute_async_script(states, keys), "no job of the table waits"
    )
    assert "cancelled" in page.driver.execute_async_script(states, keys)
    page.driver.execute_async_script(
        "Promise.all(arguments[0].map(key => argonscope.post('api/jobs/' + key + '/cancel', {})))"
        ".then(() => arguments[1]());",
        keys,
    )


def test_a_broken_network_stops_the_table_with_a_sentence(page: ScanPage) -> None:
    page.open("/event/few.h5/1")
    page.choose_weights("broken")
    page.keys("j")
    page.wait("document.getElementById('candidate-table-run')")
    page.click("candidate-table-run")
    page.until(
        lambda: "3 entries in a row failed: " in page.text("candidate-table-problem"),
        "the reason of the stop",
    )
    assert "broken on purpose" in page.text("candidate-table-problem")
    assert page.element("candidate-table-run").get_attribute("disabled") is None
