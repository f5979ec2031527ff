"""Who computes the sparse layers: the compiled kernel on CPU and spconv on CUDA where they are
installed, plain torch elsewhere.

    backend = backend_for(device)
    network = backend.network(uresnet)
    logits = network(backend.tensor(rows, wires, shape, features))

All give the same answer to 1e-4. Networks never name a backend.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from inference.sparse import kernel
from inference.sparse.convert import converted
from inference.sparse.fast import fast
from inference.sparse.geometry import level_of
from inference.sparse.kernel_layers import KernelTensor, kernel_network, kernel_tensor
from inference.sparse.layers import SparseTensor


class Backend(Protocol):
    """A way to run a network of `inference.sparse.layers`, for inference alone."""

    name: str

    def network(self, network: nn.Module) -> nn.Module:
        """A copy of the network, in evaluation and without gradients, for this backend's tensors."""

    def tensor(self, rows: Tensor, wires: Tensor, shape: tuple[int, int], features: Tensor) -> Any:
        """Its input: pixels (N,), sorted by row, then wire, and features (N, C), all on one device."""


class Kernel:
    """The compiled kernel, by the instruction set that is in use when it is made."""

    def __init__(self) -> None:
        self.name = kernel.name()

    def network(self, network: nn.Module) -> nn.Module:
        return kernel_network(network)

    def tensor(self, rows: Tensor, wires: Tensor, shape: tuple[int, int], features: Tensor) -> KernelTensor:
        return kernel_tensor(level_of(rows, wires, shape), features)


class PlainTorch:
    """The path that needs nothing but torch: folded and block by block on CPU, as it is on CUDA."""

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
    """spconv modules, in half precision on CUDA."""

    name = "spconv"

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._dtype = torch.float16 if device.type == "cuda" else torch.float32
        self._modules = importlib.import_module("inference.sparse.spconv_backend")

    def network(self, network: nn.Module) -> nn.Module:
        replica: nn.Module = self._modules.spconv_network(network).to(self._device, self._dtype)
        return replica

    def tensor(self, rows: Tensor, wires: Tensor, shape: tuple[int, int], features: Tensor) -> Any:
        return self._modules.spconv_tensor(rows, wires, shape, features.to(self._dtype))


def backend_for(device: str | torch.device) -> Backend:
    """spconv for CUDA if a CUDA build of it is installed, the kernel for CPU if it was compiled,
    plain torch otherwise."""
    device = torch.device(device)
    if device.type == "cuda" and _spconv_runs_on_cuda():
        return Spconv(device)
    return own_backend_for(device)


def own_backend_for(device: str | torch.device) -> Backend:
    """The same without spconv, which has no windows of a stride of two that keep to these sites."""
    device = torch.device(device)
    if device.type == "cpu" and kernel.active():
        return Kernel()
    return PlainTorch(device)


def _spconv_runs_on_cuda() -> bool:
    if importlib.util.find_spec("spconv") is None:
        return False
    return not importlib.import_module("spconv.cppconstants").CPU_ONLY_BUILD
