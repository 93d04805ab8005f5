"""Where the files of a data set come from, and what is to be done where they do not."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ganvas.data.named import fetch
from ganvas.data.named.fetch import fetch_files, remedy_for
from ganvas.data.named.find import embedded_folder
from ganvas.data.named.kinds import IdxSource, KnownFile
from ganvas.data.named.sources import CIFAR10, FASHION_MNIST, MNIST
from ganvas.errors import DataError

KINDS = "train_images train_labels test_images test_labels".split()
FILES = {
    kind: KnownFile(
        name=kind,
        num_bytes=100 * (number + 1),
        digest=sha256(bytes(100 * (number + 1))).hexdigest(),
        download_bytes=10 * (number + 1),
    )
    for number, kind in enumerate(KINDS)
}
SOURCE = replace(
    FASHION_MNIST,
    name="small",
    system_folders=(),
    mirrors=("http://mirror/",),
    **FILES,  # type: ignore[arg-type]
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are downloaded from; each gives all bytes in two halves."""
    found: list[str] = []

    def stand_in(urls: list[str], target: Path, *, progress: Callable[..., Any], **_: Any) -> None:
        found.extend(urls)
        total = 10 * (KINDS.index(target.name.removesuffix(".gz")) + 1)
        progress(total // 2, None)
        progress(total, total)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(bytes(total))

    monkeypatch.setattr(fetch, "download", stand_in)
    return found


def put(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


def test_what_is_found_is_not_asked_for(tmp_path: Path, asked: list[str]) -> None:
    folder = put(tmp_path / "own", *KINDS[:2], *(f"{kind}.gz" for kind in KINDS[2:]))
    found = fetch_files(SOURCE, data_dir=folder)
    assert {name: path.name for name, path in found.items()} == {
        **{kind: kind for kind in KINDS[:2]},
        **{kind: f"{kind}.gz" for kind in KINDS[2:]},
    }
    assert asked == []


def test_what_is_missing_comes_into_the_cache_and_is_counted_as_one(
    tmp_path: Path, cache: Path, asked: list[str]
) -> None:
    told: list[tuple[int, int]] = []
    folder = put(tmp_path / "own", "train_labels")
    found = fetch_files(SOURCE, data_dir=folder, progress=lambda *count: told.append(count))
    assert asked == [f"http://mirror/{kind}.gz" for kind in KINDS if kind != "train_labels"]
    assert found["train_labels"] == folder / "train_labels"
    assert found["test_labels"] == cache / "small" / "test_labels.gz"
    assert told == [(5, 80), (10, 80), (25, 80), (40, 80), (60, 80), (80, 80)]
    before = list(asked)
    assert fetch_files(SOURCE, data_dir=folder) == found
    assert asked == before


@pytest.mark.parametrize(
    ("source", "how"),
    [
        (replace(SOURCE, mirrors=()), "or install the Debian package dataset-fashion-mnist"),
        (replace(SOURCE, mirrors=(), package=""), "four files with --data-dir"),
        (replace(SOURCE, embedded=True), "install ganvas again"),
        (replace(CIFAR10, name="small"), "name the folder that holds cifar-10-binary.tar.gz"),
    ],
    ids=["package", "no package", "embedded", "archive"],
)
def test_where_nothing_may_be_asked_for_it_is_said_how_to_get_it(
    source: IdxSource, how: str, asked: list[str]
) -> None:
    with pytest.raises(DataError) as caught:
        fetch_files(source, allow_download=False)
    message = str(caught.value)
    assert message.startswith(f"small: {source.files[0].packed_name} not found in ")
    assert how in message
    assert asked == []


def test_without_a_mirror_nothing_is_asked_for(asked: list[str]) -> None:
    with pytest.raises(DataError, match=r"small: train_images\.gz not found in .*"):
        fetch_files(replace(SOURCE, mirrors=()))
    assert asked == []


def test_what_to_do_about_a_damaged_copy_is_what_would_help(tmp_path: Path, cache: Path) -> None:
    in_cache, own = cache / "small" / "train_images.gz", tmp_path / "train_images.gz"
    assert remedy_for(MNIST, embedded_folder(MNIST) / "x.gz") == "install ganvas again"
    assert remedy_for(SOURCE, in_cache) == "delete it and it is downloaded again"
    for source, path in ((SOURCE, own), (replace(SOURCE, mirrors=()), in_cache), (MNIST, own)):
        assert "name another folder with --data-dir" in remedy_for(source, path)
