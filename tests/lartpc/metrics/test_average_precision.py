"""Average precision: by hand, and against what pycocotools says of the same sample."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from instance_images import COSMIC, NEUTRINO, found
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from lartpc.classes import InstanceClass
from lartpc.instances import Instance
from lartpc.metrics.average_precision import KINDS, Matches, match, mean_over_classes, precision_of

ONCE = np.ones((1, 1))


def test_a_mask_is_right_up_to_its_overlap() -> None:
    # 7 of 10 pixels, none besides: intersection over union 0.7. The box is 7 of 10 wide as well.
    truth = [found(COSMIC, 1.0, *range(10)), found(NEUTRINO, 1.0, *range(20, 24))]
    said = [found(COSMIC, 0.8, *range(7))]
    for kind in KINDS:
        matches = match(said, truth, 30, kind)
        assert list(matches) == [COSMIC, NEUTRINO]
        assert matches[COSMIC].right.tolist() == [[True] * 5 + [False] * 5]
        assert (matches[COSMIC].true, matches[COSMIC].scores.tolist()) == (1, [0.8])
        assert (matches[NEUTRINO].true, len(matches[NEUTRINO].scores)) == (1, 0)


def test_masks_that_lie_apart_in_one_box_are_told_apart() -> None:
    truth = [found(COSMIC, 1.0, 0, 2, 4, 6, 8)]
    said = [found(COSMIC, 0.8, 0, 1, 3, 5, 7, 8)]
    assert match(said, truth, 9, "boxes")[COSMIC].right.all()
    assert not match(said, truth, 9, "masks")[COSMIC].right.any()


def test_what_is_of_no_class_and_empty_masks_are_no_trouble() -> None:
    unknown = found(InstanceClass.UNKNOWN, 1.0, 1, 2)
    assert match([unknown], [unknown], 5, "masks") == {}
    empty = Instance(COSMIC, 0.5, (0.0, 0.0, 0.0, 0.0), np.zeros(0, np.int32))
    for kind in KINDS:
        assert not match([empty], [found(COSMIC, 1.0, 1, 2)], 5, kind)[COSMIC].right.any()
        assert match([], [], 0, kind) == {}


def matches(true: int, *said: tuple[float, bool]) -> Matches:
    scores, right = zip(*said, strict=True) if said else ((), ())
    return Matches(np.array(scores, float), np.repeat(np.array(right, bool)[:, None], 10, axis=1), true)


def test_precision_by_hand() -> None:
    # Right, wrong, right of two true ones: precision 1 up to recall 0.5, then 2/3.
    one = matches(2, (0.9, True), (0.8, False), (0.7, True))
    expected = (51 + 50 * 2 / 3) / 101
    assert precision_of([one])(ONCE) == pytest.approx(np.full((1, 10), expected))
    # Half of them found: no precision beyond recall 0.5.
    assert precision_of([matches(2, (0.9, True))])(ONCE)[0, 0] == pytest.approx(51 / 101)
    assert precision_of([matches(1)])(ONCE).tolist() == [[0] * 10]
    assert np.isnan(precision_of([matches(0, (0.9, False))])(ONCE)).all()


def test_events_count_as_often_as_they_are_drawn() -> None:
    good, bad = matches(1, (0.9, True)), matches(1, (0.8, False))
    statistic = precision_of([good, bad])
    times = np.array([[1, 1], [2, 0], [0, 2], [0, 0]], float)
    found_ = statistic(times)[:, 0]
    assert found_[:3] == pytest.approx([51 / 101, 1, 0])
    assert np.isnan(found_[3])


def test_the_mean_is_of_the_classes_that_occur() -> None:
    classes = {COSMIC: precision_of([matches(1, (0.9, True))]), NEUTRINO: precision_of([matches(1)])}
    assert mean_over_classes(classes)(ONCE)[0, 0] == 0.5
    classes[NEUTRINO] = precision_of([matches(0, (0.9, True))])
    assert mean_over_classes(classes)(ONCE)[0, 0] == 1
    assert np.isnan(mean_over_classes({})(ONCE)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_what_pycocotools_says_of_a_whole_sample(kind) -> None:
    rng = np.random.default_rng(3)
    sample = [_random_event(rng) for _ in range(12)]
    by_event = [match(said, truth, 60, kind) for truth, said in sample]
    nothing = matches(0)
    ours = mean_over_classes(
        {c: precision_of([m.get(c, nothing) for m in by_event]) for c in (COSMIC, NEUTRINO)}
    )(np.ones((1, len(sample))))[0]
    theirs = _as_coco_says(sample, kind)
    assert [ours.mean(), ours[0], ours[5]] == pytest.approx(theirs, abs=1e-9)
    assert 0.05 < theirs[0] < 0.95


def _random_event(rng: np.random.Generator) -> tuple[list[Instance], list[Instance]]:
    truth, said = [], []
    for start in range(0, 60, 15):
        pixels = range(start, start + int(rng.integers(4, 15)))
        of = COSMIC if rng.random() < 0.6 else NEUTRINO
        truth.append(found(of, 1.0, *pixels))
        for _ in range(rng.integers(0, 3)):
            kept = [p for p in pixels if rng.random() < 0.85] or [start]
            called = of if rng.random() < 0.8 else COSMIC
            said.append(found(called, float(rng.random()), *kept))
    return truth, said


def _as_coco_says(sample: list[tuple[list[Instance], list[Instance]]], kind: str) -> list[float]:
    """AP, AP at 0.50 and at 0.75 over dense masks of 60 pixels, evaluated as one COCO sample."""
    sides = []
    with contextlib.redirect_stdout(io.StringIO()):
        for side in (0, 1):
            annotations = [
                {
                    "image_id": i,
                    "category_id": int(one.instance_class) + 1,
                    "bbox": [one.box[1], one.box[0], one.box[3] - one.box[1], 1.0],
                    "segmentation": {"size": [60, 1], "counts": _runs(one.pixels)},
                    "area": len(one.pixels),
                    "iscrowd": 0,
                    "score": one.score,
                }
                for i, event in enumerate(sample)
                for one in event[side]
            ]
            coco = COCO()
            coco.dataset = {
                "images": [{"id": i, "height": 60, "width": 1} for i in range(len(sample))],
                "categories": [{"id": 1}, {"id": 2}],
                "annotations": [{**a, "id": k} for k, a in enumerate(annotations, 1)],
            }
            coco.createIndex()
            sides.append(coco)
        evaluation = COCOeval(*sides, iouType={"masks": "segm", "boxes": "bbox"}[kind])
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return list(evaluation.stats[:3])


def _runs(pixels: np.ndarray) -> list[int]:
    """Uncompressed run lengths: dark, lit, dark, …"""
    dense = np.zeros(60, int)
    dense[pixels] = 1
    edges = np.flatnonzero(np.diff(np.concatenate([[0], dense, [1 - dense[-1]]])))
    return np.diff(np.concatenate([[0], edges])).tolist()
