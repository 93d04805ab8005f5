"""`ganvas watch` as a command: its first line, its end, and what it refuses."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ganvas.cli.main import main
from tests.project_source import ROOT
from tests.run_helpers import write_run
from tests.web_helpers import TOKEN, Client, port_of, token_of


@contextmanager
def watching(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The command in a process of its own, and the first line that it prints."""
    command = [sys.executable, "-m", "ganvas", "watch", "--port", "0", *arguments]
    environment = {name: value for name, value in os.environ.items() if "DISPLAY" not in name} | {
        "PYTHONPATH": str(ROOT / "src")
    }
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_its_first_line_is_the_address_and_a_signal_ends_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    write_run(tmp_path, "a", images=100, samples=())
    with watching(str(tmp_path), "--token", TOKEN) as (process, url):
        client = Client(port=port_of(url))
        assert url == f"http://127.0.0.1:{client.port}/?token={TOKEN}"
        assert client.ask("/").status == 200
        process.send_signal(number)
        told, said = process.communicate()
        # Killed by SIGTERM, as the shell's 143 says, once it has closed its connections.
        assert process.returncode == (130 if number == signal.SIGINT else -number)
        assert told == ""
        assert said == "open this address in a browser; Ctrl-C ends the page\n"


def test_one_run_is_opened_at_its_page_and_no_other_is_served(tmp_path: Path) -> None:
    for name in ("a b", "other"):
        write_run(tmp_path, name, images=100, samples=())
    with watching(str(tmp_path / "a b"), "--quiet") as (process, url):
        assert urlsplit(url).path == "/run/a%20b"
        client = Client(port=port_of(url))
        cookie = f"ganvas-{client.port}={token_of(url)}"
        assert client.ask("/api/runs/a%20b/reals.png", cookie=cookie).status == 200
        assert client.ask("/api/runs/other/reals.png", cookie=cookie).status == 404
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("", "")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    try:
        code = main(["watch", "--no-browser", *arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, line = capsys.readouterr()
    assert out == ""
    assert line.count("\n") == 1
    return code, line


def test_what_may_not_be_is_refused_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, line = refused(capsys, "--host", "0.0.0.0")
    assert code == 2
    assert "--host 0.0.0.0 lets other machines in" in line
    assert refused(capsys, "--token", "short")[0] == 2
    assert refused(capsys, "--port", "70000")[0] == 2
    (tmp_path / "file").write_text("x")
    code, line = refused(capsys, str(tmp_path / "file"))
    assert code == 2
    assert "is no folder of run directories" in line
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, line = refused(capsys, str(tmp_path), "--port", str(other.getsockname()[1]))
    assert code == 1
    assert "is taken" in line


def test_the_pages_of_runs_do_without_torch() -> None:
    code = "import sys, ganvas.web.watch, ganvas.web.server; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "src")
