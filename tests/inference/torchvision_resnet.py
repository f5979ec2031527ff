"""A dense ResNet from its definition, in torchvision's names: the independent answer for the trunk."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

BLOCKS = {18: (2, 2, 2), 50: (3, 4, 6)}
State = dict[str, Tensor]


def random_state(depth: int, width: int, colours: int = 3, seed: int = 0) -> State:
    """Weights as a trained ResNet might have them, with layer4 and fc, which the trunk leaves out."""
    generator = torch.Generator().manual_seed(seed)
    state: State = {}

    def conv(name: str, outputs: int, inputs: int, side: int) -> None:
        scale = (2.0 / (inputs * side * side)) ** 0.5
        state[f"{name}.weight"] = torch.randn(outputs, inputs, side, side, generator=generator) * scale

    def norm(name: str, channels: int) -> None:
        for kind in ("weight", "running_var"):
            state[f"{name}.{kind}"] = 0.5 + torch.rand(channels, generator=generator)
        for kind in ("bias", "running_mean"):
            state[f"{name}.{kind}"] = 0.2 * torch.randn(channels, generator=generator)
        state[f"{name}.num_batches_tracked"] = torch.tensor(7)

    conv("conv1", width, colours, 7)
    norm("bn1", width)
    inputs, growth = width, 4 if depth == 50 else 1
    for stage, number in enumerate((*BLOCKS[depth], 1), start=1):
        inner = width * 2 ** (stage - 1)
        for block in range(number):
            place = f"layer{stage}.{block}"
            shapes = [(inner, inputs, 1), (inner, inner, 3), (4 * inner, inner, 1)]
            if depth == 18:
                shapes = [(inner, inputs, 3), (inner, inner, 3)]
            for position, shape in enumerate(shapes, start=1):
                conv(f"{place}.conv{position}", *shape)
                norm(f"{place}.bn{position}", shape[0])
            if block == 0 and (stage > 1 or growth > 1):
                conv(f"{place}.downsample.0", growth * inner, inputs, 1)
                norm(f"{place}.downsample.1", growth * inner)
            inputs = growth * inner
    state["fc.weight"], state["fc.bias"] = torch.zeros(10, inputs), torch.zeros(10)
    return state


def features(state: State, image: Tensor, depth: int) -> list[Tensor]:
    """What an image (1, colours, H, W) becomes after stem, layer1, layer2 and layer3, in evaluation."""

    def normed(name: str, x: Tensor) -> Tensor:
        values = (state[f"{name}.{kind}"] for kind in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(x, *values, training=False, eps=1e-5)

    x = functional.conv2d(image, state["conv1.weight"], stride=2, padding=3)
    x = normed("bn1", x).relu()
    found = [x]
    x = functional.max_pool2d(x, 3, stride=2, padding=1)
    for stage, number in enumerate(BLOCKS[depth], start=1):
        for block in range(number):
            place, kept = f"layer{stage}.{block}", x
            strided = 2 if depth == 50 else 1
            for position in range(1, 4 if depth == 50 else 3):
                weight = state[f"{place}.conv{position}.weight"]
                stride = 2 if position == strided and block == 0 and stage > 1 else 1
                x = functional.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)
                x = normed(f"{place}.bn{position}", x)
                if position < (3 if depth == 50 else 2):
                    x = x.relu()
            if f"{place}.downsample.0.weight" in state:
                stride = 2 if stage > 1 else 1
                weight = state[f"{place}.downsample.0.weight"]
                kept = normed(f"{place}.downsample.1", functional.conv2d(kept, weight, stride=stride))
            x = (x + kept).relu()
        found.append(x)
    return found
