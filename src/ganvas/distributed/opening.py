"""The group of this process: alone, or with all that torchrun started with it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from ganvas.distributed.job import Job, read_job
from ganvas.distributed.links import SHARED_MEMORY, Links, connect
from ganvas.distributed.reasons import reason_of
from ganvas.errors import GanvasError, LostError, UsageError
from ganvas.group import Group

__all__ = ["PATIENCE", "SHARED_MEMORY", "open_group"]

PATIENCE = "GANVAS_PATIENCE_SECONDS"
"""The environment's name for how long a process waits for another before it gives up."""

_PATIENCE_SECONDS = 600.0  # while the first process looks at the samples, say


@contextmanager
def open_group() -> Iterator[Group]:
    """Join the processes of this job, as its environment says; give a group of one without any.

    Raises UsageError for an environment that says half of it, GanvasError where this PyTorch has no
    torch.distributed or the others cannot be reached.
    """
    job = read_job(os.environ)
    if job is None or job.size == 1:
        alone = Group()
        if job is not None:
            alone.job, alone.restarts = job.name, job.restarts
        yield alone
        return
    import torch.distributed as dist

    if not dist.is_available():
        raise GanvasError(
            f"this build of PyTorch has no torch.distributed, so {job.size} processes cannot train "
            "together; install another build, or train with one process"
        )
    if dist.is_initialized():  # whoever did it ends it, too
        yield _group_of(job)
        return
    patience = _patience()
    may_share = _may_share_memory()
    with ExitStack() as opened:
        try:
            word = _join(job, patience)
            opened.callback(dist.destroy_process_group)
            wanted = may_share and job.local_size == job.size
            links = _link(job, word, patience, wanted=wanted)
        except (RuntimeError, ValueError) as error:
            raise LostError(
                f"process {job.rank} of {job.size} cannot join the others: {reason_of(error)}"
            ) from None
        if links is not None:
            opened.callback(links.close)
        yield _group_of(job, links)


def _join(job: Job, seconds: float) -> str:
    """Initialise torch.distributed; return the word of all processes of this attempt."""
    import torch.distributed as dist

    # Its functions' default arguments are the group of the moment of its import. Imported later (by
    # torch's optimisers, say) it would keep the group beyond its end, and gloo's threads with it;
    # one of these that frees a tensor while Python ends kills the process.
    import torch.distributed.nn.functional  # noqa: F401
    from torch.distributed.rendezvous import rendezvous

    from ganvas.distributed.meeting import meet

    patience = timedelta(seconds=seconds)
    store, rank, size = next(rendezvous("env://", job.rank, job.size, timeout=patience))
    word = meet(store, rank=rank, size=size, patience_seconds=seconds)
    dist.init_process_group(
        _backend(),
        store=dist.PrefixStore(f"ganvas/{word}", store),  # type: ignore[attr-defined]
        rank=rank,
        world_size=size,
        timeout=patience,
    )
    return word


def _link(job: Job, word: str, seconds: float, *, wanted: bool) -> Links | None:
    """Link processes that all want it; None where one does not, or does not see another."""
    import torch
    import torch.distributed as dist

    def agree(done: bool) -> bool:
        all_done = torch.tensor([int(done)])
        dist.all_reduce(all_done, dist.ReduceOp.MIN)
        return bool(all_done)

    if not agree(wanted):  # each knows its own environment alone
        return None
    return connect(word, rank=job.rank, size=job.size, seconds=seconds, agree=agree)


def _group_of(job: Job, links: Links | None = None) -> Group:
    from ganvas.distributed.memory import Memory
    from ganvas.distributed.processes import Processes

    return Processes(job, None if links is None else Memory(links))


def _backend() -> str:
    """Return gloo for what lies in memory, with NCCL for what lies on GPUs where there are any."""
    import torch
    import torch.distributed as dist

    if torch.cuda.is_available() and dist.is_nccl_available():
        return "cpu:gloo,cuda:nccl"
    return "gloo"


def _may_share_memory() -> bool:
    text = os.environ.get(SHARED_MEMORY, "1")
    if text not in ("0", "1"):
        raise UsageError(f"{SHARED_MEMORY} must be 0 or 1, not '{text}'")
    return text == "1"


def _patience() -> float:
    text = os.environ.get(PATIENCE, str(_PATIENCE_SECONDS))
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 1e6:
        raise UsageError(f"{PATIENCE} must be from 1 to 1,000,000 seconds, not '{text}'")
    return seconds
