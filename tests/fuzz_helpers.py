"""Damaged files for every reader: what a fuzzer feeds in, and what may come out of a reader.

A `Reader` is a name, whole files it reads, and a function that reads bytes. `attempt` runs one
input through it: a result or a GanvasError is fine, anything else is a fault. The tests draw inputs
with hypothesis; a long soak draws them with `mutate` from a plain random generator.
"""

import gzip
import io
import json
import random
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from ganvas.data.archives.kinds import open_container
from ganvas.data.archives.tar_files import TarFiles
from ganvas.data.archives.zip_files import ZipFiles
from ganvas.data.named.cifar import bytes_to_records
from ganvas.data.named.idx import read_idx
from ganvas.data.named.sources import CIFAR10
from ganvas.data.pictures.array_files import read_array_file
from ganvas.data.pictures.decode import decode
from ganvas.data.pictures.preparation import Preparation
from ganvas.data.store.card import StoredSet
from ganvas.data.store.read import read_stored
from ganvas.data.store.write import write_card, write_split
from ganvas.errors import GanvasError
from tests.picture_helpers import noise, to_bytes

MAX_INPUT = 1 << 16
"""Bytes of an input at most: what goes wrong, goes wrong in small files too."""

_WORDS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
"""Numbers that headers get wrong."""


@dataclass(frozen=True, slots=True)
class Reader:
    """`read(content, folder)` reads a file of these bytes, using `folder` for what must be one."""

    name: str
    whole: tuple[bytes, ...]
    read: Callable[[bytes, Path], object]


