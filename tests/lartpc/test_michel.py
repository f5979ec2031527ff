"""Michel candidates on images drawn by hand, and on simulated muons with truth as the prediction."""

import numpy as np
import pytest
from hand_made import block, image_of, line

from lartpc.calibration import electron_energy_mev
from lartpc.classes import PixelClass
from lartpc.metrics.michel import MichelEvent, michel_figures, true_michels
from lartpc.michel import MichelParameters, find_michels
from lartpc.simulation import simulate_batch

MIP, MICHEL = PixelClass.MIP, PixelClass.MICHEL
TRACK = line(50, range(40, 100))
ELECTRON = block(50, 100, 4, 4)  # touches the last wire of the track


def test_an_electron_at_the_end_of_a_track_is_a_candidate():
    image, classes = image_of({MIP: TRACK, MICHEL: ELECTRON}, gain=2.0)
    (found,) = find_michels(image, classes)
    assert found.plane == "Y"
    assert found.pixels.dtype == np.int32
    np.testing.assert_array_equal(np.sort(found.pixels), np.flatnonzero(classes == MICHEL))
    np.testing.assert_array_equal(found.track_pixels, np.flatnonzero(classes == MIP))
    assert (found.attachment_row, found.attachment_wire) in {(50, 99), (51, 99)}
    assert found.charge_adc == pytest.approx(16 * 50.0 * 2.0)
    assert found.energy_mev == pytest.approx(electron_energy_mev(1600.0, "Y"))


def test_one_at_the_middle_is_none_because_the_track_falls_in_two():
    image, classes = image_of({MIP: TRACK, MICHEL: block(52, 68, 4, 4)})
    assert find_michels(image, classes) == ()
    # With a radius that leaves less than a cluster on one side, the same place counts as an end.
    assert len(find_michels(image, classes, MichelParameters(edge_radius=28.0))) == 1


@pytest.mark.parametrize(
    ("first_wire", "gap", "found"),
    [(100, 1.0, 1), (101, 1.0, 0), (101, 1.5, 1), (103, 1.5, 0)],
)
def test_how_near_is_the_gap_between_pixel_edges(first_wire, gap, found):
    image, classes = image_of({MIP: TRACK, MICHEL: block(50, first_wire, 4, 4)})
    assert len(find_michels(image, classes, MichelParameters(attachment_gap=gap))) == found


def test_pixels_that_touch_at_a_corner_are_attached():
    image, classes = image_of({MIP: TRACK, MICHEL: block(52, 100, 4, 4)})
    (found,) = find_michels(image, classes)
    assert (found.attachment_row, found.attachment_wire) == (51, 99)


def test_two_electrons_come_by_charge():
    image, classes = image_of({MIP: TRACK, MICHEL: [*ELECTRON, *block(50, 34, 6, 6)]})
    first, second = find_michels(image, classes)
    assert len(first.pixels) == 36
    assert len(second.pixels) == 16
    assert first.attachment_wire == 40
    assert second.attachment_wire == 99


def test_too_few_pixels_are_no_cluster_and_the_cut_is_an_option():
    image, classes = image_of({MIP: TRACK, MICHEL: block(50, 100, 2, 2)})
    assert find_michels(image, classes) == ()
    image, classes = image_of({MIP: TRACK, MICHEL: block(50, 100, 3, 3)})
    assert len(find_michels(image, classes)) == 1
    assert find_michels(image, classes, MichelParameters(min_pixels=10)) == ()


def test_a_track_shorter_than_the_radius_vanishes_and_counts_as_an_end():
    image, classes = image_of({MIP: line(50, range(90, 100)), MICHEL: ELECTRON})
    assert len(find_michels(image, classes)) == 1


def test_a_few_mip_pixels_are_no_track():
    image, classes = image_of({MIP: line(50, range(97, 100)), MICHEL: ELECTRON})
    assert find_michels(image, classes) == ()


def test_a_bragg_peak_taken_for_hip_parts_the_electron_unless_hip_belongs_to_tracks():
    hip = line(50, range(94, 100))
    image, classes = image_of({MIP: line(50, range(40, 94)), PixelClass.HIP: hip, MICHEL: ELECTRON})
    assert find_michels(image, classes) == ()
    both = MichelParameters(track_classes=(PixelClass.HIP, PixelClass.MIP))
    (found,) = find_michels(image, classes, both)
    assert found.attachment_wire == 99
    assert len(found.track_pixels) == len(TRACK)


@pytest.mark.parametrize("kind", [MIP, MICHEL, PixelClass.SHOWER])
def test_planes_that_lack_a_class_have_no_candidates(kind):
    image, classes = image_of({kind: TRACK})
    assert find_michels(image, classes) == ()


def test_nothing_lit_and_nothing_read_give_no_candidates():
    image, classes = image_of({})
    assert find_michels(image, classes) == ()
    image, classes = image_of({MIP: TRACK, MICHEL: ELECTRON})
    assert find_michels(image, np.full_like(classes, -1)) == ()


def test_truth_as_the_prediction_finds_most_true_michels():
    events = []
    for event in simulate_batch("michel", 7, range(8)):
        image, truth = event.images["Y"], event.truth
        read = (image.adc > 10.0) & (image.adc < 300.0)
        classes = np.where(read, truth.classes["Y"], -1)
        events.append(MichelEvent(find_michels(image, classes), true_michels(image, truth, read)))
    figures = michel_figures(events)["all"]
    assert figures["true"] > 20
    assert figures["id_efficiency"]["value"] > 0.8
    assert figures["id_purity"]["value"] > 0.9
    assert figures["cluster_efficiency"]["value"] > 0.85
    assert figures["cluster_purity"]["value"] == 1.0
    assert 0.7 < figures["energy_ratio"]["median"] < 1.0  # some ionisation lies under the muon
