"""The command line's rules: one-line errors, exit codes, nothing heavy for help and mistakes."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ganvas.cli import recipes
from ganvas.cli.main import COMMANDS, main, make_parser
from ganvas.errors import DataError, DivergedError, GanvasError, UsageError
from tests.project_source import ROOT

WRONG = [
    ("", "missing COMMAND"),
    ("trian", "unknown command 'trian'; did you mean 'train'?"),
    ("train --imgaes 500", "unknown option '--imgaes'; did you mean '--images'?"),
    ("train --imag 500", "unknown option '--imag'; did you mean '--images'?"),
    ("train mnist more", "unexpected argument 'more'"),
    ("train mnsit", "unknown data set 'mnsit'; did you mean 'mnist'?"),
    ("data info mnist --fit x", "unknown value of --fit 'x'; choose from crop, pad, stretch"),
    ("train --recipe swfit", "unknown recipe 'swfit'; did you mean 'swift'?"),
    ("train --set zzz=3", "unknown setting 'zzz'; 'ganvas recipes NAME' shows a recipe with"),
    ("data info ring --size 16", "'ring' holds points: leave out sizes, channels and fits"),
    ("train --set batchsize=3", "unknown setting 'batchsize'; did you mean 'batch_size'?"),
    ("train --set batch_size", "--set takes name.of.setting=value"),
    ("train --set batch_size=many", "batch_size must be a whole number"),
    ("train --images 5 --epochs 2", "--epochs: not allowed with --images"),
    ("train --images -5", "--images: must be a whole number of 1 or more, not '-5'"),
    ("train --images 1.5", "--images: must be a whole number"),
    ("train --images inf", "--images: must be a whole number"),
    ("train --images", "--images: expected one argument"),
    ("train --minutes 0", "--minutes: must be a number above 0"),
    ("train --epochs nan", "--epochs: must be a number above 0"),
    ("train --threads 0", "--threads: must be a whole number, 1 to 1024, not '0'"),
    ("train --seed x", "--seed: must be a whole number"),
    ("train --seed -1", "--seed: must be a whole number"),
    ("train --device gpu", "--device: must be auto, cpu, cuda"),
    ("train --name a/b", "--name must be letters"),
    ("train --data-dir no/such/folder", "--data-dir no/such/folder is not a folder"),
    ("resume", "missing RUN"),
    ("resume no/such/run", "no/such/run is no run directory"),
    ("sample", "missing MODEL"),
    ("sample m -n 0", "-n: must be a whole number"),
    ("sample m --truncation 2", "--truncation: must be a number above 0, at most 1"),
    ("sample m -o out.jpg", "must end in .png or .npz"),
    ("sample m -n 1 --label 1 --label 2", "too few for 2 labels"),
    ("eval m --samples 1", "--samples: must be a whole number"),
    ("eval m --data minst", "unknown data set 'minst'; did you mean 'mnist'?"),
    ("recipes sfwit", "unknown recipe 'sfwit'; did you mean 'swift'?"),
    ("data", "missing COMMAND"),
    ("data lsit", "unknown command 'lsit'; did you mean 'list'?"),
    ("data info mnits", "unknown data set 'mnits'; did you mean 'mnist'?"),
    ("data verify", "missing NAME"),
    ("judge train", "missing DATA"),
    ("judge train mnits", "unknown data set 'mnits'"),
    ("judge lits --jsno", "unknown command 'lits'; did you mean 'list'?"),
]

# Runs every wrong line in one process and says which of them brought a heavy import along.
DRIVER = """
import sys
from ganvas.cli.main import main

for line in sys.stdin.read().splitlines():
    code = main(line.split())
    heavy = [name for name in ("torch", "rich", "PIL") if name in sys.modules]
    print(code, *heavy)
    assert not heavy, line
main(["--help"])
main(["train", "--help"])
print("numpy" in sys.modules)
"""


@pytest.mark.parametrize(("line", "words"), WRONG)
def test_a_wrong_line_is_one_line_and_exit_code_2(
    line: str, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(os.devnull.rpartition("/")[0] or ".")
    assert main(line.split()) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("ganvas: error: ")
    assert words in shown.err
    assert shown.err.count("\n") == 1
    assert shown.err.endswith("\n")


def test_help_and_wrong_lines_import_nothing_heavy(tmp_path: Path) -> None:
    without_data = [line for line, _ in WRONG if "--data-dir" not in line]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        input="\n".join(without_data),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    codes = done.stdout.splitlines()[: len(without_data)]
    assert set(codes) == {"2"}


def test_help_does_not_even_import_numpy(tmp_path: Path) -> None:
    code = (
        "import sys; from ganvas.cli.main import main\n"
        "for line in ('', 'train', 'sample', 'eval', 'data verify', 'judge train'):\n"
        "    assert main([*line.split(), '--help']) == 0\n"
        "assert main(['train', '--threads', '0']) == 2\n"
        "heavy = {'numpy', 'torch', 'rich', 'PIL'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ganvas train fashion-mnist --minutes 5" in done.stdout


def test_python_m_ganvas_is_the_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ganvas", "sampel"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "ganvas: error: unknown command 'sampel'; did you mean 'sample'?\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    for command in COMMANDS:
        assert re.search(rf"^    {command.name}\s+\w", shown.out, re.MULTILINE)


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    name, version = capsys.readouterr().out.split()
    assert name == "ganvas"
    assert version


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (GanvasError("x failed"), 1, "ganvas: error: x failed"),
        (DataError("bad file"), 1, "ganvas: error: bad file"),
        (UsageError("wrong"), 2, "ganvas: error: wrong"),
        (DivergedError("nan"), 3, "ganvas: error: nan"),
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "runs/x"),
            1,
            "ganvas: error: runs/x: No space left on device",
        ),
        (MemoryError(), 1, "ganvas: error: out of memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 1, "out of memory"),
        (TypeError("a\nbug"), 1, "ganvas: internal error: TypeError: a bug; run again with"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_what_escapes_a_command_is_one_line_unless_debugging(
    error: BaseException,
    code: int,
    words: str,
    debug: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(name: str) -> None:
        raise error

    monkeypatch.setattr("ganvas.recipes.get_recipe", fail)
    for line in ([*debug, "recipes", "swift"], ["recipes", *debug, "swift"]):
        assert main(line) == code
        shown = capsys.readouterr()
        assert shown.out == ""
        traced = bool(debug) and isinstance(error, Exception)
        assert ("Traceback" in shown.err) == traced
        if words:
            assert words in shown.err.splitlines()[-1]
        if not traced:
            assert shown.err.count("\n") == (1 if words else 0)


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "ganvas", "recipes", "--json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("redirected", "code", "said"),
    [
        (">&-", 0, ""),
        ("2>&- >/dev/null", 0, ""),
        ("2>/dev/full >/dev/null", 0, ""),
        (">/dev/full", 1, "ganvas: error: No space left on device\n"),
        ("--no-such 2>/dev/full", 2, ""),
    ],
)
def test_only_a_result_that_does_not_arrive_is_a_failure(
    redirected: str, code: int, said: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m ganvas recipes {redirected}', sys.executable],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, said)


def test_every_command_has_help_for_a_newcomer() -> None:
    parser = make_parser()
    assert recipes.COMMAND in COMMANDS
    for command in COMMANDS:
        assert command.examples, command.name
        assert command.description, command.name
    assert parser.parse_args(["train"]).data == "mnist"
