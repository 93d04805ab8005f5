"""The end of a run: whatever fails or interrupts what is drawn there, the run is whole."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from ganvas import ending
from ganvas.errors import DiskFullError
from ganvas.events import Event, Finished, Noted, Ticked
from tests.session_helpers import no_room_for, train

DRAWN = ["animate_at_the_end", "report_at_the_end"]


def status_of(run: Path) -> Any:
    return json.loads((run / "status.json").read_text())


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("error", [RuntimeError("broken fonts"), MemoryError(), OSError("gone")])
def test_what_cannot_be_drawn_is_no_reason_for_a_run_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: Exception
) -> None:
    def fails(*arguments: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(ending, name, fails)
    events: list[Event] = []
    run = train(tmp_path, watcher=events.append)
    assert status_of(run.directory)["status"] == "finished"
    assert isinstance(events[-1], Finished)
    (note,) = [e.text for e in events if isinstance(e, Noted) and e.text.startswith("no ")]
    assert type(error).__name__ in note
    assert note in (run.directory / "log.txt").read_text()


@pytest.mark.parametrize("name", DRAWN)
def test_a_second_signal_while_the_end_is_drawn_leaves_a_stopped_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def interrupted(*arguments: Any, **options: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    def stops(event: Event) -> None:
        events.append(event)
        if isinstance(event, Ticked) and not any(isinstance(e, Ticked) for e in events[:-1]):
            signal.raise_signal(signal.SIGINT)

    events: list[Event] = []
    monkeypatch.setattr(ending, name, interrupted)
    run = train(tmp_path, watcher=stops)
    status = status_of(run.directory)
    assert (status["status"], status["signal"]) == ("stopped", signal.SIGINT)
    assert isinstance(events[-1], Finished)
    assert events[-1].status == "stopped"
    assert (run.directory / "model").is_dir()


def test_a_disk_that_fills_at_the_very_end_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_room_for(monkeypatch, "finished")
    with pytest.raises(DiskFullError, match=r"no room for status\.json; make room, then `ganvas r"):
        train(tmp_path)


@pytest.mark.parametrize("name", DRAWN)
def test_nor_is_a_run_less_whole_where_nobody_hears_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def fails(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("broken fonts")

    def deaf(event: Event) -> None:
        if isinstance(event, Noted) and event.text.startswith("no "):
            raise OSError("nobody listens")

    monkeypatch.setattr(ending, name, fails)
    run = train(tmp_path, watcher=deaf)
    assert status_of(run.directory)["status"] == "finished"
