"""What is said of a command that a signal stopped, and with which code it ends."""

import signal
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.cli.stopped import exit_code_of, say_stopped


@given(st.sampled_from(sorted(signal.Signals)))
def test_the_code_is_what_shells_give_for_the_signal(number: signal.Signals) -> None:
    assert exit_code_of(KeyboardInterrupt(number)) == 128 + number


def test_an_interrupt_that_says_no_signal_is_ctrl_c() -> None:
    assert exit_code_of(KeyboardInterrupt()) == 130


def test_the_command_that_goes_on_is_quoted_for_the_shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/bin/ganvas", "trials", "my pets", "--success", "fd<=5x"])
    assert say_stopped(KeyboardInterrupt(signal.SIGTERM)) == 143
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.endswith("goes on: ganvas trials 'my pets' --success 'fd<=5x'\n")
