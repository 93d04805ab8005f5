"""A training pass of swift's generator as one node of autograd; it can be differentiated once.

The operations are those of `SwiftGenerator.forward`, in their order.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ganvas.nets.global_norm import Gather
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
from ganvas.nets.written_norm import layer_norm_back, layer_normal, norm_back, normal

__all__ = ["GeneratorPass", "GeneratorPlan"]

_tanh_backward = torch.ops.aten.tanh_backward.default


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratorPlan:
    """What a pass needs beside the weights.

    `base` is the first map's (height, width, channels), `widths` are the channels of each norm's
    map, `layers` the convolutions between them, `image` the images' (height, width). `slope` is
    that of the leaky ReLU, `epsilon` and `momentum` are those of the norms.
    """

    base: tuple[int, int, int]
    widths: tuple[int, ...]
    layers: tuple[Geometry, ...]
    pixels: Geometry
    image: tuple[int, int]
    slope: float
    epsilon: float
    momentum: float


class GeneratorPass(torch.autograd.Function):
    """Condition (N, noise and class embedding) -> images (N, C, H, W), as in training.

    After the condition come the weights: dense, modulation and its bias, one for each layer,
    pixels and their bias. `running` are the moving mean and variance of each batch norm, which
    follow; with `gather` the statistics are those of the conditions of all processes. Where it is
    empty the norms are layer norms.
    """

    @staticmethod
    def forward(
        ctx: Any,
        plan: GeneratorPlan,
        running: tuple[tuple[Tensor, Tensor], ...],
        gather: Gather | None,
        condition: Tensor,
        *weights: Tensor,
    ) -> Tensor:
        """Return the images, in the precision of the pass."""
        low = cast((condition, *weights), pass_precision(weights[0]))
        condition, dense, modulation, bias, *kernels = low
        modulations = torch.addmm(bias, condition, modulation.t())
        scales, shifts = modulations[:, :, None, None].chunk(2, 1)
        scales, shifts = scales.split(plan.widths, 1), shifts.split(plan.widths, 1)
        # Laid out as channels_last already: the view needs no copy.
        x = (condition @ dense.t()).unflatten(1, plan.base).permute(0, 3, 1, 2)
        kept: list[Tensor] = []
        for i in range(len(plan.widths)):
            if i:
                x = convolve(x, kernels[i - 1], None, plan.layers[i - 1])
            if running:
                n, centre, inverse = normal(
                    x, running[i], momentum=plan.momentum, epsilon=plan.epsilon, gather=gather
                )
            else:
                n, centre, inverse = layer_normal(x, epsilon=plan.epsilon)
            y = leak(torch.addcmul(shifts[i], n, scales[i]), plan.slope)
            kept += [x, centre, inverse, n, y]
            x = y
        folded = torch.tanh_(convolve(x, kernels[-2], kernels[-1], plan.pixels))
        ctx.save_for_backward(*low, modulations, folded, *kept)
        ctx.plan, ctx.running, ctx.gather, ctx.like = plan, running, gather, weights[0].dtype
        return unfold(folded, *plan.image)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of the condition and of each weight."""
        plan: GeneratorPlan = ctx.plan
        depth = len(plan.widths)
        condition, dense, modulation, _, *rest = ctx.saved_tensors
        kernels, (modulations, folded, *kept) = rest[: depth + 1], rest[depth + 1 :]
        scales = modulations[:, : sum(plan.widths), None, None].split(plan.widths, 1)
        rows, columns = folded.shape[2:]
        g = _tanh_backward(fold([gradient], gradient.dtype, (rows, columns)), folded)
        g, of_pixels, of_bias = slopes(g, kept[-1], kernels[-2], plan.pixels, of_bias=True)
        of_kernels = [of_bias, of_pixels]
        of_scales: list[Tensor] = []
        of_shifts: list[Tensor] = []
        for i in reversed(range(depth)):
            x, centre, inverse, n, y = kept[5 * i : 5 * i + 5]
            g = leak_back(g, y, plan.slope)
            of_shifts.append(g.sum((2, 3)))
            of_scales.append((g * n).sum((2, 3)))
            if ctx.running:
                g = norm_back(
                    g,
                    scales[i],
                    x,
                    n,
                    ctx.running[i],
                    centre,
                    inverse,
                    sums=(of_shifts[-1], of_scales[-1]),
                    epsilon=plan.epsilon,
                    gather=ctx.gather,
                )
            else:
                g = layer_norm_back(g.mul_(scales[i]), x, centre, inverse)
            if i:
                g, of_kernel, _ = slopes(g, kept[5 * i - 1], kernels[i - 1], plan.layers[i - 1])
                of_kernels.append(of_kernel)
        g = g.permute(0, 2, 3, 1).flatten(1)
        of_modulations = torch.cat([*of_scales[::-1], *of_shifts[::-1]], 1)
        found = [
            torch.addmm(g @ dense, of_modulations, modulation),
            g.t() @ condition,
            of_modulations.t() @ condition,
            of_modulations.sum(0),
            *of_kernels[::-1],
        ]
        return None, None, None, *cast(found, ctx.like)
