"""Labels out and in again, in every format: the same labels both ways, and the same file both ways."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_cases import KEY, WEIGHTS, action, labelled, paint

from lartpc.event import WireImage
from lartpc.readers import open_events
from records.accounts import create_account, find_account
from records.database import Database, database_url, open_database
from records.exchange.coco_file import positions_of, rle
from records.exchange.label_set import PARTS, ExchangeError, as_json
from records.exchange.transfer import (
    FORMATS,
    Imported,
    export_labels,
    import_labels,
    labelled_tasks,
    read_file,
)
from records.images import ImageStore
from records.labels import append, open_free_task
from records.pixel_runs import encode_pixels
from records.questions import LabelClass

SUFFIX = {"parquet": ".parquet", "csv": ".csv", "coco": ".json", "hdf5": ".h5"}
CASES = (("Ada", 0, "UY", "simulation"), ("Bén", 0, "Y", "simulation"), ("Ada", 1, "Y", "data"))
HELD = {"parquet": ("pixels",), "csv": ("objects", "event"), "coco": PARTS, "hdf5": PARTS}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, ImageStore]]:
    """Two raters, three events, everything that can be said; the pixels beside."""
    folder = tmp_path_factory.mktemp("filled")
    database, store = open_database(database_url({}, folder)), ImageStore(folder / "images")
    for name, seed, planes, source in CASES:
        images = labelled(seed, planes, source)
        with database.writing() as session:
            account = find_account(session, name) or create_account(session, name)
            task = open_free_task(session, account.id, images, store)
        append(database, account.id, task.token, _actions(task.images, len(name) + seed))
    yield database, store
    database.close()


def _actions(hashes: dict[str, str], shift: int) -> list[dict[str, Any]]:
    y = hashes["Y"]
    seen = {"key": KEY, "weights": WEIGHTS}
    core, photons = encode_pixels([30 + shift, 31 + shift]), encode_pixels([2])
    michel = {"object": "m1", "state": "present", "end": [12.5, 15], "core": core, "photons": photons}
    nothing = {"object": "m2", "state": "absent", "end": None, "core": "", "photons": ""}
    shower = {"object": "s", "start": [1, 4], "direction": [0.1, -0.3], "pixels": encode_pixels([5, 6, 9])}
    said = [
        paint(range(shift, 25), LabelClass.MIP, y, prediction=seen),
        paint(range(30, 38), LabelClass.MICHEL, y),
        paint([38], LabelClass.UNSURE, y),
        paint([39], LabelClass.IMPOSSIBLE, y),
        action("michel", michel, y),
        action("michel", nothing, y),
        action("shower", shower, y),
        action("verdict", {"verdict": "complete", "michel": "present"}, y, "event"),
        action("comment", {"text": 'a "bright", long;\nmuon — µ'}, y, "event"),
    ]
    if "U" in hashes:
        other = {"object": "s", "start": [3, 6], "direction": None, "pixels": ""}
        said.append(action("shower", other, hashes["U"], "U"))
    return said


def empty(folder: Path) -> tuple[Database, ImageStore]:
    return open_database(database_url({}, folder)), ImageStore(folder / "images")


def plain(database: Database, parts: tuple[str, ...] = PARTS) -> list[dict[str, Any]]:
    with database.reading() as session:
        return [as_json(task, parts) for task in labelled_tasks(session)]


@pytest.mark.parametrize("kind", FORMATS)
def test_labels_come_back_and_so_does_the_file(
    kind: str, filled: tuple[Database, ImageStore], tmp_path: Path
) -> None:
    database, store = filled
    path = tmp_path / f"labels{SUFFIX[kind]}"
    assert export_labels(database, store, path, kind) == 3
    assert not [p for p in tmp_path.iterdir() if p != path]
    other, images = empty(tmp_path / "other")
    file = read_file(path)
    assert import_labels(other, images, file) == Imported(3, 0)
    assert plain(other, HELD[kind]) == plain(database, HELD[kind])
    assert import_labels(other, images, file) == Imported(0, 3)
    assert import_labels(database, store, file) == Imported(0, 3)
    again = tmp_path / f"again{SUFFIX[kind]}"
    source = store if kind == "coco" else images  # COCO holds masks, not charge
    export_labels(other, source, again, kind)
    assert [as_json(t, HELD[kind]) for t in read_file(again).tasks] == plain(database, HELD[kind])
    if kind != "parquet":  # whose codec need not write the same bytes
        assert again.read_bytes() == path.read_bytes()
    other.close()


def test_a_file_of_pixels_and_one_of_objects_make_the_whole(
    filled: tuple[Database, ImageStore], tmp_path: Path
) -> None:
    database, store = filled
    other, images = empty(tmp_path / "other")
    for kind in ("csv", "parquet"):
        path = tmp_path / f"labels{SUFFIX[kind]}"
        export_labels(database, store, path, kind)
        assert import_labels(other, images, read_file(path)) == Imported(3, 0)
    assert plain(other) == plain(database)
    for image in labelled(0, "UY").values():
        assert images.get(image.content_hash).event == image.event
    other.close()


def test_parquet_has_a_row_a_pixel(filled: tuple[Database, ImageStore], tmp_path: Path) -> None:
    database, store = filled
    path = tmp_path / "labels.parquet"
    export_labels(database, store, path, "parquet")
    table = pq.read_table(path)
    assert table.num_rows == 4 * 40
    rows = [r for r in table.to_pylist() if r["author"] == "Bén" and r["label"] == LabelClass.MICHEL]
    image = labelled(0)["Y"].image
    assert [r["pixel"] for r in rows] == list(range(30, 38))
    assert {r["class"] for r in rows} == {"Michel"}
    assert (rows[0]["row"], rows[0]["wire"], rows[0]["image_hash"]) == (30, 33, image.content_hash)
    assert rows[0]["adc"] == image.adc[30]
    heading = json.loads(table.schema.metadata[b"argonscope"])
    assert (heading["schema"], heading["version"]) == ("argonscope-labels", 1)
    assert heading["tasks"][0]["weights"] == [WEIGHTS]


def test_csv_reads_as_a_table(filled: tuple[Database, ImageStore], tmp_path: Path) -> None:
    database, store = filled
    path = tmp_path / "labels.csv"
    export_labels(database, store, path, "csv")
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))
    michel = next(r for r in rows if r["kind"] == "michel" and r["object"] == "m1")
    assert (michel["state"], michel["row"], michel["wire"]) == ("present", "12.5", "15.0")
    assert {r["version"] for r in rows} == {"1"}
    assert {r["weights"] for r in rows} == {WEIGHTS}
    event = next(r for r in rows if r["kind"] == "event")
    assert (event["verdict"], event["comment"]) == ("complete", 'a "bright", long;\nmuon — µ')


def test_hdf5_is_a_file_of_events_that_can_be_trained_on(
    filled: tuple[Database, ImageStore], tmp_path: Path
) -> None:
    database, store = filled
    path = tmp_path / "labels.h5"
    export_labels(database, store, path, "hdf5")
    with open_events(path) as events:
        assert (len(events), events.source) == (3, "unknown")  # data and simulation
        event = events[1]
        assert "labels by Bén, not truth" in event.notes[0]
        assert event.truth is not None
        classes = event.truth.classes["Y"]
        np.testing.assert_array_equal(event.images["Y"].adc, labelled(0)["Y"].image.adc)
    # Unsure and impossible train as unknown, and so does what was left alone, but for the electron's
    # photon, which is shower.
    assert classes[[3, 30, 38, 39, 0, 2]].tolist() == [1, 4, -1, -1, -1, 2]


def test_coco_masks_by_hand() -> None:
    # A plane of 3 rows and 2 wires, column by column: positions 0 1 2 | 3 4 5.
    assert rle([1, 2, 3], 3, 2) == {"size": [3, 2], "counts": [1, 3, 2]}
    assert rle([0, 5], 3, 2) == {"size": [3, 2], "counts": [0, 1, 4, 1]}
    assert rle([], 3, 2) == {"size": [3, 2], "counts": [6]}
    assert rle(range(6), 3, 2) == {"size": [3, 2], "counts": [0, 6]}
    with pytest.raises(ValueError, match="a mask counts 5 pixels; expected 3 × 2"):
        positions_of({"size": [3, 2], "counts": [1, 4]})


@settings(max_examples=50)
@given(st.sets(st.integers(0, 34)))
def test_coco_masks_there_and_back(positions: set[int]) -> None:
    assert positions_of(rle(list(positions), 5, 7)).tolist() == sorted(positions)


def test_coco_is_as_its_readers_expect(filled: tuple[Database, ImageStore], tmp_path: Path) -> None:
    database, store = filled
    path = tmp_path / "labels.json"
    export_labels(database, store, path, "coco")
    coco = json.loads(path.read_text())
    names = {c["id"]: c["name"] for c in coco["categories"]}
    electron = next(a for a in coco["annotations"] if names[a["category_id"]] == "Michel electron")
    image: WireImage = labelled(0)["Y"].image
    assert electron["area"] == 2
    x, y, width, height = electron["bbox"]
    assert (y, x, height, width) == (33, 36, 2, 2)  # pixels 33 and 34, on the diagonal
    assert sum(electron["segmentation"]["counts"]) == image.shape[0] * image.shape[1]
    assert len({a["id"] for a in coco["annotations"]}) == len(coco["annotations"])


def test_other_labels_of_the_same_task_are_refused_and_nothing_is_half_taken_in(
    filled: tuple[Database, ImageStore], tmp_path: Path
) -> None:
    database, store = filled
    path = tmp_path / "labels.csv"
    export_labels(database, store, path, "csv")
    other, images = empty(tmp_path / "other")
    import_labels(other, images, read_file(path))
    before = plain(other)
    lines = path.read_text()
    changed = tmp_path / "changed.csv"
    changed.write_text(lines.replace("complete", "unsure"))
    with pytest.raises(ExchangeError, match=r"task \w{32} by Ada is here already, with other event"):
        import_labels(other, images, read_file(changed))
    assert plain(other) == before
    other.close()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("labels.txt", "", r"labels.txt has no known suffix; expected \.parquet"),
        ("labels.csv", "schema,version\nother,1\n", "labels.csv holds no labels of ArgonScope"),
        (
            "labels.csv",
            "schema,version\nargonscope-labels,2\n",
            "has version 2 of argonscope-labels; expected 1",
        ),
        ("labels.csv", "a,b\n1,2\n", "line 2 of labels.csv is not as expected"),
        ("labels.csv", "schema,version\n\0" + "a" * 200_000, "of labels.csv is not as expected"),
        ("labels.json", "{}", "labels.json holds no labels"),
        ("labels.json", "[", "labels.json holds no labels"),
        ("labels.parquet", "PAR1", "labels.parquet holds no labels"),
        ("labels.h5", "no", "labels.h5 holds no labels"),
    ],
)
def test_what_is_no_file_of_labels(name: str, content: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ExchangeError, match=sentence):
        read_file(path)


def test_damage_in_every_format_is_one_sentence(filled: tuple[Database, ImageStore], tmp_path: Path) -> None:
    database, store = filled
    path = tmp_path / "labels.json"
    export_labels(database, store, path, "coco")
    coco = json.loads(path.read_text())
    coco["annotations"][0]["segmentation"]["counts"][0] += 1
    path.write_text(json.dumps(coco))
    with pytest.raises(ExchangeError, match="a mask counts 12001 pixels; expected 100 × 120"):
        read_file(path)
    path = tmp_path / "labels.csv"
    export_labels(database, store, path, "csv")
    token = read_file(path).tasks[0].token
    path.write_text(path.read_text().replace(token, "../" + token[3:]))
    with pytest.raises(ExchangeError, match=r"the task is '\.\./\w+'; expected 32 hex digits"):
        read_file(path)
    path = tmp_path / "labels.h5"
    export_labels(database, store, path, "hdf5")
    with h5py.File(path, "r+") as file:
        file["planes/Y/adc"][3] += 1.0
    with pytest.raises(ExchangeError, match=r"the image of plane Y of task .* is another one"):
        read_file(path)
    path = tmp_path / "labels.parquet"
    export_labels(database, store, path, "parquet")
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    with pytest.raises(ExchangeError, match="lacks pixels of plane"):
        read_file(path)


def test_nothing_to_export_and_no_such_study(sqlite: Database, tmp_path: Path) -> None:
    store = ImageStore(tmp_path / "images")
    with pytest.raises(ExchangeError, match="there are no labels to export"):
        export_labels(sqlite, store, tmp_path / "labels.csv", "csv")
    with pytest.raises(ExchangeError, match="there is no study of the name muons"):
        export_labels(sqlite, store, tmp_path / "labels.csv", "csv", "muons")
    with pytest.raises(ExchangeError, match=r"labels.h would not be known as hdf5 again; .* in .h5 or .hdf5"):
        export_labels(sqlite, store, tmp_path / "labels.h", "hdf5")
    with pytest.raises(ExchangeError, match="unknown format xml"):
        export_labels(sqlite, store, tmp_path / "labels.xml", "xml")
    assert list(tmp_path.glob("*labels*.csv")) == []
