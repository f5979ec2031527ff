"""The dense segmenter on wire images and on crops."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inference import dense_predictor
from inference.dense_predictor import DenseSegmenter
from inference.networks.uresnet import UResNet, UResNetConfig
from inference.predictor import Segmenter
from inference.settings import SegmenterSettings
from inference.training.crops import Crop
from lartpc.event import WireImage

OFFSET = torch.tensor([0.3, 0.0, -0.2, 0.1, 0.5])


@pytest.fixture(scope="module")
def network() -> UResNet:
    torch.manual_seed(4)
    return UResNet(UResNetConfig(depth=3, filters=4, blocks=1)).eval()


def lit_image(shape: tuple[int, int], share: float = 1.0) -> WireImage:
    rng = np.random.default_rng(6)
    rows, wires = (axis.astype(np.int32) for axis in np.nonzero(rng.random(shape) < share))
    return WireImage("Y", rows, wires, rng.uniform(20, 280, len(rows)).astype(np.float32), shape)


def test_a_fully_lit_image_has_the_scores_of_the_sparse_segmenter(network: UResNet) -> None:
    image = lit_image((21, 34))
    dense, sparse = (kind(network, OFFSET, "Y")(image) for kind in (DenseSegmenter, Segmenter))
    np.testing.assert_allclose(dense.scores, sparse.scores, atol=1e-4)
    assert dense.network == "dense uresnet"
    assert sparse.network == "uresnet"


def test_pixels_that_are_not_read_have_no_scores(network: UResNet) -> None:
    image = lit_image((16, 16), 0.3)
    image.adc[:3] = (5.0, 400.0, 50.0)
    settings = SegmenterSettings(saturate=False)
    scores = DenseSegmenter(network, OFFSET, "Y")(image, settings=settings).scores
    assert np.isnan(scores[:2]).all()
    np.testing.assert_allclose(scores[2:].sum(axis=1), 1.0, atol=1e-5)


def test_a_large_image_is_computed_tile_by_tile(network: UResNet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense_predictor, "CROP", 16)
    image, segmenter = lit_image((20, 56), 0.2), DenseSegmenter(network, OFFSET, "Y")
    seen: list[float] = []
    scores = segmenter(image, seen.append).scores
    assert seen == [0.5, 1.0]  # 2 × 4 tiles in batches of 4
    for row in (0, 16):
        for wire in (0, 16, 32, 48):
            inside = (image.rows // 16 * 16 == row) & (image.wires // 16 * 16 == wire)
            tile = Crop(
                image.rows[inside] - row,
                image.wires[inside] - wire,
                image.adc[inside],
                np.zeros(inside.sum(), np.int8),
                np.zeros(inside.sum(), np.float32),
            )
            [alone] = segmenter.crops([tile], 16)
            np.testing.assert_allclose(scores[inside], alone, atol=1e-5)


def test_a_batch_of_crops_has_the_scores_of_each_alone(network: UResNet) -> None:
    segmenter = DenseSegmenter(network, OFFSET, "Y")
    images = [lit_image((32, 32), share) for share in (0.1, 0.3, 0.02, 0.2, 0.4)]
    crops = [
        Crop(i.rows, i.wires, i.adc, np.zeros(len(i), np.int8), np.zeros(len(i), np.float32)) for i in images
    ]
    together = segmenter.crops(crops, 32)
    assert [len(scores) for scores in together] == [len(image) for image in images]
    for image, scores in zip(images, together, strict=True):
        np.testing.assert_allclose(scores, segmenter(image).scores, atol=1e-5)
    assert segmenter.crops([], 32) == []


def test_the_shipped_weights_load_into_the_dense_network() -> None:
    scores = DenseSegmenter.load("Y")(lit_image((32, 32), 0.1)).scores
    np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=1e-5)
