"""Images that people label come back as they were, and nothing else passes for one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from label_cases import event, labelled

from records.images import ImageStore, images_key, in_window, labelled_images


def test_an_image_comes_back_with_its_truth_and_place(tmp_path: Path) -> None:
    store, image = ImageStore(tmp_path), labelled(3)["Y"]
    assert not store.has(image.content_hash)
    store.put(image)
    store.put(image)
    found = store.get(image.content_hash)
    assert found.content_hash == image.content_hash
    assert (found.event, found.source, found.detector) == (image.event, "simulation", "microboone")
    np.testing.assert_array_equal(found.truth_classes, image.truth_classes)
    assert (found.event.file, found.event.run) == ("simulation.h5", 6003)  # a name, never a path
    assert labelled(3, source="data")["Y"].truth_classes is None


def test_what_is_missing_damaged_or_another_image(tmp_path: Path) -> None:
    store, (one, other) = ImageStore(tmp_path), (labelled(seed)["Y"] for seed in (0, 1))
    with pytest.raises(ValueError, match="is not in the data folder"):
        store.get(one.content_hash)
    for image in (one, other):
        store.put(image)
    places = {image.content_hash: next(tmp_path.rglob(f"{image.content_hash}.npz")) for image in (one, other)}
    places[one.content_hash].write_bytes(places[other.content_hash].read_bytes())
    with pytest.raises(ValueError, match="holds another image"):
        store.get(one.content_hash)
    places[other.content_hash].write_bytes(b"PK half")
    with pytest.raises(ValueError, match="is damaged"):
        store.get(other.content_hash)
    for name in ("../../etc/passwd", ""):
        with pytest.raises(ValueError, match="no hash of an image"):
            store.get(name)


def test_windows_are_inclusive() -> None:
    image = labelled()["Y"].image  # pixel i at row i, wire i + 3
    assert np.flatnonzero(in_window(image, (2, 0, 4, 99))).tolist() == [2, 3, 4]
    assert np.flatnonzero(in_window(image, (0, 5, 99, 6))).tolist() == [2, 3]
    assert in_window(image, None).all()


def test_an_event_has_one_key_whatever_the_order_of_its_planes() -> None:
    hashes = [image.content_hash for image in labelled_images(event(planes="UVY")).values()]
    assert images_key(hashes) == images_key(reversed(hashes)) != images_key(hashes[:2])
