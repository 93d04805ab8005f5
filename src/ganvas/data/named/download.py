"""Downloads one file: resumable, bounded, and checked before it gets its name.

A broken connection is tried again at once, from where it broke; nothing sleeps.
"""

import errno
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from ganvas.data.named.part_file import PartFile
from ganvas.errors import DataError

__all__ = ["Progress", "download"]

Progress = Callable[[int, int | None], None]
"""progress(done_bytes, total_bytes): called as bytes arrive; the total is None until known."""

_CHUNK_BYTES = 1 << 17
_RANGE_NOT_SATISFIABLE = 416


class _TryAgainError(Exception):
    """A failure that another attempt at the same address may not meet."""


class _GiveUpError(Exception):
    """A failure that the same address would repeat."""


def download(
    urls: Sequence[str],
    target: Path,
    *,
    max_bytes: int,
    check: Callable[[Path], object],
    remedy: str,
    progress: Progress | None = None,
    attempts: int = 3,
    timeout_seconds: float = 30.0,
) -> None:
    """Bring the file at the first of `urls` that has it to `target`, unless `target` is there.

    Bytes collect in `target`.part, which a later call resumes with a Range request. Not more
    than `max_bytes` are accepted. `check` gets the complete file's path and raises DataError
    when the content is wrong; only then is it thrown away. Each address is tried up to
    `attempts` times; `timeout_seconds` bounds each wait for the server.

    Raises DataError naming the file, the address, what went wrong and `remedy`.
    """
    assert urls
    assert attempts > 0
    problem = ""
    try:
        with PartFile(target) as part:
            if target.exists():  # another process was faster
                return
            try:
                for url in urls:
                    problem = _try_url(
                        url, part, attempts, max_bytes, check, progress, timeout_seconds
                    )
                    if not problem:
                        part.commit()
                        return
                    part.is_inherited = part.size > 0
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    part.remove()  # what is left would keep the disk full
                raise
    except OSError as error:
        raise DataError(
            f"cannot write {target}: {error.strerror or error}; "
            "make room, or set GANVAS_CACHE to a folder that can be written"
        ) from error
    raise DataError(f"cannot download {target.name} {problem}; {remedy}")


def _try_url(
    url: str,
    part: PartFile,
    attempts: int,
    max_bytes: int,
    check: Callable[[Path], object],
    progress: Progress | None,
    timeout_seconds: float,
) -> str:
    """Complete `part` from `url` and check it; return what went wrong, empty if nothing did."""
    problem = ""
    for _ in range(attempts):
        try:
            _transfer(url, part, max_bytes, progress, timeout_seconds)
            _check(check, part)
        except (_TryAgainError, _GiveUpError) as error:
            problem = f"from {url}: {' '.join(str(error).split())}"
            if isinstance(error, _GiveUpError):
                break
        else:
            return ""
    return problem


def _check(check: Callable[[Path], object], part: PartFile) -> None:
    try:
        check(part.path)
    except DataError as error:
        # bytes of two versions may have met; bytes of one would only come again
        kind = _TryAgainError if part.is_inherited else _GiveUpError
        part.restart()
        raise kind(str(error)) from error


def _transfer(
    url: str,
    part: PartFile,
    max_bytes: int,
    progress: Progress | None,
    timeout_seconds: float,
) -> None:
    """Append what is missing of `url` to `part`."""
    try:
        response = _open(url, part, timeout_seconds)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == _RANGE_NOT_SATISFIABLE and part.size:
                if error.headers.get("Content-Range", "").strip() == f"bytes */{part.size}":
                    return  # complete: an earlier run was stopped just before the check
                part.restart()
                raise _TryAgainError("the part already here does not fit") from error
            kind = (
                _TryAgainError if error.code >= http.client.INTERNAL_SERVER_ERROR else _GiveUpError
            )
            raise kind(f"the server answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise _GiveUpError(f"no connection ({error.reason})") from error
    except (http.client.HTTPException, OSError) as error:
        raise _TryAgainError(f"no proper answer ({_words(error)})") from error
    with response:
        total = _place(response, part, url)
        if total is not None and total > max_bytes:
            raise _GiveUpError(f"{total} bytes announced, at most {max_bytes} expected")
        if progress:
            progress(part.size, total)
        while total is None or part.size < total:
            try:
                chunk = response.read1(_CHUNK_BYTES)
            except (http.client.HTTPException, OSError) as error:
                raise _TryAgainError(
                    f"the connection broke after {part.size} bytes ({_words(error)})"
                ) from error
            if not chunk:
                break
            if part.size + len(chunk) > max_bytes:
                part.restart()
                raise _GiveUpError(f"more than the {max_bytes} bytes expected")
            part.write(chunk)
            if progress:
                progress(part.size, total)
    if total is not None and part.size < total:
        raise _TryAgainError(f"the connection broke after {part.size} of {total} bytes")


def _open(url: str, part: PartFile, timeout_seconds: float) -> http.client.HTTPResponse:
    """Ask for `url`, or for the rest of it when `part` has some of it."""
    headers = {"User-Agent": "ganvas", "Accept-Encoding": "identity"}
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
        origin, _, version = part.tag.partition("\n")
        if origin == url and version:
            headers["If-Range"] = version
    request = urllib.request.Request(url, headers=headers)
    response = urllib.request.urlopen(request, timeout=timeout_seconds)
    assert isinstance(response, http.client.HTTPResponse), url
    return response


def _place(response: http.client.HTTPResponse, part: PartFile, url: str) -> int | None:
    """Make `part` end where the response starts; return the whole file's size if known."""
    if response.status == http.client.PARTIAL_CONTENT:
        span = re.fullmatch(
            r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip()
        )
        if span is None or int(span[1]) != part.size:
            part.restart()
            raise _TryAgainError("the server sent another range than asked for")
        return None if span[2] == "*" else int(span[2])
    # The whole file: the server takes no ranges, has a new version, or nothing was here yet.
    version = response.headers.get("ETag", "")
    if not version or version.startswith("W/"):  # If-Range takes strong validators only
        version = response.headers.get("Last-Modified", "")
    part.restart(f"{url}\n{version}" if version else "")
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdecimal() else None


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
