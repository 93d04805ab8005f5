"""A fault at each single operation of saving: the old checkpoint or the new one, never neither."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ganvas.checkpoint import load_newest, save_checkpoint
from ganvas.errors import GanvasError
from ganvas.files import sweep, whole_folder, write_text
from tests.faults.injection import Dead, Failing, Fault, Killed, PowerCut, injected

OLD, NEW = {"weight": torch.zeros(500), "images": 64}, {"weight": torch.ones(500), "images": 128}


def save(folder: Path, state: dict[str, Any]) -> None:
    save_checkpoint(folder, state["images"], state, keep=1, is_best=True)


def count(tmp_path: Path) -> int:
    """How many operations the second of two savings takes."""
    folder = tmp_path / "counted"
    save(folder, OLD)
    with injected(Fault()) as fault:
        save(folder, NEW)
    assert {"create", "write", "sync", "rename", "sync_folder", "remove_tree"} <= {*fault.names}
    return fault.count


def survivor(folder: Path) -> int:
    """The images of the state that is loaded, once it was found to be whole."""
    loaded = load_newest(folder)
    assert loaded is not None
    images: int = loaded.state["images"]
    expected = {64: OLD, 128: NEW}[images]["weight"]
    assert torch.equal(loaded.state["weight"], expected)  # type: ignore[arg-type]
    assert loaded.passed_over == ()
    return images


def each(tmp_path: Path, make: Callable[[int, Path], Fault]) -> list[int]:
    """Save with a fault at each operation; return which state was there after each."""
    found = []
    for at in range(1, count(tmp_path) + 1):
        folder = tmp_path / str(at) / "checkpoints"
        folder.parent.mkdir()
        save(folder, OLD)
        with injected(make(at, folder.parent)), pytest.raises(Dead):
            save(folder, NEW)
        sweep(folder)
        found.append(survivor(folder))
        save(folder, NEW)  # and the place is fit to go on in
        assert survivor(folder) == 128
        assert not list(folder.glob(".*"))
    return found


def test_killed_at_any_operation(tmp_path: Path) -> None:
    found = each(tmp_path, lambda at, root: Killed(at))
    assert found == sorted(found)  # once the new one is there, it stays
    assert {*found} == {64, 128}


@pytest.mark.parametrize("keeps_names", [False, True])
def test_the_power_cut_at_any_operation(tmp_path: Path, keeps_names: bool) -> None:
    def cut(at: int, root: Path) -> Fault:
        spare = tmp_path / f"spare{at}"
        spare.mkdir()
        return PowerCut(at, root, spare, keeps_names=keeps_names)

    assert {*each(tmp_path, cut)} == {64, 128}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_an_error_at_any_operation_leaves_no_trace(tmp_path: Path, number: int) -> None:
    outcomes: set[str] = set()
    for at in range(1, count(tmp_path) + 1):
        folder = tmp_path / str(at) / "checkpoints"
        folder.parent.mkdir()
        save(folder, OLD)
        with injected(Failing(at, number)):
            outcomes.add(outcome(folder))
        survivor(folder)
        assert not list(folder.glob(".*.new"))
    assert outcomes == {"", "DiskFullError" if number == errno.ENOSPC else "GanvasError"}


def outcome(folder: Path) -> str:
    """The kind of error that saving ends with, "" for none."""
    try:
        save(folder, NEW)
    except GanvasError as error:
        return type(error).__name__ if str(error).startswith("cannot write") else str(error)
    return ""


@pytest.mark.parametrize("make", [Killed, None])
def test_a_folder_replaced_by_a_dying_process_is_the_old_or_the_new(
    tmp_path: Path, make: Callable[[int], Fault] | None
) -> None:
    def replace(path: Path, content: str) -> None:
        with whole_folder(path) as folder:
            write_text(folder / "one", content)
            write_text(folder / "two", content)

    replace(tmp_path / "counted", "old")
    with injected(Fault()) as fault:
        replace(tmp_path / "counted", "new")
    found: list[str] = []
    for at in range(1, fault.count + 1):
        path = tmp_path / str(at) / "model"
        path.parent.mkdir()
        replace(path, "old")
        spare = tmp_path / f"spare{at}"
        spare.mkdir()
        fault = make(at) if make else PowerCut(at, path.parent, spare, keeps_names=False)
        with injected(fault), pytest.raises(Dead):
            replace(path, "new")
        sweep(path.parent)
        assert [part.name for part in path.parent.iterdir()] == ["model"]
        texts = {(path / name).read_text() for name in ("one", "two")}
        assert len(texts) == 1
        found += texts
    assert {*found} == {"old", "new"}
