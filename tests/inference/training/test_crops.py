"""Weights of pixels, windows and flips, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from inference.settings import SegmenterSettings
from inference.training.crops import (
    CROP,
    Crop,
    augment,
    cluster_weights,
    full_plane,
    random_crops,
    read_by_network,
    vertex_pixel,
    with_radiated_photons,
)
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Particle, Truth, WireImage


def crop_of(rows: list[int], wires: list[int]) -> Crop:
    """Every pixel tells where it came from: ADC is 1000 · row + wire."""
    where = np.array(rows) * 1000.0 + np.array(wires)
    return Crop(
        np.array(rows, np.int32),
        np.array(wires, np.int32),
        where.astype(np.float32),
        (np.array(rows) % 5).astype(np.int8),
        (np.array(wires) / 1e5).astype(np.float32),
    )


def test_cluster_weights_are_one_over_size_within_bounds() -> None:
    # One muon of 100 pixels with a delta of 10, another muon of 6000, and one pixel near the vertex.
    classes = np.array([1] * 100 + [3] * 10 + [1] * 6000, np.int8)
    particles = np.array([7] * 110 + [8] * 6000, np.int32)
    near = np.zeros(6110, bool)
    near[5] = True
    weights = cluster_weights(classes, particles, near)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights[0], 0.01)
    np.testing.assert_allclose(weights[5], 0.02)
    np.testing.assert_allclose(weights[100:110], 0.02)
    np.testing.assert_allclose(weights[110:], 0.0002)


def muon_event(truth: Truth | None) -> Event:
    """100 pixels of row 300 on wires 950 to 1049 of plane Y, with gain 2."""
    wires = np.arange(950, 1050, dtype=np.int32)
    rows, adc = np.full(100, 300, np.int32), np.full(100, 40, np.float32)
    image = WireImage("Y", rows, wires, adc, (1008, 3456), gain=2.0)
    return Event(EventId(1, 1, 1, "toy.h5", 4), Detector.load("microboone"), {"Y": image}, truth)


def test_a_plane_has_gain_applied_and_the_vertex_marked() -> None:
    # The middle of row 300 is tick 1803; wires of Y lie 0.3 cm apart along z, wire 0 at
    # 0.25 cm: 300.1 cm is wire 999.5.
    vertex = (Detector.load("microboone").drift_cm(1803.0), 0.0, 300.1)
    truth = Truth(classes={"Y": np.ones(100, np.int8)}, vertex_cm=vertex)
    crop = full_plane(muon_event(truth), "Y")
    assert set(crop.adc) == {80.0}
    near = (crop.wires >= 997) & (crop.wires <= 1002)
    np.testing.assert_allclose(crop.cluster_weight, np.where(near, 0.02, 0.01))


def test_a_plane_without_classes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"entry 4 of toy.h5 has no pixel classes on plane Y"):
        full_plane(muon_event(None), "Y")


def test_crops_are_windows_with_all_their_pixels() -> None:
    rng = np.random.default_rng(0)
    rows, wires = np.nonzero(rng.random((900, 900)) < 0.004)
    plane = crop_of(rows.tolist(), wires.tolist())
    crops = random_crops(rng, plane, 12)
    assert crops
    for crop in crops:
        assert min(crop.rows.min(), crop.wires.min()) >= 0
        assert max(crop.rows.max(), crop.wires.max()) < CROP
        whole_rows, whole_wires = np.divmod(crop.adc.astype(int), 1000)
        row, wire = whole_rows[0] - crop.rows[0], whole_wires[0] - crop.wires[0]
        np.testing.assert_array_equal(crop.rows, whole_rows - row)
        np.testing.assert_array_equal(crop.wires, whole_wires - wire)
        inside = (rows >= row) & (rows < row + CROP) & (wires >= wire) & (wires < wire + CROP)
        assert len(crop.rows) == inside.sum() >= 60


def test_crops_with_few_pixels_are_dropped() -> None:
    few = crop_of(list(range(59)), list(range(59)))
    assert random_crops(np.random.default_rng(0), few, 5) == []
    enough = random_crops(np.random.default_rng(0), few, 5, least=1)
    assert len(enough) == 5
    assert random_crops(np.random.default_rng(0), crop_of([], []), 5) == []


def test_augmentation_flips_wires_alone_and_pixels_keep_what_they_carry() -> None:
    rng = np.random.default_rng(3)
    crop = crop_of([0, 0, 7, 100, 511], [3, 500, 20, 3, 400])
    flipped = 0
    for _ in range(200):
        answer = augment(rng, crop, flip_wires=True)
        assert (np.diff(answer.rows * CROP + answer.wires) > 0).all()
        number = {round(float(w) * 1e5) for w in answer.cluster_weight}
        mirrored = {CROP - 1 - int(w) for w in answer.wires}
        assert number in (set(answer.wires.tolist()), mirrored)
        flipped += number == mirrored and len(number) > 0
        assert (answer.classes == answer.rows % 5).all()
    assert 70 <= flipped <= 130


def test_augmentation_scales_all_charge_alike_and_may_switch_wires_off() -> None:
    rng = np.random.default_rng(4)
    wires = list(range(0, 512))
    crop = crop_of([5] * 512, wires)
    lost, scales = [], []
    for _ in range(200):
        answer = augment(rng, crop, flip_wires=False)
        scale = answer.adc / (5000.0 + answer.wires)
        assert np.ptp(scale) < 1e-4
        scales.append(scale[0])
        gone = np.setdiff1d(wires, answer.wires)
        assert len(gone) == 0 or np.ptp(gone) == len(gone) - 1 <= 10
        lost.append(len(gone) > 0)
    assert 0.15 < np.mean(lost) < 0.45
    assert 0.04 < np.std(scales) < 0.08
    assert abs(np.mean(scales) - 1.0) < 0.02


def test_the_published_range_is_read_strictly_between_its_bounds() -> None:
    crop = crop_of([0, 0, 0, 0], [10, 11, 299, 300])
    kept = read_by_network(crop, SegmenterSettings(10.0, 300.0, saturate=False))
    assert kept.wires.tolist() == [11, 299]
    assert kept.adc.tolist() == [11.0, 299.0]
    assert len(kept.classes) == len(kept.cluster_weight) == len(kept.rows) == 2


def test_charge_above_the_bound_is_read_as_the_bound_with_saturation() -> None:
    kept = read_by_network(crop_of([0, 0, 0], [10, 299, 511]), SegmenterSettings(10.0, 300.0, saturate=True))
    assert kept.wires.tolist() == [299, 511]
    assert kept.adc.tolist() == [299.0, 300.0]


def test_radiated_photons_take_the_class_of_their_electron_if_asked() -> None:
    electrons = [
        Particle(3, -11, 1, 0, 30.0, (0, 0, 0), (0, 0, 0), "decay"),
        Particle(4, 11, 1, 0, 8.0, (0, 0, 0), (0, 0, 0), "delta"),
        Particle(5, 11, -1, 0, 90.0, (0, 0, 0), (0, 0, 0), "primary"),
    ]
    truth = Truth(
        classes={"Y": np.array([4, 2, 2, 2, 1, -1], np.int8)},
        particle_ids={"Y": np.array([3, 3, 4, 5, 3, 3], np.int32)},
        particles=tuple(electrons),
    )
    assert with_radiated_photons(truth, "Y").tolist() == [4, 4, 3, 2, 1, -1]
    assert truth.classes["Y"].tolist() == [4, 2, 2, 2, 1, -1]


def test_vertex_pixel_on_the_collection_plane() -> None:
    row, wire = vertex_pixel(
        Detector.load("microboone"), "Y", (Detector.load("microboone").drift_cm(1800.0), 10.0, 300.25), 6
    )
    assert row == pytest.approx(300.0)
    assert wire == pytest.approx(1000.0, abs=1e-3)
