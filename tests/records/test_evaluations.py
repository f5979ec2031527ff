"""Stored evaluations: read as they were written, refused where they are damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from evaluation_reports import made_up_report
from instance_reports import made_up_instance_report

from records.evaluation_schema import check_report
from records.evaluations import EvaluationStore, evaluation_id, is_evaluation_id, write_report


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return made_up_report(events=5)


@pytest.fixture
def store(tmp_path: Path) -> EvaluationStore:
    return EvaluationStore(tmp_path / "mine", (tmp_path / "shipped",))


def test_a_report_comes_back_as_it_was_stored(store: EvaluationStore, report: dict[str, Any]) -> None:
    name = store.put(report)
    assert name.startswith("uresnet-5-16-Y-bnb-1-")
    assert store.get(name) == report
    (summary,) = store.list().evaluations
    assert (summary.id, summary.plane, summary.sample, summary.seed) == (name, "Y", "bnb", 1)
    assert not summary.shipped


def test_shipped_ones_are_listed_and_the_users_own_hide_them(
    store: EvaluationStore, report: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "shipped").mkdir()
    other = made_up_report("U", events=3)
    for shipped in (report, other):
        write_report(tmp_path / "shipped" / f"{evaluation_id(shipped)}.json", shipped)
    store.put(report)
    assert [(s.plane, s.shipped) for s in store.list().evaluations] == [("U", True), ("Y", False)]
    assert store.get(evaluation_id(other)) == other


def test_other_weights_other_events_other_settings_have_other_ids(report: dict[str, Any]) -> None:
    changed = [
        {**report, "weights_hash": "cd" * 32},
        {**report, "sample": {**report["sample"], "events": 6}},
        {**report, "settings": {**report["settings"], "saturate": False}},
    ]
    assert len({evaluation_id(r) for r in (report, *changed)}) == 4


def test_a_name_of_weights_never_leaves_the_folder(store: EvaluationStore, report: dict[str, Any]) -> None:
    name = store.put({**report, "weights": "../../etc/pass wd"})
    assert is_evaluation_id(name)
    assert store.get(name) is not None


@pytest.mark.parametrize("text", ["", "../x", ".hidden", "a/b", "a\n", "a" * 201])
def test_what_is_no_id_never_meets_a_path(store: EvaluationStore, text: str) -> None:
    assert not is_evaluation_id(text)
    assert store.get(text) is None


def test_damaged_files_are_skipped_and_said(
    store: EvaluationStore, report: dict[str, Any], tmp_path: Path
) -> None:
    name = store.put(report)
    folder = tmp_path / "mine"
    (folder / "cut.json").write_text((folder / f"{name}.json").read_text()[:300])
    (folder / "list.json").write_text("[1]")
    (folder / "bytes.json").write_bytes(b"\xff\xfe\x00")
    found = store.list()
    assert [s.id for s in found.evaluations] == [name]
    assert [sentence.split(":")[0] for sentence in found.damaged] == ["bytes.json", "cut.json", "list.json"]
    with pytest.raises(ValueError, match=r"^list.json: not an evaluation \(list in place of"):
        store.get("list")


def test_without_folders_there_is_nothing(store: EvaluationStore) -> None:
    assert store.list().evaluations == ()
    assert store.get("uresnet") is None


def _without(report: dict[str, Any], *path: str) -> dict[str, Any]:
    copy = json.loads(json.dumps(report))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return dict(copy)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("recall", "Michel"), "recall has no entry Michel"),
        (("icpf", "track_shower", "charge_weighted", "by_class", "track"), "by_class has no entry track"),
        (("published",), "the report has no entry published"),
        (("settings", "saturate"), "settings has no entry saturate"),
    ],
)
def test_a_report_that_lacks_an_entry_is_refused(
    report: dict[str, Any], path: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        check_report(_without(report, *path))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"version": 2}, "version 2 of evaluation; expected 1"),
        ({"events": "many"}, "events is 'many'; expected a whole number"),
        ({"median_seconds": float("nan")}, "median_seconds is nan; expected a finite number"),
        ({"confusion_rows_true": [[1]]}, "confusion_rows_true has 1 entries; expected 5"),
        ({"worst_by_cell": {"HIP,MIP": [{"row": 0}]}}, r"worst_by_cell.HIP,MIP\[0\] has no entry file"),
    ],
)
def test_an_entry_of_another_kind_is_refused(
    report: dict[str, Any], changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        check_report({**report, **changed})


def test_what_is_no_report_is_not_stored(
    store: EvaluationStore, report: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="no entry pixels"):
        store.put(_without(report, "pixels"))
    assert list((tmp_path / "mine").iterdir()) == []


@pytest.fixture(scope="module")
def instances() -> dict[str, Any]:
    return made_up_instance_report(events=3, gain=1.0)


def test_a_report_of_instances_is_stored_beside_the_others(
    store: EvaluationStore, report: dict[str, Any], instances: dict[str, Any]
) -> None:
    name, other = store.put(instances), store.put(report)
    assert name.startswith("smask-rcnn-18-Y-bnb-1-")
    assert store.get(name) == instances
    assert [(s.id, s.network, s.gain) for s in store.list().evaluations] == [
        (name, "smask-rcnn", 1.0), (other, "uresnet", "own"),
    ]  # fmt: skip
    settings = {**instances["settings"], "gain": "own"}
    assert evaluation_id({**instances, "settings": settings}) != name


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("interactions", "neutrino", "per_event", "fractional_coverage"), "per_event has no entry fract"),
        (("missed", "all", "dead_wires"), "missed.all has no entry dead_wires"),
        (("average_precision", "masks", "all", "ap_75"), "masks.all has no entry ap_75"),
        (("thresholds", "tiny_pixels"), "thresholds has no entry tiny_pixels"),
        (("identification", "negative"), "identification has no entry negative"),
    ],
)
def test_instances_that_lack_an_entry_are_refused(
    instances: dict[str, Any], path: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        check_report(_without(instances, *path))


def test_each_network_has_a_schema_of_its_own(report: dict[str, Any], instances: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="network 'yolo' of evaluation; expected uresnet or smask-rcnn"):
        check_report({**report, "network": "yolo"})
    with pytest.raises(ValueError, match="settings has no entry adc_max"):
        check_report({**instances, "network": "uresnet"})
    with pytest.raises(ValueError, match=r"settings\.gain is 'high'"):
        check_report({**instances, "settings": {"adc_min": 10.0, "gain": "high"}})
