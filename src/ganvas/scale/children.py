"""`ganvas` commands as processes of their own: each ends, or is asked to stop and stays resumable.

A child gets a session of its own. A Ctrl-C in the terminal reaches the parent alone, which passes
it on once: a child that heard it twice would not finish its step.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

from ganvas.signals import StopRequest

__all__ = ["Children", "Ended", "Runner", "in_parallel"]

_POLL_SECONDS = 0.5
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a command ended: its exit code, standard output and standard error."""

    code: int
    output: str = ""
    errors: str = ""

    @property
    def was_stopped(self) -> bool:
        """Whether a signal ended it, which leaves its run resumable."""
        return self.code > 128

    @property
    def last_words(self) -> str:
        """The last line of standard error, as an error is said; else the exit code."""
        lines = [line.strip() for line in self.errors.splitlines() if line.strip()]
        words = lines[-1].removeprefix("ganvas: ").removeprefix("error: ") if lines else ""
        return words or f"ended with exit code {self.code}"


class Runner(Protocol):
    """What carries out a `ganvas` command: `Children`, or a stand-in for it."""

    def __call__(
        self, arguments: Sequence[str], *, threads: int, watch: Callable[[], bool] | None = None
    ) -> Ended:
        """Run `ganvas ARGUMENTS` with so many processor threads, and wait for its end.

        `watch` is called now and then meanwhile; once it returns True, the command is asked to
        stop.
        """
        ...

    def stop(self, number: int) -> None:
        """Pass a signal on to every command under way; none is started from then on."""
        ...

    @property
    def is_stopping(self) -> bool:
        """Whether `stop` was called."""
        ...


class Children:
    """Runs commands by this very Python and package; safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alive: set[subprocess.Popen[str]] = set()
        self._stopped_by: int | None = None

    def __call__(
        self, arguments: Sequence[str], *, threads: int, watch: Callable[[], bool] | None = None
    ) -> Ended:
        with self._lock:  # no child may start between the signal to all and its own
            if self._stopped_by is not None:
                return Ended(code=128 + self._stopped_by, errors="not started: stopped before")
            child = _start(arguments, threads)
            self._alive.add(child)
        try:
            return _follow(child, watch)
        finally:
            with self._lock:
                self._alive.discard(child)

    @property
    def is_stopping(self) -> bool:
        return self._stopped_by is not None

    def stop(self, number: int) -> None:
        with self._lock:
            self._stopped_by = number
            for child in self._alive:
                _signal(child, number)


def in_parallel(
    work: Callable[[Any], None], items: Iterable[Any], *, jobs: int, runner: Runner
) -> None:
    """Do `work` on each item, `jobs` at a time, in threads that wait for commands of `runner`.

    Raises KeyboardInterrupt with the signal's number when one came, after every command has
    stopped; what `work` raises, likewise.
    """
    with StopRequest() as request, ThreadPoolExecutor(jobs) as pool:
        waiting: set[Future[None]] = {pool.submit(work, item) for item in items}
        passed_on = False
        try:
            while waiting:
                done, waiting = wait(waiting, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
                for future in done:
                    if not future.cancelled():
                        future.result()
                if request.received is not None and not passed_on:
                    passed_on = True
                    runner.stop(request.received)
                    for future in waiting:
                        future.cancel()  # only those that have not begun
        except BaseException:  # a second signal too: then the commands hear one more
            runner.stop(request.received or signal.SIGINT)
            raise
        if request.received is not None:
            raise KeyboardInterrupt(request.received)


def _start(arguments: Sequence[str], threads: int) -> "subprocess.Popen[str]":
    environment = {
        **os.environ,
        **dict.fromkeys(_THREAD_VARIABLES, str(threads)),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "ganvas", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="backslashreplace",
        start_new_session=True,
    )


def _follow(child: "subprocess.Popen[str]", watch: Callable[[], bool] | None) -> Ended:
    try:
        while True:
            try:
                output, errors = child.communicate(timeout=_POLL_SECONDS)
                return Ended(code=_exit_code(child.returncode), output=output, errors=errors)
            except subprocess.TimeoutExpired:
                if watch is not None and watch():
                    watch = None
                    _signal(child, signal.SIGINT)
    except BaseException:  # what `watch` raised: the command must not outlive whoever waits for it
        _signal(child, signal.SIGINT)
        child.communicate()
        raise


def _exit_code(code: int) -> int:
    """Return 128 + N for a process that signal N ended, as shells do."""
    return code if code >= 0 else 128 - code


def _signal(child: "subprocess.Popen[str]", number: int) -> None:
    if child.poll() is not None:
        return
    if sys.platform == "win32":
        child.terminate()
    else:
        child.send_signal(number)
