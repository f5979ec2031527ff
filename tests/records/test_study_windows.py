"""Where windows lie: around what is asked, and at places that do not tell what."""

from __future__ import annotations

import numpy as np
import pytest
from label_cases import event
from numpy.typing import NDArray

from lartpc.event import WireImage
from records.images import LabelledImage, in_window
from records.predictions import Prediction
from records.study_definition import StudyError
from records.windows import michel_window

MUON, ELECTRON, WIDE = 180, 36, 3
"""Pixels of each, three of every row."""
SIZE = (50, 40)


def track(row: int = 300, classes: bool = False, seed: int = 0) -> LabelledImage:
    """A muon aslant on a plane of 1000 × 900, an electron of 12 × 8 at its end; far away one pixel."""
    steps, beside = np.divmod(np.arange(MUON + ELECTRON), WIDE)
    rows = np.append(row + steps, 5).astype(np.int32)
    wires = np.append(400 + steps // 2 + beside, 880).astype(np.int32)
    adc = np.full(len(rows), 50.0 + seed, np.float32)
    truth = np.ones(len(rows), np.int8)
    truth[MUON:-1] = 4
    own = event(0)
    image = WireImage("Y", rows, wires, adc, (1000, 900))
    return LabelledImage(image, own.id, "microboone", "simulation", truth if classes else None)


def said(labelled: LabelledImage, electron: NDArray[np.intp]) -> Prediction:
    """MIP but for these pixels, which are Michel."""
    scores = np.zeros((len(labelled.image), 5), np.float32)
    scores[:, 1] = 1
    scores[electron] = (0, 0, 0, 0, 1)
    return Prediction("Y", scores, "uresnet", "toy", "a" * 64, "cpu", 0.1)


def inside(labelled: LabelledImage, window: tuple[int, int, int, int]) -> NDArray[np.intp]:
    return np.flatnonzero(in_window(labelled.image, window))


def test_a_window_holds_the_whole_candidate_of_the_network() -> None:
    labelled = track(classes=True)
    electron = np.arange(MUON - 6, MUON + ELECTRON)  # not quite what truth says
    for seed in range(50):
        window = michel_window(labelled, said(labelled, electron), SIZE, seed)
        assert (window[2] - window[0] + 1, window[3] - window[1] + 1) == SIZE
        assert set(electron) <= set(inside(labelled, window))


def test_without_a_candidate_it_holds_a_true_electron_and_else_any_pixel() -> None:
    for seed in range(50):
        labelled = track(classes=True)
        nothing = said(labelled, np.arange(0))
        window = michel_window(labelled, nothing, SIZE, seed)
        assert set(range(MUON, MUON + ELECTRON)) <= set(inside(labelled, window))
        assert michel_window(labelled, None, SIZE, seed) == window
        assert len(inside(track(), michel_window(track(), None, SIZE, seed)))
    found = [michel_window(track(), None, SIZE, seed) for seed in range(300)]
    far = [window for window in found if window[3] > 800]
    assert 0 < len(far) < 10  # one pixel of 217 lies there


def test_where_the_candidate_lies_in_the_window_is_as_likely_everywhere() -> None:
    """Of 50 rows the electron has 12, so that 39 starts are possible; all of them come, about as often."""
    labelled = track(classes=True)
    starts = np.array([michel_window(labelled, None, SIZE, seed)[:2] for seed in range(4000)])
    for axis, (first, extent) in enumerate(((300 + MUON // WIDE, 12), (400 + MUON // WIDE // 2, 8))):
        counts = np.bincount(first - starts[:, axis])
        assert len(counts) == SIZE[axis] - extent + 1
        expected = len(starts) / len(counts)
        chi_squared = ((counts - expected) ** 2 / expected).sum()
        assert chi_squared < len(counts) + 4 * np.sqrt(2 * len(counts))
    assert abs(np.corrcoef(starts.T)[0, 1]) < 0.06


def test_windows_stay_within_the_image_and_are_drawn_for_each_image_alone() -> None:
    edge = track(row=1000 - (MUON + ELECTRON) // WIDE, classes=True)
    windows = [michel_window(edge, None, SIZE, seed) for seed in range(200)]
    assert max(window[2] for window in windows) == 999
    assert all(window[2] - window[0] + 1 == SIZE[0] for window in windows)
    assert michel_window(edge, None, (2000, 40), 1)[0::2] == (0, 999)
    assert michel_window(edge, None, SIZE, 1) == windows[1]
    other = track(row=1000 - (MUON + ELECTRON) // WIDE, classes=True, seed=1)  # only its charge differs
    assert michel_window(other, None, SIZE, 1) != windows[1]


def test_a_candidate_that_does_not_fit_is_cut_around_its_middle() -> None:
    labelled = track(classes=True)
    for seed in range(50):
        middle = MUON + ELECTRON // 2
        assert set(range(middle - WIDE, middle + WIDE)) & set(
            inside(labelled, michel_window(labelled, None, (5, 5), seed))
        )


def test_an_image_without_lit_pixels_has_no_window() -> None:
    none = np.empty(0, np.int32)
    dark = WireImage("Y", none, none, np.empty(0, np.float32), (100, 100))
    with pytest.raises(StudyError, match="no lit pixel to lay a window around"):
        michel_window(LabelledImage(dark, event(0).id, "microboone", "data", None), None, SIZE, 1)
