"""Random weights for the Inception network, which no test may depend on having."""

import math

import torch
from torch import Tensor

from ganvas.judge.inception_network import build_inception
from ganvas.rng import stream

CARD = {"name": "inception", "weights": {"digest": "sha256:" + "f" * 64}}


def random_tensors() -> dict[str, Tensor]:
    """Weights that keep the maps' size from layer to layer, and statistics far from 0 and 1."""
    generator = stream(0, "test")
    tensors = {}
    for name, like in build_inception().state_dict().items():
        value = torch.rand(like.shape, generator=generator)
        if like.ndim > 1:
            # uniform with the variance of He's normal weights (arXiv 1502.01852)
            bound = math.sqrt(6 / like[0].numel())
            value.mul_(2 * bound).sub_(bound)
        elif name.endswith(("running_var", "bn.weight")):
            value.add_(0.5)
        else:
            value.sub_(0.5)
        tensors[name] = value
    return tensors


def flat_tensors() -> dict[str, Tensor]:
    """Tensors of the right names and shapes, each one number repeated: small when saved."""
    state = build_inception().state_dict()
    return {
        name: torch.tensor(float(number)).expand(like.shape)
        for number, (name, like) in enumerate(state.items())
    }
