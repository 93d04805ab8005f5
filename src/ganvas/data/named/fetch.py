"""Brings the files of a known data set: finds each, or downloads it into the cache."""

from pathlib import Path

from ganvas.data.named.check import require_known
from ganvas.data.named.download import Progress, download
from ganvas.data.named.find import cache_folder, embedded_folder, find_file, folders, is_cached
from ganvas.data.named.kinds import BinarySource, IdxSource, KnownFile
from ganvas.errors import DataError

__all__ = ["fetch_files", "remedy_for"]


def fetch_files(
    source: IdxSource | BinarySource,
    *,
    data_dir: Path | None = None,
    allow_download: bool = True,
    progress: Progress | None = None,
) -> dict[str, Path]:
    """Return the path of each of `source`'s files by name, downloading those that are missing.

    `progress(done_bytes, total_bytes)` counts over all files to download. Found files are not
    opened here; downloaded ones are checked before they are kept. Raises DataError when a file
    is missing and cannot be downloaded, UsageError when `data_dir` is no folder.
    """
    among = folders(source, data_dir)
    paths = {file.name: find_file(file, among) for file in source.files}
    missing = [file for file in source.files if paths[file.name] is None]
    if missing and not (allow_download and source.mirrors):
        looked = ", ".join(map(str, among))
        raise DataError(
            f"{source.name}: {missing[0].packed_name} not found in {looked}; {_how_to_get(source)}"
        )
    found = {name: path for name, path in paths.items() if path is not None}
    return found | _download_all(source, missing, progress)


def remedy_for(source: IdxSource | BinarySource, path: Path) -> str:
    """Return what to do about a damaged copy of one of `source`'s files at `path`."""
    if source.embedded and path.parent == embedded_folder(source):
        return "install ganvas again"
    if source.mirrors and is_cached(source, path):
        return "delete it and it is downloaded again"
    return "get the file again, or name another folder with --data-dir"


def _how_to_get(source: IdxSource | BinarySource) -> str:
    if source.embedded:
        return "install ganvas again"
    if isinstance(source, BinarySource):
        return f"name the folder that holds {source.archive.name} with --data-dir"
    remedy = "name the folder of its four files with --data-dir"
    if source.package:
        remedy += f", or install the Debian package {source.package}"
    return remedy


def _download_all(
    source: IdxSource | BinarySource, missing: list[KnownFile], progress: Progress | None
) -> dict[str, Path]:
    sizes = {file.name: file.download_bytes for file in missing}
    paths: dict[str, Path] = {}
    for file in missing:
        target = cache_folder() / source.name / file.packed_name
        before = sum(sizes[name] for name in paths)

        def report(done: int, total: int | None, name: str = file.name, base: int = before) -> None:
            if progress:
                sizes[name] = total if total is not None else max(done, sizes[name])
                progress(base + done, sum(sizes.values()))

        def check(path: Path, file: KnownFile = file) -> None:
            require_known(file, path, remedy="nothing of it was kept")

        download(
            [f"{mirror}{file.packed_name}" for mirror in source.mirrors],
            target,
            # stored without compression, gzip adds 5 bytes to each 64 KiB and a short header
            max_bytes=file.num_bytes + file.num_bytes // 1000 + 1024,
            check=check,
            remedy=_how_to_get(source),
            progress=report,
        )
        paths[file.name] = target
    return paths
