"""Looking at events: planes, zoom, hover, looks, address, navigation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from page import ScanPage
from selenium.webdriver.common.keys import Keys

from lartpc.detector import Detector

FIRST = "/event/demo.h5/0"


def test_the_address_of_the_house_leads_to_the_first_event(page: ScanPage) -> None:
    page.open("/")
    page.wait("argonscope.event && location.pathname === '/event/demo.h5/0'")
    assert page.text("event-entry") == "entry 1 of 24"


def test_an_event_shows_three_planes_and_says_what_it_is(page: ScanPage) -> None:
    page.open(FIRST)
    assert [pane["plane"] for pane in page.state()["panes"]] == ["U", "V", "Y"]
    for plane in "UVY":
        painted = page.js(f"argonscope.paneSums('{plane}')")
        assert len(set(painted)) > 1, "a grey pane holds no charge in viridis"
    assert page.text("event-id").startswith("run 2026")
    assert page.text("event-source") == "DEMO · SIMULATION"
    assert page.text("event-detector") == "MicroBooNE"


def test_the_whole_event_fits_with_one_scale_in_cm(page: ScanPage) -> None:
    page.open(FIRST)
    scales = page.js(
        "argonscope.panes.map(p => { const view = argonscope.currentView(argonscope.panes);"
        " const f = argonscope.frameOf(p, view, 1), plane = argonscope.event.planes[p.plane];"
        " return [f.perWire / plane.pitch, f.perTick / plane.cmPerTick]; })"
    )
    for wires, ticks in scales:
        assert wires == pytest.approx(scales[0][0])
        assert ticks == pytest.approx(wires)
    for pane in page.state()["panes"]:
        plane = page.js(
            f"(p => [p.firstWire, p.width, p.firstTick, p.lastTick])(argonscope.event.planes.{pane['plane']})"
        )
        left, top = page.point_of(pane["plane"], plane[0] - 0.5, plane[3])
        right, bottom = page.point_of(pane["plane"], plane[0] + plane[1] - 0.5, plane[2])
        assert 0 <= left < right <= 1600
        assert 0 <= top < bottom <= 1000


def test_time_zoom_is_shared_and_survives_an_overlay_but_not_the_next_event(page: ScanPage) -> None:
    page.open(FIRST)
    x, y = page.point_of("V", 1200, 3000)
    page.hover(x, y)
    whole = page.state()["view"]["scale"]
    page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-400)
    page.wait("argonscope.zoom")
    zoomed = page.state()
    assert zoomed["view"]["scale"] > 1.5 * whole
    assert page.point_of("V", 1200, 3000) == pytest.approx((x, y), abs=1)
    heights = {
        round(page.point_of(plane, 1200, 3000)[1] - pane["y"], 3)
        for plane, pane in zip("UVY", zoomed["panes"], strict=True)
    }
    assert len(heights) == 1
    page.keys("t")
    page.wait("argonscope.look.overlay === 'truth'")
    assert page.state()["view"] == zoomed["view"]
    page.keys("n")
    page.wait("argonscope.event.entry === 1")
    assert page.state()["zoom"] is None


def test_zoom_is_kept_for_the_next_event_if_asked(page: ScanPage) -> None:
    page.open(f"{FIRST}?zoom=40&tick=3000&u=1200&v=1200&y=1700")
    page.keys("g", "n")
    page.wait("argonscope.event.entry === 1")
    assert page.state()["zoom"]["height"] == 40


def test_hover_tells_the_pixel_and_draws_the_same_time_everywhere(page: ScanPage) -> None:
    page.open(f"{FIRST}?zoom=60&tick=3000&u=1200&v=1200&y=1700")
    pixel = page.lit_pixel("Y")
    page.driver.execute_script(
        "argonscope.zoom = {height: 30, tick: arguments[0], wires: {U: 1200, V: 1200, Y: arguments[1]}};"
        "argonscope.redraw('raster');", pixel["tick"], pixel["wire"],
    )  # fmt: skip
    page.wait("argonscope.currentView(argonscope.panes).wires.Y === " + str(pixel["wire"]))
    page.hover(*page.point_of("Y", pixel["wire"], pixel["tick"] + 3))
    page.wait(f"argonscope.hover.pixel === {pixel['index']}")
    assert page.text("inspect-place").startswith(f"Y {pixel['wire']}")
    assert page.text("inspect-charge").startswith(f"{pixel['adc']:.1f}")
    assert page.text("inspect-truth") != "–"
    assert page.text("inspect-said") == "not run yet"
    assert page.text("line-time").startswith(f"tick {pixel['tick'] + 3}")


def test_a_pinned_wire_and_the_mouse_fix_the_wire_of_the_third_plane(page: ScanPage) -> None:
    page.open(FIRST)
    page.press_at(*page.point_of("U", 1200, 3000))
    page.wait("argonscope.look.pin")
    page.hover(*page.point_of("V", 1300, 3000))
    page.wait("argonscope.hover.plane === 'V'")
    pin, hover = page.state()["look"]["pin"], page.state()["hover"]
    detector = Detector.load("microboone")
    y, z = detector.crossing("U", pin["wire"], "V", hover["wire"])
    expected = round(detector.plane("Y").wire_at(y, z))
    assert f"→ Y {expected} " in page.text("line-crossing")
    assert page.text("waveform-title").startswith(f"Waveform · U {pin['wire']}")
    page.keys(Keys.ESCAPE)
    page.wait("!argonscope.look.pin")


def test_drag_moves_time_in_all_planes_and_wires_in_one(page: ScanPage) -> None:
    page.open(f"{FIRST}?zoom=60&tick=3000&u=1200&v=1200&y=1700")
    x, y = page.point_of("U", 1200, 3000)
    before = page.state()["view"]
    page.hover(x, y)
    page.mouse("mousePressed", x, y, button="left", clickCount=1)
    for step in range(1, 6):
        page.mouse("mouseMoved", x + 10 * step, y + 6 * step, button="left")
    page.mouse("mouseReleased", x + 50, y + 30, button="left", clickCount=1)
    after = page.state()["view"]
    assert after["tick"] > before["tick"]
    assert after["wires"]["U"] < before["wires"]["U"]
    assert after["wires"]["Y"] == before["wires"]["Y"]
    assert page.state()["look"]["pin"] is None


def test_a_box_is_zoomed_to(page: ScanPage) -> None:
    page.open(FIRST)
    x1, y1 = page.point_of("Y", 1000, 4000)
    x2, y2 = page.point_of("Y", 1400, 3000)
    page.hover(x1, y1)
    page.mouse("mousePressed", x1, y1, button="left", clickCount=1, modifiers=8)
    for share in (0.3, 0.7, 1):
        page.mouse("mouseMoved", x1 + share * (x2 - x1), y1 + share * (y2 - y1), button="left", modifiers=8)
    page.mouse("mouseReleased", x2, y2, button="left", clickCount=1, modifiers=8)
    view = page.state()["view"]
    assert view["wires"]["Y"] == pytest.approx(1200, abs=8)
    assert view["tick"] == pytest.approx(3500, abs=30)


def test_looks_change_at_once_without_a_request(page: ScanPage) -> None:
    page.open(FIRST)
    page.wait("argonscope.weights.length && document.readyState === 'complete'")
    ahead = "performance.getEntriesByType('resource').some(r => r.name.includes('events/1/planes'))"
    page.wait(ahead)
    before, sums = page.requests(), page.js("argonscope.paneSums('U')")
    for look in (
        "{map: 'jet'}",
        "{low: 30, high: 90}",
        "{threshold: 40}",
        "{overlay: 'truth'}",
        "{units: 'cm'}",
    ):
        page.js(f"argonscope.setLook({look})")
        page.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]));")
        now = page.js("argonscope.paneSums('U')")
        assert look == "{units: 'cm'}" or now != sums
        sums = now
    assert page.requests() == before


def test_the_controls_drive_the_picture(page: ScanPage) -> None:
    page.open(FIRST)
    charge = page.js("argonscope.paneSums('Y')")
    page.driver.find_element("css selector", ".overlay-grid input[value='truth']").click()
    page.wait("argonscope.look.overlay === 'truth'")
    page.until(lambda: page.js("argonscope.paneSums('Y')") != charge, "the truth is painted")
    page.driver.find_element("css selector", "#colour-map input[value='jet'] + label").click()
    page.wait("argonscope.look.map === 'jet'")
    page.click("zoom-reset")
    assert "overlay=truth" in page.until(lambda: page.js("location.search"), "the look is in the address")


def test_overlays_hide_while_a_key_is_held(page: ScanPage) -> None:
    page.open(FIRST)
    charge = page.js("argonscope.paneSums('U')")
    page.keys("t")
    page.until(lambda: page.js("argonscope.paneSums('U')") != charge, "the truth is painted")
    truth = page.js("argonscope.paneSums('U')")
    page.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyDown", "key": "h"})
    page.until(lambda: page.js("argonscope.paneSums('U')") == charge, "charge alone while h is held")
    page.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", "key": "h"})
    page.until(lambda: page.js("argonscope.paneSums('U')") == truth, "the truth is back")


def test_a_link_shows_the_same_view(page: ScanPage) -> None:
    page.open(
        "/event/demo.h5/2?plane=Y&overlay=truth&opacity=0.5&map=jet&range=5-90&units=cm&zoom=50&tick=2500&y=900"
    )
    state = page.state()
    assert (state["file"], state["entry"]) == ("demo.h5", 2)
    assert [pane["plane"] for pane in state["panes"]] == ["Y"]
    look = state["look"]
    assert (look["overlay"], look["map"], look["low"], look["high"], look["units"]) == (
        "truth",
        "jet",
        5,
        90,
        "cm",
    )
    assert look["opacity"]["truth"] == 0.5
    assert state["view"]["wires"]["Y"] == 900
    radio = page.driver.find_element("css selector", ".overlay-grid input[value='truth']")
    page.until(radio.is_selected, "the controls show what the link says")


def test_back_and_forward_walk_through_events(page: ScanPage) -> None:
    page.open(FIRST)
    page.click("next")
    page.wait("argonscope.event.entry === 1 && location.pathname.endsWith('/1')")
    page.driver.back()
    page.wait("argonscope.event.entry === 0")
    page.driver.forward()
    page.wait("argonscope.event.entry === 1")


def test_nothing_moves_when_overlay_or_event_changes(page: ScanPage) -> None:
    page.open(FIRST)
    before = page.state()["panes"]
    page.keys("t", "n")
    page.wait("argonscope.event.entry === 1")
    page.keys("d")
    page.wait("argonscope.look.overlay === 'disagreement'")
    assert page.state()["panes"] == before


def test_keys_do_nothing_in_a_text_field(page: ScanPage) -> None:
    page.open(FIRST)
    look = page.state()["look"]
    page.keys("/")
    page.wait("document.activeElement.id === 'find'")
    page.keys("n", "t", "1", "m", "l")
    assert page.element("find").get_attribute("value") == "nt1ml"
    assert page.state()["entry"] == 0
    assert page.state()["look"] == look
    page.keys(Keys.ENTER)
    page.until(
        lambda: "neither an entry nor" in page.text("find-problem"), "the sentence about what was typed"
    )


def test_an_event_is_found_by_entry_and_by_name(page: ScanPage) -> None:
    page.open(FIRST)
    page.element("find").send_keys("5", Keys.ENTER)
    page.wait("argonscope.event.entry === 4")
    rows = page.driver.execute_async_script("argonscope.eventRows('demo.h5').then(arguments[0]);")
    row = rows[2]
    page.element("find").send_keys(f"{row['run']}/{row['subrun']}/{row['event']}", Keys.ENTER)
    page.wait("argonscope.event.entry === 2")


def test_the_table_lists_events_and_opens_one(page: ScanPage) -> None:
    page.open(FIRST)
    page.keys("e")
    page.until(lambda: page.driver.find_elements("css selector", ".ag-row[row-id='3']"), "the rows")
    cells = page.js(
        "[...document.querySelectorAll('.ag-row[row-id=\"3\"] .ag-cell')].map(c => c.textContent)"
    )
    lit = page.driver.execute_async_script(
        "argonscope.eventRows('demo.h5').then(r => arguments[0](r[3].lit));"
    )
    assert cells[0] == "4"
    assert cells[4:8] == [str(lit["U"]), str(lit["V"]), str(lit["Y"]), "yes"]
    page.driver.find_element("css selector", ".ag-row[row-id='3'] .ag-cell").click()
    page.wait("argonscope.event.entry === 3")


def test_one_plane_fills_the_page_and_all_come_back(page: ScanPage) -> None:
    page.open(FIRST)
    page.keys("3")
    page.wait("argonscope.panes.length === 1 && argonscope.panes[0].plane === 'Y'")
    page.keys("0")
    page.wait("argonscope.panes.length === 3")


def test_theme_presentation_panel_and_help(page: ScanPage) -> None:
    page.open(FIRST)
    theme = page.state()["theme"]
    page.keys("l")
    page.wait(f"argonscope.theme() !== '{theme}'")
    width = page.state()["panes"][0]["w"]
    page.keys("b")
    page.until(lambda: page.state()["panes"][0]["w"] > width + 300, "the planes take the room of the panel")
    page.keys("b", "?")
    page.until(
        lambda: "next event" in page.js("(document.getElementById('key-list') || {}).textContent || ''"),
        "the list of keys",
    )
    page.keys(Keys.ESCAPE)
    page.until(lambda: not page.driver.find_elements("id", "key-list"), "the list closes")
    page.keys("f")
    page.wait("argonscope.settings.presentation")
    page.keys("f")
    page.wait("!argonscope.settings.presentation")


def test_pictures_carry_their_header(page: ScanPage) -> None:
    page.open(f"{FIRST}?overlay=truth")
    svg = page.js("argonscope.pictureSvg()")
    for words in (
        page.text("event-id"),
        "entry 1 of 24",
        "demo.h5",
        "MicroBooNE",
        "SIMULATION",
        "Truth class",
        "Michel",
    ):
        assert words in svg
    assert svg.count("<image ") == 3
    parsed = "new DOMParser().parseFromString(argonscope.pictureSvg(), 'image/svg+xml')"
    assert page.js(f"{parsed}.querySelector('parsererror')") is None
    size = page.js("(c => [c.width, c.height])(argonscope.pictureCanvas())")
    assert size[0] > 2000
    assert size[1] > 1500


def test_pictures_are_saved_from_the_menu(page: ScanPage, tmp_path: Path) -> None:
    page.open(FIRST)
    allow = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", allow)
    for kind, start in (("png", b"\x89PNG"), ("svg", b"<svg")):
        page.click("save-menu")
        page.wait(f"document.getElementById('save-{kind}')")
        page.click(f"save-{kind}")
        saved = page.until(lambda kind=kind: list(tmp_path.glob(f"*.{kind}")), f"a {kind} file")
        assert saved[0].name == f"demo_entry1_run2026_2_0.{kind}"
        assert saved[0].read_bytes().startswith(start)


def test_the_gain_of_a_plane_can_be_typed_and_given_back(page: ScanPage) -> None:
    page.open(FIRST)
    box = page.element("gain-U")
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys("0.5", Keys.ENTER)
    page.wait("argonscope.settings.gain && argonscope.settings.gain.U === 0.5")
    page.click("gain-reset")
    page.wait("argonscope.settings.gain === null")
    page.until(lambda: page.element("gain-U").get_attribute("value") == "U 1", "the estimate is shown")


def test_an_event_without_charge_or_planes_does_no_harm(page: ScanPage) -> None:
    page.open(FIRST)
    page.js("argonscope.setLook({threshold: 100000})")
    page.until(lambda: json.dumps(page.js("argonscope.paneSums('U')")), "an empty picture")
    x, y = page.point_of("U", 1200, 3000)
    page.hover(x, y)
    assert page.text("line-charge") in ("no charge", "dead wire")


def test_a_gain_that_makes_no_sense_is_not_left_in_its_box(page: ScanPage) -> None:
    page.open(FIRST)
    box = page.element("gain-U")
    for words in ("0", "-3", "abc", "1000000000"):
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(words, Keys.TAB)
        page.until(lambda: box.get_attribute("value") == "U 1", f"the gain in use is shown after {words}")
        assert page.js("argonscope.settings.gain") is None


def test_an_address_that_cannot_be_decoded_says_so(page: ScanPage) -> None:
    page.open("/event/%E0%A4%A/0")
    assert "There is no page at /event/%E0%A4%A/0" in page.text("message-text")


def test_one_step_leads_back_from_beyond_the_end(page: ScanPage) -> None:
    page.open("/event/demo.h5/99999")
    assert "entries run from 0 to 23" in page.text("message-text")
    page.keys(Keys.ARROW_LEFT)
    page.wait("argonscope.event.entry === 23 && argonscope.event.planes")
    page.console()
