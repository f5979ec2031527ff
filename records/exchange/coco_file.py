"""Labels as COCO instances, each a mask in COCO's uncompressed run-length encoding.

One COCO image a task and plane, because raters differ. A mask counts pixels of the whole plane column by
column (wire by wire), first those left out, then those in it, in turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lartpc.event import WireImage
from records.exchange.label_set import (
    PARTS as ALL_PARTS,
)
from records.exchange.label_set import (
    SCHEMA,
    VERSION,
    ExchangeError,
    Json,
    LabelFile,
    LabelledTask,
    as_json,
    check_version,
    from_json,
)
from records.folder import write_json
from records.images import ImageStore
from records.pixel_runs import decode_pixels, encode_pixels
from records.questions import LabelClass

PARTS = frozenset(ALL_PARTS)
_ABOUT = ("task", "author", "study", "submitted", "repeat", "weights", "event")
_CLASSES = [c for c in LabelClass if c is not LabelClass.UNLABELLED]
_MICHEL, _PHOTONS, _SHOWER = (len(_CLASSES) + i for i in (1, 2, 3))
"""Category ids; those of pixel classes are the class + 1."""
CATEGORIES = [
    *({"id": int(c) + 1, "name": c.label, "supercategory": "pixel class"} for c in _CLASSES),
    {"id": _MICHEL, "name": "Michel electron", "supercategory": "object"},
    {"id": _PHOTONS, "name": "detached photons of a Michel electron", "supercategory": "object"},
    {"id": _SHOWER, "name": "shower object", "supercategory": "object"},
]


def write(path: Path, tasks: Sequence[LabelledTask], images: ImageStore) -> None:
    """Write the file. Raises OSError, or ValueError where an image is not in the data folder."""
    heading = {"schema": SCHEMA, "version": VERSION, "description": "Labels of ArgonScope"}
    coco: Json = {"info": heading, "categories": CATEGORIES, "images": [], "annotations": []}
    numbers = count(1)
    for task in tasks:
        value = as_json(task)
        for plane, facts in value["images"].items():
            image = images.get(facts["content_hash"]).image
            entry = len(coco["images"]) + 1
            coco["images"].append(_image(entry, value, plane, image))
            for annotation in _annotations(value, plane, image):
                coco["annotations"].append({"id": next(numbers), "image_id": entry, **annotation})
    write_json(path, coco)


def read(path: Path) -> LabelFile:
    """What the file holds. Raises ExchangeError, OSError."""
    try:
        coco = json.loads(path.read_text())
        check_version(coco["info"], path.name)
        tasks: dict[str, Json] = {}
        pixels: dict[int, tuple[Json, str, NDArray[np.int64]]] = {}
        for image in coco["images"]:
            about, facts = image["argonscope"], image["argonscope"]["image"]
            task = tasks.setdefault(about["task"], _empty(about))
            task["images"][facts["plane"]] = facts
            lit = _positions(image["lit"], facts)
            pixels[image["id"]] = (task, facts["plane"], lit)
        for annotation in coco["annotations"]:
            _take(annotation, *pixels[annotation["image_id"]])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        if isinstance(error, ExchangeError):
            raise
        raise ExchangeError(f"{path.name} holds no labels ({error!r})") from error
    return LabelFile(PARTS, tuple(from_json(value) for value in tasks.values()))


def rle(positions: ArrayLike, height: int, width: int) -> Json:
    """COCO's mask of positions (wire × height + row), in any order: counts begin with what is left out."""
    places = np.unique(np.asarray(positions, np.int64))
    breaks = np.flatnonzero(np.diff(places) > 1) + 1
    starts = places[np.concatenate([[0], breaks])] if len(places) else places
    ends = places[np.concatenate([breaks - 1, [len(places) - 1]])] + 1 if len(places) else places
    edges = np.concatenate([[0], np.stack([starts, ends], axis=1).ravel(), [height * width]])
    counts = np.diff(edges)
    if len(counts) > 1 and not counts[-1]:
        counts = counts[:-1]
    return {"size": [height, width], "counts": counts.tolist()}


