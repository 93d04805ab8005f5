"""A disk that is really small, really full and really read-only: a tmpfs of one's own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganvas.errors import DiskFullError, GanvasError
from ganvas.events import Event, Noted, Ticked
from tests.faults.runs import recipe, result, resume, train

ROOM = 12_000_000  # bytes: enough for a tiny run, as it is reckoned, and little more


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of twelve megabytes; skipped where nothing may be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() or not _mount(f"size={ROOM}", folder):
        pytest.skip("mounting takes Linux and its root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(options: str, folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def fill(folder: Path) -> Path:
    """Leave no room at all."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


def test_a_run_that_will_not_fit_is_refused_before_it_begins(small: Path) -> None:
    (small / "mine").write_bytes(bytes(ROOM * 2 // 3))
    with pytest.raises(DiskFullError, match=r"too little room .* needs about 6 MB, and 4 MB"):
        train(small)
    assert [path.name for path in small.iterdir()] == ["mine"]


def test_a_disk_that_fills_up_and_is_cleared_costs_nothing(small: Path, tmp_path: Path) -> None:
    notes = []

    def watch(event: Event) -> None:
        if isinstance(event, Ticked) and event.images == 16:
            fill(small)
        if isinstance(event, Ticked) and event.images == 48:
            (small / "ballast").unlink()
        if isinstance(event, Noted):
            notes.append(event.text)

    run = train(small, watcher=watch)
    assert sum("training goes on, and saves again" in note for note in notes) == 1
    straight, found = (
        result(train(tmp_path, "straight").directory),
        _without_pictures(run.directory),
    )
    assert found == {name: straight[name] for name in found}


def test_a_full_disk_stops_the_run_where_that_is_asked_for(small: Path, tmp_path: Path) -> None:
    def watch(event: Event) -> None:
        if isinstance(event, Ticked) and event.images == 32:
            fill(small)

    with pytest.raises(DiskFullError, match=r"No space left on device; make room, then"):
        train(small, watcher=watch, recipe=recipe(on_full_disk="stop"))
    assert not list(small.rglob(".*.new"))
    (small / "ballast").unlink()
    run = resume(small / "run")
    straight = result(train(tmp_path, "straight").directory)
    found = _without_pictures(run.directory)
    assert found == {name: straight[name] for name in found}


def test_a_read_only_disk_is_one_clear_line(small: Path) -> None:
    run = train(small).directory
    before = result(run)
    assert _mount(f"remount,ro,size={ROOM}", small)
    with pytest.raises(GanvasError, match=r"cannot write .*\.lock: Read-only file system"):
        resume(run, images=96)
    with pytest.raises(GanvasError, match=r"cannot make a run directory .*: Read-only file system"):
        train(small, "another")
    assert result(run) == before
    assert _mount(f"remount,rw,size={ROOM}", small)
    assert resume(run, images=96).status == "finished"


def _without_pictures(run: Path) -> dict[str, object]:
    """What a run leaves; pictures that fell on the full disk are left out."""
    return {
        name: value
        for name, value in result(run).items()
        if name in ("lines", "model/model.safetensors", "model/discriminator.safetensors")
    }
