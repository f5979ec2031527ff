"""Geometry against hand-computed positions and the published formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lartpc.classes import PLANES
from lartpc.detector import Detector

ALL = ("generic", "microboone", "sbnd_larcv3")
PAIRS = (("U", "V"), ("U", "Y"), ("V", "Y"))


def test_names_lists_the_detectors_that_load():
    assert Detector.names() == ALL
    assert [Detector.load(name).name for name in ALL] == list(ALL)


@pytest.mark.parametrize("name", ["icarus", "", "../detectors/microboone", "microboone.toml"])
def test_an_unknown_detector_is_named_beside_those_there_are(name):
    with pytest.raises(ValueError, match=r"unknown detector .*; known: generic, microboone, sbnd_larcv3"):
        Detector.load(name)


@pytest.mark.parametrize("name", ALL)
def test_every_detector_has_the_three_planes(name):
    detector = Detector.load(name)
    assert tuple(plane.name for plane in detector.planes) == PLANES
    assert detector.x_cm[0] < detector.x_cm[1]
    with pytest.raises(KeyError):
        detector.plane("Z")


@pytest.mark.parametrize(("y", "z"), [(0.0, 500.0), (-100.0, 12.5), (116.0, 1000.0)])
def test_microboone_wires_follow_the_open_samples_formulas(y, z):
    detector, tangent = Detector.load("microboone"), math.tan(math.radians(30))
    published = {
        "U": (z - 0.541 - (y - 117.445) / tangent) / 0.6,
        "V": (z + 402.941 + (y - 117.445) / tangent) / 0.6,
        "Y": (z - 0.25) / 0.3,
    }
    for plane, wire in published.items():
        assert detector.plane(plane).wire_at(y, z) == pytest.approx(wire, abs=1e-3)


def test_microboone_drift_is_the_published_line():
    detector = Detector.load("microboone")
    assert detector.drift_cm(800.0) == 0.0
    assert detector.drift_cm(3000.0) == pytest.approx(2200 * 0.0548965)
    assert detector.tick_at(0.548965) == pytest.approx(810.0)


# Vertex of the neutrino in cm, and the middle of the 3 x 3 pixels that mark it on U, V and Y, as
# (row, wire), in the five events of the public SBND example.
SBND_VERTICES = [
    ((0.880, -43.832, 472.893), ((640, 1522), (641, 1269), (640, 1766))),
    ((-59.371, 132.301, 250.181), ((449, 642), (450, 1406), (450, 1024))),
    ((-45.809, -157.752, 252.353), ((492, 1483), (493, 573), (494, 1031))),
    ((155.263, 84.985, 77.656), ((1134, 491), (1135, 982), (1134, 449))),
    ((123.273, 171.499, 397.792), ((1032, 775), (1033, 1765), (1031, 1516))),
]


@pytest.mark.parametrize(("vertex", "marks"), SBND_VERTICES)
def test_sbnd_vertices_fall_on_the_pixels_that_mark_them(vertex, marks):
    detector = Detector.load("sbnd_larcv3")
    for plane, (row, wire) in zip(PLANES, marks, strict=True):
        assert detector.plane(plane).wire_at(vertex[1], vertex[2]) == pytest.approx(wire, abs=0.6)
        assert detector.tick_at(vertex[0]) / 4 == pytest.approx(row + 0.5, abs=2.5)


def test_crossing_on_a_hand_computed_point():
    generic = Detector.load("generic")
    y, z = generic.crossing("U", 100.0, "Y", 100.0)
    # Y: z = 100 * 0.3 = 30. U: z / 2 - y sin 60 = 30, so y = (15 - 30) / sin 60.
    assert z == pytest.approx(30.0)
    assert y == pytest.approx(-15.0 / math.sin(math.radians(60)))


def test_wires_of_one_plane_never_cross():
    with pytest.raises(ValueError, match="parallel and never cross"):
        Detector.load("microboone").crossing("U", 1.0, "U", 2.0)


@given(
    name=st.sampled_from(ALL),
    pair=st.sampled_from(PAIRS),
    y=st.floats(-200, 200),
    z=st.floats(0, 1100),
)
def test_a_point_is_found_again_where_its_wires_cross(name, pair, y, z):
    detector = Detector.load(name)
    a, b = pair
    crossed = detector.crossing(a, detector.plane(a).wire_at(y, z), b, detector.plane(b).wire_at(y, z))
    assert crossed == pytest.approx((y, z), abs=1e-6)


@given(name=st.sampled_from(ALL), tick=st.floats(-10_000, 10_000))
def test_tick_and_drift_are_inverse(name, tick):
    detector = Detector.load(name)
    assert detector.tick_at(detector.drift_cm(tick)) == pytest.approx(tick, abs=1e-6)


def test_geometry_takes_arrays():
    detector = Detector.load("microboone")
    ticks = np.array([800.0, 1800.0])
    np.testing.assert_allclose(detector.drift_cm(ticks), [0.0, 54.8965])
    wires = detector.plane("Y").wire_at(np.zeros(2), np.array([0.25, 30.25]))
    np.testing.assert_allclose(wires, [0.0, 100.0], atol=1e-3)
    np.testing.assert_allclose(detector.plane("Y").position_cm(wires), [0.0, 30.0], atol=1e-3)


def test_resized_changes_the_sides_alone():
    generic = Detector.load("generic")
    small = generic.resized({"U": 12, "Y": 7}, 80)
    assert [plane.wires for plane in small.planes] == [12, 4096, 7]
    assert (small.readout_ticks, small.cm_per_tick) == (80, generic.cm_per_tick)
    assert generic.plane("U").wires == 4096
