"""The masking study: a region is drawn, run alone or left out, or grown along its track."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from page import ScanPage
from selenium.webdriver.common.keys import Keys

EVENT = "/event/demo.h5/19?plane=Y"
STUDY = "argonscope.masking.study"
ALL_HERE = f"{STUDY} && {STUDY}.before && {STUDY}.steps.every(s => s.state === 'here')"


def start(page: ScanPage, weights: str = "counting") -> None:
    page.open(EVENT)
    page.choose_weights(weights)


def corners(page: ScanPage, share: float = 0.5) -> list[tuple[float, float]]:
    """Two corners of a box about the lit pixels of so large a share of the wires, from the left."""
    wires, ticks = page.js(
        "(p => { const w = p.wires, t = [...p.rows].map(r => p.tickOfRow(r));"
        " return [[Math.min(...w), Math.max(...w)].map(v => v + p.firstWire),"
        " [Math.min(...t), Math.max(...t)]]; })(argonscope.event.planes.Y)"
    )
    right = wires[0] + share * (wires[1] - wires[0])
    low, high = page.point_of("Y", wires[0] - 2, ticks[0] - 12), page.point_of("Y", right, ticks[1] + 12)
    return [low, high]


def box(page: ScanPage, share: float = 0.5) -> None:
    """Draw a box with its key; nothing is asked of the server meanwhile."""
    page.keys("4")
    page.wait("argonscope.masking.tool === 'box'")
    before = page.requests()
    page.drag(corners(page, share))
    page.wait("argonscope.masking.region || argonscope.masking.problem")
    assert page.requests() == before


def scores(page: ScanPage, row: int) -> list[str]:
    """Mean scores before and after of one class in the panel."""
    cells: list[str] = page.js(
        f"[...document.querySelectorAll('#mask-table tbody tr')[{row}].cells].map(c => c.textContent)"
    )
    return cells[1:3]


def counted(pixels: int) -> str:
    """The counting rule's MIP score."""
    return f"{pixels / (pixels + 50):.2f}"


def test_a_boxed_region_runs_alone_and_is_left_out(page: ScanPage) -> None:
    start(page)
    whole = page.js("argonscope.paneSums('Y')")
    box(page)
    lit, kept = page.js("[argonscope.event.planes.Y.count, argonscope.masking.region.pixels.length]")
    assert 0 < kept < lit
    page.until(lambda: page.js("argonscope.paneSums('Y')") != whole, "what is outside is dimmed")
    assert f"{kept} pixels" in page.text("mask-words")
    assert "cm in the wire plane" in page.text("mask-words")
    page.keys(Keys.ESCAPE)
    page.wait("argonscope.masking.tool === null && argonscope.masking.region")

    page.click("mask-only")
    page.wait(ALL_HERE)
    page.until(lambda: scores(page, 1) == [counted(lit), counted(kept)], "both MIP scores")
    assert page.js("argonscope.look.overlay") == "class"
    assert page.js("argonscope.event.planes.Y.prediction.reads(argonscope.masking.region.pixels[0])")
    masked = page.js("argonscope.paneSums('Y')")
    page.keys("7")
    page.until(lambda: page.js("argonscope.paneSums('Y')") != masked, "the plane before the masking")
    assert page.js("argonscope.event.planes.Y.prediction === argonscope.event.planes.Y.whole")

    page.click("mask-rest")
    page.wait(f"{STUDY}.kind === 'rest' && {ALL_HERE}")
    page.until(lambda: scores(page, 1) == [counted(lit), counted(lit - kept)], "scores of the rest")
    address = page.until(
        lambda: "region=Y_box_" in page.js("location.search") and page.js("location.href"), "a link"
    )
    page.click("mask-clear")
    page.wait("!argonscope.masking.region")
    page.until(lambda: page.js("!argonscope.event.planes.Y.masked"), "nothing is dimmed any more")
    page.open(address[address.index("/event/") :])
    page.wait("argonscope.masking.region")
    assert page.js("argonscope.masking.region.pixels.length") == kept
    assert page.js("document.getElementById('masking').open")


