"""Classes of pixels as Parquet: one row a pixel, also where nothing was said of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from records.exchange.label_set import (
    PIXELS,
    SCHEMA,
    VERSION,
    ExchangeError,
    LabelFile,
    LabelledTask,
    check_version,
    from_json,
    head,
)
from records.images import ImageStore, LabelledImage, about_image, image_from
from records.label_json import class_runs
from records.questions import LabelClass

PARTS = frozenset((PIXELS,))
_KEY = b"argonscope"
_NAMES = pa.dictionary(pa.int32(), pa.string())
_COLUMNS = pa.schema(
    [
        ("task", _NAMES),
        ("author", _NAMES),
        ("study", _NAMES),
        ("plane", _NAMES),
        ("image_hash", _NAMES),
        ("pixel", pa.int32()),
        ("row", pa.uint16()),
        ("wire", pa.uint16()),
        ("adc", pa.float32()),
        ("label", pa.int8()),
        ("class", _NAMES),
    ]
)
"""pixel: index in the image. adc: in the file's own units. label: `LabelClass`; class: in words."""


def write(path: Path, tasks: Sequence[LabelledTask], images: ImageStore) -> None:
    """Write the file. Raises OSError, or ValueError where an image is not in the data folder."""
    stored = {
        facts["content_hash"]: images.get(facts["content_hash"])
        for task in tasks
        for facts in task.images.values()
    }
    heading = {
        "schema": SCHEMA,
        "version": VERSION,
        "tasks": [head(task) for task in tasks],
        "images": {name: about_image(image) for name, image in stored.items()},
    }
    schema = _COLUMNS.with_metadata({_KEY: json.dumps(heading).encode()})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for task in tasks:
            for plane in task.planes:
                writer.write_table(_table(task, plane, stored, schema))


def read(path: Path) -> LabelFile:
    """What the file holds; the images too. Raises ExchangeError, OSError."""
    try:
        table = pq.read_table(path)
        heading = json.loads((table.schema.metadata or {}).get(_KEY, b"null"))
        check_version(heading, path.name)
        tasks, images = [], {}
        keys = np.array([f"{t} {p}" for t, p in zip(*_texts(table, "task", "plane"), strict=True)])
        columns = {name: table[name].to_numpy() for name in ("pixel", "row", "wire", "adc", "label")}
        for value in heading["tasks"]:
            classes = {}
            for plane, facts in value["images"].items():
                own = np.flatnonzero(keys == f"{value['task']} {plane}")
                own = own[np.argsort(columns["pixel"][own], kind="stable")]
                if not np.array_equal(columns["pixel"][own], np.arange(facts["pixels"])):
                    raise ValueError(f"task {value['task']} lacks pixels of plane {plane}")
                classes[plane] = class_runs(columns["label"][own])
                name = facts["content_hash"]
                images[name] = _image(heading["images"][name], columns, own)
            tasks.append(from_json({**value, "classes": classes}))
    except (pa.ArrowInvalid, KeyError, ValueError) as error:
        if isinstance(error, ExchangeError):
            raise
        raise ExchangeError(f"{path.name} holds no labels ({error})") from error
    return LabelFile(PARTS, tuple(tasks), images)


def _table(task: LabelledTask, plane: str, stored: dict[str, LabelledImage], schema: pa.Schema) -> pa.Table:
    name, classes = task.images[plane]["content_hash"], task.planes[plane].classes
    image = stored[name].image
    words = {int(c): c.label for c in LabelClass}
    texts = {"task": task.token, "author": task.author, "study": task.study}
    texts |= {"plane": plane, "image_hash": name}
    columns: dict[str, Any] = {key: _repeated(text, len(classes)) for key, text in texts.items()}
    columns |= {
        "pixel": np.arange(len(classes), dtype=np.int32),
        "row": image.rows.astype(np.uint16),
        "wire": image.wires.astype(np.uint16),
        "adc": image.adc,
        "label": classes,
        "class": pa.array([words[int(c)] for c in classes]).dictionary_encode(),
    }
    return pa.table(columns, schema=schema)


def _repeated(text: str, number: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(number, np.int32)), pa.array([text]))


def _texts(table: pa.Table, *names: str) -> list[list[str]]:
    return [table[name].to_pylist() for name in names]


def _image(about: dict[str, Any], columns: dict[str, np.ndarray], own: np.ndarray) -> LabelledImage:
    arrays = {
        "rows": columns["row"][own].astype(np.int32),
        "wires": columns["wire"][own].astype(np.int32),
        "adc": columns["adc"][own],
    }
    return image_from(about, arrays, None)
