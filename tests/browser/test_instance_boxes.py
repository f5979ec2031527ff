"""Instances of a detector, which is a rule here: boxes, masks, one alone, views, the list."""

from __future__ import annotations

import pytest
from page import ScanPage
from selenium.webdriver.common.keys import Keys

Y = "argonscope.event.planes.Y"
ALL_FOUND = "argonscope.state().detected.length === 3"
ROWS = "[...document.querySelectorAll('.instance-row')].map(r => [...r.cells].map(c => c.textContent))"


def _choose(page: ScanPage, networks: str) -> None:
    page.wait("argonscope.weightsKnown")
    page.driver.find_element("css selector", f"#networks input[value='{networks}'] + label").click()
    page.wait(f"argonscope.settings.networks === '{networks}'")


def _open_section(page: ScanPage) -> None:
    page.driver.find_element("css selector", "#instances > summary").click()
    page.wait("document.getElementById('instances').open")


def _frames(page: ScanPage) -> None:
    page.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]));")


def _hover_pixel(page: ScanPage, pixel: int) -> None:
    """Zoom to a pixel of Y and put the mouse on it."""
    wire, tick = page.js(f"(p => [p.firstWire + p.wires[{pixel}], p.tickOfRow(p.rows[{pixel}])])({Y})")
    page.js(
        f"(argonscope.zoom = {{height: 25, tick: {tick}, wires: {{Y: {wire}}}}}, argonscope.emit('view'))"
    )
    _frames(page)
    page.hover(*page.point_of("Y", wire, tick + 3))
    page.wait(f"argonscope.hover.pixel === {pixel}")


def _click(page: ScanPage) -> None:
    """A click where the mouse is."""
    x, y = page.point_of("Y", *page.js("[argonscope.hover.wire, argonscope.hover.tick]"))
    for kind in ("mousePressed", "mouseReleased"):
        page.mouse(kind, x, y, button="left", clickCount=1)


def test_instances_are_drawn_named_isolated_and_filtered_without_a_request(page: ScanPage) -> None:
    page.open("/event/demo.h5/11")
    _open_section(page)
    hint = "No instances of this event yet: run sMask-RCNN."
    page.until(lambda: page.text("instances-note") == hint, "what to do is said")
    charge = page.js("argonscope.paneSums('Y')")
    _choose(page, "smask-rcnn")
    page.click("run")
    page.wait(ALL_FOUND)
    assert page.state()["predicted"] == [], "U-ResNet was not asked"
    page.until(lambda: "0.25 s" in page.text("detector-words-Y"), "device and time are told")
    page.wait("argonscope.look.overlay === 'detections' && argonscope.look.boxes")
    page.until(lambda: page.js("argonscope.paneSums('Y')") != charge, "masks and boxes are painted")
    page.wait("document.readyState === 'complete'")
    requests = page.requests()

    # The score decides what is shown; masks that overlap have the colour of the best.
    assert page.js(f"argonscope.foundOf({Y}).map(o => o.score.toFixed(2))") == [
        "0.95",
        "0.90",
        "0.85",
        "0.80",
        "0.75",
    ]
    page.driver.find_element("css selector", "#instance-score [role='slider']").send_keys(
        Keys.ARROW_LEFT * 30
    )
    page.wait("argonscope.look.instanceScore === 0.4")
    shown = page.js(f"argonscope.foundOf({Y}).length")
    assert shown == 12
    page.until(lambda: sum(row[0].startswith("Y") for row in page.js(ROWS)) == shown, "all are listed")
    first, neutrino = page.js(f"{Y}.detections.list.slice(0, 2).map(o => [...o.pixels])")
    shared = sorted(set(first) & set(neutrino))
    assert len(shared) == 30
    assert page.js(f"{Y}.detections.owners(0.4)[{shared[0]}]") == 0
    page.until(lambda: "in several" in page.text("legend"), "the legend counts")
    several = page.js(
        "[...document.querySelectorAll('#legend tr')].find(r => r.cells[0].textContent === 'in several')"
        ".cells[3].textContent"
    )
    assert several == "30"

    # Hover names all that hold a pixel, a click leaves the best of them alone.
    _hover_pixel(page, shared[0])
    page.wait("argonscope.pointedInstances.length === 2")
    told = page.text("inspect-instance").split("\n")
    adc = page.js(f"{neutrino}.reduce((sum, i) => sum + {Y}.adc[i], 0).toFixed(0)")
    assert told[0].startswith("cosmic Y1  ·  0.95  ·  ")
    assert told[1].replace("\u2009", "") == f"neutrino Y2  ·  0.90  ·  {adc} ADC"
    _click(page)
    page.wait("argonscope.state().isolated.join() === 'Y'")
    assert page.state()["look"]["pin"] is None, "the click was for the instance"
    _frames(page)
    outside = next(pixel for pixel in neutrino if pixel not in shared)
    colours = page.js(
        f"(c => [{Y}.painted[{first[0]}] === argonscope.mix("
        f"    c.grey[Math.min(255, Math.max(0, {Y}.adc[{first[0]}] * 255 / 150 | 0))], c.found[0], 0.9),"
        f"  [...c.faint].includes({Y}.painted[{outside}])])(argonscope.colours())"
    )
    assert colours == [True, True]
    _click(page)
    page.wait("argonscope.state().isolated.length === 0")
    page.js("argonscope.resetZoom()")

    # The list points, and leaves alone, too; Esc gives all back.
    row = page.driver.find_element("css selector", ".instance-row.instance-neutrino")
    row.click()
    page.wait("argonscope.state().isolated.join() === 'U'")
    page.until(lambda: "chosen" in str(row.get_attribute("class")), "the row is marked")
    page.keys(Keys.ESCAPE)
    page.wait("argonscope.state().isolated.length === 0")

    # Views leave pixels out of the picture; what a neutrino holds stays.
    whole = page.js("argonscope.paneSums('Y')")
    page.keys("X")
    page.wait("argonscope.look.instanceView === 'no-cosmics'")
    page.until(lambda: page.js("argonscope.paneSums('Y')") != whole, "cosmics are gone")
    masks = page.js(f"argonscope.foundOf({Y}).map(o => [o.kind, [...o.pixels]])")
    cosmic = {pixel for kind, pixels in masks if kind == "cosmic" for pixel in pixels}
    removed = f"[...argonscope.pixelsRemoved({Y})].map((gone, i) => gone ? i : -1).filter(i => i >= 0)"
    assert set(page.js(removed)) == cosmic - set(neutrino)
    assert {row[1] for row in page.js(ROWS)} == {"neutrino"}
    page.keys("V")
    page.wait("argonscope.look.instanceView === 'neutrino'")
    assert page.js(f"{removed}.length") == page.js(f"{Y}.count") - len(neutrino)
    svg = page.js("argonscope.pictureSvg()")
    assert "neutrino 0.90" in svg
    assert "cosmic 0.95" not in svg
    assert "only what is called neutrino" in svg
    page.js("argonscope.setLook({instanceView: 'all', trueBoxes: true})")
    svg = page.js("argonscope.pictureSvg()")
    assert "cosmic 0.95" in svg
    assert "dashed: true interaction" in svg
    assert page.requests() == requests
    query = page.until(lambda: page.js("location.search"), "the look is in the address")
    page.until(lambda: "boxes=found_true" in page.js("location.search"), "the boxes, too")
    assert "overlay=detections" in query