def test_the_region_grows_along_a_brushed_track(page: ScanPage) -> None:
    start(page)
    page.keys("6", ".", ".")
    page.wait("argonscope.masking.radius > 1.7")
    ends = page.js(
        "(p => [0, p.count - 1].map(i => [p.firstWire + p.wires[i], p.tickOfRow(p.rows[i])]))"
        "(argonscope.event.planes.Y)"
    )
    before = page.requests()
    page.drag([page.point_of("Y", *end) for end in ends], steps=30)
    page.wait("argonscope.masking.region && argonscope.masking.region.shape.kind === 'brush'")
    assert page.requests() == before
    page.click("mask-play")
    page.wait(ALL_HERE)
    steps: list[dict[str, Any]] = page.js(
        f"{STUDY}.steps.map(s => ({{length: s.length, pixels: s.pixels.length, mip: s.after.scores[1]}}))"
    )
    assert len(steps) > 5
    lengths, pixels = [s["length"] for s in steps], [s["pixels"] for s in steps]
    assert lengths == sorted(lengths)
    assert pixels == sorted(pixels)
    assert pixels[-1] == page.js("argonscope.masking.region.pixels.length")
    for step in steps:
        assert step["mip"] == pytest.approx(step["pixels"] / (step["pixels"] + 50), abs=1e-3)

    text = page.js("argonscope.maskingCsv()")
    head = [line for line in text.splitlines() if line.startswith("#")]
    assert "file demo.h5, entry 20, run" in head[1]
    assert "plane Y" in head[2]
    assert page.js(f"{STUDY}.weights.sha256") in head[3]
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\n".join(head) + "\n"))))
    assert [int(row["pixels"]) for row in rows] == pixels
    assert float(rows[-1]["MIP_score_after"]) == pytest.approx(steps[-1]["mip"], abs=1e-3)
    assert float(rows[-1]["mean_dedx_mev_per_cm"]) > 0
    svg = page.js("argonscope.maskingSvg()")
    for words in ("MeV/cm", "length in the wire plane · cm", "demo.h5 entry 20", "Michel"):
        assert words in svg

    page.wait(f"argonscope.masking.step === {len(steps) - 1}")
    page.driver.find_element("css selector", "#mask-step [role=slider]").send_keys(Keys.ARROW_LEFT)
    page.wait(f"argonscope.masking.step === {len(steps) - 2}")
    page.until(lambda: f"Part {len(steps) - 1} of" in page.text("mask-words"), "the words of that part")
    page.click("mask-large")
    page.until(lambda: page.driver.find_elements("css selector", ".masking-large canvas"), "the large plot")
    page.click("mask-swap")
    page.wait(f"!{STUDY}")
    page.click("mask-play")
    page.wait(ALL_HERE)
    assert page.js(f"{STUDY}.steps[0].pixels.length") + pixels[-2] >= pixels[-1]
    page.keys(Keys.ESCAPE, Keys.ESCAPE)
    page.until(lambda: not page.driver.find_elements("css selector", ".masking-large"), "it is closed")


def test_a_region_with_nothing_to_read_is_told_in_one_sentence(page: ScanPage) -> None:
    start(page)
    low, _ = corners(page)
    page.keys("4")
    page.drag([low, (low[0] - 15, low[1] + 15)])
    page.until(lambda: page.text("mask-status") == "The region holds no lit pixel of plane Y.", "no pixel")
    page.keys("4")
    box(page)
    page.js("argonscope.setOption('adcMin', 250)")
    page.js("argonscope.setOption('adcMax', 251)")
    page.js("argonscope.setOption('saturate', false)")
    before = page.requests()
    page.click("mask-only")
    expected = "The region holds no pixel that the network reads (250 < ADC × gain < 251)."
    page.until(lambda: page.text("mask-status") == expected, "nothing in range")
    assert page.js(f"{STUDY}.steps[0].state") == "empty"
    assert page.js("argonscope.maskingBusy()") is False
    assert page.requests() == before


def test_failure_other_weights_and_another_event_end_in_a_sentence(page: ScanPage) -> None:
    start(page, "broken")
    box(page)
    page.click("mask-only")
    page.until(lambda: "broken on purpose" in page.text("mask-status"), "the reason")
    page.choose_weights("counting")
    page.until(lambda: "of the former weights, broken" in page.text("mask-status"), "whose study it is")
    page.click("mask-only")
    page.wait(ALL_HERE)
    page.until(lambda: page.text("mask-status") == "", "nothing is wrong any more")
    page.keys("n")
    page.wait("argonscope.event.entry === 20 && !argonscope.masking.region")
    assert page.js(STUDY) is None


def test_a_step_that_another_page_withdrew_is_asked_for_again(page: ScanPage) -> None:
    start(page, "slow")
    box(page)
    page.driver.execute_async_script(
        f"window.seen = []; argonscope.on('masking', () => {{ const one = {STUDY}.steps[0];"
        "  seen.push(one.state);"
        "  if (one.state !== 'asked' && !window.withdrawn) { window.withdrawn = true;"
        "    argonscope.post('api/jobs/' + one.key + '/cancel', {}).then(arguments[0]); } });"
        " argonscope.runMasked('only');"
    )
    page.wait("seen.lastIndexOf('asked') > seen.findIndex(state => state !== 'asked')")
    page.wait("['queued', 'running'].includes(seen.at(-1))")
    page.keys(Keys.ESCAPE, Keys.ESCAPE, Keys.ESCAPE)
    page.wait("!argonscope.maskingBusy() && !argonscope.busy()")
    assert page.js(f"{STUDY}.steps[0].state") == "cancelled"
