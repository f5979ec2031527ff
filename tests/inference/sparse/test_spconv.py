"""Our path against spconv 2.3.8 on CPU, in one thread, in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from sparse_images import CASES, MASKS, level, pixels, random_tensor
from torch import Tensor

from inference.networks.uresnet import UResNet, UResNetConfig
from inference.sparse.backends import backend_for
from inference.sparse.layers import NormRelu

ROOT = Path(__file__).resolve().parents[3]
CONFIG = UResNetConfig(depth=5, filters=8)
LIT = tuple(case for case in CASES if MASKS[case].any())
"""spconv refuses an image without pixels; the predictor never asks for one."""


@pytest.fixture(scope="module")
def network() -> UResNet:
    torch.manual_seed(7)
    network = UResNet(CONFIG).eval().requires_grad_(False)
    for module in network.modules():
        if isinstance(module, NormRelu):
            torch.nn.init.uniform_(module.weight, 0.7, 1.3)
            torch.nn.init.uniform_(module.bias, -0.3, 0.3)
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.7, 1.3)
    return network


@pytest.fixture(scope="module")
def answers(network: UResNet, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tensor]:
    if importlib.util.find_spec("spconv") is None:
        pytest.skip("spconv is not installed; it has no wheel for this Python")
    folder = tmp_path_factory.mktemp("spconv")
    images = {
        case: [*pixels(case)[:2], list(pixels(case)[2]), random_tensor(level(case), 1).sites] for case in LIT
    }
    questions = {"config": CONFIG.as_dict(), "weights": network.state_dict(), "images": images}
    torch.save(questions, folder / "questions.pt")
    program = Path(__file__).parents[1] / "spconv_answers.py"
    subprocess.run(
        [sys.executable, str(program), str(folder / "questions.pt"), str(folder / "answers.pt")],
        check=True,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
    )
    found: dict[str, Tensor] = torch.load(folder / "answers.pt", weights_only=True)
    return found


@pytest.mark.usefixtures("each_kernel")
@pytest.mark.parametrize("case", LIT)
def test_network_and_inference_path_give_what_spconv_gives(
    network: UResNet, answers: dict[str, Tensor], case: str
) -> None:
    rows, wires, shape = pixels(case)
    x, expected, backend = random_tensor(level(case), 1), answers[case], backend_for("cpu")
    size = max(1.0, expected.abs().max().item())
    with torch.no_grad():
        torch.testing.assert_close(network(x), expected, atol=1e-4 * size, rtol=0)
        fast = backend.network(network)(backend.tensor(rows, wires, shape, x.sites))
        torch.testing.assert_close(fast, expected, atol=1e-4 * size, rtol=0)
    assert expected.std() > 0.01
