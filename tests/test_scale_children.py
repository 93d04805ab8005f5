"""Commands as processes of their own: real ones, that end or are stopped at once."""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest

from ganvas.scale import children
from ganvas.scale.children import Children, Ended, in_parallel


def test_a_command_ends_with_its_code_output_and_last_words() -> None:
    good = Children()(["--version"], threads=1)
    assert (good.code, good.output.split()[0], good.errors) == (0, "ganvas", "")
    bad = Children()(["recipes", "swfit"], threads=1)
    assert bad.code == 2
    assert bad.last_words == "unknown recipe 'swfit'; did you mean 'swift'?"
    assert not bad.was_stopped


def test_a_watch_stops_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_start", waiting_child)
    monkeypatch.setattr(children, "_POLL_SECONDS", 0.01)
    asked = []

    def watch() -> bool:
        asked.append(1)
        return len(asked) == 3

    ended = Children()([], threads=1, watch=watch)
    assert ended.code == 128 + signal.SIGINT
    assert ended.was_stopped
    assert len(asked) == 3


def test_what_a_watch_raises_leaves_no_child_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[str]] = []

    def start(arguments: Sequence[str], threads: int) -> "subprocess.Popen[str]":
        started.append(waiting_child(arguments, threads))
        return started[-1]

    def watch() -> bool:
        raise ValueError("damaged")

    monkeypatch.setattr(children, "_start", start)
    monkeypatch.setattr(children, "_POLL_SECONDS", 0.01)
    with pytest.raises(ValueError, match="damaged"):
        Children()([], threads=1, watch=watch)
    assert started[0].returncode is not None


def test_none_is_started_after_a_stop() -> None:
    runner = Children()
    runner.stop(signal.SIGTERM)
    assert runner(["--version"], threads=1).code == 128 + signal.SIGTERM


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_item_is_worked_on_once(jobs: int) -> None:
    done: list[int] = []
    in_parallel(done.append, range(7), jobs=jobs, runner=Children())
    assert sorted(done) == list(range(7))


def test_an_error_of_the_work_is_raised_after_a_stop() -> None:
    runner = Recorder()

    def work(item: int) -> None:
        raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item"):
        in_parallel(work, [0], jobs=1, runner=runner)
    assert runner.stopped == [signal.SIGINT]


class Recorder:
    """A runner that is only told to stop."""

    def __init__(self) -> None:
        self.stopped: list[int] = []

    def __call__(
        self, arguments: Sequence[str], *, threads: int, watch: Callable[[], bool] | None = None
    ) -> Ended:
        raise AssertionError("no command is given")

    def stop(self, number: int) -> None:
        self.stopped.append(number)

    @property
    def is_stopping(self) -> bool:
        return bool(self.stopped)


def waiting_child(arguments: Sequence[str], threads: int) -> "subprocess.Popen[str]":
    """A process that ends by a signal alone, once it has begun."""
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); "
            "print('begun', flush=True); signal.pause()",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    return child
