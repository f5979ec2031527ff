"""The gain follows the scale of the charge, and only that of tracks."""

import numpy as np
import pytest

from lartpc.event import WireImage
from lartpc.gain import TRACK_ADC, estimate_event_gain, estimate_gain
from lartpc.simulation import simulate_batch


def image_of(pixels, shape=(400, 600), plane="Y"):
    """An image from {(row, wire): adc}."""
    ordered = sorted(pixels)
    return WireImage(
        plane,
        np.array([row for row, _ in ordered], np.int32),
        np.array([wire for _, wire in ordered], np.int32),
        np.array([pixels[at] for at in ordered], np.float32),
        shape,
    )


def track(adc, first_row=50, wires=500, slope=0.4):
    """A straight track one pixel thick in time."""
    return {(first_row + int(slope * wire), wire): adc for wire in range(20, 20 + wires)}


@pytest.mark.parametrize("adc", [4.6, 46.0, 460.0])
def test_a_plain_track_comes_to_the_reference(adc):
    assert estimate_gain(image_of(track(adc))) == pytest.approx(TRACK_ADC / adc, rel=1e-5)


def test_noise_off_the_tracks_does_not_count():
    rng = np.random.default_rng(1)
    noise = {
        (int(r), int(w)): 6.0
        for r, w in zip(rng.integers(0, 400, 5000), rng.integers(0, 600, 5000), strict=True)
    }
    assert estimate_gain(image_of(noise | track(92.0))) == pytest.approx(0.5, rel=1e-5)


def test_too_little_to_tell_leaves_the_gain_at_one():
    assert estimate_gain(image_of({})) == 1.0
    assert estimate_gain(image_of(track(400.0, wires=100))) == 1.0
    assert estimate_event_gain([]) == 1.0


def test_a_border_pixel_has_no_neighbour_on_the_next_row():
    # Single pixels at both ends of neighbouring rows: joined across the border they would be a track.
    pixels = {(row, wire): 100.0 for row in range(0, 400, 2) for wire in (0, 1, 598, 599)}
    assert estimate_gain(image_of(pixels)) == 1.0


def test_an_event_has_the_median_of_its_planes():
    images = [
        image_of(track(adc), plane=plane) for plane, adc in zip("UVY", (23.0, 46.0, 920.0), strict=True)
    ]
    assert estimate_event_gain(images) == pytest.approx(1.0, rel=1e-5)
    assert estimate_event_gain([images[0], image_of({})]) == pytest.approx(2.0, rel=1e-5)


def test_the_present_gain_does_not_matter():
    image = image_of(track(46.0))
    assert estimate_gain(image.with_gain(7.0)) == estimate_gain(image)


def test_simulated_events_come_out_near_one():
    gains = [estimate_event_gain(event.images.values()) for event in simulate_batch("bnb", 11, range(2))]
    assert gains == pytest.approx([1.0, 1.0], rel=0.2)
