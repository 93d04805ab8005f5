"""What a run says of other programs on its processors: once, and only where it matters."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.contention import share_waited, times_of_threads, watch_contention
from ganvas.events import Event, Noted
from ganvas.trainer import Trainer
from tests.training_helpers import tiny_trainer

seconds = st.floats(0, 1e6)


@given(seconds, seconds, seconds, seconds)
def test_a_share_is_of_what_came_between(
    computed: float, waited: float, more: float, longer: float
) -> None:
    before, now = (computed, waited), (computed + more, waited + longer)
    share = share_waited(before, now)
    assert 0 <= share <= 1
    assert share_waited(now, now) == 0
    # Seconds are differences of large numbers: to a millionth of a second.
    assert share * (more + longer) == pytest.approx(longer, abs=1e-6, rel=1e-6)


def test_threads_that_ended_do_not_make_it_negative() -> None:
    assert share_waited((5.0, 3.0), (4.0, 1.0)) == 0
    assert share_waited((5.0, 3.0), (4.0, 4.0)) == 1


def test_all_threads_of_the_process_are_counted(tmp_path: Path) -> None:
    for number, line in enumerate(["2000000000 500000000 7\n", "1000000000 250000000 3\n"]):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "schedstat").write_text(line)
    assert times_of_threads(tmp_path) == (3.0, 0.75)


@pytest.mark.parametrize("content", ["", "many words", None])
def test_a_system_that_does_not_say_is_believed(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "1").mkdir()
    if content is not None:
        (tmp_path / "1" / "schedstat").write_text(content)
    assert times_of_threads(tmp_path) is None
    assert times_of_threads(tmp_path / "nowhere") is None


@pytest.mark.skipif(times_of_threads() is None, reason="this system does not say")
def test_threads_that_share_one_processor_wait_for_it() -> None:
    program = (
        "import os, threading, hashlib\n"
        "from ganvas.contention import share_waited, times_of_threads\n"
        "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
        "before = times_of_threads()\n"
        "work = lambda: [hashlib.sha256(bytes(1 << 22)) for _ in range(40)]\n"  # without the lock
        "two = [threading.Thread(target=work) for _ in range(2)]\n"
        "[thread.start() for thread in two]\n"
        "share = 0.0\n"
        "while any(thread.is_alive() for thread in two):\n"
        "    share = share_waited(before, times_of_threads())\n"
        "print(share)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert float(run.stdout) > 0.3


def heard(
    trainer: Trainer, shares: list[float], *, apart: float = 6.0, silent: bool = False
) -> list[str]:
    """What is said by a run whose looks find these shares, one after the other."""
    said: list[Event] = []
    spent = [(0.0, 0.0)]
    for share in shares:
        spent.append((spent[-1][0] + 1 - share, spent[-1][1] + share))
    now = 0.0

    def times() -> tuple[float, float] | None:
        return None if silent else spent[int(now / apart)]

    watch_contention(trainer, said.append, times=times, clock=lambda: now)
    for number in range(len(spent)):
        now = number * apart
        for _, probe in trainer._probes:
            probe()
    return [event.text for event in said if isinstance(event, Noted)]


def of_threads(count: int) -> Trainer:
    trainer = tiny_trainer()
    trainer.machine = replace(trainer.machine, threads=count)
    return trainer


def test_it_is_said_once() -> None:
    (text,) = heard(of_threads(2), [0.0, 0.4, 0.4, 0.0, 0.4])
    assert "40% of the time this run's 2 threads" in text
    assert "--threads 1" in text


def test_it_is_not_said_of_little_of_one_thread_or_of_too_short_a_time() -> None:
    assert heard(of_threads(2), [0.05, 0.1, 0.14]) == []
    assert heard(of_threads(1), [0.9, 0.9]) == []
    assert heard(of_threads(2), [0.9, 0.9], apart=1.0) == []
    assert heard(of_threads(2), [0.9, 0.9], silent=True) == []


def test_a_run_reads_its_own_threads() -> None:
    found = times_of_threads()
    if found is None:
        pytest.skip("this system does not say")
    ready, done = threading.Event(), threading.Event()

    def sleep() -> None:
        ready.set()
        done.wait()

    thread = threading.Thread(target=sleep)
    thread.start()
    ready.wait()
    again = times_of_threads()
    done.set()
    thread.join()
    assert again is not None
    assert again[0] >= found[0] >= 0
