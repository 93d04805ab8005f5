"""Files are whole or not there: whatever fails, the old content stays and no temporary is left."""

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from shutil import rmtree
from threading import Thread
from typing import Any

import pytest

from ganvas.errors import GanvasError
from ganvas.files import (
    whole_folder,
    write_bytes,
)
from tests.files_helpers import tree
from tests.project_source import ROOT

# Everything that the functions under test ask of the system, by the place it is looked up in.
SYSTEM = [(io, "open"), (os, "fsync"), (os, "replace"), (os, "mkdir"), (os, "open")]


class Fault:
    """Makes the system call number `at` fail, once."""

    def __init__(self, at: int) -> None:
        self.at, self.calls = at, 0

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            if self.calls == self.at:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return function(*args, **kwargs)

        return call


def attempt(at: int, action: Callable[[], None]) -> tuple[str | None, int]:
    """Run `action` with a fault at system call `at`: its error, if any, and the calls made."""
    fault = Fault(at)
    with pytest.MonkeyPatch.context() as patch:
        for module, name in SYSTEM:
            patch.setattr(module, name, fault.wrap(getattr(module, name)))
        try:
            action()
        except GanvasError as error:
            return str(error), fault.calls
    return None, fault.calls


def replace_folder(path: Path, content: bytes) -> None:
    with whole_folder(path) as folder:
        write_bytes(folder / "part", content)


@pytest.mark.parametrize("old", [None, b"old"])
def test_a_failing_system_call_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, old: bytes | None
) -> None:
    path = tmp_path / "file"
    failures = 0
    for at in count(1):
        path.unlink(missing_ok=True)
        if old is not None:
            path.write_bytes(old)
        before = tree(tmp_path)
        message, calls = attempt(at, lambda: write_bytes(path, b"new"))
        if message is None:
            assert tree(tmp_path) == {"file": b"new"}
        else:
            failures += 1
            assert message == f"cannot write {path}: No space left on device"
            assert tree(tmp_path) == before
        if calls < at:
            break
    assert failures >= 3  # to make the file, to sync it, to rename it


@pytest.mark.parametrize("old", [None, b"old"])
def test_a_failing_system_call_leaves_the_old_folder_and_nothing_else(
    tmp_path: Path, old: bytes | None
) -> None:
    path = tmp_path / "folder"
    failures = 0
    for at in count(1):
        rmtree(path, ignore_errors=True)
        if old is not None:
            path.mkdir()
            (path / "part").write_bytes(old)
            (path / "only-in-old").write_bytes(b"")
        before = tree(tmp_path)
        message, calls = attempt(at, lambda: replace_folder(path, b"new"))
        if message is None:
            assert tree(path) == {"part": b"new"}
        else:
            failures += 1
            assert "No space left on device" in message
            assert tree(tmp_path) == before
        if calls < at:
            break
    assert failures >= (5 if old is None else 6)
    assert tree(tmp_path).keys() >= {"folder", "folder/part"}


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes there")
def test_a_write_that_fails_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "file"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(GanvasError, match=r"cannot write .*File too large"):
            write_bytes(path, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert tree(tmp_path) == {"file": b"old"}


@pytest.mark.parametrize("kind", [KeyboardInterrupt, GanvasError, RuntimeError])
def test_a_block_that_fails_changes_nothing_and_its_error_goes_on(
    tmp_path: Path, kind: type[BaseException]
) -> None:
    path = tmp_path / "folder"
    replace_folder(path, b"old")
    before = tree(tmp_path)

    def fail() -> None:
        with whole_folder(path) as folder:
            (folder / "part").write_bytes(b"new")
            raise kind

    with pytest.raises(kind):
        fail()
    assert tree(tmp_path) == before


def test_an_interrupt_between_the_two_renames_puts_the_old_folder_back(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    replace_folder(path, b"old")
    before = tree(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        replace = os.replace

        def interrupted(source: Path, target: Path) -> None:
            replace(source, target)
            if source == path:
                raise KeyboardInterrupt

        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt), whole_folder(path) as folder:
            (folder / "part").write_bytes(b"new")
    assert tree(tmp_path) == before


def test_a_process_that_dies_before_the_rename_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    code = (
        "import os, sys; from pathlib import Path; from ganvas.files import write_bytes\n"
        "os.replace = lambda *_: os._exit(9)\n"
        "write_bytes(Path(sys.argv[1]), b'new')"
    )
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT / "src", check=False)
    assert done.returncode == 9
    assert path.read_bytes() == b"old"


def test_a_file_is_not_taken_for_a_folder_to_replace(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_bytes(b"old")
    with pytest.raises(GanvasError, match=r"cannot write .*precious"), whole_folder(path):
        pass
    assert tree(tmp_path) == {"precious": b"old"}


def test_the_temporary_is_on_the_same_file_system_and_hidden(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "folder") as folder:
        assert folder.parent == tmp_path
        assert folder.name.startswith(".")


def test_a_link_to_a_folder_is_replaced_and_its_target_stays(tmp_path: Path) -> None:
    target = tmp_path / "target"
    replace_folder(target, b"old")
    (tmp_path / "link").symlink_to(target, target_is_directory=True)
    replace_folder(tmp_path / "link", b"new")
    assert (target / "part").read_bytes() == b"old"
    assert (tmp_path / "link" / "part").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "target"]


@pytest.mark.skipif(os.name != "posix", reason="no permission bits there")
@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_permissions_are_those_of_any_new_file(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_bytes(tmp_path / "file", b"")
        replace_folder(tmp_path / "folder", b"")
        assert os.umask(umask) == umask  # untouched on the way
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o666 & ~umask
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o777 & ~umask


def test_many_writers_of_one_file_leave_one_whole_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([i]) * 50_000 for i in range(8)]
    writers = [Thread(target=write_bytes, args=(path, content)) for content in contents]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if path.exists():
            assert path.read_bytes() in contents
    assert path.read_bytes() in contents
    assert [part.name for part in tmp_path.iterdir()] == ["file"]


def test_the_longest_names_can_be_written(tmp_path: Path) -> None:
    write_bytes(tmp_path / ("n" * 255), b"x")
    replace_folder(tmp_path / ("é" * 127), b"x")
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "name",
    ["missing/file", "", ".", "..", "file/below"],
    ids=["missing", "empty", "here", "up", "in"],
)
def test_what_cannot_be_a_file_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GanvasError, match="cannot write"):
        write_bytes(Path(name), b"new")
    assert tree(tmp_path) == {"file": b"old"}
