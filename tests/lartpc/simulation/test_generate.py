"""Whole events: reproducible, in range, and like a liquid-argon detector's."""

import numpy as np
import pytest

import argonscope
from lartpc.classes import PLANES, InstanceClass, PixelClass
from lartpc.detector import Detector
from lartpc.readers import open_events
from lartpc.simulation import simulate, simulate_batch
from lartpc.simulation.command import parse_samples, write_file
from lartpc.simulation.readout import Charge, Window, read_plane


@pytest.fixture(scope="module")
def full():
    return simulate_batch("bnb", 11, range(6))


def test_the_same_seed_gives_the_same_event_and_another_seed_another():
    first, again, other = simulate("bomb", 3, 5), simulate("bomb", 3, 5), simulate("bomb", 4, 5)
    assert first.images["Y"].content_hash == again.images["Y"].content_hash
    assert first.images["Y"].content_hash != other.images["Y"].content_hash


def test_pixels_are_sorted_unique_and_inside(full):
    for event in full:
        for image in event.images.values():
            flat = image.rows.astype(np.int64) * image.shape[1] + image.wires
            assert np.all(np.diff(flat) > 0)
            assert image.rows.min() >= 0
            assert image.rows.max() < image.shape[0]
            assert image.wires.max() < image.shape[1]
            assert not np.isin(image.wires, image.dead_wires).any()
            assert np.isfinite(image.adc).all()


def test_occupancy_and_the_number_of_interactions_are_those_of_a_surface_detector(full):
    lit = np.mean([len(event.images["Y"]) / (1008 * 3456) for event in full])
    assert 0.003 < lit < 0.01
    seen = [
        sum(np.sum(event.truth.instances["Y"] == i.id) >= 30 for i in event.truth.interactions)
        for event in full
    ]
    assert 12 < np.mean(seen) < 30


def test_the_brightest_pixel_of_a_mip_on_a_wire_sits_near_50(full):
    peaks = []
    for event in full:
        image, truth = event.images["Y"], event.truth
        chosen = truth.classes["Y"] == PixelClass.MIP
        key = image.wires[chosen].astype(np.int64) * 10000 + truth.particle_ids["Y"][chosen] % 10000
        _, inverse = np.unique(key, return_inverse=True)
        best = np.zeros(inverse.max() + 1)
        np.maximum.at(best, inverse, image.adc[chosen])
        peaks.append(best)
    assert 40 < np.median(np.concatenate(peaks)) < 75


def test_truth_lies_on_every_pixel_that_charge_lit(full):
    for event in full:
        for plane in PLANES:
            classes, instances = event.truth.classes[plane], event.truth.instances[plane]
            assert len(classes) == len(instances) == len(event.images[plane])
            assert np.mean(classes == PixelClass.UNKNOWN) < 0.06
            known = classes >= 0
            ids = {interaction.id for interaction in event.truth.interactions}
            assert set(np.unique(instances[known]).tolist()) <= ids
            charge = event.truth.class_charge[plane]
            assert np.all(charge[known, classes[known]] > 0)


def test_a_class_of_higher_priority_wins_where_both_left_charge(full):
    classes, charge = full[0].truth.classes["Y"], full[0].truth.class_charge["Y"]
    both = (
        (charge[:, PixelClass.MIP] > 6) & (charge[:, PixelClass.DELTA] > 6) & (charge[:, PixelClass.HIP] == 0)
    )
    assert both.any()
    assert np.all(classes[both] == PixelClass.MIP)


def test_boxes_enclose_their_interaction(full):
    event = full[0]
    for interaction in event.truth.interactions:
        for plane, (row_min, wire_min, row_max, wire_max) in interaction.boxes.items():
            chosen = event.truth.instances[plane] == interaction.id
            assert event.images[plane].rows[chosen].min() == row_min
            assert event.images[plane].wires[chosen].max() == wire_max
            assert row_min <= row_max
            assert wire_min <= wire_max


def test_the_vertex_lies_on_neutrino_charge_when_the_neutrino_leaves_tracks(full):
    distances = []
    for event in full:
        if event.truth.vertex_cm is None:
            continue
        neutrino = next(i.id for i in event.truth.interactions if i.instance_class == InstanceClass.NEUTRINO)
        chosen = event.truth.instances["Y"] == neutrino
        if chosen.sum() < 10:
            continue
        x, y, z = event.truth.vertex_cm
        row = event.detector.tick_at(x) / 6
        wire = event.detector.plane("Y").wire_at(y, z)
        image = event.images["Y"]
        distances.append(np.hypot(image.rows[chosen] - row, image.wires[chosen] - wire).min())
    assert distances
    assert np.median(distances) < 4


def test_about_half_of_the_michel_samples_muons_have_a_michel():
    events = simulate_batch("michel", 12, range(8))
    muons = sum(sum(abs(p.pdg) == 13 for p in e.truth.particles) for e in events)
    michels = sum(sum(p.process == "decay" and abs(p.pdg) == 11 for p in e.truth.particles) for e in events)
    assert 0.3 < michels / muons < 0.7


def test_bombs_are_crops_that_hold_their_vertex():
    for event in simulate_batch("bomb", 13, range(6)):
        x, y, z = event.truth.vertex_cm
        for plane, image in event.images.items():
            assert image.shape == (512, 512)
            row = event.detector.tick_at(x) / 6 - image.first_tick / 6
            wire = event.detector.plane(plane).wire_at(y, z) - image.first_wire
            assert -1 <= row <= 512
            assert -1 <= wire <= 512


def test_one_process_and_two_write_the_same_file(tmp_path):
    counts = [("bomb", 5), ("michel", 5)]
    for processes in (1, 2):
        write_file(tmp_path / f"{processes}.h5", counts, 21, processes)
    assert (tmp_path / "1.h5").read_bytes() == (tmp_path / "2.h5").read_bytes()
    with open_events(tmp_path / "1.h5") as events:
        assert len(events) == 10
        assert events.source == "simulation"


def test_unknown_samples_are_refused():
    with pytest.raises(ValueError, match="unknown sample 'beam'; known: bomb, michel, bnb"):
        simulate("beam", 1, 0)


@pytest.mark.parametrize("words", [["--events", "0"], ["--sample", "bnb:3,bomb:0"], []])
def test_a_file_of_no_events_is_refused_before_it_is_begun(tmp_path, capsys, words):
    sample = [] if "--sample" in words else ["--sample", "bomb"]
    assert argonscope.main(["simulate", *sample, *words, str(tmp_path / "none.h5")]) == 2
    assert "say how many events, 1 or more" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_several_samples_in_one_file():
    assert parse_samples("bnb:4,michel:2") == [("bnb", 4), ("michel", 2)]


def test_pixels_that_noise_alone_lit_belong_to_nobody_in_an_event_without_charge() -> None:
    none, nobody = np.zeros(0), np.zeros(0, np.int64)
    charge = Charge(np.zeros((0, 3)), none, none, none, none, nobody, nobody, np.zeros(0, np.int8))
    detector = Detector.load("microboone")
    lit = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        image, truth = read_plane(rng, detector, "Y", charge, Window(0, 0, (1008, 3456)))
        lit += len(image)
        assert set(truth.classes) | set(truth.instances) | set(truth.particle_ids) <= {-1}
    assert lit > 0
