"""One process at a time on a run directory, by a lock that no dead process keeps."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ganvas import lock
from ganvas.errors import GanvasError
from ganvas.events import Event, Ticked
from ganvas.lock import LOCK_FILE, RunLock, is_at_work
from tests.faults.runs import resume, train
from tests.project_source import ROOT

_HOLDER = """
import sys
from pathlib import Path
from ganvas.lock import RunLock
with RunLock(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> "subprocess.Popen[str]":
    """Another process that holds the lock until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    return process


def test_a_second_process_is_refused_and_named_the_first(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with pytest.raises(GanvasError, match=rf"process {process.pid} is at work in {tmp_path}"):
            RunLock(tmp_path).__enter__()
        process.communicate()
    with RunLock(tmp_path):
        assert (tmp_path / LOCK_FILE).read_text().startswith(f"{os.getpid()} ")
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_keeps_no_lock(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.kill()
    assert (tmp_path / LOCK_FILE).exists()
    with RunLock(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_who_looks_on_is_told_of_the_living_alone(tmp_path: Path) -> None:
    assert not is_at_work(tmp_path)
    with holder(tmp_path) as process:
        assert is_at_work(tmp_path)
        assert (tmp_path / LOCK_FILE).read_text().startswith(f"{process.pid} ")
        process.kill()
    assert (tmp_path / LOCK_FILE).exists()
    assert not is_at_work(tmp_path)
    with RunLock(tmp_path):
        assert is_at_work(tmp_path)
    (tmp_path / LOCK_FILE).write_text("17 another-machine")
    assert is_at_work(tmp_path)
    (tmp_path / LOCK_FILE).unlink()
    (tmp_path / LOCK_FILE).symlink_to(tmp_path / "elsewhere")
    assert not is_at_work(tmp_path)


def test_two_of_one_process_are_two(tmp_path: Path) -> None:
    with RunLock(tmp_path), pytest.raises(GanvasError, match="is at work"), RunLock(tmp_path):
        pass
    with RunLock(tmp_path):
        pass


def test_of_many_at_once_one_has_it_at_a_time(tmp_path: Path) -> None:
    barrier, inside, most = threading.Barrier(8), 0, 0
    counting = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        barrier.wait(timeout=60)
        for _ in range(40):
            try:
                with RunLock(tmp_path):
                    with counting:
                        inside += 1
                        most = max(most, inside)
                    with counting:
                        inside -= 1
            except GanvasError:
                pass

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert most == 1


@pytest.fixture
def _no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(handle: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(lock, "_lock", unsupported)


@pytest.mark.usefixtures("_no_locks")
def test_without_locks_the_living_are_known_by_their_number(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with pytest.raises(GanvasError, match=rf"process {process.pid} is at work"):
            RunLock(tmp_path).__enter__()
        process.kill()
    with RunLock(tmp_path):  # it died
        pass
    (tmp_path / LOCK_FILE).write_text("1 another-machine.example\n")
    with pytest.raises(GanvasError, match=r"of another-machine.example .*remove .*\.lock"):
        RunLock(tmp_path).__enter__()


@pytest.mark.usefixtures("_no_locks")
@pytest.mark.parametrize("content", ["", "x", "99999999999 here", "-1 here", "\x00"])
def test_without_locks_a_file_that_names_nobody_holds_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / LOCK_FILE).write_text(content)
    with RunLock(tmp_path):
        pass


def test_a_run_is_refused_to_a_second_and_goes_on(tmp_path: Path) -> None:
    refused = []

    def watch(event: Event) -> None:
        if isinstance(event, Ticked) and event.images == 32:
            with pytest.raises(GanvasError, match="is at work in") as caught:
                resume(tmp_path / "run", images=96)
            refused.append(caught.value)

    assert train(tmp_path, watcher=watch).status == "finished"
    assert len(refused) == 1
    assert resume(tmp_path / "run", images=96).images == 96
    assert not (tmp_path / "run" / LOCK_FILE).exists()


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / LOCK_FILE).symlink_to(tmp_path / "precious")
    with pytest.raises(GanvasError, match=r"cannot write .*\.lock"):
        RunLock(tmp_path).__enter__()
    assert (tmp_path / "precious").read_text() == "mine"
