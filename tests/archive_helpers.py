"""Archives of every kind, packed from files by name, for tests of what reads them."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.picture_helpers import to_bytes

Pack = Callable[[Path, Mapping[str, bytes]], Path]


def pack_zip(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def pack_tar(path: Path, files: Mapping[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


PACKERS: dict[str, Pack] = {
    "x.zip": pack_zip,
    "stored.zip": lambda path, files: pack_zip(path, files, zipfile.ZIP_STORED),
    "x.tar": pack_tar,
    "x.tar.gz": lambda path, files: pack_tar(path, files, "w:gz"),
    "x.tar.bz2": lambda path, files: pack_tar(path, files, "w:bz2"),
    "x.tar.xz": lambda path, files: pack_tar(path, files, "w:xz"),
}
every = pytest.mark.parametrize("name", PACKERS)

PETS = {
    "top/10/b.png": to_bytes(np.full((8, 8), 3, np.uint8)),
    "top/2/a.png": to_bytes(np.full((8, 8), 1, np.uint8)),
    "top/10/a.png": to_bytes(np.full((8, 8), 2, np.uint8)),
    "top/2/" + "long" * 60 + ".png": to_bytes(np.full((8, 8), 9, np.uint8)),
    "top/readme.txt": b"x",
    "__MACOSX/top/2/._a.png": b"x",
    "top/.git/x.png": b"x",
}
