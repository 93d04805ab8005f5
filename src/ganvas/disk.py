"""Every change of the disk that a file is made of, one function for each kind.

The rooms that keep runs and models change the disk through these alone. So whoever makes call
number k fail, or end the process, for every k, has tried each place where writing can break off.
"""

import os
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage, rmtree

__all__ = [
    "append",
    "close",
    "create",
    "free_bytes",
    "make_folder",
    "open_to_append",
    "remove_file",
    "remove_tree",
    "rename",
    "sync",
    "sync_folder",
    "truncate",
    "write",
]

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would turn line ends into two bytes
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def create(path: Path) -> int:
    """Make a file that must not be there yet; return a handle to write to it."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)


def open_to_append(path: Path) -> int:
    """Open a file to write at its end, made where there is none; a symbolic link is refused."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY | _NO_LINK, 0o666)


def write(handle: int, content: bytes) -> None:
    """Write all of `content`; whatever stops it half-way is an error."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def truncate(handle: int, length: int) -> None:
    """Cut an open file to `length` bytes."""
    os.ftruncate(handle, length)


def sync(handle: int) -> None:
    """Wait until what was written would outlive a power cut."""
    os.fsync(handle)


def close(handle: int) -> None:
    """Close a handle; some network file systems tell only here that a write failed."""
    os.close(handle)


def rename(old: Path, new: Path) -> None:
    """Give `old` the name `new` at once; a file that had it is gone, a folder is an error."""
    os.replace(old, new)


def make_folder(path: Path) -> None:
    """Make a folder that must not be there yet, below one that must."""
    path.mkdir()


def remove_file(path: Path) -> None:
    """Remove a file or a link."""
    path.unlink()


def remove_tree(path: Path) -> None:
    """Remove a folder and all in it; what cannot be removed stays."""
    rmtree(path, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` outlive a power cut, where the system can.

    Some file systems cannot; by then everything is in place, so that is no error.
    """
    if os.name != "posix":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def append(path: Path, content: bytes) -> None:
    """Add `content` to the end of a file, all of it or, after an error, nothing."""
    handle = open_to_append(path)
    try:
        length = os.fstat(handle).st_size
        try:
            write(handle, content)
        except OSError:
            with suppress(OSError):
                truncate(handle, length)
            raise
    finally:
        close(handle)


def free_bytes(path: Path) -> int | None:
    """Return the room on the disk that `path` is or will be on; None where nobody can tell."""
    place = path.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        return disk_usage(place).free
    except OSError:
        return None
