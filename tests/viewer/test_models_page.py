"""The Models page without a browser: layout, wiring, words, links, and the second Dash app."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash.development.base_component import Component
from evaluation_reports import made_up_report
from flask.testing import FlaskClient

from inference.client import WeightsCard
from viewer.application import create_app
from viewer.pages.models import ids
from viewer.pages.models.card import card
from viewer.pages.models.choice import DETECTOR, family
from viewer.pages.models.layout import FIGURES, INSTANCE_FIGURES, layout
from viewer.pages.models.links import event_link
from viewer.pages.models.models import Models
from viewer.pages.models.parts import confusion_csv, events, head, icpf_table
from viewer.services import Services

ASSETS = Path(__file__).resolve().parents[2] / "assets"
PLACE = {"file": "events.h5", "entry": 1, "run": 5, "subrun": 1, "event": 101}
"""An event of the file of viewer/conftest.py."""


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return made_up_report("Y", events=12, seed=5, weights="toy")


@pytest.fixture
def alone(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the evaluations that are shipped."""
    monkeypatch.setattr(services.evaluations, "_shipped", ())


@pytest.fixture
def with_evaluations(services: Services, alone: None, report: dict[str, Any]) -> dict[str, str]:
    """Two planes of one sample, and a file that is none; plane -> id."""
    other = made_up_report("U", events=12, seed=5, weights="toy")
    made = {r["plane"]: services.evaluations.put(r) for r in (report, other)}
    (services.settings.data_folder / "evaluations" / "broken.json").write_text("{")
    return made


def _parts(component: Any) -> Iterator[Component]:
    for top in component if isinstance(component, list | tuple) else [component]:
        yield top
        yield from (part for part in top._traverse() if isinstance(part, Component))


def _words(component: Any) -> str:
    """All text, part after part."""
    said = []
    for part in _parts(component):
        inner = getattr(part, "children", None)
        for child in inner if isinstance(inner, list | tuple) else [inner]:
            if isinstance(child, str):
                said.append(child)
    return " | ".join(said)


def test_ids_of_callbacks_are_in_the_layout_and_used_once(client: FlaskClient) -> None:
    made = [part.id for part in _parts(layout()) if getattr(part, "id", None)]
    assert sorted(made) == sorted(set(made))
    wired = set()
    for callback in client.get("/models/_dash-dependencies").json:
        wired |= {entry["id"] for entry in callback["inputs"] + callback["state"]}
        wired |= {name.rsplit(".", 1)[0] for name in re.findall(r"models-[\w-]+\.\w+", callback["output"])}
    assert len(wired) > 20
    assert wired <= set(made)


def test_scripts_of_the_page_name_only_ids_that_exist() -> None:
    named = set(re.findall(r'\bset\("(models-[\w-]+)"', (ASSETS / "models" / "models.js").read_text()))
    assert named == {ids.CELL}


def test_the_page_loads_its_own_files_and_the_display_none_of_them(client: FlaskClient) -> None:
    page, display = client.get("/models/"), client.get("/")
    assert page.status_code == 200
    assert "<title>Models · ArgonScope</title>" in page.text
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.text.index("data-mantine-color-scheme", page.text.index("<script>")) < page.text.index(
        "style.css"
    )
    assert re.findall(r"/assets/([\w/]+\.\w+)", page.text) == [
        "style.css",
        "models/models.css",
        "models/models.js",
    ]
    assert 'src="http' not in page.text
    assert "models/models" not in display.text
    assert "plotly.min" not in display.text
    assert client.get("/models?cell=delta-shower").location.endswith("/models/?cell=delta-shower")


def test_nothing_of_the_page_comes_from_outside() -> None:
    for file in (ASSETS / "models").iterdir():
        text = file.read_text()
        assert "http:" not in text, file.name
        assert "https:" not in text, file.name
        assert "@import" not in text, file.name


def test_an_address_opens_its_evaluation_and_says_what_is_damaged(
    services: Services, with_evaluations: dict[str, str]
) -> None:
    opened = Models(services).opened(with_evaluations["U"])
    assert (opened.evaluation, opened.plane, opened.sample) == (with_evaluations["U"], "U", opened.evaluation)
    assert [option["disabled"] for option in opened.planes] == [False, True, False]
    assert (opened.hide_empty, opened.hide_content, opened.hide_choosers) == (True, False, False)
    (problem,) = opened.problems
    assert problem.children.startswith("broken.json: not an evaluation")


def test_an_evaluation_that_is_gone_is_replaced_in_words(
    services: Services, with_evaluations: dict[str, str]
) -> None:
    opened = Models(services).opened("../../secret")
    assert opened.evaluation == with_evaluations["Y"]
    assert "There is no evaluation ../../secret here" in opened.problems[0].children


def test_a_choice_of_plane_keeps_the_sample(services: Services, with_evaluations: dict[str, str]) -> None:
    models = Models(services)
    changed = models.changed(with_evaluations["Y"], plane="U")
    assert changed.evaluation == with_evaluations["U"]
    assert models.changed(with_evaluations["U"], id=with_evaluations["Y"]).plane == "Y"
    assert models.changed("gone", plane="U").evaluation == with_evaluations["Y"]


