"""The sparse trunk: translated weights on fully lit images, and what its sites are."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
import torch
import torchvision_resnet
from safetensors.torch import save_file
from sparse_images import CASES, level, pixels, random_tensor

from inference.cards import read_card
from inference.networks.dense_layers import Dense
from inference.networks.resnet import STRIDES, ResNet, ResNetConfig
from inference.sparse.backends import backend_for
from inference.training.translate import TRUNK, config_of_state, read_state, translate, translated
from inference.weights_file import load_tensors


def lit(shape: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    rows, wires = torch.meshgrid(*(torch.arange(side) for side in shape), indexing="ij")
    return rows.flatten(), wires.flatten()


@pytest.mark.parametrize(("depth", "width"), [(18, 64), (18, 32), (50, 64)])
@pytest.mark.parametrize("shape", [(64, 48), (37, 51)])
def test_translated_weights_agree_with_the_dense_resnet_where_all_is_lit(
    depth: int, width: int, shape: tuple[int, int]
) -> None:
    state = torchvision_resnet.random_state(depth, width)
    config = config_of_state(state, "checkpoint")
    assert config == ResNetConfig(depth, width)
    trunk = ResNet(config).eval().requires_grad_(False)
    trunk.load_state_dict(translated(state, config, "checkpoint"))
    charge = torch.rand(*shape)
    expected = torchvision_resnet.features(state, charge.expand(1, 3, *shape), depth)
    rows, wires = lit(shape)
    for backend in (backend_for("cpu"), Dense()):
        answers = backend.network(trunk)(backend.tensor(rows, wires, shape, charge.flatten()[:, None]))
        for answer, wanted in zip(answers, expected, strict=True):
            assert answer.level.shape == tuple(wanted.shape[-2:])
            scale = float(wanted.abs().max())
            torch.testing.assert_close(
                answer.sites / scale, wanted[0].flatten(1).T / scale, atol=1e-4, rtol=0
            )


@pytest.mark.parametrize("case", CASES)
def test_sites_are_those_with_something_lit_below(case: str) -> None:
    trunk, x = ResNet(ResNetConfig(18, 4)), random_tensor(level(case), 1)
    rows, wires, _ = pixels(case)
    for stride, stage in zip(STRIDES, trunk(x), strict=True):
        _, row, wire = stage.level.coordinates
        expected = {(r // stride, w // stride) for r, w in zip(rows.tolist(), wires.tolist(), strict=True)}
        assert set(zip(row.tolist(), wire.tolist(), strict=True)) == expected


def test_gradients_reach_every_weight() -> None:
    trunk, x = ResNet(ResNetConfig(50, 4)), random_tensor(level("track"), 1)
    trunk(x)[-1].sites.square().sum().backward()
    assert all(weight.grad is not None for weight in trunk.parameters())
    assert all(
        float(weight.grad.abs().sum()) > 0 for name, weight in trunk.named_parameters() if "conv" in name
    )


def test_names_and_channels() -> None:
    assert ResNetConfig(50).name == "resnet50"
    assert ResNetConfig(50).channels == (64, 256, 512, 1024)
    assert ResNetConfig(18, 32).name == "resnet18-32"
    assert ResNetConfig(18, 32).channels == (32, 32, 64, 128)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_a_checkpoint_becomes_a_trunk_with_a_card(tmp_path: Path, suffix: str) -> None:
    state = torchvision_resnet.random_state(18, 8)
    checkpoint = tmp_path / f"dense{suffix}"
    if suffix == ".pth":
        # As training scripts save it.
        torch.save({"state_dict": {f"module.{name}": value for name, value in state.items()}}, checkpoint)
    else:
        save_file(state, checkpoint)
    out = tmp_path / "new" / "trunk.safetensors"
    assert translate(argparse.Namespace(checkpoint=checkpoint, out=out)) == 0
    card = read_card(out)
    assert (card.network, card.card["translated_from"]) == (TRUNK, checkpoint.name)
    trunk = ResNet(ResNetConfig(18, 8))
    trunk.load_state_dict(load_tensors(out, trunk.state_dict(), "the trunk of a test"))
    expected = state["conv1.weight"].sum(1)[:, 2, 5]
    assert torch.equal(trunk.stem.conv.weight[2 * 7 + 5, 0], expected)


def test_grey_checkpoints_are_taken_too() -> None:
    state = torchvision_resnet.random_state(18, 8, colours=1)
    found = translated(state, ResNetConfig(18, 8), "grey")
    assert torch.equal(found["stem.conv.weight"][0, 0], state["conv1.weight"][:, 0, 0, 0])


def written(path: Path, state: object) -> Path:
    torch.save(state, path)
    return path


def test_what_is_no_dense_resnet_is_refused(tmp_path: Path) -> None:
    state = torchvision_resnet.random_state(18, 8)
    with pytest.raises(ValueError, match="no such file"):
        read_state(tmp_path / "missing.pth")
    (tmp_path / "text.pth").write_text("weights")
    with pytest.raises(ValueError, match=r"text\.pth: not a checkpoint of a dense ResNet"):
        read_state(tmp_path / "text.pth")
    with pytest.raises(ValueError, match="not a checkpoint"):
        read_state(written(tmp_path / "object.pth", argparse.Namespace(danger=1)))
    with pytest.raises(ValueError, match="expected tensors by their names"):
        read_state(written(tmp_path / "list.pth", [1, 2]))
    with pytest.raises(ValueError, match=r"no conv1\.weight"):
        config_of_state({"layer1.0.conv1.weight": torch.zeros(1)}, "other")
    with pytest.raises(ValueError, match=r"\(2, 2, 1\) blocks"):
        config_of_state({k: v for k, v in state.items() if not k.startswith("layer3.1")}, "short")
    del state["layer2.0.bn2.bias"]
    with pytest.raises(ValueError, match=r"it has no layer2\.0\.bn2\.bias"):
        translated(state, ResNetConfig(18, 8), "lossy")
    state = torchvision_resnet.random_state(18, 8)
    state["layer3.0.conv1.weight"] = torch.zeros(32, 16, 1, 1)
    with pytest.raises(ValueError, match=r"layer3\.0\.conv1\.weight has the shape \(32, 16, 1, 1\)"):
        translated(state, ResNetConfig(18, 8), "narrow")
