"""A detector's evaluation on the Models page, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash.development.base_component import Component
from evaluation_reports import made_up_report
from flask.testing import FlaskClient
from instance_reports import made_up_instance_report

from inference.client import WeightsCard
from inference.instance_evaluation import Gain
from viewer.figures.instances import bin_of_event
from viewer.pages.models import choice, ids
from viewer.pages.models.card import card
from viewer.pages.models.instance_drawings import efficiency_purity_figure
from viewer.pages.models.instance_parts import events, events_title, head, interactions_table, missed_table
from viewer.pages.models.layout import INSTANCE_FIGURES
from viewer.pages.models.models import Models
from viewer.services import Services


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return made_up_instance_report("Y", events=12, seed=5)


@pytest.fixture
def made(services: Services, monkeypatch: pytest.MonkeyPatch, report: dict[str, Any]) -> dict[str, str]:
    """Evaluations of a detector on two planes and of a U-ResNet; plane or network → id."""
    monkeypatch.setattr(services.evaluations, "_shipped", ())
    other = made_up_instance_report("U", events=12, seed=5, weights="smask-rcnn-18-U")
    return {
        "Y": services.evaluations.put(report),
        "U": services.evaluations.put(other),
        "uresnet": services.evaluations.put(made_up_report("Y", events=12, seed=5)),
    }


def _parts(component: Any) -> Iterator[Component]:
    for top in component if isinstance(component, list | tuple) else [component]:
        yield top
        yield from (part for part in top._traverse() if isinstance(part, Component))


def _rows(component: Any) -> list[list[str]]:
    """The words of every row of every table."""
    rows = [part for part in _parts(component) if type(part).__name__ == "Tr"]
    return [[cell.children for cell in row.children] for row in rows]


def test_a_report_decides_which_half_of_the_page_is_shown(services: Services, made: dict[str, str]) -> None:
    models = Models(services)
    opened = models.opened(made["Y"])
    assert (opened.plane, opened.hide_content, opened.hide_instances) == ("Y", True, False)
    assert {option["label"] for option in opened.weights} == {"U-ResNet 5-16", "sMask-RCNN 18"}
    changed = models.changed(made["Y"], weights="uresnet-5-16")
    assert (changed.evaluation, changed.hide_content, changed.hide_instances) == (
        made["uresnet"], False, True,
    )  # fmt: skip
    # U-ResNet comes first where nothing is asked for.
    assert models.opened(None).evaluation == made["uresnet"]
    assert models.report_of(made["Y"], detector=True) == models.report(made["Y"])
    assert models.report_of(made["Y"], detector=False) is None
    assert models.report_of(made["uresnet"], detector=True) is None


def test_all_figures_and_tables_of_a_detector(
    services: Services, made: dict[str, str], report: dict[str, Any]
) -> None:
    models = Models(services)
    figures = models.instance_figures(report, made["Y"], "dark")
    assert len(figures) == len(INSTANCE_FIGURES)
    assert "planes U, Y" in figures[2].layout.title.subtitle.text
    assert sum(int(text.split()[0]) for text in figures[1].data[1].text) == 12
    assert len(models.instance_tables(report)) == 4


def test_callbacks_answer_one_half_and_leave_the_other(client: FlaskClient, made: dict[str, str]) -> None:
    asked = {callback["output"]: callback for callback in client.get("/models/_dash-dependencies").json}
    for title, events_of, all_of in (
        (ids.INSTANCE_EVENTS_TITLE, ids.INSTANCE_EVENTS, ids.ALL_INSTANCE_EVENTS),
        (ids.EVENTS_TITLE, ids.EVENTS, ids.ALL_EVENTS),
    ):
        answer = client.post(
            "/models/_dash-update-component",
            json={
                "output": next(name for name in asked if f"{title}." in name),
                "outputs": [
                    {"id": title, "property": "children"},
                    {"id": events_of, "property": "children"},
                    {"id": all_of, "property": "hidden"},
                ],
                "inputs": [
                    {"id": ids.EVALUATION, "property": "data", "value": made["Y"]},
                    {"id": ids.CELL, "property": "data", "value": "39-38"},
                ],
                "changedPropIds": [f"{ids.CELL}.data"],
            },
        )
        if title == ids.EVENTS_TITLE:
            assert answer.status_code == 204
        else:
            found = answer.json["response"]
            assert found[title]["children"] == "Efficiency 97.5 – 100 %, purity 95 – 97.5 %"
            assert found[all_of]["hidden"] is False


def test_ours_stand_beside_the_published_figures(report: dict[str, Any]) -> None:
    said = [[span.children for span in tile.children] for tile in head(report)[0].children]
    value = report["interactions"]["all"]["purity"]["value"]
    assert said[1][:2] == ["Purity", f"{100 * value:.1f} %"]
    assert said[1][3] == "published 84.4 / 86.9 %"
    assert said[6][1:3] == ["12 events", "120 interactions"]
    assert "gain as they come" in head(report)[1].children
    rows = {row[0]: row for row in _rows(interactions_table(report))}
    assert rows["published, sparse"] == [
        "published, sparse", "85.9 %", "–", "84.4 %", "64.4 %", "13.41", "20.82",
    ]  # fmt: skip
    assert rows["published, neutrinos"][1:3] == ["80.7 %", "81.5 %"]
    neutrino = report["interactions"]["neutrino"]
    assert rows["neutrinos"][1] == f"{100 * neutrino['efficiency']['value']:.1f} %"
    assert rows["neutrinos"][5:] == [str(neutrino["covered"]), "12"]


def test_misses_are_told_by_cause_and_precision_by_class(report: dict[str, Any]) -> None:
    rows = {row[0]: row for row in _rows(missed_table(report))}
    missed = report["missed"]["all"]
    assert rows["tiny"][2] == str(missed["tiny"]["interactions"])
    assert rows["called something else"][1:4] == ["–"] * 3
    causes = [int(rows[cause][2]) for cause in ("in dead wires", "tiny", "truly missed")]
    assert sum(causes) == int(rows["missed"][2]) > 0
    assert rows["neutrino"][5] == "12"
    masks = report["average_precision"]["masks"]["all"]
    assert rows["masks"][1] == f"{100 * masks['ap']['value']:.1f} %"


def test_worst_events_and_those_of_a_bin(services: Services, report: dict[str, Any]) -> None:
    rows = _rows(events(report, None, services.library))[1:]
    assert [row[3] for row in rows] == [f"{row['covered']} of {row['true']}" for row in report["worst"]]
    assert {row[4] for row in rows if isinstance(row[4], str)} == {"open worst.h5 to see it"}
    assert all(
        cell.href.startswith("/event/bnb-5/")
        for cell in (row[4] for row in rows)
        if not isinstance(cell, str)
    )
    first = report["worst"][-1]
    chosen = bin_of_event(first["efficiency"], first["purity"])
    counts = efficiency_purity_figure(report, "light", chosen).data[0].z
    listed = _rows(events(report, chosen, services.library))[1:]
    assert len(listed) == counts[chosen[1]][chosen[0]]
    assert f"5 / 2 / {first['event']}" in [row[0] for row in listed]
    assert events_title(None) == "Worst events"
    nameless = {**report["worst"][0], "entry": 3, "run": -1, "subrun": -1, "event": -1}
    assert _rows(events({**report, "worst": [nameless]}, None, services.library))[1][0] == "entry 3"
    empty = events(report, (0, 0), services.library)
    assert _rows(empty) == []
    assert "No event lies in this bin." in [getattr(part, "children", "") for part in _parts(empty)]


@pytest.mark.parametrize(("gain", "asked"), [("own", ""), (0.5, "&gain=Y0.5")])
def test_a_link_shows_what_was_counted(services: Services, gain: Gain, asked: str) -> None:
    place = {"kept_file": "events.h5", "kept": {0: 1}}
    report = made_up_instance_report("Y", events=1, seed=5, gain=gain, **place)
    row = {**report["worst"][0], "run": 5, "subrun": 1, "event": 101}
    (link,) = [
        part
        for part in _parts(events({**report, "worst": [row]}, None, services.library))
        if type(part).__name__ == "A"
    ]
    look = f"plane=Y&overlay=detections&boxes=found_true&least=0.4{asked}&run=smask-rcnn-18-Y"
    assert link.href == f"/event/events.h5/1?{look}"


def test_families_bins_and_gains_in_words() -> None:
    families = ("smask-rcnn-resnet18-32", "smask-rcnn-18", "uresnet-5-16", "mine")
    assert [choice.family_label(name) for name in families] == [
        "sMask-RCNN 18-32", "sMask-RCNN 18", "U-ResNet 5-16", "mine",
    ]  # fmt: skip
    assert choice.bin_of("39-0") == (39, 0)
    for words in (None, "", "40-0", "1", "a-1", "-1-2", "²-1", "delta-shower"):
        assert choice.bin_of(words) is None
    assert choice.read_address("?cell=36-39").cell == "36-39"
    assert [choice.gain_words(gain) for gain in ("own", "estimated", 1.0)] == [
        "gain as they come", "gain estimated", "gain 1",
    ]  # fmt: skip


def test_a_gain_that_was_chosen_is_told_with_the_sample(services: Services, made: dict[str, str]) -> None:
    name = services.evaluations.put(made_up_instance_report("Y", events=12, seed=5, gain=1.0))
    opened = Models(services).opened(name)
    labels = {option["label"] for option in opened.samples}
    assert labels == {"bnb, seed 5, 12 events", "bnb, seed 5, 12 events, gain 1"}
    assert name != made["Y"]


def test_the_card_of_a_detector(report: dict[str, Any], tmp_path: Path) -> None:
    content = {
        "architecture": {"depth": 18, "width": 32, "anchor_sizes": [32, 64], "anchor_ratios": [0.5, 1, 2]},
        "training": {"seconds": 600, "step": 900, "images": 1800, "source": {"planes": ["Y"]}},
    }
    own = WeightsCard("toy", tmp_path / "toy", "Y", "smask-rcnn", report["weights_hash"], content)
    words = [getattr(part, "children", "") for part in _parts(card(report, [own]))]
    assert "sMask-RCNN, sparse ResNet-18, 32 channels at the top, 6 anchors a cell" in words
    assert "ADC × gain ≥ 10, gain as they come" in words
    assert "Training: 1 run, 10 minutes, 1800 images" in words
