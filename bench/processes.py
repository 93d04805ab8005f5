"""What torchrun sets in the environment of the processes that it starts, without torchrun."""

import os
import socket

__all__ = ["environment_of", "free_port"]


def free_port() -> int:
    """Return the number of a port of this machine that nobody listens to."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def environment_of(rank: int, count: int, port: int) -> dict[str, str]:
    """Return the environment of process `rank` of `count` on this machine, of one thread."""
    ours = {
        "RANK": rank,
        "WORLD_SIZE": count,
        "LOCAL_RANK": rank,
        "LOCAL_WORLD_SIZE": count,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
        "OMP_NUM_THREADS": 1,
    }
    return {**os.environ, **{name: str(value) for name, value in ours.items()}}
