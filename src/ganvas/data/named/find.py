"""Where the files of a known data set are looked for, and where downloads are kept."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from ganvas.data.named.kinds import BinarySource, IdxSource, KnownFile, Source, StackedSource
from ganvas.errors import DataError, UsageError

__all__ = [
    "cache_folder",
    "embedded_folder",
    "find_batches",
    "find_file",
    "folders",
    "is_cached",
    "made_of",
]


def cache_folder() -> Path:
    """Return the folder that downloads are kept in; it need not exist yet.

    $GANVAS_CACHE, else $XDG_CACHE_HOME/ganvas, else what the platform uses: ~/.cache/ganvas,
    ~/Library/Caches/ganvas on macOS, %LOCALAPPDATA%/ganvas/cache on Windows. Raises DataError
    when there is no home folder to start from.
    """
    own = os.environ.get("GANVAS_CACHE")
    if own:
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME", "")
    if Path(shared).is_absolute():
        return Path(shared) / "ganvas"
    local = os.environ.get("LOCALAPPDATA")
    if sys.platform == "win32" and local:
        return Path(local) / "ganvas" / "cache"
    try:
        home = Path.home()
    except RuntimeError as error:
        raise DataError(
            "no home folder to keep downloads in; set GANVAS_CACHE to a folder"
        ) from error
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "ganvas"
    return home / ".cache" / "ganvas"


def embedded_folder(source: IdxSource | BinarySource) -> Path:
    """Return the folder of an embedded source's files inside the installed package."""
    return Path(str(files("ganvas.assets"))) / source.name


def made_of(source: Source) -> IdxSource | BinarySource:
    """Return the source whose files `source` is made of: itself, or what it stacks."""
    return source.of if isinstance(source, StackedSource) else source


def folders(source: IdxSource | BinarySource, data_dir: Path | None) -> tuple[Path, ...]:
    """Return the folders that hold `source`'s files, the first to look in first.

    `data_dir`/<name> and `data_dir` itself, then the package (for an embedded source), the
    cache, and the folders of the operating system's package. Raises UsageError when `data_dir`
    is given and is no folder.
    """
    found: list[Path] = []
    if data_dir is not None:
        data_dir = Path(data_dir).expanduser()
        if not _is_folder(data_dir):
            raise UsageError(
                f"--data-dir {data_dir} is not a folder; name the folder that holds "
                f"{_what_to_look_for(source)}, or leave it out"
            )
        found += [data_dir / source.name, data_dir]
    if source.embedded:
        found.append(embedded_folder(source))
    else:
        with suppress(DataError):  # without a home, the other places still do
            found.append(cache_folder() / source.name)
    return *found, *map(Path, source.system_folders)


def find_file(file: KnownFile, among: tuple[Path, ...]) -> Path | None:
    """Return the first copy of `file` in the folders, compressed or plain; None without one.

    Raises DataError when a folder may not be looked into.
    """
    for folder in among:
        for name in dict.fromkeys((file.packed_name, file.name)):
            if _look(folder / name, Path.is_file):
                return folder / name
    return None


def find_batches(source: BinarySource, among: tuple[Path, ...]) -> Path | None:
    """Return where a copy of `source` is in the folders; None without one.

    That is its archive, the folder it unpacks to (or one that holds the batches themselves), or
    else, after all of these in all folders, an archive of the pictures in class folders.
    """
    names = (*source.train_files, *source.test_files)
    for folder in among:
        if _look(folder / source.archive.name, Path.is_file):
            return folder / source.archive.name
        for unpacked in (folder / source.folder, folder):
            if all(_look(unpacked / name, Path.is_file) for name in names):
                return unpacked
    pictures = (folder / source.pictures for folder in among)
    return next((path for path in pictures if _look(path, Path.is_file)), None)


def is_cached(source: IdxSource | BinarySource, path: Path) -> bool:
    """Tell whether `path` is one of `source`'s files in the cache."""
    with suppress(DataError):
        return path.parent == cache_folder() / source.name
    return False


def _what_to_look_for(source: IdxSource | BinarySource) -> str:
    if isinstance(source, BinarySource):
        return f"{source.archive.name} or {source.folder}"
    return f"{source.train_images.name}.gz and the other files"


def _look(path: Path, kind: Callable[[Path], bool]) -> bool:
    try:
        return kind(path)
    except OSError as error:
        raise DataError(f"cannot look into {path.parent}: {error.strerror or error}") from error


def _is_folder(path: Path) -> bool:
    with suppress(OSError):  # a name too long, a folder above that may not be entered
        return path.is_dir()
    return False
