"""Figures of the Models page from hand-made numbers, without Dash."""

from __future__ import annotations

import numpy as np
import pytest

from viewer import palette
from viewer.figures.confusion import SHARES, confusion, published_confusion
from viewer.figures.curves import Shares, recall_by_plane, reliability, wrong_by_distance
from viewer.figures.distributions import accuracy_per_event, icpf_distribution
from viewer.figures.words import count, interval, percent, share

COUNTS = np.diag([8, 90, 40, 5, 0]) + np.array(
    [[0, 2, 0, 0, 0], [0, 0, 0, 10, 0], [0, 0, 0, 0, 0], [0, 0, 5, 0, 0], [0, 0, 0, 0, 0]]
)
"""HIP 10 (2 taken for MIP), MIP 100 (10 for delta), shower 40, delta 10 (5 for shower), no Michel."""


def _cells(shares: str) -> list[list[str]]:
    return [list(row) for row in confusion(COUNTS, shares, "light", "title", "about").data[0].text]


def test_a_confusion_matrix_tells_shares_of_truth_of_prediction_or_pixels() -> None:
    assert _cells("true")[0] == ["0.800", "0.200", "0.000", "0.000", "0.000"]
    assert _cells("true")[4] == ["–"] * 5
    assert [row[3] for row in _cells("predicted")] == ["0.000", "0.667", "0.000", "0.333", "0.000"]
    assert [row[4] for row in _cells("predicted")] == ["–"] * 5
    assert _cells("counts")[1] == ["0", "90", "0", "10", "0"]


@pytest.mark.parametrize("shares", SHARES)
def test_a_click_on_a_cell_tells_its_classes(shares: str) -> None:
    heatmap = confusion(COUNTS, shares, "dark", "", "").data[0]
    assert heatmap.customdata[3][2] == "delta-shower"
    assert "true delta, predicted shower" in heatmap.hovertext[3][2]
    assert "5 pixels" in heatmap.hovertext[3][2]
    assert "50.0 % of all true delta" in heatmap.hovertext[3][2]


def test_right_and_wrong_cells_are_shaded_to_either_side() -> None:
    shades = np.array(confusion(COUNTS, "true", "light", "", "").data[0].z, float)
    assert shades[1, 1] == pytest.approx(0.9)
    assert shades[3, 2] == -1.0
    assert -0.7 < shades[0, 1] < -0.6
    assert shades[0, 2] == 0.0


def test_the_chosen_cell_is_framed() -> None:
    assert not confusion(COUNTS, "true", "light", "", "").layout.shapes
    (frame,) = confusion(COUNTS, "true", "light", "", "", chosen=(3, 2)).layout.shapes
    assert (frame.x0 + frame.x1, frame.y0 + frame.y1) == (4, 6)


def test_classes_stand_with_their_pixels() -> None:
    axes = confusion(COUNTS, "true", "light", "", "").layout
    assert ">100</span>" in axes.yaxis.ticktext[1]
    assert ">45</span>" in axes.xaxis.ticktext[2]


def test_the_published_matrix_has_rows_true() -> None:
    shares = np.eye(5)
    shares[3] = [0, 0.028, 0.188, 0.782, 0.002]
    heatmap = published_confusion(shares, "light", "", "").data[0]
    assert heatmap.text[3][2] == "0.188"
    assert "18.8 % of all true delta" in heatmap.hovertext[3][2]


def test_every_event_is_in_the_distribution_of_icpf() -> None:
    fractions = [0.0, 0.011, 0.05, 0.0501, 0.2, 1.0]
    made = icpf_distribution(fractions, {"mean": 0.218, "90 % below": 0.6}, "light", "", "")
    bars, mean, quantile = made.data
    assert sum(bars.y) == len(fractions)
    assert list(mean.x) == pytest.approx([21.8, 21.8])
    assert list(quantile.x) == pytest.approx([60, 60])
    assert "mean 21.8 %" in made.layout.annotations[0].text
    assert made.layout.xaxis.range == (0, 100)


def test_every_event_is_in_the_accuracies_of_its_plane() -> None:
    made = accuracy_per_event({"Y": [0.91, 0.93, 1.0], "U": [0.95]}, "dark", "", "")
    upper, lower = made.data
    assert (upper.line.color, lower.line.color) == (palette.plane_colour("U"), palette.plane_colour("Y"))
    assert sum(upper.y[:-1]) == 1
    assert sum(lower.y[:-1]) == 3
    assert "U 95.0 %" in made.layout.annotations[0].text
    assert "Y 93.0 %" in made.layout.annotations[0].text


