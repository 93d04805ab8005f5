"""Kept arrays: found again to the bit, never trusted when damaged, never needed."""

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.real import cache as room
from ganvas.real.cache import Arrays, cached, find_cached, key_to_name, write_arrays

KEY: list[str | int] = ["features", "sha256:0", 7]
NAMES = ("mean", "count")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "real"


class Computing:
    """Makes the arrays, and counts how often it had to."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Arrays:
        self.times += 1
        return {"mean": np.random.default_rng(0).standard_normal((5, 3)), "count": np.array([7])}


def numbers(arrays: Arrays) -> dict[str, tuple[bytes, tuple[int, ...], str]]:
    return {name: (a.tobytes(), a.shape, a.dtype.name) for name, a in sorted(arrays.items())}


def test_what_is_computed_once_is_found_again_to_the_bit(folder: Path) -> None:
    computing = Computing()
    assert find_cached(KEY, NAMES) is None
    first = cached(KEY, NAMES, computing)
    again = cached(KEY, NAMES, computing)
    assert numbers(first) == numbers(again) == numbers(Computing()())
    assert computing.times == 1
    name = key_to_name(KEY)
    assert sorted(path.name for path in folder.iterdir()) == [f"{name}.json", f"{name}.safetensors"]


@given(
    st.lists(
        st.lists(st.one_of(st.integers(), st.text(max_size=5)), max_size=4),
        min_size=2,
        max_size=2,
        unique_by=repr,
    )
)
def test_different_keys_have_different_names(keys: list[list[str | int]]) -> None:
    one, other = map(key_to_name, keys)
    assert one != other
    assert len(one) == 32
    assert set(one) <= set("0123456789abcdef")


def test_the_codes_version_is_part_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_to_name(KEY)
    monkeypatch.setattr(room, "VERSION", room.VERSION + 1)
    assert key_to_name(KEY) != before


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "cut":
        path.write_bytes(content[:-2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "flipped":
        path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["cut", "empty", "flipped", "gone"])
@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
def test_a_damaged_file_is_computed_again_and_replaced(
    folder: Path, caplog: pytest.LogCaptureFixture, how: str, suffix: str
) -> None:
    computing = Computing()
    first = cached(KEY, NAMES, computing)
    (path,) = (path for path in folder.iterdir() if path.suffix == suffix)
    before = path.read_bytes()
    damage(path, how)
    assert numbers(cached(KEY, NAMES, computing)) == numbers(first)
    assert computing.times == 2
    assert path.read_bytes() == before
    # Arrays that are not there are no damage; of the rest the log tells.
    assert ("computing again" in caplog.text) == ((how, suffix) != ("gone", ".safetensors"))


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_flipped_bit_is_found(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    computing = Computing()
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.getbasetemp() / "flipped"
        patch.setenv("GANVAS_CACHE", str(folder))
        first = cached(KEY, NAMES, computing)
        path = folder / "real" / f"{key_to_name(KEY)}.safetensors"
        content = bytearray(path.read_bytes())
        bit = data.draw(st.integers(0, 8 * len(content) - 1))
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        before = computing.times
        assert numbers(cached(KEY, NAMES, computing)) == numbers(first)
        assert computing.times == before + 1


def test_a_folder_in_the_place_of_a_file_is_no_obstacle(folder: Path) -> None:
    first = cached(KEY, NAMES, Computing())
    for path in list(folder.iterdir()):
        path.unlink()
        path.mkdir()
    assert numbers(cached(KEY, NAMES, Computing())) == numbers(first)


def test_another_file_under_this_name_is_not_taken(folder: Path) -> None:
    first = cached(KEY, NAMES, Computing())
    (path,) = folder.glob("*.safetensors")
    write_arrays(path, {name: array + 1 for name, array in first.items()})
    assert numbers(cached(KEY, NAMES, Computing())) == numbers(first)


def test_other_arrays_than_asked_for_are_not_taken(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cached(KEY, NAMES, Computing())
    assert find_cached(KEY, ("mean",)) is None
    assert "holds ['count', 'mean'], not ['mean']" in caplog.text


def test_what_cannot_be_computed_leaves_nothing(folder: Path) -> None:
    def fail() -> Arrays:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cached(KEY, NAMES, fail)
    assert not folder.exists()


def test_a_cache_that_cannot_be_written_is_only_a_word_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "file"))
    with caplog.at_level(logging.WARNING):
        assert numbers(cached(KEY, NAMES, Computing())) == numbers(Computing()())
    assert "not cached: " in caplog.text


def test_without_a_home_there_is_no_cache_but_arrays(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    for name in ("GANVAS_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert numbers(cached(KEY, NAMES, Computing())) == numbers(Computing()())
    assert "not cached: no home folder" in caplog.text
