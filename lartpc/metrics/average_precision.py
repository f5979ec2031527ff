"""Average precision as COCO defines it, of masks and boxes, by pycocotools, with intervals over events.

pycocotools matches what was found in an event to its truth. The integral over recall is written here,
because a bootstrap needs it of many resamples; on the sample itself it equals that of pycocotools.

Shape shorthand: D instances found in an event (or in all), I = 10 thresholds of overlap, R resamples.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from pycocotools.mask import encode

from lartpc.classes import InstanceClass
from lartpc.instances import Instance
from lartpc.metrics.bootstrap import Floats, Statistic

Kind = Literal["masks", "boxes"]
KINDS: tuple[Kind, ...] = ("masks", "boxes")
OVERLAPS = np.linspace(0.5, 0.95, 10)
"""Intersection over union from which on an instance is right: COCO's 0.50, 0.55 … 0.95."""
MOST_INSTANCES = 100
"""COCO counts so many instances an image and class, those of the best scores."""

_RECALLS = np.linspace(0.0, 1.0, 101)
_IOU_TYPES = {"masks": "segm", "boxes": "bbox"}
_CLASSES = tuple(c for c in InstanceClass if c is not InstanceClass.UNKNOWN)


@dataclass(frozen=True, eq=False)
class Matches:
    """What was found of one class in one event, best score first.

    scores: (D,). right: bool (D, I). true: how many of the class there are.
    """

    scores: Floats
    right: NDArray[np.bool_]
    true: int


def match(
    found: Sequence[Instance], truth: Sequence[Instance], pixels: int, kind: Kind
) -> dict[InstanceClass, Matches]:
    """Match what was found in one event to its truth, class by class; without classes that have neither.

    pixels: lit pixels of the image. Masks become images of one row, a lit pixel each, so that no
    dense image is needed. What is of class UNKNOWN is left out.
    """
    evaluation = _evaluation(found, truth, pixels, kind)
    by_class = {c: m for c, m in zip(_CLASSES, evaluation.evalImgs, strict=True) if m is not None}
    return {
        c: Matches(
            scores=np.array(m["dtScores"], np.float64),
            right=(m["dtMatches"] > 0).T,
            true=len(m["gtIds"]),
        )
        for c, m in by_class.items()
    }


def precision_of(events: Sequence[Matches]) -> Statistic:
    """The statistic of the average precision of one class at each overlap: (R, E) → (R, I).

    NaN for a resample without a true instance.
    """
    true = np.array([m.true for m in events], np.float64)
    event = np.repeat(np.arange(len(events)), [len(m.scores) for m in events])
    scores = np.concatenate([np.zeros(0), *(m.scores for m in events)])
    right = np.concatenate([np.zeros((0, len(OVERLAPS)), bool), *(m.right for m in events)])
    order = np.argsort(-scores, kind="stable")
    event = event[order]
    hits = [np.flatnonzero(right[order, i]) for i in range(len(OVERLAPS))]

    def statistic(times: Floats) -> Floats:
        found = [_precisions(hits, own[event], own @ true) for own in times]
        return np.array(found).reshape(len(times), len(OVERLAPS))

    return statistic


def mean_over_classes(by_class: Mapping[InstanceClass, Statistic]) -> Statistic:
    """The mean of the classes that occur in truth, as COCO takes it: (R, E) → (R, I)."""

    def statistic(times: Floats) -> Floats:
        each = np.array([own(times) for own in by_class.values()]).reshape(-1, len(times), len(OVERLAPS))
        occurs = ~np.isnan(each)
        number = occurs.sum(axis=0)
        mean = np.full(number.shape, np.nan)
        return np.divide(np.where(occurs, each, 0.0).sum(axis=0), number, out=mean, where=number > 0)

    return statistic


def _precisions(hits: Sequence[NDArray[np.int64]], times: Floats, true: float) -> Floats:
    """Average precision at each overlap, (I,), where what was found counts so often: (D,).

    hits: for each overlap, the places that are right. Precision only rises there, so no other matters.
    """
    if true <= 0:
        return np.full(len(hits), np.nan)
    whole = np.cumsum(times)
    return np.array([_precision(np.cumsum(times[at]), whole[at], true) for at in hits])


def _precision(right: Floats, whole: Floats, true: float) -> float:
    """The mean precision at COCO's 101 recalls; right and whole: found up to each hit."""
    precision = np.divide(right, whole, out=np.zeros(len(right)), where=whole > 0)
    # No precision is below that at a higher recall; beyond the last recall it is 0.
    precision = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(precision[np.searchsorted(right / true, _RECALLS)].mean())


def _evaluation(found: Sequence[Instance], truth: Sequence[Instance], pixels: int, kind: Kind) -> COCOeval:
    categories = [{"id": int(c), "name": c.name} for c in _CLASSES]
    image = {"images": [{"id": 1, "height": pixels, "width": 1}], "categories": categories}
    sides = []
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools tells how it gets on
        for instances in (truth, found):
            side = COCO()
            side.dataset = {**image, "annotations": _annotations(instances, pixels)}
            side.createIndex()
            sides.append(side)
        evaluation = COCOeval(*sides, iouType=_IOU_TYPES[kind])
        evaluation.params.iouThrs = OVERLAPS
        evaluation.params.maxDets = [MOST_INSTANCES]
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.evaluate()
    return evaluation


def _annotations(instances: Sequence[Instance], pixels: int) -> list[dict[str, Any]]:
    """As COCO has them: numbered from 1, boxes as corner and size, masks run-length encoded."""
    return [
        {
            "id": number,
            "image_id": 1,
            "category_id": int(one.instance_class),
            "iscrowd": 0,
            "score": one.score,
            "area": len(one.pixels),
            "bbox": [one.box[1], one.box[0], one.box[3] - one.box[1], one.box[2] - one.box[0]],
            "segmentation": _encoded(one.pixels, pixels),
        }
        for number, one in enumerate(instances, start=1)
        if one.instance_class in _CLASSES
    ]


def _encoded(mask: NDArray[np.int32], pixels: int) -> dict[str, Any]:
    dense = np.zeros((pixels, 1, 1), np.uint8, order="F")
    dense[mask] = 1
    return dict(encode(dense)[0])