def positions_of(mask: Json) -> NDArray[np.int64]:
    """Positions in a mask, ascending. Raises ValueError where the counts do not fill it."""
    counts, (height, width) = np.asarray(mask["counts"], np.int64), mask["size"]
    if (counts < 0).any() or counts.sum() != height * width:
        raise ValueError(f"a mask counts {counts.sum()} pixels; expected {height} × {width}")
    lengths = counts[1::2]
    starts, before = np.cumsum(counts)[: 2 * len(lengths) : 2], np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())


def _positions(mask: Json, facts: Json) -> NDArray[np.int64]:
    """Position of each lit pixel in the order of the image, which is by row, then wire."""
    places = positions_of(mask)
    if mask["size"] != [facts["rows"], facts["wires"]] or len(places) != facts["pixels"]:
        raise ValueError(f"the lit pixels of image {facts['content_hash'][:12]} are not those of the image")
    wires, rows = np.divmod(places, facts["rows"])
    return places[np.lexsort((wires, rows))]


def _image(entry: int, task: Json, plane: str, image: WireImage) -> Json:
    facts = task["images"][plane]
    about = {name: task[name] for name in _ABOUT}
    return {
        "id": entry,
        "file_name": f"{facts['file']}#{facts['entry']}/{plane}",
        "height": image.shape[0],
        "width": image.shape[1],
        "lit": _mask(image, np.arange(len(image))),
        "argonscope": {**about, "image": facts},
    }


def _annotations(task: Json, plane: str, image: WireImage) -> Iterator[Json]:
    for name, runs in task["classes"][plane].items():
        yield _annotation(image, int(name) + 1, runs, {})
    for michel in task["michels"]:
        if michel["plane"] == plane:
            about = {name: michel[name] for name in ("object", "state", "end")}
            yield _annotation(image, _MICHEL, michel["core"], about)
            if michel["photons"]:
                yield _annotation(image, _PHOTONS, michel["photons"], {"object": michel["object"]})
    for shower in task["showers"]:
        if shower["plane"] == plane:
            about = {name: shower[name] for name in ("object", "start", "direction")}
            yield _annotation(image, _SHOWER, shower["pixels"], about)


def _annotation(image: WireImage, category: int, runs: str, about: Json) -> Json:
    pixels = decode_pixels(runs, len(image))
    box = [0, 0, 0, 0]
    if len(pixels):
        rows, wires = image.rows[pixels], image.wires[pixels]
        first_wire, first_row = int(wires.min()), int(rows.min())
        box = [first_wire, first_row, int(wires.max()) - first_wire + 1, int(rows.max()) - first_row + 1]
    return {
        "category_id": category,
        "segmentation": _mask(image, pixels),
        "area": len(pixels),
        "bbox": box,
        "iscrowd": 1,
        "argonscope": about,
    }


def _mask(image: WireImage, pixels: NDArray[Any]) -> Json:
    height, width = image.shape
    return rle(image.wires[pixels].astype(np.int64) * height + image.rows[pixels], height, width)


def _empty(about: Json) -> Json:
    return {
        **{name: about[name] for name in _ABOUT},
        "images": {},
        "classes": {},
        "michels": [],
        "showers": [],
    }


def _take(annotation: Json, task: Json, plane: str, lit: NDArray[np.int64]) -> None:
    inside = np.isin(lit, positions_of(annotation["segmentation"]))
    if np.count_nonzero(inside) != annotation["area"]:
        raise ValueError(f"annotation {annotation['id']} has pixels that are not lit")
    runs, about = encode_pixels(np.flatnonzero(inside)), annotation["argonscope"]
    category = annotation["category_id"]
    if category <= len(_CLASSES):
        task["classes"].setdefault(plane, {})[str(category - 1)] = runs
    elif category == _MICHEL:
        task["michels"].append({"plane": plane, **about, "core": runs, "photons": ""})
    elif category == _PHOTONS:
        (michel,) = (m for m in task["michels"] if (m["plane"], m["object"]) == (plane, about["object"]))
        michel["photons"] = runs
    elif category == _SHOWER:
        task["showers"].append({"plane": plane, **about, "pixels": runs})
    else:
        raise ValueError(f"unknown category {category}")
