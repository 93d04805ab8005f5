"""Stop requests by real signals to this process."""

import os
import signal
import threading

import pytest

from ganvas.signals import StopRequest

pytestmark = pytest.mark.usefixtures("hears_hangups")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_only_asks(number: signal.Signals) -> None:
    with StopRequest() as stop:
        assert stop.received is None
        os.kill(os.getpid(), number)
        assert stop.received == number


def test_the_second_signal_stops_now() -> None:
    with StopRequest() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        assert stop.received == signal.SIGINT


def test_a_closed_terminal_is_one_however_often_it_is_told() -> None:
    with StopRequest() as stop:
        for _ in range(3):  # the shell's word, and the system's
            os.kill(os.getpid(), signal.SIGHUP)
        assert stop.received == signal.SIGHUP
        with pytest.raises(KeyboardInterrupt) as caught:
            os.kill(os.getpid(), signal.SIGTERM)
        assert caught.value.args == (signal.SIGHUP,)


def test_handlers_are_put_back() -> None:
    numbers = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
    before = [signal.getsignal(number) for number in numbers]
    with StopRequest():
        assert [signal.getsignal(number) for number in numbers] != before
    assert [signal.getsignal(number) for number in numbers] == before


def test_under_nohup_a_closed_terminal_is_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopRequest() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert stop.received is None
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_threads_are_left_alone() -> None:
    results: list[int | None] = []

    def work() -> None:
        with StopRequest() as stop:
            results.append(stop.received)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == [None]
