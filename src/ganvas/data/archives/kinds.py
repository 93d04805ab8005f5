"""Which kind of container a path is, told by its first bytes; and arrays that lie in archives."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ganvas.data.archives.container import MAX_FILE_BYTES, MAX_MEMBERS, Container, Folder, Member
from ganvas.data.archives.tar_files import TarFiles
from ganvas.data.archives.zip_files import ZipFiles
from ganvas.data.arrays import Layout
from ganvas.data.pictures.array_files import (
    ARRAY_SUFFIXES,
    MAX_ARRAY_BYTES,
    Arrays,
    read_array_file,
)
from ganvas.data.pictures.decode import SUFFIXES, PictureError
from ganvas.data.pictures.preparation import AS_THEY_ARE, Preparation
from ganvas.errors import DataError, UsageError

__all__ = ["open_container", "packed_arrays", "read_arrays"]

_ZIP = (b"PK\3\4", b"PK\5\6")
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_TAR_MAGIC = slice(257, 262)


def open_container(
    path: Path, *, max_members: int = MAX_MEMBERS, max_file_bytes: int = MAX_FILE_BYTES
) -> Container:
    """Return the folder, zip or tar archive (plain, gzip, bzip2 or xz) at `path`.

    Raises UsageError when nothing is there, DataError for a file of another kind.
    """
    if path.is_dir():
        return Folder(path, max_members=max_members, max_file_bytes=max_file_bytes)
    if not path.exists():
        raise UsageError(f"no folder or file at {path}; name pictures, an archive or a .npz file")
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from None
    if head.startswith(_ZIP):
        return ZipFiles(path, max_members=max_members, max_file_bytes=max_file_bytes)
    if head.startswith(_PACKED) or head[_TAR_MAGIC] == b"ustar":
        return TarFiles(path, max_members=max_members, max_file_bytes=max_file_bytes)
    raise DataError(
        f"{path} is no folder, zip or tar archive and no .npz or .npy file; name one of these"
    )


def read_arrays(
    path: Path, *, layout: Layout = "auto", preparation: Preparation = AS_THEY_ARE
) -> Arrays | None:
    """Return the arrays of a .npz or .npy file at `path`; None for any other file or folder."""
    if path.suffix.lower() in ARRAY_SUFFIXES and path.is_file():
        return read_array_file(path, layout=layout, preparation=preparation)
    return None


def packed_arrays(
    container: Container,
    members: Sequence[Member],
    *,
    layout: Layout = "auto",
    preparation: Preparation = AS_THEY_ARE,
) -> Arrays | None:
    """Return the arrays of the one .npz or .npy file in an archive that holds no pictures.

    None where that is not what it is. Raises DataError when they cannot be read.
    """
    arrays = [member for member in members if member.name.lower().endswith(ARRAY_SUFFIXES)]
    pictures = any(member.name.lower().endswith(SUFFIXES) for member in members)
    if isinstance(container, Folder) or len(arrays) != 1 or pictures:
        return None
    name = container.path / arrays[0].name
    roomy = open_container(
        container.path, max_members=sys.maxsize // 1000, max_file_bytes=MAX_ARRAY_BYTES
    )
    (content,) = roomy.read(arrays)
    if isinstance(content, PictureError):
        raise DataError(f"{name} cannot be read: {content}")
    return read_array_file(name, layout=layout, preparation=preparation, content=content)
