"""One process at a time on a run directory, by a lock that does not outlive its process.

The lock is the system's own on an open file (flock; on Windows, locked bytes), which a process
loses however it dies. Where the file system has none, as on some network drives, the file's
content says who holds it, and a process that is no longer there holds nothing.
"""

import errno
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from ganvas.errors import GanvasError
from ganvas.files import cannot_write

__all__ = ["LOCK_FILE", "RunLock", "is_at_work"]

LOCK_FILE = ".lock"

_HELD = {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, errno.EDEADLK}
_TRIES = 100  # the file changes hands at the worst moment each time: that is no coincidence


class RunLock:
    """A context in which this process alone works in `folder`. Raises GanvasError on entering.

    The file is gone afterwards; after a kill it stays, and is taken over by whoever comes next.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / LOCK_FILE
        self._handle: int | None = None

    def __enter__(self) -> "RunLock":
        for _ in range(_TRIES):
            try:
                handle = os.open(
                    self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666
                )
            except OSError as error:
                raise cannot_write(self._path, error) from None
            try:
                _claim(handle, self._folder)
                if _is_still(handle, self._path):
                    _write_owner(handle)
                    self._handle = handle
                    return self
            except OSError as error:
                os.close(handle)
                raise cannot_write(self._path, error) from None
            except BaseException:
                os.close(handle)
                raise
            os.close(handle)  # its last holder removed it since we opened it
        raise GanvasError(f"cannot lock {self._folder}: its lock file is never the same twice")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        handle, self._handle = self._handle, None
        if handle is None:
            return
        if sys.platform == "win32":  # where no open file can be removed
            os.close(handle)
        with suppress(OSError):  # the folder may have vanished
            if sys.platform == "win32" or _is_still(handle, self._path):
                self._path.unlink()
        if sys.platform != "win32":
            os.close(handle)


def is_at_work(folder: Path) -> bool:
    """Return whether a process works in `folder`, as far as can be told without taking its lock.

    By the lock file, which is removed at the end of any work: after a kill it names a process
    that is no longer there. Of a process on another machine nobody here can tell: it counts.
    """
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        handle = os.open(folder / LOCK_FILE, flags)
    except OSError:
        return False
    try:
        owner = _read_owner(handle)
    except OSError:
        return False
    finally:
        os.close(handle)
    if owner is None:  # made this moment, and not written to yet
        return True
    return owner == (os.getpid(), socket.gethostname()) or _is_alive(*owner)


def _claim(handle: int, folder: Path) -> None:
    """Take the lock on an open file. Raises GanvasError when another process has it."""
    try:
        _lock(handle)
    except OSError as error:
        owner = _read_owner(handle)
        if error.errno in _HELD:
            raise _taken(folder, owner) from None
        if owner is not None and _is_alive(*owner):  # no such locks here: go by the content
            raise _taken(folder, owner) from None


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, 1 << 20, os.SEEK_SET)  # beyond the content, which stays readable
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        return
    import fcntl

    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_still(handle: int, path: Path) -> bool:
    """Whether `path` is the open file, not one that was made since in its place."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


def _write_owner(handle: int) -> None:
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, f"{os.getpid()} {socket.gethostname()}\n".encode(errors="backslashreplace"))


def _read_owner(handle: int) -> tuple[int, str] | None:
    """Return the process number and the machine that the lock file names, None for no such."""
    os.lseek(handle, 0, os.SEEK_SET)
    number, _, machine = os.read(handle, 300).decode(errors="replace").strip().partition(" ")
    return (int(number), machine) if number.isdecimal() and len(number) < 10 else None


def _is_alive(process: int, machine: str) -> bool:
    """Whether a process may still be there; of another machine's, nobody here can tell."""
    if machine != socket.gethostname() or sys.platform == "win32":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return process != os.getpid()


def _taken(folder: Path, owner: tuple[int, str] | None) -> GanvasError:
    who = "another process" if owner is None else f"process {owner[0]}"
    hint = ""
    if owner is not None and owner[1] != socket.gethostname():
        who += f" of {owner[1]}"
        hint = f" (if that one is surely gone, remove {folder / LOCK_FILE})"
    return GanvasError(
        f"{who} is at work in {folder}; wait for it, or stop it, and try again{hint}"
    )
