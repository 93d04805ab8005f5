"""Windows' locks of bytes, as much of them as a lock of one byte needs, by the open file."""

import errno
import os
from types import SimpleNamespace

__all__ = ["fake_msvcrt"]


def fake_msvcrt() -> SimpleNamespace:
    """Return what stands in for `msvcrt`: one holder a byte, which a closed file no longer is.

    A second holder of the same byte gets EACCES at once, as LK_NBLCK does. `calls` lists the place
    of each lock that was asked for.
    """
    held: dict[tuple[int, int, int], int] = {}
    calls: list[int] = []

    def locking(handle: int, mode: int, count: int) -> None:
        assert (mode, count) == (2, 1)
        status, place = os.fstat(handle), os.lseek(handle, 0, os.SEEK_CUR)
        calls.append(place)
        key = (status.st_dev, status.st_ino, place)
        holder = held.get(key)
        if holder is not None and holder != handle and _is_open(holder, status):
            raise OSError(errno.EACCES, "locked")
        held[key] = handle

    return SimpleNamespace(LK_NBLCK=2, locking=locking, calls=calls)


def _is_open(handle: int, of: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), of)
    except OSError:
        return False
