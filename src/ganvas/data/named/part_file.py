"""A file on its way: grows beside its target, survives a stop, takes the name when complete."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ganvas.errors import DataError

if sys.platform != "win32":
    import fcntl

__all__ = ["PartFile"]


class PartFile:
    """The bytes so far of a download to `target`, in `target`.part; a context manager.

    One process at a time may hold it. What has arrived stays there when the context is left
    without `commit`, so that a later one resumes; an empty part leaves no file. `tag` is an
    opaque text kept beside it (`target`.part.tag) that says which version the bytes are of;
    `is_inherited` tells whether any of them came before this context or from another address.

    Entering raises DataError when another process holds it; anything else is an OSError.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(f"{target.name}.part")
        self._tag_path = target.with_name(f"{target.name}.part.tag")
        self._descriptor = -1
        self.size = 0
        self.is_inherited = False

    def __enter__(self) -> Self:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        binary = getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | binary, 0o666)
        try:
            self._lock()
            self.size = os.lseek(self._descriptor, 0, os.SEEK_END)
            self.is_inherited = self.size > 0
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._descriptor >= 0 and self.size == 0:
            self.remove()
        self._close()

    @property
    def tag(self) -> str:
        """The text that came with the bytes; empty when there is none."""
        try:
            return self._tag_path.read_text(encoding="utf-8") if self.size else ""
        except (OSError, ValueError):
            return ""

    def restart(self, tag: str = "") -> None:
        """Forget the bytes; those written from now on are of the version `tag`."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self.size = 0
        self.is_inherited = False
        if tag:
            self._tag_path.write_text(tag, encoding="utf-8")
        else:
            self._tag_path.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Append `chunk`."""
        rest = memoryview(chunk)
        while rest:
            written = os.write(self._descriptor, rest)
            self.size += written
            rest = rest[written:]

    def commit(self) -> None:
        """Make the bytes the target: on the disk first, then under its name at one stroke."""
        os.fsync(self._descriptor)
        self._close()
        self.path.replace(self.target)
        self._tag_path.unlink(missing_ok=True)
        if sys.platform != "win32":
            folder = os.open(self.target.parent, os.O_RDONLY)
            try:
                with suppress(OSError):  # some network file systems cannot sync a folder
                    os.fsync(folder)
            finally:
                os.close(folder)

    def remove(self) -> None:
        """Leave nothing behind: for bytes that nothing can resume from."""
        if sys.platform == "win32":  # which deletes no open file
            self._close()
        self.size = 0
        self.path.unlink(missing_ok=True)
        self._tag_path.unlink(missing_ok=True)
        self._close()

    def _lock(self) -> None:
        if sys.platform != "win32":  # elsewhere the checksum alone guards against two writers
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise DataError(
                    f"another process is writing {self.path}; wait until it is done and try again"
                ) from error
            except OSError:
                pass  # a file system without locks: the checksum guards

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
