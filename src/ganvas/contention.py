"""Other programs on the same processors: how long a run waits for one, and when to say so.

Threads that compute together wait for the slowest, hundreds of times in an update. Where another
program holds one of their processors, two threads are slower than one, sometimes many times.
"""

import time
from collections.abc import Callable
from pathlib import Path

from ganvas.events import Noted, Watcher
from ganvas.trainer import Trainer

__all__ = ["share_waited", "times_of_threads", "watch_contention"]

_LEAST_SECONDS = 5.0  # of wall time that a share is told from
_TOLD = 0.15  # a share from which it is said; a quiet machine is at a few hundredths
_THREADS = Path("/proc/self/task")

Times = tuple[float, float]
"""Seconds that threads computed, and that they waited for a processor."""


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

    Nothing is said of one thread, which waits for nobody; nothing that is learned changes. `clock`
    gives seconds.
    """
    threads = trainer.machine.threads
    if threads > 1 and trainer.machine.device.type == "cpu" and times() is not None:
        look = _Look(threads, tell, times, clock)
        trainer.probe_every(trainer.recipe.log.every_images, look)


class _Look:
    """Looks at the time since it last looked, and says the first time that much of it was waited.

    Where it last looked counts from the first call on: what came before is no training.
    """

    def __init__(
        self,
        threads: int,
        tell: Watcher,
        times: Callable[[], Times | None],
        clock: Callable[[], float],
    ) -> None:
        self._threads, self._tell, self._times, self._clock = threads, tell, times, clock
        self._before: tuple[float, Times] | None = None
        self._said = False

    def __call__(self) -> None:
        now, spent = self._clock(), self._times()
        if self._said or spent is None:
            return
        if self._before is None:
            self._before = now, spent
        if now - self._before[0] < _LEAST_SECONDS:
            return
        share = share_waited(self._before[1], spent)
        self._before = now, spent
        if share >= _TOLD:
            self._said = True
            self._tell(Noted(text=_in_words(share, self._threads)))


def _in_words(share: float, threads: int) -> str:
    return (
        f"other programs keep the processors busy: {share:.0%} of the time this run's {threads} "
        "threads had work for one and got none, and each waits for the slowest. Close what else "
        "runs, or begin anew with --threads 1, which may be several times faster"
    )
