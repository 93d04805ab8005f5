"""Seeds by counter, without torch: what rooms that only need NumPy draw their randomness from."""

from hashlib import blake2b

import numpy as np

__all__ = ["numpy_stream", "stream_seed"]

_SEED_BITS = 63  # torch.Generator.manual_seed takes a signed 64-bit number


def stream_seed(seed: int, name: str, position: int = 0) -> int:
    """Return the seed of stream `name` at `position`: an integer in [0, 2**63).

    The three are hashed, so neighbouring seeds and positions give unrelated streams.
    """
    key = f"{seed}\0{name}\0{position}".encode()
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "little") >> (64 - _SEED_BITS)


def numpy_stream(seed: int, name: str, position: int = 0) -> np.random.Generator:
    """Return a fresh NumPy generator (PCG64) for stream `name` of run `seed` at `position`."""
    return np.random.Generator(np.random.PCG64(stream_seed(seed, name, position)))
