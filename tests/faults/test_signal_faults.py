"""Signals at chosen places of a run: it stops where it was asked to, and goes on as if never."""

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ganvas
from ganvas import course
from ganvas.checkpoint import checkpoints_in, load_newest
from ganvas.training import Training
from tests.faults.runs import result, resume, train

POSIX = pytest.mark.skipif(os.name != "posix", reason="no such signals there")


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return result(train(tmp_path_factory.mktemp("straight")).directory)


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], object]], None]:
    """Have `act` called within update number `update` of every training from now on."""

    def arrange(update: int, act: Callable[[], object]) -> None:
        advance, made = Training.advance, 0

        def counting(training: Training) -> None:
            nonlocal made
            made += 1
            if made == update:
                act()
            advance(training)

        monkeypatch.setattr(Training, "advance", counting)

    return arrange


def status(run: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((run / "status.json").read_text())
    return values


@pytest.mark.parametrize("update", [1, 2, 7, 8, 15, 16])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_finishes_the_update_and_saves(
    tmp_path: Path, straight: dict[str, Any], during: Any, update: int, number: int
) -> None:
    during(update, lambda: signal.raise_signal(number))
    run = train(tmp_path)
    found = status(run.directory)
    assert (found["status"], found["signal"]) == ("stopped", number)
    assert found["images"] == 8 * ((update + 1) // 2)
    assert ganvas.load(run.directory)(1, seed=0).shape == (1, 8, 8, 1)
    picture = run.directory / "samples" / f"{found['images']:09d}.png"
    assert picture.is_file()
    if found["images"] % 32:  # where the undisturbed run leaves none
        picture.unlink()
    resume(run.directory)
    assert result(run.directory) == straight


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_stops_now_with_the_last_checkpoint_whole(
    tmp_path: Path, straight: dict[str, Any], during: Any, number: int
) -> None:
    def twice() -> None:
        signal.raise_signal(number)
        signal.raise_signal(signal.SIGINT)

    during(10, twice)
    with pytest.raises(KeyboardInterrupt) as caught:
        train(tmp_path)
    assert caught.value.args == (number,)  # the first one decides the exit code
    run = tmp_path / "run"
    assert (status(run)["status"], status(run)["signal"]) == ("stopped", number)
    loaded = load_newest(run / "checkpoints")
    assert loaded is not None
    assert loaded.state["images"] == 32
    resume(run)
    assert result(run) == straight


@POSIX
@pytest.mark.parametrize("update", [3, 4, 10])
def test_sigusr1_saves_and_goes_on(
    tmp_path: Path,
    straight: dict[str, Any],
    during: Any,
    update: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved = []
    monkeypatch.setattr(
        "ganvas.trainer.save_checkpoint",
        lambda folder, images, state, **options: saved.append((images, state["cursor"]["update"])),
    )
    during(update, lambda: signal.raise_signal(signal.SIGUSR1))
    assert train(tmp_path / "watched").status == "finished"
    asked = (8 * ((update + 1) // 2), update % 2)
    assert saved.count(asked) == 1
    assert len(saved) == 5 + (asked not in [(n, 0) for n in (16, 32, 48, 64)])
    monkeypatch.undo()
    during(update, lambda: signal.raise_signal(signal.SIGUSR1))
    run = train(tmp_path)
    assert result(run.directory) == straight


def test_a_signal_while_measuring_stops_at_once_and_resume_measures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(*arguments: Any) -> None:
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError("went on measuring")

    with monkeypatch.context() as patch:
        patch.setattr(course, "measure_end", measure)
        run = train(tmp_path)
    assert (run.status, status(run.directory)["signal"]) == ("stopped", signal.SIGTERM)
    measured = []
    monkeypatch.setattr(course, "measure_end", lambda *parts: measured.append(1))
    assert resume(run.directory).status == "finished"
    assert measured == [1]


def test_an_interrupt_where_no_handler_can_be_leaves_a_run_to_resume(
    tmp_path: Path, straight: dict[str, Any], during: Any
) -> None:
    """As in a notebook's thread: KeyboardInterrupt comes out of the middle of an update."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    caught: list[BaseException] = []

    def work() -> None:
        try:
            train(tmp_path)
        except KeyboardInterrupt as error:
            caught.append(error)

    during(11, interrupt)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(caught) == 1
    run = tmp_path / "run"
    assert (status(run)["status"], status(run)["signal"]) == ("stopped", signal.SIGINT)
    resume(run)
    assert result(run) == straight


def test_a_notebook_can_train_in_a_thread(tmp_path: Path, straight: dict[str, Any]) -> None:
    runs: list[ganvas.Run] = []
    thread = threading.Thread(target=lambda: runs.append(train(tmp_path)))
    thread.start()
    thread.join()
    assert result(runs[0].directory) == straight


def test_a_stop_at_the_end_of_a_checkpoint_saves_it_once(
    tmp_path: Path, straight: dict[str, Any], during: Any
) -> None:
    during(8, lambda: signal.raise_signal(signal.SIGINT))  # at 32 images, where one is due
    run = train(tmp_path)
    names = [path.name for path in checkpoints_in(run.directory / "checkpoints")]
    assert names == ["000000016", "000000032"]
