"""`ganvas play` from the outside: the address it prints, and what it refuses before it serves."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ganvas.cli.main import main
from tests.model_helpers import write_model
from tests.web_helpers import Client, port_of, token_of

Captured = pytest.CaptureFixture[str]


def test_it_serves_a_model_until_it_is_interrupted(tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    command = [sys.executable, "-m", "ganvas", "play", str(tmp_path), "--port", "0", "--no-browser"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        try:
            client = Client(port=port_of(url))
            cookie = f"ganvas-{client.port}={token_of(url)}"
            assert client.ask("/api/model").status == 403  # the token is not that of the tests
            answer = client.ask("/api/model", cookie=cookie)
            assert answer.status == 200
            assert str(tmp_path) in answer.text
            assert "Between four seeds" in client.ask("/", cookie=cookie).text
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["no-such-model"], "no model 'no-such-model'"),
        (["mnist", "--host", "0.0.0.0"], "choose the word they need with --token"),
        (["mnist", "--port", "70000"], "must be a whole number, 0 to 65535"),
        (["mnist", "--token", "short"], "--token must be 16 to 200 letters"),
    ],
    ids=str,
)
def test_a_wrong_request_is_one_line_before_anything_is_served(
    line: list[str], words: str, capsys: Captured
) -> None:
    assert main(["play", *line]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert words in shown.err
    assert shown.err.count("\n") == 1
