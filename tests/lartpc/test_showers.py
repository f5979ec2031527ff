"""Shower candidates on images drawn by hand."""

import dataclasses

import numpy as np
import pytest
from hand_made import block, image_of, line

from lartpc.calibration import electron_energy_mev
from lartpc.classes import PixelClass
from lartpc.detector import Detector
from lartpc.showers import ShowerParameters, find_showers

MICROBOONE = Detector.load("microboone")
SHOWER, MIP = PixelClass.SHOWER, PixelClass.MIP


def cone(row: int, first_wire: int, length: int, opens: int = 1) -> list[tuple[int, int]]:
    """A fan of pixels around a row that widens along the wires; opens -1: towards smaller ones."""
    return [
        (row + side, first_wire + opens * step)
        for step in range(length)
        for side in range(-(step // 5), step // 5 + 1)
    ]


@pytest.mark.parametrize("opens", [1, -1])
def test_alone_a_shower_starts_where_it_is_narrow(opens):
    image, classes = image_of({SHOWER: cone(100, 150, 40, opens)})
    (found,) = find_showers(image, classes, MICROBOONE)
    assert (found.start_row, found.start_wire) == (100, 150)
    assert found.direction_wire == pytest.approx(opens)
    assert found.direction_drift == pytest.approx(0.0, abs=1e-6)
    assert len(found.pixels) == len(image)
    assert found.charge_adc == pytest.approx(50.0 * len(image))
    assert found.energy_mev == pytest.approx(electron_energy_mev(found.charge_adc, "Y"))


def test_a_track_decides_where_it_starts():
    parts = {SHOWER: cone(100, 150, 40), MIP: line(100, range(200, 230))}
    image, classes = image_of(parts)
    (found,) = find_showers(image, classes, MICROBOONE)
    assert (found.start_row, found.start_wire) == (100, 189)
    assert found.direction_wire < -0.99


def test_directions_are_in_cm_and_follow_the_drift():
    pixels = [(100 + step, 150 + step + side) for step in range(40) for side in (0, 1)]
    image, classes = image_of({SHOWER: pixels, MIP: line(95, range(130, 150))})
    (found,) = find_showers(image, classes, MICROBOONE)
    cm = np.array([6 * MICROBOONE.cm_per_tick, 0.3])
    np.testing.assert_allclose([found.direction_drift, found.direction_wire], cm / np.hypot(*cm), atol=0.02)
    backwards = dataclasses.replace(image, tick_order=-1)
    (mirrored,) = find_showers(backwards, classes, MICROBOONE)
    assert mirrored.direction_drift == pytest.approx(-found.direction_drift)
    assert mirrored.direction_wire == pytest.approx(found.direction_wire)


def test_gaps_do_not_part_a_shower_but_distance_does_and_small_ones_do_not_count():
    near = [*block(50, 50, 5, 6), *block(50, 60, 5, 6)]
    image, classes = image_of({SHOWER: [*near, *block(120, 50, 6, 6), *block(180, 50, 4, 4)]})
    first, second = find_showers(image, classes, MICROBOONE)
    assert (len(first.pixels), len(second.pixels)) == (60, 36)
    assert len(find_showers(image, classes, MICROBOONE, ShowerParameters(min_pixels=10))) == 3


def test_no_shower_pixels_and_a_prediction_of_another_image():
    image, classes = image_of({MIP: line(50, range(10, 40))})
    assert find_showers(image, classes, MICROBOONE) == ()
    with pytest.raises(ValueError, match="expected one class a pixel"):
        find_showers(image, classes[1:], MICROBOONE)
