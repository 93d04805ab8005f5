"""Faults in the middle of whole runs: killed, out of room, without their folder."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ganvas
from ganvas.errors import DiskFullError, GanvasError, UsageError
from ganvas.events import Event, Noted, Ticked
from tests.faults.injection import Dead, Fault, Killed, PowerCut, injected
from tests.faults.runs import recipe, result, resume, train


class Full(Fault):
    """A disk without room from operation `at` until operation `end`; 0: for ever."""

    def __init__(self, at: int, end: int = 0) -> None:
        super().__init__()
        self.first, self.last = at, end

    def __call__(self, name: str, act: Callable[..., Any], *arguments: Any) -> Any:
        self.count += 1
        self.names.append(name)
        full = self.first <= self.count and (not self.last or self.count < self.last)
        if full and name in ("create", "write", "make_folder"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return act(*arguments)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int, int]:
    """What an undisturbed run leaves, how many operations it takes, and its first checkpoint's."""
    with injected(Fault()) as fault:
        run = train(tmp_path_factory.mktemp("straight"))
    first = fault.names.index("rename", fault.names.index("make_folder")) + 1
    return result(run.directory), fault.count, first


@pytest.mark.parametrize("share", [i / 24 for i in range(25)])
@pytest.mark.parametrize("kind", ["killed", "power cut"])
def test_a_run_that_dies_anywhere_ends_as_if_it_had_not(
    tmp_path: Path, straight: tuple[dict[str, Any], int, int], share: float, kind: str
) -> None:
    expected, operations, _ = straight
    at = 1 + int(share * (operations - 1))
    spare = tmp_path / "spare"
    spare.mkdir()
    out = tmp_path / "runs"
    fault = Killed(at) if kind == "killed" else PowerCut(at, out, spare, keeps_names=False)
    with injected(fault), pytest.raises(Dead):
        train(out)
    run = out / "run"
    if not list((run / "checkpoints").glob("0*")):
        assert at < 80  # before the first checkpoint there is nothing to go on from
        with pytest.raises(GanvasError, match=r"no checkpoint|cannot read|no run directory"):
            resume(run)
        return
    if ganvas.Run(run).status == "finished":
        with pytest.raises(UsageError, match="finished at 64"):
            resume(run)
    else:
        resume(run)
    assert result(run) == expected


def test_a_run_that_dies_in_each_resume_ends_as_if_it_had_not(
    tmp_path: Path, straight: tuple[dict[str, Any], int, int]
) -> None:
    expected, operations, _ = straight
    with injected(Killed(operations // 3)), pytest.raises(Dead):
        train(tmp_path)
    deaths = 1
    for at in range(10, operations, operations // 12):
        try:
            with injected(Killed(at)):
                resume(tmp_path / "run")
            break
        except Dead:
            deaths += 1
    assert deaths > 3
    assert result(tmp_path / "run") == expected


@pytest.mark.parametrize("share", [0.35, 0.5, 0.7])
def test_a_full_disk_pauses_saving_and_nothing_is_lost(
    tmp_path: Path, straight: tuple[dict[str, Any], int, int], share: float
) -> None:
    expected, operations, _ = straight
    begin = int(share * operations)
    events: list[Event] = []
    with injected(Full(begin, begin + 9)):
        run = train(tmp_path, watcher=events.append)
    notes = [event.text for event in events if isinstance(event, Noted)]
    full = [note for note in notes if "No space left on device; training goes on" in note]
    assert len(full) == 1
    found = result(run.directory)
    found["names"] = [*{*found["names"], "samples/000000032.png"}]  # a picture may be left out
    assert found["lines"] == expected["lines"]
    assert found["model/model.safetensors"] == expected["model/model.safetensors"]


@pytest.mark.parametrize("way", ["pause", "stop"])
def test_a_disk_that_stays_full_ends_the_run_with_its_last_checkpoint_whole(
    tmp_path: Path, straight: tuple[dict[str, Any], int, int], way: str
) -> None:
    expected, operations, _ = straight
    ticks: list[Event] = []

    def watch(event: Event) -> None:
        if isinstance(event, Ticked):
            ticks.append(event)

    with (
        injected(Full(operations // 2)),
        pytest.raises(DiskFullError, match=r"make room, then `ganvas resume .*` goes on") as caught,
    ):
        train(tmp_path, recipe=recipe(on_full_disk=way), watcher=watch)
    assert caught.value.exit_code == 1
    assert (len(ticks) == 4) is (way == "pause")  # trained to its end, or stopped at once
    assert not [path for path in (tmp_path / "run").rglob(".*") if path.is_file()]
    resume(tmp_path / "run")
    found = result(tmp_path / "run")
    found["recipe.json"] = expected["recipe.json"]  # which says stop
    assert found == expected


def test_a_run_directory_that_vanishes_is_one_clear_line(tmp_path: Path) -> None:
    def watch(event: Event) -> None:
        if isinstance(event, Ticked) and event.images == 32:
            shutil.rmtree(tmp_path / "run")

    with pytest.raises(GanvasError, match=r"the run directory .*run vanished") as caught:
        train(tmp_path, watcher=watch)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []  # and no piece of it was made again


@pytest.mark.parametrize("number", [errno.EROFS, errno.EIO])
def test_a_disk_that_can_no_longer_be_written_is_one_clear_line(
    tmp_path: Path, straight: tuple[dict[str, Any], int, int], number: int
) -> None:
    expected, operations, _ = straight

    class Broken(Full):
        def __call__(self, name: str, act: Callable[..., Any], *arguments: Any) -> Any:
            try:
                return super().__call__(name, act, *arguments)
            except OSError:
                raise OSError(number, os.strerror(number)) from None

    with (
        injected(Broken(operations // 2)),
        pytest.raises(GanvasError, match=rf"cannot write .*{os.strerror(number)}") as caught,
    ):
        train(tmp_path)
    assert not isinstance(caught.value, DiskFullError)
    resume(tmp_path / "run")
    assert result(tmp_path / "run") == expected
