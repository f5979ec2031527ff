"""A study's report on answers made by hand, every number of which can be worked out on paper."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from records.compared import Answer, ComparedImage, StudyFacts
from records.comparison import comparison_report
from records.comparison_schema import check_study_report, write_study_report
from records.comparison_table import COLUMNS, table
from records.questions import QUESTIONS

NET = "ab" * 32
PIXELS = 100


def answer(wrong: int = 0, michel: bool | None = True, missing: int = 0, energy: float = 20.0) -> Answer:
    """Half the pixels are Michel; the first `wrong` are called otherwise, the last `missing` not at all."""
    classes = np.repeat(np.array([0, 1], np.int8), PIXELS // 2)
    classes[:wrong] = 1
    classes[PIXELS - missing :] = -1
    return Answer(classes, michel, energy)


def image(position: int, source: str = "simulation", **others: Any) -> ComparedImage:
    place = {
        "file": f"{source}.h5",
        "entry": position,
        "run": 1,
        "subrun": 2,
        "event": position,
        "plane": "Y",
    }
    charge = np.full(PIXELS, 10.0)
    charge[:10] = 100.0
    truth = answer() if source == "simulation" else None
    return ComparedImage(
        position, place, source, "all", others.pop("gold", False), charge, truth=truth, **others
    )


def facts(question: str = "michel_pixels", margin: float = 0.05) -> StudyFacts:
    return StudyFacts("muons", "Muons", "e" * 64, QUESTIONS[question], margin, (NET,), ("Ada", "Ben"), 8, 8)


IMAGES = [
    image(0, raters={"Ada": answer(0), "Ben": answer(4)}, networks={NET: answer(2)}, gold=True),
    image(
        1, raters={"Ada": answer(2), "Ben": answer(2)}, networks={NET: answer(2)}, again={"Ada": answer(6)}
    ),
    image(2, raters={"Ada": answer(0), "Ben": answer(2, None)}, networks={NET: answer(0, missing=20)}),
    image(3, "data", raters={"Ada": answer(0, False, energy=0.0)}, networks={NET: answer(10)}),
]


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return check_study_report(json.loads(json.dumps(comparison_report(facts(), IMAGES))))


def comparison(report: dict[str, Any], pair: str, source: str = "simulation") -> dict[str, Any]:
    (found,) = [c for c in report["sources"][source]["comparisons"] if c["pair"] == pair]
    return found


def test_every_pair_in_data_and_in_simulation(report: dict[str, Any]) -> None:
    pairs = {source: [c["pair"] for c in found["comparisons"]] for source, found in report["sources"].items()}
    everything = ["physicist-network", "physicist-physicist", "physicist-truth", "network-truth"]
    assert pairs == {"data": ["physicist-network"], "simulation": everything}
    assert report["complete"]
    assert report["published"]["agreement_above"] == 0.96


def test_agreement_of_lit_pixels_and_of_charge(report: dict[str, Any]) -> None:
    people = comparison(report, "physicist-physicist")
    # Ada and Ben differ on 4, 0 and 2 of 100 pixels; each of these has 100 ADC of 1900.
    assert people["pixels"]["compared"] == 300
    assert people["pixels"]["agreement"]["value"] == pytest.approx(1 - 6 / 300)
    assert people["pixels"]["agreement_of_charge"]["value"] == pytest.approx(1 - 600 / 5700)
    assert people["pixels"]["confusion_rows_first"] == [[142, 6], [0, 152]]
    low, high = people["pixels"]["agreement"]["interval_95"]
    assert 0.96 <= low < 0.98 < high <= 1.0
    network = comparison(report, "physicist-network")
    # The network says nothing of 20 pixels of the last image, which two physicists labelled.
    assert network["pixels"]["left_out_by_second"] == 40
    assert network["pixels"]["compared"] == 560
    assert network["labellings"] == 6
    assert network["pixels"]["agreement"]["value"] == pytest.approx(1 - (2 + 2 + 0 + 0 + 0 + 2) / 560)


def test_each_network_is_compared_on_its_own_planes() -> None:
    """Two planes of every event, each with its own network: U errs on 10 pixels, Y on none; on U the people
    differ on 20, on Y not at all."""
    other = "ef" * 32
    images = [
        replace(one, place={**one.place, "plane": plane, "entry": event, "event": event})
        for event in range(4)
        for plane, one in (
            ("U", image(2 * event, raters={"Ada": answer(0), "Ben": answer(20)}, networks={NET: answer(10)})),
            (
                "Y",
                image(
                    2 * event + 1, raters={"Ada": answer(0), "Ben": answer(0)}, networks={other: answer(0)}
                ),
            ),
        )
    ]
    study = replace(facts(), weights=(NET, other))
    made = check_study_report(json.loads(json.dumps(comparison_report(study, images))))
    found = made["sources"]["simulation"]
    networks = {c["weights"]: c for c in found["comparisons"] if c["pair"] == "network-truth"}
    assert {w: c["pixels"]["agreement"]["value"] for w, c in networks.items()} == {NET: 0.9, other: 1.0}
    assert [(c["images"], c["images_without"]) for c in networks.values()] == [(4, 0)] * 2
    tests = {(t["test"], t["weights"]): t["mean_difference"] for t in found["human_level"]}
    # Against people on the same plane: U 90 % with Ada and Ben, who agree on 80 %; Y all alike.
    assert tests["against physicists", NET] == pytest.approx(0.1)
    assert tests["against physicists", other] == pytest.approx(0.0)
    assert tests["against truth", NET] == pytest.approx(0.0)
    assert tests["against truth", other] == pytest.approx(0.0)


def test_icpf_is_of_each_event(report: dict[str, Any]) -> None:
    truth = comparison(report, "network-truth")
    icpf = truth["pixels"]["icpf"]
    assert icpf["all"]["mean"]["value"] == pytest.approx((0.02 + 0.02 + 0.0) / 3)
    assert icpf["all"]["median"]["value"] == pytest.approx(0.02)
    assert icpf["by_class"]["not Michel"]["mean"]["value"] == pytest.approx((0.04 + 0.04 + 0.0) / 3)
    assert icpf["charge_weighted"]["all"]["mean"]["value"] == pytest.approx(2 * 200 / 1900 / 3)
    assert [row["images"] for row in truth["per_event"]] == [[0], [1], [2]]
    assert [row["agreement"] for row in truth["per_event"]] == pytest.approx([0.98, 0.98, 1.0])


def test_kappa_and_ac1_of_the_summed_confusion(report: dict[str, Any]) -> None:
    pixels = comparison(report, "physicist-physicist")["pixels"]
    # Margins 148, 152 and 142, 158 of 300.
    chance = (148 * 142 + 152 * 158) / 300**2
    mean = 145 / 300
    assert pixels["cohen_kappa"]["value"] == pytest.approx((0.98 - chance) / (1 - chance))
    by_ac1 = 2 * mean * (1 - mean)
    assert pixels["gwet_ac1"]["value"] == pytest.approx((0.98 - by_ac1) / (1 - by_ac1))
    alpha = report["sources"]["simulation"]["krippendorff_alpha"]
    # Two values a pixel: 12 of 600 ordered pairs differ; margins 290 and 310.
    assert alpha["value"] == pytest.approx(1 - 599 * 12 / (600**2 - 290**2 - 310**2))
    assert (alpha["raters"], alpha["events"], alpha["images"]) == (2, 3, [0, 1, 2])


def test_michel_electrons_of_whole_events(report: dict[str, Any]) -> None:
    michel = comparison(report, "physicist-physicist")["michel"]
    assert (michel["compared"], michel["both"]) == (2, 2)  # Ben does not say in the third
    data = comparison(report, "physicist-network", "data")["michel"]
    assert (data["second_alone"], data["purity"]["value"], data["efficiency"]["value"]) == (1, 0.0, None)
    scans = report["sources"]["simulation"]["double_scan"]
    assert [(s["first"], s["second"], s["found_by_both"]) for s in scans] == [
        ("Ada", "Ben", 2),
        ("Ada", NET, 3),
        ("Ben", NET, 2),
    ]
    assert scans[0]["efficiency_of_either"]["value"] == 1.0


def test_repeats_and_gold_by_rater(report: dict[str, Any]) -> None:
    (again,) = report["self_agreement"]
    assert (again["rater"], again["images"]) == ("Ada", 1)
    assert again["pixels"]["agreement"]["value"] == pytest.approx(0.96)
    assert {g["rater"]: g["pixels"]["agreement"]["value"] for g in report["gold"]} == {
        "Ada": 1.0,
        "Ben": pytest.approx(0.96),
    }


def test_spectra_under_each_labelling(report: dict[str, Any]) -> None:
    found = report["sources"]["simulation"]["spectra"]
    assert set(found["labellings"]) == {"physicists", NET, "truth"}
    assert found["labellings"]["physicists"]["counts"][4] == 6  # 20 to 25 MeV
    assert found["labellings"]["physicists"]["mean_mev"] == 20.0
    data = report["sources"]["data"]["spectra"]["labellings"]["physicists"]
    assert (data["labellings"], data["with_michel"], data["mean_mev"]) == (1, 0, None)


def test_human_level_is_an_equivalence_and_nothing_less() -> None:
    def with_difference(differences: list[int], margin: float) -> dict[str, Any]:
        # Physicists agree with each other on 90 of 100 pixels, with the network on so many more.
        images = [
            image(i, raters={"Ada": answer(0), "Ben": answer(10)}, networks={NET: answer(5 + d)})
            for i, d in enumerate(differences)
        ]
        levels = comparison_report(facts(margin=margin), images)["sources"]["simulation"]["human_level"]
        return next(test for test in levels if test["test"] == "against physicists")

    # Network against Ada and Ben: 5 + d and 5 − d wrong of 100, 0.95 in the mean, whatever d is: 0.05 more
    # than the 0.90 between them: within a margin of 0.06, not of 0.04, though that it is better is sure.
    within = with_difference([0, 1, -1, 2], 0.06)
    assert within["mean_difference"] == pytest.approx(0.05)
    assert within["human_level"]
    assert not with_difference([0, 1, -1, 2], 0.04)["human_level"]
    one = with_difference([0], 0.4)
    assert (one["events"], one["p"], one["human_level"]) == (1, None, False)
    data = comparison_report(facts(), IMAGES)["sources"]["data"]["human_level"]
    assert [(t["events"], t["human_level"]) for t in data] == [(0, False), (0, False)]


def test_every_number_names_its_events(report: dict[str, Any]) -> None:
    test = report["sources"]["simulation"]["human_level"][0]
    assert [row["images"] for row in test["per_event"]] == [[0], [1], [2]]
    for found in report["sources"].values():
        for section in found["comparisons"]:
            assert len(section["per_event"]) == section["events"]
            pixels = sum(row["pixels"] for row in section["per_event"])
            assert pixels == section["pixels"]["compared"]


def test_two_planes_of_one_event_are_one_event() -> None:
    one, other = (image(0, raters={"Ada": answer(w)}, networks={NET: answer(0)}) for w in (0, 10))
    found = comparison(comparison_report(facts(), [one, other]), "physicist-network")
    assert (found["events"], found["labellings"]) == (1, 2)
    assert found["pixels"]["agreement"]["interval_95"] == pytest.approx([0.95, 0.95])


def test_a_question_of_the_whole_event_has_no_pixels() -> None:
    images = [
        image(i, raters={"Ada": answer(michel=a), "Ben": answer(michel=b)}, networks={NET: answer(michel=n)})
        for i, (a, b, n) in enumerate(
            [(True, True, True), (True, False, True), (False, False, True), (True, True, False)]
        )
    ]
    report = check_study_report(comparison_report(facts("michel_present"), images))
    found = comparison(report, "physicist-physicist")
    assert found["pixels"] is None
    assert found["michel"]["agreement"]["value"] == 0.75
    assert found["michel"]["efficiency"]["value"] == pytest.approx(2 / 3)
    # Wilson of 2 of 3 by hand: (2/3 + z²/6 ± z sqrt(2/27 + z²/36)) / (1 + z²/3) with z = 1.959964.
    assert found["michel"]["efficiency"]["interval_95"] == pytest.approx([0.2077, 0.9385], abs=1e-4)
    # And of 3 of 4.
    assert found["michel"]["agreement"]["interval_95"] == pytest.approx([0.3006, 0.9544], abs=1e-4)
    alpha = report["sources"]["simulation"]["krippendorff_alpha"]
    assert alpha["value"] == pytest.approx(1 - 7 * 2 / (64 - 25 - 9))


def test_an_empty_study_says_so() -> None:
    report = check_study_report(comparison_report(facts(), []))
    assert (report["sources"], report["gold"], report["images"]) == ({}, [], 0)


def test_the_table_has_every_figure_once(report: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(table(report))))
    assert list(rows[0]) == list(COLUMNS)
    keys = [tuple(r[c] for c in ("source", "comparison", "first", "second", "figure", "class")) for r in rows]
    assert len(set(keys)) == len(keys)
    (found,) = [
        r
        for r in rows
        if (r["source"], r["comparison"], r["figure"]) == ("simulation", "physicist-physicist", "agreement")
    ]
    assert (float(found["value"]), found["counted"], found["events"]) == (pytest.approx(0.98), "300", "3")
    (undefined,) = [r for r in rows if r["source"] == "data" and r["figure"] == "krippendorff_alpha"]
    assert undefined["value"] == ""


def test_a_report_is_checked_when_it_is_written(report: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_study_report(path, report)
    assert json.loads(path.read_text()) == report
    broken = json.loads(json.dumps(report))
    broken["sources"]["data"]["comparisons"][0]["pair"] = "friends"
    with pytest.raises(
        ValueError, match=r"sources.data.comparisons\[0\].pair is 'friends'; expected physicist-network"
    ):
        write_study_report(path, broken)
    with pytest.raises(ValueError, match="version 1 of a study's report; expected 2"):
        check_study_report({**report, "version": 1})
