"""A network with other layers in place of its own: how a backend takes over a network."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

Makers = Mapping[type[nn.Module], Callable[[Any], nn.Module]]


def converted(network: nn.Module, makers: Makers) -> nn.Module:
    """A copy for inference in which every layer of a type in `makers` is what its maker makes of it.

    The original stays as it is. Makers see layers in evaluation and without gradients.
    """
    replica = copy.deepcopy(network).eval().requires_grad_(False)
    return _replaced(replica, makers).eval().requires_grad_(False)


def _replaced(module: nn.Module, makers: Makers) -> nn.Module:
    make = makers.get(type(module))
    if make is not None:
        return make(module)
    for name, child in module.named_children():
        setattr(module, name, _replaced(child, makers))
    return module
