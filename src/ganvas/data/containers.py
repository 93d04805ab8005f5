"""Which kind of container a path is, told by its first bytes; and arrays that lie in archives."""

from pathlib import Path

from ganvas.data.array_files import ARRAY_SUFFIXES, MAX_ARRAY_BYTES
from ganvas.data.container import MAX_FILE_BYTES, MAX_MEMBERS, Container, Folder
from ganvas.data.decode import SUFFIXES
from ganvas.data.tar_files import TarFiles
from ganvas.data.zip_files import ZipFiles
from ganvas.errors import DataError, UsageError

__all__ = ["is_array_file", "open_container", "packed_arrays"]

_ZIP = (b"PK\3\4", b"PK\5\6")
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_TAR_MAGIC = slice(257, 262)


def is_array_file(path: Path) -> bool:
    """Tell whether `path` is a .npy or .npz file."""
    return path.suffix.lower() in ARRAY_SUFFIXES and path.is_file()


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


def packed_arrays(container: Container) -> tuple[str, bytes] | None:
    """Return name and bytes of the one .npz or .npy file in an archive without pictures.

    None where there is none, or more than one. Raises DataError when it cannot be read.
    """
    if isinstance(container, Folder):
        return None
    members = container.members()
    arrays = [member for member in members if member.name.lower().endswith(ARRAY_SUFFIXES)]
    if len(arrays) != 1 or any(member.name.lower().endswith(SUFFIXES) for member in members):
        return None
    unbounded = open_container(container.path, max_file_bytes=MAX_ARRAY_BYTES)
    (content,) = unbounded.read(arrays)
    if isinstance(content, DataError):
        raise DataError(f"{container.path}: '{arrays[0].name}' cannot be read: {content}")
    return arrays[0].name, content