def test_both_networks_show_classes_inside_one_instance_and_a_link_shows_the_same(page: ScanPage) -> None:
    page.open("/event/few.h5/2")
    page.choose_weights("quick")
    _choose(page, "both")
    page.click("run")
    page.wait(f"{ALL_FOUND} && argonscope.state().predicted.length === 3")
    look = page.state()["look"]
    assert (look["overlay"], look["boxes"]) == ("class", True), "classes, and boxes over them"
    page.js(f"argonscope.isolate({Y}.detections.list[1])")
    _frames(page)
    inside, outside = page.js(
        f"(set => [set.list[1].pixels.find(i => {Y}.prediction.classes([0,0,0,0,0])[i] === 1),"
        f" [...set.outside(set.list[1])].indexOf(1)])({Y}.detections)"
    )
    assert page.js(
        f"(c => {Y}.painted[{inside}] === argonscope.mix("
        f"c.grey[Math.min(255, {Y}.adc[{inside}] * 255 / 150 | 0)], c.classes[1], 0.9)"
        f" && [...c.faint].includes({Y}.painted[{outside}]))(argonscope.colours())"
    )
    page.open("/event/few.h5/2?overlay=detections&boxes=found&least=0.55&view=no-cosmics")
    page.wait(ALL_FOUND)
    assert page.js(f"argonscope.seenOf({Y}).map(o => o.kind)") == ["neutrino"]
    assert page.state()["look"]["instanceScore"] == pytest.approx(0.55)
    page.keys("n")
    page.wait("argonscope.event.entry === 3")
    assert page.state()["detected"] == [], "instances belong to their event"


def test_without_weights_the_page_says_so_and_nothing_can_be_pressed(page: ScanPage) -> None:
    page.open("/event/few.h5/3")
    _choose(page, "smask-rcnn")
    page.wait("!document.getElementById('run').disabled")
    page.js(
        "(argonscope.weights = argonscope.weights.filter(row => row.network !== 'smask-rcnn'),"
        " argonscope.networks['smask-rcnn'].choose(), argonscope.emit('weights', argonscope.weights))"
    )
    says = "No trained weights of sMask-RCNN are installed, so it cannot run."
    page.until(lambda: page.text("run-problem") == says, "a sentence")
    page.wait("document.getElementById('run').disabled")
    page.keys("M", "r")
    page.until(lambda: page.text("overlay-missing") == says, "the same under the overlay")
    assert page.js("argonscope.busy()") is False
    _choose(page, "both")
    page.wait("!document.getElementById('run').disabled")
    _choose(page, "uresnet")
    page.until(lambda: page.text("run-problem") == "", "U-ResNet can run")
