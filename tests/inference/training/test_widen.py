"""A widened network says what the narrow one said, and learns more than it could."""

from __future__ import annotations

import pytest
import torch
from sparse_images import level, random_tensor

from inference.networks.uresnet import UResNet, UResNetConfig
from inference.sparse.layers import NormRelu
from inference.training.widen import widened


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_widening_changes_no_answer(copies: int) -> None:
    torch.manual_seed(copies)
    narrow = UResNet(UResNetConfig(depth=3, filters=4)).eval()
    for module in narrow.modules():
        if isinstance(module, NormRelu):
            torch.nn.init.uniform_(module.running_mean, -0.3, 0.3)
            torch.nn.init.uniform_(module.running_var, 0.7, 1.3)
    wide = UResNet(UResNetConfig(depth=3, filters=4 * copies)).eval()
    wide.load_state_dict(widened(narrow.state_dict(), wide.config))
    x = random_tensor(level("random"), 1)
    torch.testing.assert_close(wide(x), narrow(x), atol=1e-4, rtol=1e-4)


def test_the_copies_of_a_channel_learn_different_things() -> None:
    torch.manual_seed(1)
    narrow = UResNet(UResNetConfig(depth=2, filters=4))
    wide = UResNet(UResNetConfig(depth=2, filters=8))
    wide.load_state_dict(widened(narrow.state_dict(), wide.config))
    wide(random_tensor(level("random"), 1)).square().sum().backward()
    gradient = wide.get_parameter("stem.weight").grad
    assert gradient is not None
    assert (gradient[..., 0] - gradient[..., 1]).abs().max() > 0.01 * gradient.abs().max()


@pytest.mark.parametrize("other", [UResNetConfig(depth=2, filters=6), UResNetConfig(depth=3, filters=8)])
def test_what_cannot_be_widened_is_told(other: UResNetConfig) -> None:
    narrow = UResNet(UResNetConfig(depth=2, filters=4))
    with pytest.raises(ValueError, match="expected the same depth and blocks"):
        widened(narrow.state_dict(), other)