def test_without_evaluations_the_page_is_empty_in_words(services: Services, alone: None) -> None:
    opened = Models(services).opened(None)
    assert (opened.evaluation, opened.hide_empty, opened.hide_content) == (None, False, True)
    assert "argonscope evaluate uresnet --plane all" in _words(layout())


def test_all_figures_of_an_evaluation(
    services: Services, with_evaluations: dict[str, str], report: dict[str, Any]
) -> None:
    figures = Models(services).figures(report, with_evaluations["Y"], "dark")
    assert len(figures) == len(FIGURES)
    titles = [figure.layout.title.text for figure in figures]
    assert titles[1] == "Incorrectly classified pixel fraction (ICPF)"
    assert len(set(titles)) == len(titles)
    assert "planes U, Y" in figures[3].layout.title.subtitle.text
    assert sum(figures[1].data[0].y) == 12


def test_callbacks_answer_over_http(client: FlaskClient, with_evaluations: dict[str, str]) -> None:
    """The choice, then the events of a cell, as Dash asks for them."""
    asked = {callback["output"]: callback for callback in client.get("/models/_dash-dependencies").json}
    output = next(name for name in asked if ids.EVENTS_TITLE in name)
    answer = client.post(
        "/models/_dash-update-component",
        json={
            "output": output,
            "outputs": [
                {"id": ids.EVENTS_TITLE, "property": "children"},
                {"id": ids.EVENTS, "property": "children"},
                {"id": ids.ALL_EVENTS, "property": "hidden"},
            ],
            "inputs": [
                {"id": ids.EVALUATION, "property": "data", "value": with_evaluations["Y"]},
                {"id": ids.CELL, "property": "data", "value": "delta-shower"},
            ],
            "changedPropIds": [f"{ids.CELL}.data"],
        },
    )
    assert answer.status_code == 200
    found = answer.json["response"]
    assert found[ids.EVENTS_TITLE]["children"] == "True delta, predicted shower"
    assert found[ids.ALL_EVENTS]["hidden"] is False
    assert "overlay=disagreement" in json.dumps(found[ids.EVENTS])


def test_the_head_has_ours_beside_the_published(report: dict[str, Any]) -> None:
    words = _words(head(report))
    assert f"Non-zero accuracy | {report['nonzero_accuracy']['value']:.3f}" in words
    assert "published, Y: 0.95" in words
    assert "published, Y: 0.895" in words
    assert "published: 1.9 %" in words
    assert "MICROBOONE-NOTE-1091-PUB" in words
    assert "12 events" in words


def test_the_icpf_table_has_ours_and_the_published(report: dict[str, Any]) -> None:
    words = _words(icpf_table(report))
    own = report["icpf"]["track_shower"]["by_class"]["shower"]["mean"]["value"]
    assert f"shower | {100 * own:.1f} %" in words
    assert "1e1p-LE | 3.9 % | 11.5 % | 3.8 % | 8.0 %" in words


def test_worst_events_are_listed_by_rank_and_marked(services: Services, report: dict[str, Any]) -> None:
    listed = events(report, None, services.library)
    rows = [part for part in _parts(listed) if type(part).__name__ == "Tr"][1:]
    assert [row.children[0].children for row in rows] == [str(rank) for rank in range(1, 13)]
    assert [row.className for row in rows] == ["marked", *[""] * 11]
    cells = [row.children[4].children for row in rows]
    assert "open worst.h5 to see it" in cells
    links = [cell.href for cell in cells if not isinstance(cell, str)]
    assert links
    assert all(re.match(r"/event/\w+-\d+/\d+\?plane=Y&overlay=disagreement&run=", link) for link in links)


def test_a_cell_lists_the_events_with_most_of_its_pixels(services: Services, report: dict[str, Any]) -> None:
    listed = events(report, (3, 2), services.library)
    first = report["worst_by_cell"]["delta,shower"][0]
    row = next(part for part in _parts(listed) if type(part).__name__ == "Td")
    assert row.children == f"{first['run']} / {first['subrun']} / {first['event']}"
    confusion = report["per_event"][first["row"]]["confusion"]
    assert confusion[3 * 5 + 2] == first["pixels"]
    assert f"{100 * first['pixels'] / sum(confusion[15:20]):.1f} %" in _words(listed)


def test_a_right_cell_and_an_empty_one_say_so(services: Services, report: dict[str, Any]) -> None:
    assert "These pixels are right" in _words(events(report, (1, 1), services.library))
    empty = {**report, "worst_by_cell": {"HIP,Michel": []}}
    assert "No event has such pixels" in _words(events(empty, (0, 4), services.library))


def test_an_event_of_an_open_file_has_a_link_into_the_display(services: Services) -> None:
    link = event_link(PLACE, "Y", "uresnet-5-16-Y", services.library, {"overlay": "disagreement"})
    assert link.address == "/event/events.h5/1?plane=Y&overlay=disagreement&run=uresnet-5-16-Y"


