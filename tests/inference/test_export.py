"""From a checkpoint to weights: what is written is what was trained, and the rule helps."""

import numpy as np
import torch

from inference.networks.uresnet import UResNet, UResNetConfig
from inference.training.decision import fit_offset
from inference.weights_file import config_of, load_weights, save_weights


def test_weights_come_back_as_they_were_written(tmp_path):
    config = UResNetConfig(filters=4, depth=2)
    network = UResNet(config)
    path = tmp_path / "uresnet-2-4-Y.safetensors"
    card = {"architecture": config.as_dict()}
    save_weights(path, network.state_dict(), torch.tensor([0.0, 0.5, 0.0, 0.0, -1.0]), card)
    loaded, offset = load_weights(path, config_of(card))
    assert offset.tolist() == [0.0, 0.5, 0.0, 0.0, -1.0]
    for name, value in network.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], value, atol=1e-3, rtol=1e-3)
    assert not loaded.training


def test_the_offset_mends_a_class_that_always_loses_by_a_little():
    rng = np.random.default_rng(1)
    classes = rng.integers(0, 5, 4000)
    logits = rng.normal(0.0, 0.1, (4000, 5)).astype(np.float32)
    logits[np.arange(4000), classes] += 1.0
    logits[:, 3] -= 1.5
    before = np.mean(logits.argmax(axis=1) == classes)
    offset = fit_offset([(logits, classes)])
    after = np.mean((logits + offset).argmax(axis=1) == classes)
    assert before < 0.85
    assert after > 0.98
    assert abs(offset.mean()) < 1e-6


def test_every_sample_counts_alike_however_many_pixels_it_has():
    # What the two samples want of class 1 is opposed; the small one wins since it has more to gain.
    large = (np.zeros((1000, 2), np.float32), np.zeros(1000, np.int64))
    large[0][:, 0] = 0.5
    large[1][:100] = 1
    small = (np.zeros((10, 2), np.float32), np.ones(10, np.int64))
    small[0][:, 0] = 0.5
    assert np.diff(fit_offset([large])) < 0.5
    assert np.diff(fit_offset([large, small], recall_weight=0.0)) > 0.5
