"""What torchrun says of this process: the environment that it sets for each one it starts."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from ganvas.errors import UsageError

__all__ = ["Job", "read_job"]

_NEEDED = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
_UNNAMED = ("", "none")  # torchrun's word for a job without an identity


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """Process `rank` of `size`, of which `local_size` run on this machine.

    `name` is the same for all attempts of one torchrun, and for no other; `restarts` counts the
    attempts before this one. The name is "" where something else than torchrun started it.
    """

    rank: int
    size: int
    local_rank: int
    local_size: int
    name: str = ""
    restarts: int = 0


def read_job(environment: Mapping[str, str]) -> Job | None:
    """Return the job that this process belongs to, None where it was started alone.

    Raises UsageError where the environment says some of it only, or what cannot be.
    """
    if not {"RANK", "WORLD_SIZE"} & environment.keys():
        return None
    missing = [name for name in _NEEDED if name not in environment]
    if missing:
        there = next(name for name in ("RANK", "WORLD_SIZE") if name in environment)
        raise UsageError(
            f"{there} is set in the environment but {missing[0]} is not: start several processes "
            f"with torchrun, or unset {there} to train with one"
        )
    numbers = {name: environment[name] for name in _NEEDED if name != "MASTER_ADDR"}
    for name, text in numbers.items():
        if not text.isascii() or not text.isdecimal():
            raise UsageError(f"{name} in the environment must be a whole number, not '{text}'")
    rank, size, local_rank, local_size = (int(environment[name]) for name in _NEEDED[:4])
    if not (rank < size and local_rank < local_size <= size):
        raise UsageError(
            f"the environment says process {rank} of {size}, here {local_rank} of {local_size}: "
            "RANK and LOCAL_RANK count from 0; start the processes with torchrun"
        )
    restarts = environment.get("TORCHELASTIC_RESTART_COUNT", "0")
    return Job(
        rank=rank,
        size=size,
        local_rank=local_rank,
        local_size=local_size,
        name=_name(environment),
        restarts=int(restarts) if restarts.isdecimal() else 0,
    )


def _name(environment: Mapping[str, str]) -> str:
    name = environment.get("TORCHELASTIC_RUN_ID")
    if name is None:
        return ""
    if name in _UNNAMED:  # then nothing but the process that started us tells one job from another
        return f"{socket.gethostname()}:{os.getppid()}"
    return name