def test_a_simulated_event_that_no_file_keeps_is_simulated_again(services: Services) -> None:
    place = {"file": None, "entry": 82, "run": 4242, "subrun": 2, "event": 82}
    link = event_link(place, "Y", None, services.library, {})
    assert (link.address, link.words) == ("/event/bnb-4242/82?plane=Y", "see it")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"file": None, "run": -1}, "not kept in a file"),
        ({"file": None, "subrun": 77}, "not kept in a file"),
        ({"file": "elsewhere.h5"}, "open elsewhere.h5 to see it"),
        ({"event": 102}, "another events.h5 is open"),
        ({"entry": 7}, "another events.h5 is open"),
    ],
)
def test_other_events_say_why_they_have_no_link(
    services: Services, change: dict[str, Any], words: str
) -> None:
    link = event_link({**PLACE, **change}, "Y", "toy", services.library, {})
    assert (link.address, link.words) == (None, words)


def test_the_matrix_as_csv(report: dict[str, Any]) -> None:
    lines = confusion_csv(report).splitlines()
    assert lines[0] == "true,predicted,pixels,share_of_true,share_of_predicted"
    assert len(lines) == 26
    true, predicted, pixels, of_true, of_predicted = lines[1 + 3 * 5 + 2].split(",")
    counts = report["confusion_rows_true"]
    assert (true, predicted, int(pixels)) == ("delta", "shower", counts[3][2])
    assert float(of_true) == pytest.approx(counts[3][2] / sum(counts[3]), abs=1e-6)
    assert float(of_predicted) == pytest.approx(counts[3][2] / sum(row[2] for row in counts), abs=1e-6)


def test_the_card_tells_network_decision_and_every_run(report: dict[str, Any], tmp_path: Path) -> None:
    run = {"seconds": 600, "step": 900, "crops": 10_000, "learning_rate": 8e-4, "weighting": "balanced"}
    source = {"planes": ["U", "V"], "samples": [["bomb", 0.3], ["bnb", 0.7]], "files": [], "seed": 1_000_004}
    content = {
        "architecture": {"depth": 5, "filters": 16, "blocks": 2},
        "decision": {"offset": [-0.2, 0.55, 0.3, -0.7, 0.05], "chosen_on": "96 bnb events"},
        "training": {**run, "source": source, "earlier": [{**run, "seconds": 3600, "source": source}]},
    }
    own = WeightsCard("toy", tmp_path / "toy", "Y", "uresnet", report["weights_hash"], content)
    words = _words(card(report, [own]))
    assert "sparse U-ResNet, depth 5, 16 filters at the top, 2 residual blocks a level" in words
    assert "HIP −0.20, MIP +0.55" in words
    assert "Training: 2 runs, 70 minutes, 20\u2009000 crops" in words
    assert "bomb 30 %, bnb 70 % | 60 | 900" in words
    assert report["weights_hash"] in words


def test_the_card_of_a_detector_tells_of_images_not_of_pixels(report: dict[str, Any], tmp_path: Path) -> None:
    run = {"seconds": 600, "step": 900, "images": 1800, "learning_rate": 1e-3}
    source = {"planes": ["U", "V", "Y"], "sample": "bnb", "seed": 1_000_000}
    content = {"training": {**run, "source": source, "earlier": []}}
    own = WeightsCard("toy", tmp_path / "toy", "Y", "smask-rcnn", report["weights_hash"], content)
    words = _words(card(report, [own]))
    assert "U, V, Y | bnb | 10 | 900 | 1800 | 0.001 | 1000000" in words
    assert "pixel weights" not in words


def test_a_card_of_other_weights_is_not_taken_for_theirs(report: dict[str, Any], tmp_path: Path) -> None:
    assert "not installed here" in _words(card(report, []))
    other = WeightsCard("toy", tmp_path / "toy", "Y", "uresnet", "c" * 64, {"training": {"minutes": 3}})
    words = _words(card(report, [other]))
    assert "that are installed are others (ccccccc)" in words
    assert "Training" not in words


def test_shipped_evaluations_can_be_shown(services: Services) -> None:
    """Whatever reports come with the weights: all of the page is made of each."""
    models = Models(services)
    for summary in services.evaluations.list().evaluations:
        report = models.report(summary.id)
        assert report is not None
        assert family(summary)
        if summary.network == DETECTOR:
            assert len(models.instance_figures(report, summary.id, "light")) == len(INSTANCE_FIGURES)
            assert len(models.instance_tables(report)) == 4
        else:
            assert len(models.figures(report, summary.id, "light")) == len(FIGURES)
            assert len(models.tables(report)) == 3


def test_a_second_app_has_this_page_too(services: Services) -> None:
    answers = [
        create_app(services).server.test_client().get("/models/_dash-dependencies").json for _ in range(2)
    ]
    assert answers[0] == answers[1] != []
