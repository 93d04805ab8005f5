"""Reads a file's uncompressed bytes, plain or gzip, never more than asked for."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ganvas.errors import DataError
from ganvas.words import counted

__all__ = ["open_unpacked", "read_up_to"]

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20


@contextmanager
def open_unpacked(path: Path) -> Iterator[BinaryIO]:
    """Open `path` for reading its uncompressed bytes; gzip is known by its first two bytes.

    Raises DataError when the file cannot be opened or read.
    """
    try:
        with path.open("rb") as raw:
            if raw.peek(2)[:2] == _GZIP_MAGIC:
                with gzip.GzipFile(fileobj=raw) as unzipped:
                    yield cast(BinaryIO, unzipped)
            else:
                yield raw
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error


def read_up_to(stream: BinaryIO, count: int, data: bytearray) -> str | None:
    """Append to `data` until it has `count` bytes or the stream ends.

    Returns None, or words that say how the gzip stream is damaged. Reading one byte past the
    expected end also makes gzip compare its own checksum.
    """
    try:
        while len(data) < count:
            chunk = stream.read(min(_CHUNK_BYTES, count - len(data)))
            if not chunk:
                break
            data += chunk
    except EOFError:
        return f"the gzip stream ends early, after {counted(len(data), 'byte')}"
    except (zlib.error, gzip.BadGzipFile) as error:
        return f"the gzip stream breaks after {counted(len(data), 'byte')}: {error}"
    return None
