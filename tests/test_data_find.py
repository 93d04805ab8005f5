import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ganvas.data.named import find
from ganvas.data.named.find import cache_folder, find_file, folders, is_cached
from ganvas.data.named.sources import FASHION_MNIST, MNIST
from ganvas.errors import DataError, UsageError

FILE = FASHION_MNIST.train_labels


def test_the_cache_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    monkeypatch.delenv("GANVAS_CACHE")
    assert cache_folder() == tmp_path / "xdg" / "ganvas"


@pytest.mark.parametrize(
    ("platform", "below_home"),
    [
        ("linux", ".cache/ganvas"),
        ("darwin", "Library/Caches/ganvas"),
        ("win32", "AppData/Local/ganvas/cache"),
    ],
)
def test_else_the_cache_is_where_the_platform_keeps_such_things(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, below_home: str
) -> None:
    monkeypatch.delenv("GANVAS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "AppData" / "Local"))
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == tmp_path / below_home


def test_without_a_home_only_the_cache_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("GANVAS_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(DataError, match="set GANVAS_CACHE"):
        cache_folder()
    assert folders(FASHION_MNIST, None) == (Path("/usr/share/datasets/fashion-mnist"),)
    assert not is_cached(FASHION_MNIST, Path("x"))


def test_folders_come_in_the_order_of_who_chose_them(tmp_path: Path) -> None:
    own = (tmp_path / "fashion-mnist", tmp_path)
    assert folders(FASHION_MNIST, tmp_path)[:2] == own
    assert folders(FASHION_MNIST, None) == (
        cache_folder() / "fashion-mnist",
        Path("/usr/share/datasets/fashion-mnist"),
    )
    assert folders(MNIST, None) == (find.embedded_folder(MNIST),)


@pytest.mark.parametrize("name", ["absent", "file", "x" * 300])
def test_a_data_dir_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is not a folder; name the folder that holds"):
        folders(FASHION_MNIST, tmp_path / name)


def test_the_first_copy_counts_packed_before_plain(tmp_path: Path) -> None:
    among = (tmp_path / "a", tmp_path / "b")
    assert find_file(FILE, among) is None
    for folder in among:
        folder.mkdir()
    (tmp_path / "a" / f"{FILE.name}.gz").mkdir()  # a folder is no copy
    packed, plain = tmp_path / "b" / f"{FILE.name}.gz", tmp_path / "b" / FILE.name
    plain.write_text("")
    assert find_file(FILE, among) == plain
    packed.write_text("")
    assert find_file(FILE, among) == packed
    (tmp_path / "a" / FILE.name).write_text("")
    assert find_file(FILE, among) == tmp_path / "a" / FILE.name


def test_a_folder_that_cannot_be_looked_into_is_named(tmp_path: Path) -> None:
    long = replace(FILE, name="x" * 300)
    with pytest.raises(DataError, match=r"cannot look into .*: File name too long"):
        find_file(long, (tmp_path,))


def test_cached_files_are_known_as_such() -> None:
    assert is_cached(FASHION_MNIST, cache_folder() / "fashion-mnist" / "any.gz")
    assert not is_cached(FASHION_MNIST, cache_folder() / "mnist" / "any.gz")
