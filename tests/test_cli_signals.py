"""Signals to `ganvas train`: the first saves and stops, the second stops at once."""

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ganvas.checkpoint import load_newest
from ganvas.cli.display import Display
from ganvas.cli.main import main
from ganvas.data import DataSet
from ganvas.events import Event, Ticked
from tests.cli_helpers import FEW, read_status, take_tiny_data

Captured = pytest.CaptureFixture[str]
POINTS = ["ring", "--threads", "1", "--set", "checkpoint.every_images=2000"]
_PATIENCE = 120  # seconds without a word: the machine may be busy


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> DataSet:
    return take_tiny_data(monkeypatch)


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")],
)
def test_a_signal_stops_saves_and_says_how_to_go_on(
    number: signal.Signals,
    code: int,
    word: str,
    tiny: DataSet,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Interrupted(Display):
        def __call__(self, event: Event) -> None:
            super().__call__(event)
            if isinstance(event, Ticked) and event.images < 128:
                signal.raise_signal(number)

        def _print(self, line: str, as_it_is: bool = True) -> None:
            print(line, file=sys.stderr)

    monkeypatch.setattr("ganvas.cli.display.open_display", lambda quiet: Interrupted())
    each = ["--set", "log.every_images=64"]
    assert main(["train", "--images", "640", *FEW, *each, "--out", str(tmp_path)]) == code
    shown = capsys.readouterr()
    run = tmp_path / "0001-arrays-swift-s0"
    assert shown.out == f"{run}\n"
    assert f"stopped by {word} after 64 images" in shown.err
    assert f"ganvas resume {run}" in shown.err
    status = read_status(run)
    assert (status["status"], status["signal"], status["images"]) == ("stopped", number, 64)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_signal_stops_at_once_and_says_from_where_to_go_on(
    number: signal.Signals,
    code: int,
    tiny: DataSet,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Impatient(Display):
        def __call__(self, event: Event) -> None:
            super().__call__(event)
            if isinstance(event, Ticked) and event.images == 128:
                signal.raise_signal(number)
                signal.raise_signal(signal.SIGINT)

        def _print(self, line: str, as_it_is: bool = True) -> None:
            print(line, file=sys.stderr)

    monkeypatch.setattr("ganvas.cli.display.open_display", lambda quiet: Impatient())
    each = ["--set", "log.every_images=64", "--set", "checkpoint.every_images=64"]
    assert main(["train", "--images", "640", *FEW, *each, "--out", str(tmp_path)]) == code
    shown = capsys.readouterr()
    run = tmp_path / "0001-arrays-swift-s0"
    assert shown.out == f"{run}\n"
    assert f"stopped at once; the last checkpoint is {run}/checkpoints/000000064" in shown.err
    assert f"ganvas resume {run}" in shown.err
    assert read_status(run)["status"] == "stopped"


@pytest.mark.usefixtures("hears_hangups")
def test_a_closed_terminal_saves_and_stops_though_nobody_reads_what_is_said(
    tmp_path: Path,
) -> None:
    ours, theirs = pty.openpty()
    # Whoever leads a session and opens a terminal has it for its own.
    in_it = ["sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(theirs)]
    command = [sys.executable, "-m", "ganvas", "train", *POINTS, "--out", str(tmp_path)]
    with subprocess.Popen([*in_it, *command], start_new_session=True) as child:
        said = b""
        while b"saved" not in said:  # its first checkpoint
            assert select.select([ours], [], [], _PATIENCE)[0], said
            said += os.read(ours, 1 << 16)
        os.close(theirs)
        os.close(ours)
        assert child.wait() == 128 + signal.SIGHUP
    (run,) = tmp_path.iterdir()
    status = read_status(run)
    assert (status["status"], status["signal"]) == ("stopped", signal.SIGHUP)
    assert load_newest(run / "checkpoints") is not None
