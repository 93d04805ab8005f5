"""Files are whole or not there: whatever fails, the old content stays and no temporary is left."""

import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from pathlib import Path
from shutil import rmtree
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ganvas.errors import DataError, GanvasError
from ganvas.files import (
    digest_of,
    read_json,
    read_png,
    whole_folder,
    write_bytes,
    write_json,
    write_png,
    write_text,
)
from tests.project_source import ROOT

# Everything that the functions under test ask of the system, by the place it is looked up in.
SYSTEM = [(io, "open"), (os, "fsync"), (os, "replace"), (os, "mkdir"), (os, "open")]

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=[])),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3),
    max_leaves=8,
)


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


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: names and contents, None for a folder."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in folder.rglob("*")
    }


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


@settings(max_examples=40, deadline=None)
@given(value=JSON)
def test_json_comes_back_as_it_was(value: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "value.json"
    write_json(path, value)
    assert repr(read_json(path)) == repr(value)  # repr tells -0.0 from 0.0, True from 1
    assert path.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [-float("inf")]}])
def test_numbers_that_json_does_not_have_are_never_written(tmp_path: Path, value: Any) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "file", value)
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("content", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_numbers_that_json_does_not_have_are_never_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "file").write_text(content)
    with pytest.raises(GanvasError, match=r"file is not valid JSON: -?\w+ is no JSON number"):
        read_json(tmp_path / "file")


def test_json_cut_at_any_byte_is_refused_in_one_line(tmp_path: Path) -> None:
    content = json.dumps({"a": [1, 2.5, "é\\"], "b": {"c": None}}).encode()
    path = tmp_path / "file"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(GanvasError, match="is not valid JSON") as caught:
            read_json(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\xfa", b"[" * 100_000, b"9" * 5_000, b"{}{}", b"\x00" * 64]
)
def test_odd_json_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(GanvasError, match="is not valid JSON"):
        read_json(tmp_path / "file")


def test_json_of_exactly_the_longest_length_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b'"123456"')
    assert read_json(tmp_path / "file", max_bytes=8) == "123456"
    with pytest.raises(GanvasError, match="longer than the 7 bytes"):
        read_json(tmp_path / "file", max_bytes=7)


@pytest.mark.skipif(os.name != "posix", reason="no devices and pipes by name there")
@pytest.mark.parametrize("kind", ["endless", "silent"])
def test_what_is_no_file_keeps_nobody_waiting(tmp_path: Path, kind: str) -> None:
    path = Path("/dev/zero")
    if kind == "silent":
        path = tmp_path / "pipe"
        os.mkfifo(path)
    with pytest.raises(DataError, match=rf"cannot read {path}: it is no regular file"):
        read_json(path)


@pytest.mark.parametrize("name", ["missing", "."])
def test_json_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(GanvasError, match=r"cannot read .*: (No such file|Is a directory)"):
        read_json(tmp_path / name)


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(exclude_categories=[]), max_size=20))
def test_any_text_can_be_written(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "text"
    write_text(path, text)
    written = path.read_bytes().decode()  # always UTF-8
    if not any("\ud800" <= letter <= "\udfff" for letter in text):
        assert written == text


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4)])
def test_a_picture_comes_back_pixel_for_pixel(tmp_path: Path, shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    write_png(tmp_path / "picture.png", np.flip(pixels, axis=1))  # not contiguous
    with Image.open(tmp_path / "picture.png") as picture:
        found = np.asarray(picture)
    np.testing.assert_array_equal(found.reshape(shape), np.flip(pixels, axis=1))


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_the_digest_is_sha256_of_the_bytes(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "file").write_bytes(content[:size])
    assert digest_of(tmp_path / "file") == f"sha256:{sha256(content[:size]).hexdigest()}"


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4)])
def test_a_picture_reads_back_as_it_was_written(shape: tuple[int, ...], tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    write_png(tmp_path / "a.png", image)
    assert np.array_equal(read_png(tmp_path / "a.png"), image.reshape(5, 7, -1))


def test_no_whole_picture_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_png(path, np.zeros((50, 50, 3), np.uint8))
    whole = path.read_bytes()
    large = whole[:16] + (1 << 20).to_bytes(4, "big") * 2 + whole[24:]
    for content in (b"", b"GIF89a", whole[:40], whole[:-30], large):
        path.write_bytes(content)
        with pytest.raises(DataError, match="no whole PNG picture"):
            read_png(path)
