"""Fixtures that tests of several rooms share."""

import gzip
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import settings

from tests.model_helpers import small_config, write_model

# A deadline is a timing assertion: on a busy machine it fails for nothing.
settings.register_profile("ganvas", deadline=None)
settings.load_profile("ganvas")

WriteIdx = Callable[[Path, npt.NDArray[np.uint8]], bytes]


@pytest.fixture(scope="session", autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test, and fixtures of any scope, away from the user's cache and from a proxy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANVAS_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        yield


@pytest.fixture
def hears_hangups() -> Iterator[None]:
    """A terminal that can be closed: tests may be run under nohup, which ignores that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture(scope="session")
def write_idx() -> WriteIdx:
    """Write uint8 values as an IDX file, gzip when the name says so; return the plain bytes."""

    def write(path: Path, values: npt.NDArray[np.uint8]) -> bytes:
        sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
        plain = bytes([0, 0, 8, values.ndim]) + sizes + values.tobytes()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(plain, mtime=0) if path.suffix == ".gz" else plain)
        return plain

    return write


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory, write_idx: WriteIdx) -> Path:
    """The folder of test data: GANVAS_TEST_DATA, ../shared/data, or small stand-ins.

    The stand-ins have the same names and formats, fewer images, and random content.
    """
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("GANVAS_TEST_DATA", default))
    if folder.is_dir():
        return folder
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for part, count in (("train", 200), ("t10k", 50)):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        write_idx(folder / "mnist" / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(folder / "mnist" / f"{part}-labels-idx1-ubyte.gz", labels)
    return folder


@pytest.fixture(scope="session")
def model_of_classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained generator of 8x8 grey pictures in the classes circle, square and 7."""
    folder = tmp_path_factory.mktemp("models") / "model"
    write_model(folder)
    return folder


@pytest.fixture(scope="session")
def model_without_classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained generator of 8x8 colour pictures."""
    folder = tmp_path_factory.mktemp("models") / "model"
    write_model(folder, small_config(channels=3, class_names=()))
    return folder
