"""Which evaluation the Models page shows, and what its choosers offer."""

from __future__ import annotations

from dataclasses import replace

from records.evaluations import EvaluationSummary
from viewer.pages.models import choice

SUMMARY = EvaluationSummary(
    id="a",
    network="uresnet",
    weights="uresnet-5-16-Y",
    weights_hash="y" * 64,
    plane="Y",
    sample="bnb",
    seed=4242,
    files=(),
    events=100,
    shipped=True,
)
U = replace(SUMMARY, id="u", weights="uresnet-5-16-U", plane="U", weights_hash="u" * 64)
MICHEL = replace(SUMMARY, id="m", sample="michel", events=200)
WIDE = replace(SUMMARY, id="w", weights="uresnet-5-32-Y", weights_hash="w" * 64, events=300)
FILE = replace(SUMMARY, id="f", sample="files", seed=None, files=("one.h5", "two.h5"), events=1)
ALL = [SUMMARY, U, MICHEL, WIDE, FILE]


def test_the_address_names_evaluation_shares_and_cell() -> None:
    found = choice.read_address("?evaluation=uresnet-1&shares=predicted&cell=delta-shower")
    assert found == choice.Address("uresnet-1", "predicted", "delta-shower")
    assert choice.cell_of(found.cell) == (3, 2)


def test_nonsense_in_the_address_is_left_out() -> None:
    nothing = choice.Address(None, "true", None)
    assert choice.read_address(None) == nothing
    assert choice.read_address("?shares=lucky&cell=muon-shower&x=1") == nothing
    assert choice.cell_of("delta") is None


def test_installed_weights_come_first_then_plane_y_then_the_largest_sample() -> None:
    assert choice.first(ALL, set()) == WIDE
    assert choice.first(ALL, {"y" * 64, "u" * 64}) == MICHEL
    assert choice.first([U, SUMMARY], set()) == SUMMARY
    assert choice.first([], set()) is None


def test_what_was_chosen_changes_and_the_rest_stays_where_it_can() -> None:
    assert choice.nearest(ALL, SUMMARY, plane="U") == U
    assert choice.nearest(ALL, U, plane="Y") == SUMMARY
    assert choice.nearest(ALL, SUMMARY, weights="uresnet-5-32") == WIDE
    assert choice.nearest(ALL, MICHEL, plane="U") == U
    assert choice.nearest(ALL, SUMMARY, plane="V") == SUMMARY


def test_planes_of_one_sample_belong_together() -> None:
    assert choice.siblings(ALL, SUMMARY) == {"U": "u", "Y": "a"}
    assert choice.siblings(ALL, MICHEL) == {"Y": "m"}
    twin = replace(SUMMARY, id="twin")
    assert choice.siblings([SUMMARY, twin], SUMMARY) == {"Y": "a"}


def test_options_say_what_there_is() -> None:
    assert choice.weights_options(ALL) == [
        {"value": "uresnet-5-16", "label": "U-ResNet 5-16"},
        {"value": "uresnet-5-32", "label": "U-ResNet 5-32"},
    ]
    assert [o["disabled"] for o in choice.plane_options(ALL, SUMMARY)] == [False, True, False]
    assert [o["disabled"] for o in choice.plane_options(ALL, WIDE)] == [True, True, False]
    labels = [o["label"] for o in choice.sample_options(ALL, SUMMARY)]
    assert labels == [
        "bnb, seed 4242, 100 events",
        "michel, seed 4242, 200 events",
        "one.h5, two.h5, 1 event",
    ]


def test_two_evaluations_of_one_sample_are_told_apart() -> None:
    twins = [replace(SUMMARY, id="x-00000001"), replace(SUMMARY, id="x-00000002")]
    options = choice.sample_options(twins, twins[0])
    assert [o["label"][-10:] for o in options] == ["· 00000001", "· 00000002"]
