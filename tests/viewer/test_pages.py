"""The scan page's layout, wiring and first HTML, without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient

from viewer import ids
from viewer.pages import scan
from viewer.pages.index import index_string, setup

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SCRIPTS = sorted(ASSETS.glob("*.js"))
SHEETS = sorted(ASSETS.glob("*.css"))
MADE_BY_SCRIPTS = {"argonscope-setup", "_dash-config"}
"""Ids that neither layout nor viewer.ids know: the JSON in the index page, and Dash's own."""


def _ids(component: Component) -> Iterator[str]:
    for part in [component, *component._traverse()]:
        if isinstance(part, Component) and getattr(part, "id", None):
            yield part.id


@pytest.fixture(scope="module")
def layout_ids() -> list[str]:
    return list(_ids(scan.layout()))


def test_no_id_is_used_twice(layout_ids: list[str]) -> None:
    assert sorted(layout_ids) == sorted(set(layout_ids))


def test_every_id_of_a_callback_is_in_the_layout(layout_ids: list[str]) -> None:
    wired = {*scan.CONTROLS, *scan.BUTTONS, ids.FIND, ids.EVENT_TABLE, ids.TABLE_DRAWER, ids.HELP}
    assert wired <= set(layout_ids)


def test_scripts_name_only_ids_that_exist(layout_ids: list[str]) -> None:
    named = set()
    for script in SCRIPTS:
        named |= set(re.findall(r'(?:byId|setText|setProps|set_props)\("([\w-]+)"', script.read_text()))
    in_index = set(re.findall(r'id="([\w-]+)"', index_string()))
    assert named > {"stage", "run", "legend"}
    assert named <= set(layout_ids) | in_index | MADE_BY_SCRIPTS


def test_every_control_is_known_to_the_scripts() -> None:
    glue = "".join(script.read_text() for script in SCRIPTS)
    for control in scan.CONTROLS:
        if control.startswith(("threshold-", "gain-")):
            continue
        assert re.search(rf'^    (?:"{control}"|{control}): ', glue, re.MULTILINE), control
    for button in scan.BUTTONS:
        assert re.search(rf'^    (?:"{button}"|{button}): function', glue, re.MULTILINE), button


def test_icons_of_buttons_are_drawn() -> None:
    style = "".join(sheet.read_text() for sheet in SHEETS)
    drawn = set(re.findall(r"^\.icon-(\w+) \{", style, re.MULTILINE))
    used = {
        name.removeprefix("icon-")
        for part in scan.layout()._traverse()
        if isinstance(part, Component) and "icon " in str(getattr(part, "className", ""))
        for name in part.className.split()[1:]
    }
    assert used
    assert used <= drawn


def test_icon_buttons_say_what_they_do() -> None:
    buttons = [part for part in scan.layout()._traverse() if type(part).__name__ == "ActionIcon"]
    assert len(buttons) >= 10
    for button in buttons:
        assert button.attributes["root"]["aria-label"]


def test_nothing_comes_from_outside() -> None:
    for file in [*SCRIPTS, *SHEETS]:
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text, file.name
        assert "https:" not in text, file.name
        assert "@import" not in text, file.name


def test_the_index_page_carries_theme_and_setup() -> None:
    page = index_string()
    embedded = re.search(r'id="argonscope-setup">(.*?)</script>', page, re.DOTALL)
    assert embedded is not None
    assert json.loads(embedded[1]) == json.loads(json.dumps(setup()))
    assert page.index("data-mantine-color-scheme", page.index("<script>")) < page.index("{%css%}")
    assert not re.search(r"@\w+@", page)


def test_setup_names_classes_in_score_order() -> None:
    assert setup()["classes"] == ["HIP", "MIP", "shower", "delta", "Michel"]


@pytest.mark.parametrize("address", ["/", "/event/events.h5/0", "/event/any/7?overlay=class"])
def test_every_address_answers_with_the_page(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert 'id="stage"' in answer.text
    assert "10_namespace.js" in answer.text


def test_scripts_are_loaded_in_order(client: FlaskClient) -> None:
    loaded = re.findall(r"assets/([\w]+\.js)", client.get("/").text)
    assert loaded == sorted(loaded) == [script.name for script in SCRIPTS]
