"""A word that all processes of one attempt share, and none of another.

torchrun keeps one store for all attempts of a job, and what the processes of an attempt that failed
wrote there stays: addresses where nobody listens any more. So each attempt needs a place of its own
in it. How often a process was restarted is no such word: machines count apart.
"""

import secrets
import time
from hashlib import blake2b

from torch._C._distributed_c10d import Store

from ganvas.errors import LostError

__all__ = ["meet"]

_PAUSE_SECONDS = 0.01


def meet(store: Store, *, rank: int, size: int, patience_seconds: float) -> str:
    """Return the word of this attempt; every process of it waits here for all others.

    Each leaves a number of its own that nobody had before. The first process says which numbers it
    sees, each process agrees to a list that has its own, and once all have agreed to one the first
    says so. Raises LostError when they did not all come in time.
    """
    own = secrets.token_hex(8)
    store.set(f"ganvas/came/{rank}", own)
    end = time.monotonic() + patience_seconds
    while time.monotonic() < end:
        if rank == 0:
            came = [_read(store, f"ganvas/came/{other}") for other in range(size)]
            listed = ",".join(came)
            store.set("ganvas/listed", listed)
            store.set("ganvas/agreed/0", listed)
            if all(_read(store, f"ganvas/agreed/{other}") == listed for other in range(size)):
                store.set("ganvas/met", listed)
        else:
            listed = _read(store, "ganvas/listed")
            if _names(listed, rank, size) == own:
                store.set(f"ganvas/agreed/{rank}", listed)
        met = _read(store, "ganvas/met")
        if _names(met, rank, size) == own:
            return blake2b(met.encode(), digest_size=8).hexdigest()
        time.sleep(_PAUSE_SECONDS)
    raise LostError(
        f"process {rank} of {size} waited {patience_seconds:g} s for the others, and not all came"
    )


def _read(store: Store, key: str) -> str:
    """Return what is there, "" for nothing: `get` alone would wait for it."""
    return store.get(key).decode() if store.check([key]) else ""


def _names(listed: str, rank: int, size: int) -> str:
    numbers = listed.split(",")
    return numbers[rank] if len(numbers) == size else ""
