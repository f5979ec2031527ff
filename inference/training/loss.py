"""Cross-entropy with pixel weights against imbalance."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from lartpc.classes import PIXEL_CLASSES

Weighting = Literal["clusters", "balanced", "mild", "none"]
BALANCE_LOW, BALANCE_HIGH = 0.4, 6.0


def pixel_weights(weighting: Weighting, classes: Tensor, cluster_weight: Tensor) -> Tensor:
    """Weight (N,) of each pixel, 0 where the class is unknown.

    clusters: SparseSSNet's, from cluster size and vertex. balanced: inverse to the class's share of
    the batch, clipped to 0.4-6, times 1 to 2 with the cluster weight, so that small clusters and
    the vertex count up to double. mild: its square root, for a network that has learnt the rare
    classes and is to be more often right. none: all alike.
    """
    known = classes >= 0
    if weighting == "none":
        return known.to(cluster_weight.dtype)
    if weighting == "clusters":
        return torch.where(known, cluster_weight, 0.0)
    count = torch.bincount(classes[known], minlength=len(PIXEL_CLASSES)).clamp_min(1)
    share = count.to(cluster_weight.dtype) / count.sum()
    inverse = (1.0 / (share * len(PIXEL_CLASSES))).clamp(BALANCE_LOW, BALANCE_HIGH)
    weight = inverse[classes.clamp_min(0)] * (1.0 + cluster_weight / 2.0e-2)
    if weighting == "mild":
        weight = weight.sqrt()
    return torch.where(known, weight, 0.0)


def weighted_cross_entropy(logits: Tensor, classes: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean over pixels: logits (N, C), classes (N,), weights (N,)."""
    each = functional.cross_entropy(logits, classes.clamp_min(0), reduction="none")
    return (each * weights).sum() / weights.sum().clamp_min(1e-12)
