"""Randomness by counter: every stream starts from (run seed, stream name, position).

No stream has a state that must be saved: any point of any stream is reached at once, and
drawing more numbers from one stream (a probe, a preview) never disturbs another.
"""

import torch

from ganvas.seeding import numpy_stream, stream_seed

__all__ = ["numpy_stream", "stream", "stream_seed"]


def stream(
    seed: int, name: str, position: int = 0, *, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Return a fresh torch generator for stream `name` of run `seed` at `position`."""
    generator = torch.Generator(device=device)
    generator.manual_seed(stream_seed(seed, name, position))
    return generator
