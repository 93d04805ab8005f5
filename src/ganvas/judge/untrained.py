"""The judge of data that no classifier knows: the same network with random weights."""

from functools import lru_cache

import torch
from torch import nn

from ganvas.judge.architecture import NUM_FEATURES, Architecture
from ganvas.judge.judge import Judge
from ganvas.judge.network import JudgeNetwork, initialise
from ganvas.rng import stream
from ganvas.seeding import numpy_stream
from ganvas.weights import weights_to_digest

__all__ = ["RANDOM", "random_judge"]

RANDOM = "random-network"
"""Name of the judge that nothing was trained for."""


@lru_cache(maxsize=4)
def random_judge(*, channels: int, height: int, width: int) -> Judge:
    """Return the judge with fixed random weights for pictures of this shape.

    Features of an untrained network see shapes, strokes and colours, but not what a picture
    means; they were found sound where pictures are far from those a trained network knows
    (Naeem et al., arXiv 2002.09797, section 5.1). The weights are drawn from one fixed seed, and
    the same on every machine: their digest says that figures compare.

    Raises UsageError for shapes that no judge takes.
    """
    architecture = Architecture(channels=channels, height=height, width=width, num_classes=2)
    network = initialise(architecture, stream(0, "judge.random"))
    _draw_weights(network)
    card = {
        "kind": RANDOM,
        "name": RANDOM,
        "architecture": architecture.as_dict(),
        "features": NUM_FEATURES,
        "class_names": [],
        "weights": {"digest": weights_to_digest(network.state_dict())},
    }
    return Judge(network, card)


def _draw_weights(network: JudgeNetwork) -> None:
    """Replace all weights by He-normal ones that no processor draws otherwise.

    Torch's normal numbers differ in last digits between processors with AVX2 and without;
    NumPy's come, but for rare ones far from 0, from a table.
    """
    draws = numpy_stream(0, "judge.random")
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                scale = (2.0 / module.weight[0].numel()) ** 0.5
                values = draws.standard_normal(tuple(module.weight.shape)) * scale
                module.weight.copy_(torch.from_numpy(values))
