"""Figures of a detector on the Models page from hand-made numbers, without Dash."""

from __future__ import annotations

import numpy as np
import pytest

from lartpc.metrics.published import PUBLISHED_INSTANCES
from viewer import palette
from viewer.figures.curves import Shares
from viewer.figures.instance_shares import efficiency_histogram, identification, shares_by_plane
from viewer.figures.instances import bin_of_event, covered_against_true, efficiency_purity

EVENTS = [(0.91, 0.99), (0.92, 0.98), (0.45, 1.0), (1.0, 0.8)]
MEANS = {"efficiency": 0.82, "purity": 0.9425}


def shares(*values: float) -> Shares:
    value = np.array(values)
    return Shares(value, value - 0.02, value + 0.01, np.zeros(len(values)))


def test_every_event_is_in_its_bin_of_efficiency_and_purity() -> None:
    assert bin_of_event(0.0, 1.0) == (0, 39)
    # 0.7 is the lower edge of its bin, though 0.7 × 40 is a little less than 28.
    assert bin_of_event(0.7, 0.699) == (28, 27)
    made = efficiency_purity(EVENTS, MEANS, PUBLISHED_INSTANCES, "light", "", "", chosen=(36, 39))
    heat, mean, dense, sparse = made.data
    counts = np.array(heat.z, float)
    assert np.nansum(counts) == len(EVENTS)
    assert counts[39, 36] == 2
    assert heat.customdata[39][36] == "36-39"
    assert heat.text[39][36] == "2 events<br>efficiency 90 – 92.5 %<br>purity 97.5 – 100 %"
    assert (mean.x[0], mean.y[0]) == (pytest.approx(82), pytest.approx(94.25))
    assert (dense.x[0], sparse.y[0]) == (pytest.approx(89.1), pytest.approx(84.4))
    (frame,) = made.layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (90, 92.5, 97.5, 100)
    assert made.layout.xaxis.range[0] <= 45


def test_without_events_the_published_marks_alone_are_drawn() -> None:
    nothing = {"efficiency": None, "purity": None}
    made = efficiency_purity([], nothing, PUBLISHED_INSTANCES, "dark", "", "")
    assert len(made.data) == 3
    made = covered_against_true([], (None, None), PUBLISHED_INSTANCES, "dark", "", "")
    assert [len(trace.x) for trace in made.data] == [2, 0, 1, 1]


def test_interactions_stand_by_efficiency_and_the_missed_ones_by_cause() -> None:
    heights = {
        "edges": [0, 0.5, 1.0],
        "all": [4, 16],
        "neutrino": [1, 3],
        "missed": {"dead_wires": [1, 0], "tiny": [2, 0], "truly_missed": [1, 0]},
    }
    made = efficiency_histogram(heights, 0.9, 0.5, "light", "", "")
    found, missed, tiny, dead, neutrinos = made.data
    assert (list(found.y), list(missed.y), list(tiny.y), list(dead.y)) == ([0, 80], [5, 0], [10, 0], [5, 0])
    assert list(neutrinos.y) == [25, 75, 75]
    assert [shape.x0 for shape in made.layout.shapes] == [50, 90]
    assert made.layout.xaxis.title.text == "efficiency (%): missed below 50, covered from 90"
    for name in ("found", "neutrinos", "truly missed", "tiny", "dead wires"):
        assert name in made.layout.annotations[0].text


def test_covered_against_true_counts_equal_events_once() -> None:
    made = covered_against_true(
        [(20, 16), (20, 16), (25, 9)], (21.7, 13.7), PUBLISHED_INSTANCES, "light", "", ""
    )
    _, marks, mean, dense, _ = made.data
    assert (list(marks.x), list(marks.y), list(marks.text)) == ([20, 25], [16, 9], ["2 events", "1 event"])
    assert (mean.x[0], mean.y[0]) == (21.7, 13.7)
    assert (dense.x[0], dense.y[0]) == (20.82, 16.59)


def test_planes_stand_side_by_side_with_the_published_figures() -> None:
    made = shares_by_plane(
        {"Y": shares(0.88, 0.9, 0.87, 0.7), "U": shares(0.84, np.nan, 0.8, 0.6)},
        PUBLISHED_INSTANCES, "light", "", "",
    )  # fmt: skip
    first, second, dense, sparse = made.data
    assert (first.marker.color, second.marker.color) == tuple(map(palette.plane_colour, "UY"))
    assert list(second.y) == pytest.approx([88, 90, 87, 70])
    # The charge efficiency is not published.
    assert (list(dense.x), list(sparse.y)) == ([0, 2, 3], pytest.approx([85.9, 84.4, 64.4]))
    assert made.layout.yaxis.range[0] <= 58
    assert second.text[0] == "efficiency, plane Y: 88.0 %<br>95 %: 86.0 – 89.0 %"
    assert first.text[1] == "charge efficiency, plane U: –<br>95 %: –"


def test_both_ways_to_identify_neutrinos_are_drawn() -> None:
    made = identification(
        {"positive": shares(0.8, 0.99, 0.9), "negative": shares(0.9, 0.85, 0.2)}, "dark", "", ""
    )
    positive, negative = made.data
    assert (list(positive.y), list(negative.y)) == (pytest.approx([80, 99, 90]), pytest.approx([90, 85, 20]))
    assert negative.text[1].startswith("cosmic charge removed, by negative: 85.0 %")
    assert "remove what is called cosmic" in made.layout.annotations[0].text
