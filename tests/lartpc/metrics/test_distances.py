"""Distances to edges and dead wires on a small image, counted by hand."""

from __future__ import annotations

import numpy as np

from lartpc.event import WireImage
from lartpc.metrics.distances import dead_wire_distance, edge_distance, wrong_by_distance, wrong_fraction


def image(dead: list[int]) -> WireImage:
    """Rows 0 to 9 and wires 0 to 19; pixels at (0, 7), (4, 9), (5, 18), (9, 0)."""
    rows, wires = np.array([0, 4, 5, 9], np.int32), np.array([7, 9, 18, 0], np.int32)
    return WireImage("Y", rows, wires, np.ones(4, np.float32), (10, 20), dead_wires=np.array(dead, np.int32))


def test_edge_distance_is_to_the_nearest_of_four_sides() -> None:
    np.testing.assert_array_equal(edge_distance(image([])), [0, 4, 1, 0])


def test_dead_wire_distance_is_to_the_nearest_on_either_side() -> None:
    np.testing.assert_array_equal(dead_wire_distance(image([12, 6])), [1, 3, 6, 6])
    np.testing.assert_array_equal(dead_wire_distance(image([7])), [0, 2, 11, 7])


def test_without_dead_wires_the_distance_is_infinite_and_in_no_bin() -> None:
    distance = dead_wire_distance(image([]))
    assert np.isinf(distance).all()
    counts = wrong_by_distance(distance, np.ones(4, bool), np.array([0, 2, np.inf]))
    np.testing.assert_array_equal(counts, [[0, 0], [0, 0]])


def test_a_bin_holds_its_lower_edge() -> None:
    distance, wrong = np.array([0.0, 1.0, 2.0, 50.0, 7.0]), np.array([True, False, True, False, True])
    counts = wrong_by_distance(distance, wrong, np.array([0, 2, 4, np.inf]))
    np.testing.assert_array_equal(counts, [[1, 2], [1, 1], [1, 2]])
    closed = wrong_by_distance(distance, wrong, np.array([1, 7]))
    np.testing.assert_array_equal(closed, [[1, 2]])


def test_wrong_fraction_of_an_empty_bin_is_undefined() -> None:
    np.testing.assert_allclose(wrong_fraction(np.array([[1, 4], [0, 0]])), [0.25, np.nan])
