"""A named set's files: where they are found, downloaded, listed, refused."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from ganvas.data import Listing, listing, load, verify
from ganvas.data.named.find import cache_folder, embedded_folder
from ganvas.data.named.idx import read_idx
from ganvas.data.named.sources import FASHION_MNIST, MNIST, SOURCES, IdxSource, KnownFile
from ganvas.errors import DataError, UsageError

WriteIdx = Callable[[Path, np.ndarray], bytes]


fashion_folder = Path(FASHION_MNIST.system_folders[0])


@pytest.fixture
def tiny(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_idx: WriteIdx
) -> tuple[IdxSource, Path]:
    """A known set of 40 + 20 images of 8x9 and 2 classes, and the folder of its files."""
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "original"
    rng = np.random.default_rng(0)
    known = []
    for part, count in (("train", 40), ("t10k", 20)):
        for name, values in (
            (f"{part}-images", rng.integers(0, 256, (count, 8, 9), dtype=np.uint8)),
            (f"{part}-labels", (np.arange(count) % 2).astype(np.uint8)),
        ):
            path = folder / f"{name}.gz"
            plain = write_idx(path, values)
            known.append(
                KnownFile(
                    name=name,
                    num_bytes=len(plain),
                    digest=sha256(plain).hexdigest(),
                    download_bytes=path.stat().st_size,
                )
            )
    source = IdxSource(
        name="tiny",
        title="noise",
        licence="none",
        class_names=("even", "odd"),
        shape=(1, 8, 9),
        num_train=40,
        num_test=20,
        train_images=known[0],
        train_labels=known[1],
        test_images=known[2],
        test_labels=known[3],
        system_folders=(str(tmp_path / "system"),),
        package="dataset-tiny",
        mirrors=("http://127.0.0.1:9/",),
    )
    monkeypatch.setitem(SOURCES, "tiny", source)
    return source, folder


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def mirror(source: IdxSource, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve `folder` as the public mirror of `source`."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        address = f"http://127.0.0.1:{http.server_address[1]}/"
        monkeypatch.setitem(SOURCES, source.name, replace(source, mirrors=(address,)))
        yield
        http.shutdown()
        thread.join()


def _entry(name: str) -> Listing:
    return next(entry for entry in listing() if entry.name == name)


def test_listing_says_where_each_set_is(tiny: tuple[IdxSource, Path], tmp_path: Path) -> None:
    source, folder = tiny
    size = sum(path.stat().st_size for path in folder.iterdir())
    before = _entry(source.name)
    assert (before.state, before.where, before.download_bytes) == ("download", "", size)
    assert before.line == (
        "tiny: noise, 60 grey images of 8x9 in 2 classes; "
        f"to download on first use ({size / 1e6:.1f} MB)"
    )
    system = tmp_path / "system"
    shutil.copytree(folder, system)
    after = _entry(source.name)
    assert (after.state, after.where, after.download_bytes) == ("found", str(system), 0)
    assert after.line.endswith(f"; found in {system}")
    (system / f"{source.train_labels.name}.gz").unlink()
    assert _entry(source.name).download_bytes == source.train_labels.download_bytes
    assert listing()[0].state == "embedded"
    json.dumps(asdict(listing()[0]))


@pytest.mark.parametrize("place", ["data/tiny", "data", "cache/tiny", "system"])
def test_files_are_found_packed_or_plain_wherever_they_may_be(
    tiny: tuple[IdxSource, Path], tmp_path: Path, place: str, write_idx: WriteIdx
) -> None:
    source, original = tiny
    (tmp_path / "data").mkdir()
    shutil.copytree(original, tmp_path / place, dirs_exist_ok=True)
    dataset = load("tiny", data_dir=tmp_path / "data", held_out=4, download=False)
    assert dataset.source == f"files in {tmp_path / place}"
    assert (len(dataset.train), dataset.train.images.shape[1:]) == (36, (1, 8, 9))
    assert [check.state for check in verify("tiny", tmp_path / "data")] == ["ok"] * 4
    packed = tmp_path / place / f"{source.train_labels.name}.gz"
    packed.unlink()
    write_idx(packed.with_suffix(""), (np.arange(40) % 2).astype(np.uint8))
    plain = load("tiny", data_dir=tmp_path / "data", held_out=4, download=False)
    assert plain.digest == dataset.digest


def test_missing_files_are_downloaded_once_with_one_progress_over_all(
    tiny: tuple[IdxSource, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, original = tiny
    calls: list[tuple[int, int | None]] = []
    with mirror(source, original, monkeypatch):
        first = load("tiny", held_out=4, progress=lambda *counts: calls.append(counts))
    again = load("tiny", held_out=4)  # the mirror is gone
    assert first.digest == again.digest
    assert again.source == f"files in {cache_folder() / 'tiny'}"
    assert sorted(path.name for path in (cache_folder() / "tiny").iterdir()) == sorted(
        path.name for path in original.iterdir()
    )
    total = sum(file.download_bytes for file in source.files)
    done = [count for count, _ in calls]
    assert done == sorted(done)
    assert {whole for _, whole in calls} == {total}
    assert done[-1] == total


def test_a_mirror_with_other_content_is_refused_and_nothing_kept(
    tiny: tuple[IdxSource, Path], monkeypatch: pytest.MonkeyPatch, write_idx: WriteIdx
) -> None:
    source, original = tiny
    path = original / f"{source.train_labels.name}.gz"
    plain = write_idx(path, np.zeros(40, np.uint8))
    with mirror(source, original, monkeypatch), pytest.raises(DataError) as caught:
        load("tiny", held_out=4)
    message = str(caught.value)
    assert message.startswith("cannot download train-labels.gz from http://127.0.0.1:")
    assert f"expected sha256 {source.train_labels.digest}" in message
    assert f"found {sha256(plain).hexdigest()}" in message
    assert [path.name for path in (cache_folder() / "tiny").iterdir()] == ["train-images.gz"]


def test_offline_tells_what_to_do(tiny: tuple[IdxSource, Path]) -> None:
    remedy = (
        "name the folder of its four files with --data-dir, "
        "or install the Debian package dataset-tiny$"
    )
    with pytest.raises(DataError, match=rf"cannot download train-images\.gz from http.*{remedy}"):
        load("tiny", held_out=4)
    with pytest.raises(DataError, match=rf"tiny: train-images\.gz not found in .*{remedy}"):
        load("tiny", held_out=4, download=False)
    with pytest.raises(UsageError, match="got 40"):  # which no download would mend
        load("tiny", held_out=40)
    assert [check.state for check in verify("tiny")] == ["missing"] * 4


def test_a_damaged_file_in_the_cache_is_named_and_kept(
    tiny: tuple[IdxSource, Path],
) -> None:
    source, original = tiny
    folder = cache_folder() / "tiny"
    shutil.copytree(original, folder)
    path = folder / f"{source.test_images.name}.gz"
    path.write_bytes(b"no gzip")
    found = sha256(b"no gzip").hexdigest()
    with pytest.raises(
        DataError,
        match=rf"{path} is damaged \(7 bytes instead of \d+\): expected sha256 "
        rf"{source.test_images.digest}, found {found}; delete it and it is downloaded again$",
    ):
        load("tiny", held_out=4)
    assert path.read_bytes() == b"no gzip"


def test_the_folder_of_another_set_is_recognised() -> None:
    with pytest.raises(DataError, match=r"it is a file of mnist.*another folder with --data-dir"):
        load("fashion-mnist", data_dir=embedded_folder(MNIST), download=False)


@pytest.mark.needs_fashion_mnist
@pytest.mark.skipif(not fashion_folder.is_dir(), reason=f"no {fashion_folder}")
def test_fashion_mnist_is_found_where_the_debian_package_puts_it() -> None:
    assert [check.state for check in verify("fashion-mnist")] == ["ok"] * 4
    dataset = load("fashion-mnist", download=False)
    assert dataset.source == f"files in {fashion_folder}"
    for part, count in ((dataset.train, 55_000), (dataset.held_out, 5_000), (dataset.test, 10_000)):
        assert part is not None
        assert len(part) == count
    assert dataset.test is not None
    assert dataset.test.labels is not None
    assert np.bincount(dataset.test.labels).tolist() == [1000] * 10
    assert [dataset.class_names[i] for i in dataset.test.labels[:3]] == [
        "Ankle boot", "Pullover", "Trouser",
    ]  # fmt: skip


def test_the_test_data_folder_has_mnist_in_the_same_format(data_folder: Path) -> None:
    images = read_idx(data_folder / "mnist" / "t10k-images-idx3-ubyte.gz")
    labels = read_idx(data_folder / "mnist" / "t10k-labels-idx1-ubyte.gz")
    assert images.shape[1:] == (28, 28)
    assert labels.shape == images.shape[:1]
    assert set(labels.tolist()) == set(range(10))
