"""The judge of data that no classifier knows: the same network with random weights."""

from functools import lru_cache

from ganvas.judge.architecture import NUM_FEATURES, Architecture
from ganvas.judge.judge import Judge
from ganvas.judge.network import initialise
from ganvas.rng import stream
from ganvas.weights import weights_to_digest

__all__ = ["RANDOM", "random_judge"]

RANDOM = "random-network"
"""Name of the judge that nothing was trained for."""


@lru_cache(maxsize=4)
def random_judge(*, channels: int, height: int, width: int) -> Judge:
    """Return the judge with fixed random weights for pictures of this shape.

    Features of an untrained network see shapes, strokes and colours, but not what a picture
    means; they were found sound where pictures are far from those a trained network knows
    (Naeem et al., arXiv 2002.09797, section 5.1). The weights are drawn from one fixed seed.

    Raises UsageError for shapes that no judge takes.
    """
    architecture = Architecture(channels=channels, height=height, width=width, num_classes=2)
    network = initialise(architecture, stream(0, "judge.random"))
    card = {
        "kind": RANDOM,
        "name": RANDOM,
        "architecture": architecture.as_dict(),
        "features": NUM_FEATURES,
        "class_names": [],
        "weights": {"digest": weights_to_digest(network.state_dict())},
    }
    return Judge(network, card)
