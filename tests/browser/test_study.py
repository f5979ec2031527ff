"""A rater's way through a study, and that the page asks for nothing and is told nothing it should not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from label_serving import LabelServer
from page import ScanPage
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from inference.cards import default_weights
from records.accounts import create_account
from records.images import labelled_images
from records.models import Account
from records.predictions import Prediction
from records.studies import define, definition_of, find_study, freeze, join
from records.study_definition import StudyDefinition, StudyImageSpec

TASK = "argonscope.labelling.task"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelServer]:
    """Two images, the first in a window; the network calls everything Michel."""
    server = LabelServer(tmp_path_factory.mktemp("study"))
    services, weights = server.services, default_weights("uresnet", "Y").sha256
    specs = []
    for entry in (0, 1):
        event = services.library.event("few.h5", entry)
        labelled = labelled_images(event)["Y"]
        services.images.put(labelled)
        image = labelled.image
        scores = np.zeros((len(image), 5), np.float32)
        scores[:, 4] = 1
        key = services.jobs.key(image, default_weights("uresnet", "Y"))
        services.stored.put(
            key, Prediction("Y", scores, "uresnet", "w", weights, "cpu", 0.1), labelled.content_hash
        )
        rows, wires = np.sort(image.rows), np.sort(image.wires)
        middle = len(image) // 2
        window = (int(rows[0]), int(wires[0]), int(rows[middle]), int(wires[-1])) if entry == 0 else None
        specs.append(StudyImageSpec(image.content_hash, "all", window, predictions={weights: key}))
    definition = StudyDefinition(
        "Michels in the demo", "michel_pixels", tuple(specs), weights=(weights,), show_answer=True, seed=1
    )
    with services.database.writing() as session:
        owner = create_account(session, "Olga", "owner")
        freeze(session, define(session, owner, "m", definition), services.images, services.stored)
    yield server
    server.stop()


def test_a_rater_goes_through_a_study(driver: webdriver.Chrome, served: LabelServer) -> None:
    page = ScanPage(driver, served.address)
    driver.get(served.address + "/api/files")
    driver.execute_script("localStorage.clear(); indexedDB.deleteDatabase('argonscope-labels');")
    page.console()
    served.bodies.clear()
    page.open("/study/m")
    driver.find_element("css selector", ".label-name input").send_keys("Ada", Keys.ENTER)
    page.wait(f"argonscope.labelling.on && {TASK}.study && argonscope.panes.length")
    page.wait("document.querySelector('.label-question')")

    plane = "argonscope.event.planes.Y"
    token = page.js(f"{TASK}.task")
    assert page.text("event-id") == "Michels in the demo"
    assert page.text("event-entry") == "image 1 of 2"
    # Keys that would show more, or lead elsewhere, do nothing.
    page.keys("t", "r", "j", "/", Keys.ARROW_RIGHT)
    assert page.js("argonscope.look.overlay") == "labels"
    for hidden in ("run", "legend", "candidates", "masking", "file-select", "find", "table-open"):
        assert page.js(f"document.getElementById('{hidden}').offsetParent === null"), hidden
    page.keys("z", "1", "x")
    x, y = page.js("(b => [b.x, b.y])(document.getElementById('stage').getBoundingClientRect())")
    pane = page.state()["panes"][0]
    left, top = x + pane["x"], y + pane["y"]
    page.drag([(left + 1, top + 1), (left + pane["w"] - 2, top + pane["h"] - 2)])
    labelled = page.js("argonscope.labelling.lanes.Y.classes.filter(c => c === 4).length")
    outside = page.js(f"({plane}.outside || []).filter(o => o).length")
    assert labelled == page.js(f"{plane}.count") - outside > 0
    page.keys("n")
    page.wait(f"{TASK}.task !== '{token}'")
    page.open("/study/m")  # what was put off comes last, and its labels with it
    page.wait(f"argonscope.labelling.on && {TASK}.study")

    # Everything the server said while both images were open.
    assert len(served.bodies) > 8
    weights = default_weights("uresnet", "Y").sha256
    for path, body in served.bodies:
        if path.startswith(("/assets/", "/_dash", "/study/", "/favicon.ico")):
            continue
        assert path.startswith(("/api/who", "/api/studies/m/next", "/api/tasks/")), path
        for word in (weights, weights[:12], "few.h5", '"run"', "truth", "demo.h5", "simulation", "stratum"):
            assert word.encode() not in body, (path, word)

    assert page.js(f"{TASK}.task") != token
    page.keys(Keys.ENTER)
    page.wait(f"{TASK}.submitted && argonscope.event.planes.Y.prediction && argonscope.event.planes.Y.truth")
    page.keys("c")
    page.wait("argonscope.look.overlay === 'class'")
    assert page.js("argonscope.event.planes.Y.prediction.classes([0,0,0,0,0])[0]") == 4
    page.keys("1", Keys.ENTER)
    page.wait(f"{TASK} && !{TASK}.submitted && {TASK}.task === '{token}'")
    assert page.js("argonscope.labelling.lanes.Y.classes.filter(c => c === 4).length") == labelled
    assert page.js("argonscope.event.planes.Y.prediction") is None
    page.wait("document.querySelector('.label-progress').textContent.startsWith('1 of 2')")
    page.driver.find_element("css selector", ".label-study .label-main").click()
    page.wait(f"{TASK}.submitted && argonscope.event.planes.Y.truth")
    page.wait("document.querySelector('.label-study .label-main:enabled')")
    page.keys(Keys.ENTER)
    page.wait("argonscope.message.startsWith('All images')")
    assert page.console() == []


def test_a_closed_event_leads_to_its_study_and_an_open_study_can_be_left(
    driver: webdriver.Chrome, served: LabelServer
) -> None:
    services = served.services
    with services.database.writing() as session:
        study = find_study(session, "m")
        assert study is not None
        definition = replace(definition_of(study), raters=(), title="Open to all")
        owner = session.get_one(Account, study.owner_id)
        opened = define(session, owner, "open", definition)
        freeze(session, opened, services.images, services.stored)
        account = create_account(session, "Eve")
        join(session, opened, account)
    page = ScanPage(driver, served.address)
    driver.get(served.address + "/api/files")
    driver.execute_script("localStorage.clear(); localStorage['argonscope.rater'] = arguments[0];", '"Eve"')
    page.open("/event/few.h5/0?plane=Y")
    page.wait("argonscope.message && argonscope.message.includes('part of the study open')")
    page.until(lambda: driver.find_elements("css selector", ".message-link"), "a way on")
    page.console()  # Chromium itself says that the event was refused
    driver.find_element("css selector", ".message-link").click()
    page.wait(f"argonscope.labelling.on && {TASK}.study && document.querySelector('.label-question')")
    buttons = "[...document.querySelectorAll('.label-study .label-button')]"
    leave = f"{buttons}.find(b => b.textContent === 'Leave')"
    page.wait(leave)
    driver.execute_script(f"window.confirm = () => true; ({leave}).click();")
    page.wait("argonscope.event && argonscope.event.file && argonscope.event.planes")
    page.open("/event/few.h5/0?plane=Y")
    page.wait("argonscope.event.planes && argonscope.event.entry === 0")
    assert page.console() == []
