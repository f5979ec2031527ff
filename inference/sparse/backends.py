"""Who computes the sparse layers: plain torch on CPU, spconv on CUDA where it is installed.

    backend = backend_for(device)
    network = backend.network(uresnet)
    logits = network(backend.tensor(rows, wires, shape, features))

Both give the same answer to 1e-4. Networks never name a backend.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from inference.sparse.convert import converted
from inference.sparse.fast import fast
from inference.sparse.geometry import level_of
from inference.sparse.layers import SparseTensor


class Backend(Protocol):
    """A way to run a network of `inference.sparse.layers`, for inference alone."""

    name: str

    def network(self, network: nn.Module) -> nn.Module:
        """A copy of the network, in evaluation and without gradients, for this backend's tensors."""

    def tensor(self, rows: Tensor, wires: Tensor, shape: tuple[int, int], features: Tensor) -> Any:
        """Its input: pixels (N,), sorted by row, then wire, and features (N, C), all on one device."""


class PlainTorch:
    """Our own path: folded and block by block on CPU, as it is on CUDA."""

    name = "plain torch"

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def network(self, network: nn.Module) -> nn.Module:
        replica = fast(network) if self._device.type == "cpu" else converted(network, {})
        return replica.to(self._device)

    def tensor(self, rows: Tensor, wires: Tensor, shape: tuple[int, int], features: Tensor) -> SparseTensor:
        rows_below = torch.cat([features, features.new_zeros(1, features.shape[1])])
        return SparseTensor(level_of(rows, wires, shape), rows_below)


class Spconv:
    """spconv modules."""

    name = "spconv"

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._modules = importlib.import_module("inference.sparse.spconv_backend")

    def network(self, network: nn.Module) -> nn.Module:
        replica: nn.Module = self._modules.spconv_network(network).to(self._device)
        return replica

    def tensor(self, rows: Tensor, wires: Tensor, shape: tuple[int, int], features: Tensor) -> Any:
        return self._modules.spconv_tensor(rows, wires, shape, features)


def backend_for(device: str | torch.device) -> Backend:
    """spconv for CUDA if a CUDA build of it is installed, plain torch otherwise."""
    device = torch.device(device)
    if device.type == "cuda" and _spconv_runs_on_cuda():
        return Spconv(device)
    return PlainTorch(device)


def _spconv_runs_on_cuda() -> bool:
    if importlib.util.find_spec("spconv") is None:
        return False
    return not importlib.import_module("spconv.cppconstants").CPU_ONLY_BUILD
