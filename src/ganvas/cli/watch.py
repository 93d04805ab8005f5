"""`ganvas watch`."""

import argparse
from pathlib import Path
from urllib.parse import quote

from ganvas.cli.command import Command
from ganvas.cli.output import note
from ganvas.cli.serving import add_server_options, address_of, require_web, serve
from ganvas.errors import UsageError

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "runs",
        nargs="?",
        type=Path,
        default=Path("runs"),
        metavar="RUNS",
        help="a folder of run directories, or one of them (default runs)",
    )
    add_server_options(parser)


def _run(options: argparse.Namespace) -> int:
    require_web()
    address_of(options)  # refused before anything else
    from ganvas.web.folder import RunsFolder
    from ganvas.web.watch import watch_routes

    path: Path = options.runs
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is no folder of run directories")
    if (path / "recipe.json").is_file():
        whole = path.resolve()
        folder = RunsFolder(whole.parent, only=whole.name)
        return serve(watch_routes(folder), options, path=f"/run/{quote(whole.name)}")
    if not path.is_dir() and not options.quiet:
        note(f"{path} is not there yet; runs are shown as they appear in it")
    return serve(watch_routes(RunsFolder(path.absolute())), options)


COMMAND = Command(
    name="watch",
    summary="show runs in the browser while they train, and afterwards",
    description=(
        "Serves a page on this machine that shows runs as they train: curves, pictures through\n"
        "time, what was found, two runs side by side. It only reads the run directories, so it\n"
        "shows the runs of any process, and old ones. The first line on standard output is its\n"
        "address. Ctrl-C ends the page, and no run."
    ),
    examples=(
        ("ganvas watch", "all runs below runs/"),
        ("ganvas watch runs/0001-mnist-swift-s0", "one run"),
        ("ganvas watch --no-browser --port 8000", "print the address alone, at a port of choice"),
    ),
    add_options=_add_options,
    run=_run,
)
