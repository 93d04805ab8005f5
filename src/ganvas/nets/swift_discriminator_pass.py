"""Training passes of swift's discriminator, each as one node of autograd.

They can be differentiated once. `SlopePass` is itself a gradient, so that a penalty needs no more:
D is linear in its images but for leaky ReLUs, whose own slopes are steps, and so its second
derivative has nothing of a first one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ganvas.nets.written import (
    Geometry,
    cast,
    convolve,
    fold,
    leak,
    leak_back,
    pass_precision,
    slopes,
    unfold,
)

__all__ = ["DiscriminatorPlan", "LogitPass", "SlopePass"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscriminatorPlan:
    """What a pass needs beside the weights: the convolutions, and the slope of the leaky ReLU."""

    layers: tuple[Geometry, ...]
    slope: float


class LogitPass(torch.autograd.Function):
    """Images in several parts (N_i, C, H, W), which D sees joined -> logits (sum of N_i, K).

    After the parts come weight and bias of each convolution, of the features, and of the logits.
    """

    @staticmethod
    def forward(ctx: Any, plan: DiscriminatorPlan, num_parts: int, *tensors: Tensor) -> Tensor:
        """Return the logits, in the precision of the pass."""
        parts, weights = tensors[:num_parts], tensors[num_parts:]
        low = cast(weights, pass_precision(weights[0]))
        maps = _maps(plan, fold(parts, low[0].dtype), low)
        features = leak(torch.addmm(low[-3], _flat(maps[-1]), low[-4].t()), plan.slope)
        ctx.save_for_backward(*low, features, *maps)
        ctx.plan, ctx.like = plan, weights[0].dtype
        ctx.parts = [(part.shape, part.dtype) for part in parts]
        return torch.addmm(low[-1], features, low[-2].t())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of those parts that ask for one, and of each weight."""
        plan: DiscriminatorPlan = ctx.plan
        depth = len(plan.layers)
        low, (features, *maps) = ctx.saved_tensors[: 2 * depth + 4], ctx.saved_tensors[-depth - 2 :]
        found = [gradient.sum(0), gradient.t() @ features]  # from the last weight to the first
        g = leak_back(gradient @ low[-2], features, plan.slope)
        found += [g.sum(0), g.t() @ _flat(maps[-1])]
        g = _like_maps(g @ low[-4], maps[-1])
        for i in reversed(range(depth)):
            g = leak_back(g, maps[i + 1], plan.slope)
            back, of_weight, of_bias = slopes(
                g, maps[i], low[2 * i], plan.layers[i], of_x=i > 0, of_bias=True
            )
            found += [of_bias, of_weight]
            if i:
                g = back
        of_parts: list[Tensor | None] = []
        first = 0
        for (shape, dtype), is_asked in zip(ctx.parts, ctx.needs_input_grad[2:], strict=False):
            rows = slice(first, first + shape[0])
            first += shape[0]
            if is_asked:  # real images ask for none: that half of the layer's backward is saved
                back, _, _ = slopes(g[rows], maps[0][rows], low[0], plan.layers[0], of_weight=False)
                of_parts.append(unfold(back, *shape[2:]).to(dtype))
            else:
                of_parts.append(None)
        return None, None, *of_parts, *cast(found[::-1], ctx.like)


class SlopePass(torch.autograd.Function):
    """Images (N, C, H, W) -> ||grad_x D(x)||^2 of each (N,), to be differentiated by the weights.

    D's logit of image n is the inner product of its features with `rows[n]` (N, F), but for a
    constant; weight and bias of each convolution and of the features come after. With J_n the
    matrix of D's derivatives, v_n = J_n' rows_n is the slope; the gradient of ||v||^2 is that of
    2 <J v, rows> with v held: v goes through the layers as an image does, biases left out.
    """

    @staticmethod
    def forward(
        ctx: Any, plan: DiscriminatorPlan, images: Tensor, rows: Tensor, *weights: Tensor
    ) -> Tensor:
        """Return the squared norms, in the dtype of the weights."""
        low = cast((rows, *weights), pass_precision(weights[0]))
        rows, *low = low
        maps = _maps(plan, fold([images], rows.dtype), low)
        features = leak(torch.addmm(low[-1], _flat(maps[-1]), low[-2].t()), plan.slope)
        of_features = leak_back(rows.clone(), features, plan.slope)
        g = _like_maps(of_features @ low[-2], maps[-1])
        passed: list[Tensor] = []  # the gradient at each convolution's result, the last one first
        for i in reversed(range(len(plan.layers))):
            g = leak_back(g, maps[i + 1], plan.slope)
            passed.append(g)
            g, _, _ = slopes(g, maps[i], low[2 * i], plan.layers[i], of_weight=False)
        slope = unfold(g, *images.shape[2:])
        ctx.save_for_backward(slope, features, of_features, *low, *maps[1:], *passed)
        ctx.plan, ctx.like = plan, weights[0].dtype
        return slope.to(weights[0].dtype).square().flatten(1).sum(1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of rows and weights: none of images and biases."""
        plan: DiscriminatorPlan = ctx.plan
        depth = len(plan.layers)
        slope, features, of_features, *rest = ctx.saved_tensors
        low, maps, passed = rest[: 2 * depth + 2], rest[-2 * depth : -depth], rest[-depth:]
        t = fold([slope * (2 * gradient)[:, None, None, None]], slope.dtype)
        found: list[Tensor] = []
        for i in range(depth):
            _, of_weight, _ = slopes(
                passed[depth - 1 - i], t, low[2 * i], plan.layers[i], of_x=False
            )
            found.append(of_weight)
            t = leak_back(convolve(t, low[2 * i], None, plan.layers[i]), maps[i], plan.slope)
        found.append(of_features.t() @ _flat(t))
        of_rows = leak_back(_flat(t) @ low[-2].t(), features, plan.slope)
        of_rows, *found = cast([of_rows, *found], ctx.like)
        with_biases = [part for of_weight in found for part in (of_weight, None)]
        return None, None, of_rows, *with_biases


def _maps(plan: DiscriminatorPlan, x: Tensor, weights: Sequence[Tensor]) -> list[Tensor]:
    """Return folded images and the map after each convolution."""
    maps = [x]
    for i, layer in enumerate(plan.layers):
        weight, bias = weights[2 * i : 2 * i + 2]
        maps.append(leak(convolve(maps[-1], weight, bias, layer), plan.slope))
    return maps


def _flat(maps: Tensor) -> Tensor:
    """Return maps in memory order (position, channel), which costs no copy."""
    return maps.permute(0, 2, 3, 1).flatten(1)


def _like_maps(flat: Tensor, maps: Tensor) -> Tensor:
    """Return the way back from `_flat`."""
    _, channels, height, width = maps.shape
    return flat.view(len(flat), height, width, channels).permute(0, 3, 1, 2)
