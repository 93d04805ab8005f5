"""Signals to a run: the first Ctrl-C or SIGTERM asks it to stop, the second stops it now.

SIGHUP, of a terminal that is closed, is such a first one, however often it comes: shell and system
both send it. Whoever began the run may have it ignored (nohup).
SIGUSR1, where the system has it, asks for a checkpoint.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

__all__ = ["StopRequest"]

_CHECKPOINT = getattr(signal, "SIGUSR1", None)
_HANGUP = getattr(signal, "SIGHUP", None)


class StopRequest:
    """A context in which signals set `received` instead of interrupting.

    A second one, but of one terminal, raises KeyboardInterrupt with the number of the first.
    Outside the main thread, where Python takes no handlers, it changes nothing.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._checkpoint_asked = False
        self._at_once = False
        self._previous: dict[int, Callable[..., Any] | int | None] = {}

    def __enter__(self) -> "StopRequest":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._receive)
            if _HANGUP is not None and signal.getsignal(_HANGUP) is not signal.SIG_IGN:
                self._previous[_HANGUP] = signal.signal(_HANGUP, self._receive)
            if _CHECKPOINT is not None:
                self._previous[_CHECKPOINT] = signal.signal(_CHECKPOINT, self._ask_checkpoint)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous = {}

    def take_checkpoint_request(self) -> bool:
        """Whether a checkpoint was asked for since the last call."""
        asked, self._checkpoint_asked = self._checkpoint_asked, False
        return asked

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Let already the first signal interrupt: for work that can be dropped and done again."""
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            if number == _HANGUP:
                return
            raise KeyboardInterrupt(self.received)
        self.received = number
        if self._at_once:
            raise KeyboardInterrupt(number)

    def _ask_checkpoint(self, number: int, frame: FrameType | None) -> None:
        self._checkpoint_asked = True
