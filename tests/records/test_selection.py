"""Images of a study drawn by query, in strata, with a seed."""

from __future__ import annotations

import random

import pytest

from records.selection import Candidate, Stratum, fulfils, select_images
from records.study_definition import StudyError

CATALOGUE = [
    Candidate(f"{i:064x}", f"event {i // 2}", {"source": "data" if i % 4 < 2 else "simulation", "lit": i})
    for i in range(80)
]
DATA = Stratum("data", 5, {"source": "data"})
SIMULATION = Stratum("simulation", 5, {"source": "simulation", "lit": {"max": 40}})


def test_every_stratum_gets_what_it_asks_for_each_event_once() -> None:
    chosen = select_images(CATALOGUE, [DATA, SIMULATION], seed=3)
    assert [s.stratum.name for s in chosen] == ["data"] * 5 + ["simulation"] * 5
    for selected in chosen:
        assert fulfils(selected.candidate.values, selected.stratum.where)
    assert len({s.candidate.event for s in chosen}) == 10


def test_the_seed_decides_and_the_order_of_the_catalogue_does_not() -> None:
    shuffled = random.Random(1).sample(CATALOGUE, len(CATALOGUE))
    first = select_images(CATALOGUE, [DATA, SIMULATION], seed=3)
    assert select_images(shuffled, [DATA, SIMULATION], seed=3) == first
    assert select_images(CATALOGUE, [DATA, SIMULATION], seed=4) != first


def test_all_are_drawn_equally_often() -> None:
    counts = dict.fromkeys((c.content_hash for c in CATALOGUE if c.values["source"] == "data"), 0)
    for seed in range(800):
        for selected in select_images(CATALOGUE, [DATA], seed):
            counts[selected.candidate.content_hash] += 1
    # 800 · 5 draws over 40 images: 100 each, σ = sqrt(800 · ⅛ · ⅞) = 9.4; 4 σ.
    assert all(62 < n < 138 for n in counts.values())


def test_strata_that_overlap_never_share_an_image() -> None:
    every = Stratum("every", 35)
    chosen = select_images(CATALOGUE, [DATA, every], seed=0)
    assert len({s.candidate.event for s in chosen}) == 40
    with pytest.raises(StudyError, match="stratum every asks for 36 events; 35 are left that fulfil it"):
        select_images(CATALOGUE, [DATA, Stratum("every", 36)], seed=0)
    assert len(select_images(CATALOGUE, [Stratum("all", 80)], 0, one_per_event=False)) == 80


def test_conditions() -> None:
    values = {"source": "data", "lit": 7, "dead": False}
    for where in (
        {},
        {"lit": 7},
        {"lit": {"min": 7, "max": 7}},
        {"source": {"in": ["data"]}},
        {"dead": False},
    ):
        assert fulfils(values, where)
    for where in ({"lit": {"min": 8}}, {"lit": {"max": 6}}, {"source": "demo"}, {"source": {"min": 1}}):
        assert not fulfils(values, where)
    for unknown in ({}, {"most": 3}):
        with pytest.raises(StudyError, match=r"the condition .* is unknown; expected min, max, or in"):
            fulfils(values, {"lit": unknown})
    with pytest.raises(StudyError, match="stratum s asks for energy, which no image has"):
        select_images(CATALOGUE, [Stratum("s", 1, {"energy": 3})], seed=0)
    with pytest.raises(StudyError, match="asks for 1 events; 0 are left"):
        select_images([], [Stratum("s", 1)], seed=0)