@pytest.mark.parametrize("values", [[], [0.5], [1.0, 1.0]])
def test_distributions_of_few_or_equal_events(values: list[float]) -> None:
    assert sum(icpf_distribution(values, {}, "light", "", "").data[0].y) == len(values)
    assert sum(accuracy_per_event({"V": values}, "light", "", "").data[0].y[:-1]) == len(values)


def _shares(*values: float) -> Shares:
    value = np.array(values)
    return Shares(value, value - 0.02, value + 0.01, np.where(np.isnan(value), 0, 12_000))


def test_distances_are_drawn_bin_by_bin_with_intervals() -> None:
    made = wrong_by_distance(
        [0, 1, 2, 4, None], _shares(0.1, 0.08, 0.05, np.nan), 0.06, "wires", "light", "", ""
    )
    curve = made.data[0]
    assert list(curve.y[:3]) == pytest.approx([10, 8, 5])
    assert list(curve.error_y.array[:3]) == pytest.approx([1, 1, 1])
    assert list(curve.error_y.arrayminus[:3]) == pytest.approx([2, 2, 2])
    assert list(curve.text) == ["0", "1", "2 – 3", "4 or more"]
    assert list(made.layout.xaxis.ticktext) == ["0", "1", "2", "4"]
    assert list(made.layout.xaxis.tickvals) == [-0.5, 0.5, 1.5, 2.5]
    assert "all pixels 6.0 %" in made.layout.annotations[0].text
    assert made.layout.shapes[0].y0 == pytest.approx(6)


def test_a_sample_without_pixels_has_no_line_of_all() -> None:
    made = wrong_by_distance([0, None], _shares(np.nan), None, "wires", "light", "", "")
    assert not made.layout.shapes


def test_reliability_leaves_out_empty_bins() -> None:
    made = reliability(np.array([np.nan, 0.5, 0.95]), _shares(np.nan, 0.4, 0.97), "network", "light", "", "")
    diagonal, curve = made.data
    assert list(diagonal.x) == list(diagonal.y)
    assert list(curve.x) == pytest.approx([50, 95])
    assert list(curve.y) == pytest.approx([40, 97])
    assert curve.customdata[1][2] == "12\u2009000"
    assert made.layout.yaxis.range == (18, 101)


def test_the_axis_of_reliability_reaches_to_the_lowest_bin() -> None:
    made = reliability(np.array([0.3, 0.9]), _shares(0.09, 0.9), "network", "light", "", "")
    assert made.layout.yaxis.range[0] == pytest.approx(6)


def test_recalls_of_planes_stand_side_by_side_with_the_published_ones() -> None:
    recalls = {"Y": _shares(0.7, 0.95, 0.86, 0.85, 0.88), "U": _shares(0.76, 0.96, 0.84, 0.86, np.nan)}
    made = recall_by_plane(recalls, {"HIP": 0.928, "Michel": 0.843}, "light", "", "")
    first, second, published = made.data
    assert list(first.x) == pytest.approx([-0.1, 0.9, 1.9, 2.9, 3.9])
    assert list(second.x) == pytest.approx([0.1, 1.1, 2.1, 3.1, 4.1])
    assert (first.marker.color, second.marker.color) == tuple(map(palette.plane_colour, "UY"))
    assert (list(published.x), list(published.y)) == ([0, 4], pytest.approx([92.8, 84.3]))
    low, high = made.layout.yaxis.range
    assert low <= 68
    assert high > 100


@pytest.mark.parametrize("theme", palette.THEMES)
def test_figures_take_the_colours_of_the_theme(theme: palette.Theme) -> None:
    made = confusion(COUNTS, "true", theme, "Confusion matrix", "what was evaluated")
    assert made.layout.paper_bgcolor == palette.surfaces(theme)["panel"]
    assert made.layout.font.color == palette.surfaces(theme)["ink"]
    assert made.layout.title.text == "Confusion matrix"
    assert made.layout.title.subtitle.text == "what was evaluated"


def test_numbers_in_words() -> None:
    assert (count(9999), count(1_596_536)) == ("9999", "1\u2009596\u2009536")
    assert (share(None), share(0.9381), share(0.95, 2)) == ("–", "0.938", "0.95")
    assert (percent(None), percent(0.0501)) == ("–", "5.0 %")
    assert interval({"interval_95": [0.9342, 0.9421]}) == "0.934 – 0.942"
    assert interval({"interval_95": [0.022, 0.036]}, as_percent=True) == "2.2 – 3.6 %"
    assert interval({"interval_95": [None, None]}) == ""