def attempt(reader: Reader, content: bytes, folder: Path) -> bool:
    """Read `content`; return whether it was taken. Anything but a GanvasError goes through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's own words about odd metadata
        try:
            reader.read(content, folder)
        except GanvasError as error:
            told = str(error)
        else:
            return True
    assert told
    assert "\n" not in told
    return False


# What may be done to a file, each as (bytes, three numbers from 0 to 1) -> bytes.
Mutation = Callable[[bytes, float, float, float], bytes]


def cut(content: bytes, a: float, b: float, c: float) -> bytes:
    """Leave the end out."""
    return content[: int(a * len(content))]


def flip(content: bytes, a: float, b: float, c: float) -> bytes:
    """Change one bit."""
    changed = bytearray(content)
    if changed:
        changed[_place(content, a)] ^= 1 << int(7.99 * b)
    return bytes(changed)


def set_number(content: bytes, a: float, b: float, c: float) -> bytes:
    """Put a number that headers get wrong somewhere, in 1, 2 or 4 bytes of either order."""
    size, number = (1, 2, 4)[int(2.99 * c)], _WORDS[_place(_WORDS, b)]
    order = "little" if int(1e6 * c) % 2 else "big"
    word = (number & (1 << 8 * size) - 1).to_bytes(size, order)  # type: ignore[arg-type]
    at = _place(content, a)
    return content[:at] + word + content[at + size :]


def remove(content: bytes, a: float, b: float, c: float) -> bytes:
    """Take a stretch out of the middle."""
    at = _place(content, a)
    return content[:at] + content[at + 1 + int(b * 64) :]


def repeat(content: bytes, a: float, b: float, c: float) -> bytes:
    """Put a stretch in once more, elsewhere."""
    at = _place(content, a)
    piece = content[at : at + 1 + int(b * 512)]
    to = _place(content, c)
    return (content[:to] + piece + content[to:])[:MAX_INPUT]


MUTATIONS: tuple[Mutation, ...] = (cut, flip, set_number, remove, repeat)


def mutate(content: bytes, source: random.Random, most: int = 4) -> bytes:
    """Return `content` after 1 to `most` mutations drawn from `source`."""
    for _ in range(source.randint(1, most)):
        change = source.choice(MUTATIONS)
        content = change(content, source.random(), source.random(), source.random())
    return content


def inputs(reader: Reader) -> st.SearchStrategy[bytes]:
    """Return what hypothesis feeds to a reader: anything at all, and its own files, damaged."""
    share = st.floats(0, 1)
    steps = st.lists(
        st.tuples(st.sampled_from(MUTATIONS), share, share, share), min_size=1, max_size=4
    )

    def damaged(whole: bytes, changes: list[tuple[Mutation, float, float, float]]) -> bytes:
        for change, a, b, c in changes:
            whole = change(whole, a, b, c)
        return whole

    return st.one_of(
        st.binary(max_size=200),
        st.builds(
            lambda whole, tail: whole[:16] + tail,
            st.sampled_from(reader.whole),
            st.binary(max_size=200),
        ),
        st.builds(damaged, st.sampled_from(reader.whole), steps),
    )


def _place(items: Sequence[object], share: float) -> int:
    return min(int(share * len(items)), max(len(items) - 1, 0))


def readers() -> Iterator[Reader]:
    """Yield every reader of files that come from others."""
    values = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    idx = bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in (3, 4, 5)) + values.tobytes()
    yield Reader("idx", (idx, gzip.compress(idx)), _from_file("x", read_idx))
    yield Reader("cifar", (bytes(range(3)) + bytes(3 * 3073 - 3),), _read_cifar)
    images, labels = noise(4, 8, 8), np.arange(4)
    yield Reader("npy", (_npy(images), _npy(images / 255.0)), _from_file("x.npy", read_array_file))
    yield Reader(
        "npz",
        (_npz(images=images, labels=labels), _npz(arr_0=images)),
        _from_file("x.npz", read_array_file),
    )
    rgb, grey = noise(9, 10, 3), noise(9, 10)
    kinds = ("png", "jpeg", "webp", "bmp", "tiff")
    pictures = (
        *(to_bytes(rgb, kind) for kind in kinds),
        *(to_bytes(grey, kind) for kind in ("png", "jpeg", "bmp", "tiff")),
        to_bytes(rgb, "tiff", compression="tiff_lzw"),
        to_bytes(rgb, "webp", lossless=True),
        to_bytes(grey.astype(np.uint16) * 257),
        to_bytes(np.dstack([rgb, grey])),
        to_bytes(rgb, "jpeg", progressive=True),
    )
    for size in (None, 8):
        yield Reader(f"picture-{size}", pictures, _decoder(Preparation.of(size)))
    files = {"a/1.png": to_bytes(grey), "a/2.png": to_bytes(rgb), "b/3.txt": b"text" * 9}
    yield Reader("zip", (_zip(files), _zip(files, zipfile.ZIP_STORED)), _read_zip)
    plain = _tar(files, "w")
    yield Reader("tar", (plain,), _read_tar)
    yield Reader("packed-tar", (_tar(files, "w:gz"), _tar(files, "w:xz")), _read_tar)
    yield Reader("any-container", (plain, _zip(files)), _from_file("x", _read_all))
    card = json.dumps(_stored_card(Path()).to_json()).encode()
    yield Reader("stored-card", (card,), _stored_with("set.json"))
    yield Reader("stored-images", (_npy(noise(4, 1, 8, 8)),), _stored_with("train-images.npy"))
    yield Reader("stored-labels", (_npy(np.arange(4) % 2),), _stored_with("train-labels.npy"))


def _from_file(name: str, read: Callable[[Path], object]) -> Callable[[bytes, Path], object]:
    def put(content: bytes, folder: Path) -> object:
        path = folder / name
        path.write_bytes(content)
        return read(path)

    return put


def _decoder(preparation: Preparation) -> Callable[[bytes, Path], object]:
    def read(content: bytes, folder: Path) -> object:
        found = decode(content, preparation)
        assert found.dtype == np.uint8
        assert found.ndim == 3
        return found

    return read


def _read_cifar(content: bytes, folder: Path) -> object:
    images, labels = bytes_to_records(content, 3, CIFAR10, "x")
    assert images.shape == (3, 3, 32, 32)
    assert labels.max() < 10
    return images


def _read_all(path: Path) -> list[object]:
    container = open_container(path, max_members=1000, max_file_bytes=MAX_INPUT)
    return list(container.read(container.members()))


def _read_zip(content: bytes, folder: Path) -> object:
    (folder / "x.zip").write_bytes(content)
    container = ZipFiles(folder / "x.zip", max_members=1000, max_file_bytes=MAX_INPUT)
    return list(container.read(container.members()))


def _read_tar(content: bytes, folder: Path) -> object:
    (folder / "x.tar").write_bytes(content)
    container = TarFiles(folder / "x.tar", max_members=1000, max_file_bytes=MAX_INPUT)
    return list(container.read(container.members()))


def _stored_card(folder: Path) -> StoredSet:
    return StoredSet(
        name="x",
        folder=folder,
        shape=(1, 8, 8),
        num_train=4,
        num_test=0,
        class_names=("a", "b"),
        digest="",
        source="x",
        licence="x",
        order="mixed",
        held_out=1,
        parent=None,
    )


def _stored_with(name: str) -> Callable[[bytes, Path], object]:
    """Return what reads a stored set in which one file has other bytes."""

    def read(content: bytes, folder: Path) -> object:
        if not (folder / "set.json").exists():
            write_split(folder, "train", noise(4, 1, 8, 8), np.arange(4) % 2, None)
            write_card(folder, _stored_card(folder))
        before = (folder / name).read_bytes()
        try:
            (folder / name).write_bytes(content)
            return read_stored(folder, "x").split(None)
        finally:
            (folder / name).write_bytes(before)

    return read


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _zip(files: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _tar(files: dict[str, bytes], mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()
