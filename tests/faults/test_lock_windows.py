"""The lock by Windows' rules, with a stand-in for its module: byte ranges, no unlinking while open.

What is checked is our side of it: which byte, when the file is closed and removed, what is said.
"""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ganvas import lock
from ganvas.errors import GanvasError
from ganvas.lock import LOCK_FILE, RunLock
from tests.faults.fake_msvcrt import fake_msvcrt


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """`ganvas.lock` as on Windows; returns the module that stands in."""
    module = fake_msvcrt()
    monkeypatch.setitem(sys.modules, "msvcrt", module)
    monkeypatch.setattr(lock, "sys", SimpleNamespace(platform="win32"))
    return module


def test_a_second_process_is_refused_and_the_first_is_named(
    windows: SimpleNamespace, tmp_path: Path
) -> None:
    with RunLock(tmp_path):
        with (
            pytest.raises(GanvasError, match=f"process {os.getpid()} is at work"),
            RunLock(tmp_path),
        ):
            pass
        assert (tmp_path / LOCK_FILE).is_file()
    assert not (tmp_path / LOCK_FILE).exists()
    assert set(windows.calls) == {1 << 20}  # beyond the content, which others read


def test_the_file_is_closed_before_it_is_removed(
    windows: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    close, unlink = os.close, Path.unlink

    def closing(handle: int) -> None:
        done.append("close")
        close(handle)

    def unlinking(path: Path, missing_ok: bool = False) -> None:
        done.append("unlink")
        unlink(path, missing_ok)

    held = RunLock(tmp_path)
    held.__enter__()
    monkeypatch.setattr(os, "close", closing)
    monkeypatch.setattr(Path, "unlink", unlinking)
    held.__exit__(None, None, None)
    assert done == ["close", "unlink"]


def test_what_a_dead_process_left_is_taken_over(windows: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).write_text("4711 somewhere\n")
    with RunLock(tmp_path):
        assert (tmp_path / LOCK_FILE).read_text().startswith(f"{os.getpid()} ")


def test_a_folder_can_be_locked_again_and_again(windows: SimpleNamespace, tmp_path: Path) -> None:
    for _ in range(3):
        with RunLock(tmp_path):
            pass
    assert list(tmp_path.iterdir()) == []
