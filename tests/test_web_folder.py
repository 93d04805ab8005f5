"""Which runs are found below a folder, and that nothing outside of it is."""

import shutil
from pathlib import Path

import pytest

from ganvas.errors import GanvasError
from ganvas.web.folder import NoSuchRunError, RunsFolder
from tests.run_helpers import write_line, write_run


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that no link of the runs folder may lead to, with a run and a secret in it."""
    folder = tmp_path / "outside"
    write_run(folder, "secret")
    (folder / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n secret")
    return folder


def test_runs_are_folders_with_a_recipe(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for name in ("0002-b", "0001-a", "with space", "ünïcode"):
        write_run(runs, name, images=0, samples=())
    (runs / "no-run").mkdir()
    (runs / "file").write_text("x")
    write_run(runs, ".hidden", images=0, samples=())
    folder = RunsFolder(runs)
    assert folder.names() == ["0001-a", "0002-b", "with space", "ünïcode"]
    assert folder.run("0001-a") == runs / "0001-a"
    assert RunsFolder(runs, only="0002-b").names() == ["0002-b"]


def test_a_folder_that_is_not_there_has_no_runs_until_it_appears(tmp_path: Path) -> None:
    folder = RunsFolder(tmp_path / "runs")
    assert folder.names() == []
    write_run(tmp_path / "runs", "a", images=0, samples=())
    assert folder.names() == ["a"]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../outside/secret", "a/../a", "/etc", "a/", "a\0", "no-such", "a/checkpoints"],
)
def test_a_name_that_was_not_found_leads_nowhere(tmp_path: Path, outside: Path, name: str) -> None:
    write_run(tmp_path / "runs", "a", images=0, samples=())
    folder = RunsFolder(tmp_path / "runs")
    with pytest.raises(NoSuchRunError):
        folder.run(name)
    with pytest.raises(GanvasError):
        folder.read(name, "recipe.json")


def test_links_are_not_followed(tmp_path: Path, outside: Path) -> None:
    runs = tmp_path / "runs"
    write_run(runs, "a", images=0, samples=())
    write_run(runs, "b", images=0, samples=())
    (runs / "linked").symlink_to(outside / "secret")
    (runs / "a" / "samples.png").symlink_to(outside / "secret.png")
    (runs / "b" / "samples").symlink_to(outside / "secret" / "samples")
    faked = runs / "faked"
    faked.mkdir()
    (faked / "recipe.json").symlink_to(outside / "secret" / "recipe.json")
    folder = RunsFolder(runs)
    assert folder.names() == ["a", "b"]
    for name, *parts in [
        ("linked", "samples.png"),
        ("a", "samples.png"),
        ("b", "samples", "000001000.png"),
    ]:
        with pytest.raises(GanvasError):
            folder.read(name, *parts)
    assert folder.row("a").head.newest_picture is None


def test_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    import os

    run = write_run(tmp_path, "a", images=0, samples=())
    os.mkfifo(run.path / "samples.png")
    with pytest.raises(GanvasError, match=r"has no samples\.png"):
        RunsFolder(tmp_path).read("a", "samples.png")


def test_a_head_is_read_again_only_when_a_file_changed(tmp_path: Path) -> None:
    run = write_run(tmp_path, "a", images=1_000, samples=())
    write_run(tmp_path, "b", images=1_000, samples=())
    folder = RunsFolder(tmp_path)
    first, other = folder.row("a"), folder.row("b")
    assert folder.row("a") is first
    write_line(run, 1_100)
    assert folder.row("a").head.images == 1_100
    assert folder.row("b") is other


def test_a_run_that_vanished_is_said_and_may_come_back(tmp_path: Path) -> None:
    run = write_run(tmp_path, "a", images=1_000, samples=())
    folder = RunsFolder(tmp_path)
    folder.row("a")
    shutil.move(run.path, tmp_path / ".elsewhere")
    with pytest.raises(NoSuchRunError, match="there is no run 'a'"):
        folder.row("a")
    assert folder.names() == []
    shutil.move(tmp_path / ".elsewhere", run.path)
    assert folder.row("a").head.images == 1_000
