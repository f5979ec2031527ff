"""Batch normalisation and ReLU in one step, with statistics in float32 whatever the features are."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class NormRelu(torch.autograd.Function):
    """relu(batch norm) over the sites: (N + 1, C) → (N + 1, C), last row zero.

    Also returns the mean and the biased variance, float32 (C,), for the running statistics.
    """

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, gamma: Tensor, beta: Tensor, eps: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        sites = features[:-1].to(gamma.dtype)
        count = max(len(sites), 1)
        mean = sites.sum(0) / count
        variance = (torch.linalg.vecdot(sites, sites, dim=0) / count - mean * mean).clamp_min_(0)
        inverse_std = torch.rsqrt(variance + eps)
        scale = gamma * inverse_std
        out = torch.empty_like(features)
        out[:-1] = torch.addcmul(beta - mean * scale, sites, scale).relu_()
        out[-1:].zero_()
        ctx.save_for_backward(features, out, gamma, mean, inverse_std)
        ctx.mark_non_differentiable(mean, variance)
        ctx.set_materialize_grads(False)
        return out, mean, variance

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        features, out, gamma, mean, inverse_std = ctx.saved_tensors
        if grads[0] is None:
            return None, None, None, None
        sites = features[:-1].to(gamma.dtype)
        count = max(len(sites), 1)
        grad = torch.ops.aten.threshold_backward(grads[0], out, 0)[:-1].to(gamma.dtype)
        grad_beta = grad.sum(0)
        grad_gamma = (torch.linalg.vecdot(grad, sites, dim=0) - mean * grad_beta) * inverse_std
        # dx = γ/σ · (g − mean g − x̂ · mean(g x̂)), written as a·g + b·x + c for each channel.
        scale = gamma * inverse_std
        slope = -scale * inverse_std * grad_gamma / count
        shift = -scale * grad_beta / count - slope * mean
        grad_in = torch.empty_like(features)
        grad_in[:-1] = torch.addcmul(shift, grad, scale).addcmul_(sites, slope)
        grad_in[-1:].zero_()
        return grad_in, grad_gamma, grad_beta, None
