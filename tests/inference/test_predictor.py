"""The segmenter: which pixels it reads, what it answers, and on what it refuses to work."""

import numpy as np
import pytest

from inference.cards import available_weights, default_weights, named_weights, read_card
from inference.predictor import Segmenter
from inference.settings import SegmenterSettings, readable
from lartpc.event import WireImage
from lartpc.simulation import simulate, simulate_batch


def image_of(adc, gain=1.0):
    count = len(adc)
    return WireImage(
        "Y",
        np.arange(count, dtype=np.int32),
        np.full(count, 5, np.int32),
        np.array(adc, np.float32),
        (max(count, 1), 12),
        gain=gain,
    )


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter.load("Y")


def test_pixels_between_the_cuts_are_read_after_the_gain():
    image = image_of([5.0, 30.0, 1199.0, 1201.0], gain=0.25)
    adc, read = readable(image.adc * np.float32(image.gain), SegmenterSettings(saturate=False))
    np.testing.assert_allclose(adc, [1.25, 7.5, 299.75, 300.25])
    assert read.tolist() == [False, False, True, False]


def test_saturation_reads_large_pixels_as_the_upper_cut():
    adc, read = readable(np.array([5.0, 50.0, 5000.0], np.float32), SegmenterSettings(saturate=True))
    assert adc.tolist() == [5.0, 50.0, 300.0]
    assert read.tolist() == [False, True, True]


def test_scores_are_probabilities_where_read_and_nan_elsewhere(segmenter):
    prediction = segmenter(image_of([5.0, 50.0, 60.0, 400.0]), settings=SegmenterSettings(saturate=False))
    assert np.isnan(prediction.scores[[0, 3]]).all()
    np.testing.assert_allclose(prediction.scores[[1, 2]].sum(axis=1), 1.0, rtol=1e-5)
    assert prediction.weights_hash == default_weights("uresnet", "Y").sha256


def test_an_empty_plane_and_an_unreadable_one_give_an_answer(segmenter):
    assert segmenter(image_of([])).scores.shape == (0, 5)
    assert np.isnan(segmenter(image_of([1.0, 2.0])).scores).all()


def test_a_gain_undoes_another_adc_scale(segmenter):
    event = simulate("bomb", 4, 0)
    image = event.images["Y"]
    scaled = WireImage("Y", image.rows, image.wires, image.adc * 4, image.shape, gain=0.25)
    np.testing.assert_allclose(segmenter(image).scores, segmenter(scaled).scores, atol=1e-6)


def test_progress_rises_to_one_and_may_stop_the_run(segmenter):
    image = simulate("bomb", 4, 1).images["Y"]
    seen = []
    segmenter(image, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    def stop(_share):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        segmenter(image, progress=stop)


@pytest.mark.parametrize("plane", ["U", "V", "Y"])
def test_every_plane_ships_weights_under_8_mb_with_a_complete_card(plane):
    card = default_weights("uresnet", plane)
    assert card.path.stat().st_size < 8_000_000
    for entry in ("architecture", "input", "decision", "training", "data_hash", "metrics"):
        assert entry in card.card
    assert card.card["architecture"]["filters"] in (16, 32)


def test_the_shipped_cards_meet_the_floor_on_held_out_events():
    cards = [card for card in available_weights() if card.network == "uresnet"]
    assert {card.plane for card in cards} == {"U", "V", "Y"}
    for card in cards:
        metrics = card.card["metrics"]
        assert metrics["events"] >= 100
        assert metrics["networks"][0]["weights_hash"] == card.sha256
        assert metrics["nonzero_accuracy"]["value"] >= 0.95
        assert metrics["mean_recall"]["value"] >= 0.87
        assert min(recall["value"] for recall in metrics["recall"].values()) >= 0.60


def test_the_shipped_weights_know_a_few_events_they_never_saw():
    right = total = 0
    for event in simulate_batch("bnb", 77, range(2)):
        for plane, image in event.images.items():
            scores = Segmenter.load(plane)(image).scores
            classes = event.truth.classes[plane]
            counted = ~np.isnan(scores[:, 0]) & (classes >= 0)
            right += np.sum(scores[counted].argmax(axis=1) == classes[counted])
            total += counted.sum()
    assert right / total > 0.88


def test_weights_that_are_not_there_are_named(tmp_path):
    with pytest.raises(ValueError, match="no weights of plane Y"):
        Segmenter.load("Y", weights=tmp_path)
    with pytest.raises(LookupError, match="no weights of smask for plane Y"):
        default_weights("smask", "Y")


def test_shipped_weights_are_found_by_name():
    shipped = default_weights("uresnet", "V")
    assert named_weights("uresnet", "V", shipped.name) == shipped
    with pytest.raises(ValueError, match="no such weights"):
        named_weights("uresnet", "V", "uresnet-0-0-V")
    with pytest.raises(ValueError, match="weights of uresnet for plane V; expected uresnet for plane Y"):
        named_weights("uresnet", "Y", shipped.name)


def test_a_card_without_its_entries_and_a_broken_weights_file_are_refused(tmp_path):
    weights = tmp_path / "broken-Y.safetensors"
    weights.write_bytes(b"no tensors")
    weights.with_suffix(".json").write_text('{"plane": "Y"}')
    with pytest.raises(ValueError, match="not a card of weights"):
        read_card(weights)
    shipped = default_weights("uresnet", "Y")
    weights.with_suffix(".json").write_text(shipped.path.with_suffix(".json").read_text())
    with pytest.raises(ValueError, match=r"broken-Y\.safetensors: not weights of a U-ResNet 5-"):
        Segmenter.load("Y", weights=weights)
