"""Other programs on the same processors: how long a run waits for one, and when to say so.

Threads that compute together wait for the slowest, hundreds of times in an update. Where another
program holds one of their processors, two threads are slower than one, sometimes many times.
"""

import time
from collections.abc import Callable
from pathlib import Path

from ganvas.events import Noted, Watcher
from ganvas.trainer import Trainer

__all__ = ["share_waited", "watch_contention"]

_LEAST_SECONDS = 5.0  # of wall time that a share is told from
_TOLD = 0.15
_THREADS = Path("/proc/self/task")

Times = tuple[float, float]


def times_of_threads(threads: Path = _THREADS) -> Times | None:
    """Return how many seconds this process' threads have computed, and waited for a processor.

    None where the system does not say.
    """
    computed = waited = 0
    try:
        for thread in threads.iterdir():
            try:
                words = (thread / "schedstat").read_text(encoding="ascii").split()
            except OSError:
                if thread.exists():
                    return None
                continue  # it has ended meanwhile
            computed, waited = computed + int(words[0]), waited + int(words[1])
    except (OSError, ValueError, IndexError):
        return None
    return computed / 1e9, waited / 1e9


def share_waited(before: Times, now: Times) -> float:
    """Return the share, 0 to 1, of the time in which threads that had work had no processor.

    ``waited / (computed + waited)`` over all threads; those that sleep count for nothing.
    """
    computed, waited = (max(0.0, b - a) for a, b in zip(before, now, strict=True))
    return waited / (computed + waited) if waited else 0.0


def watch_contention(
    trainer: Trainer,
    tell: Watcher,
    *,
    times: Callable[[], Times | None] = times_of_threads,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Have `trainer` say once, when its threads wait for processors that other programs hold.

    Nothing is said of one thread, which waits for nobody; nothing that is learned changes.
    """
    threads = trainer.machine.threads
    if threads < 2 or trainer.machine.device.type != "cpu" or times() is None:
        return
    since: tuple[float, Times] | None = None
    said = False

    def look() -> None:
        nonlocal since, said
        now, spent = clock(), times()
        if said or spent is None:
            return
        if since is None:
            since = now, spent
        elif now - since[0] >= _LEAST_SECONDS:
            share = share_waited(since[1], spent)
            since = now, spent
            if share >= _TOLD:
                said = True
                tell(
                    Noted(
                        text=f"other programs keep the processors busy: {share:.0%} of the time "
                        f"this run's {threads} threads had work for one and got none, and each "
                        "waits for the slowest. Close what else runs, or begin anew with "
                        "--threads 1, which may be several times faster"
                    )
                )

    trainer.probe_every(trainer.recipe.log.every_images, look)
