"""Many pictures decoded at once, on all cores, with a bounded number of them in memory."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from ganvas.data.archives.container import Container, Member
from ganvas.data.images import ImageArray
from ganvas.data.pictures.decode import PictureError, decode
from ganvas.data.pictures.preparation import Preparation

__all__ = ["decode_all"]

_CHUNK_FILES = 256
_CHUNK_BYTES = 1 << 22

Decoded = tuple[Member, ImageArray | PictureError]


def decode_all(
    container: Container, members: Iterable[Member], preparation: Preparation
) -> Iterator[Decoded]:
    """Yield each of `members`, which come by rising index, with its pixels or why it has none.

    Files are read by the caller's thread and decoded by others (Pillow lets go of the
    interpreter meanwhile); the order stays.
    """
    workers = _workers()
    waiting: deque[Future[list[Decoded]]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="ganvas-decode") as pool:
        try:
            for chunk in _chunks(container, members):
                waiting.append(pool.submit(_decode_chunk, chunk, preparation))
                if len(waiting) > workers + 1:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _decode_chunk(
    chunk: list[tuple[Member, bytes | PictureError]], preparation: Preparation
) -> list[Decoded]:
    found: list[Decoded] = []
    for member, data in chunk:
        if isinstance(data, PictureError):
            found.append((member, data))
            continue
        try:
            found.append((member, decode(data, preparation)))
        except PictureError as error:
            found.append((member, error))
    return found


def _chunks(
    container: Container, members: Iterable[Member]
) -> Iterator[list[tuple[Member, bytes | PictureError]]]:
    listed = list(members)
    chunk: list[tuple[Member, bytes | PictureError]] = []
    held = 0
    for member, data in zip(listed, container.read(listed), strict=True):
        chunk.append((member, data))
        held += 0 if isinstance(data, PictureError) else len(data)
        if len(chunk) == _CHUNK_FILES or held >= _CHUNK_BYTES:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def _workers() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
