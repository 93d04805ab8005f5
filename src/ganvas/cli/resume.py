"""`ganvas resume`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ganvas.cli.arguments import whole_number
from ganvas.cli.command import Command
from ganvas.cli.training import add_output_options, carry_out

if TYPE_CHECKING:
    from ganvas.cli.display import Display
    from ganvas.run import Run

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", type=Path, metavar="RUN", help="the run directory to go on with")
    parser.add_argument(
        "--images",
        type=whole_number(1),
        metavar="N",
        help="a new total of images (default: the one the run had)",
    )
    add_output_options(parser)


def _run(options: argparse.Namespace) -> int:
    from ganvas.errors import UsageError
    from ganvas.run import find_run

    directory = find_run(options.what)
    recipe, noted = directory.read_recipe(), directory.read_environment()
    if recipe.data.name == "arrays" and not noted.get("data_reference"):
        raise UsageError(
            f"{options.what} was trained on arrays, which have no files; go on from "
            "Python: ganvas.resume(run, data=(images, labels))"
        )

    def begin(display: "Display") -> "Run":
        from ganvas.data.request import reload

        display.note(f"reading {recipe.data.name}")
        dataset = reload(
            noted, recipe.data.name, held_out=recipe.data.held_out, progress=display.download
        )
        display.note("loading PyTorch")
        from ganvas import session

        return session.resume(options.what, images=options.images, data=dataset, watcher=display)

    from ganvas.cli.display import open_display

    return carry_out(open_display(quiet=options.quiet), begin, as_json=options.json)


COMMAND = Command(
    name="resume",
    summary="go on with a run that was stopped, or train it longer",
    description=(
        "Goes on from the newest checkpoint of a run, exactly as if it had never stopped. With\n"
        "--images it trains up to a new total, so a finished run can be trained longer."
    ),
    examples=(
        ("ganvas resume runs/0001-mnist-swift-s0", "to the end that was planned"),
        ("ganvas resume runs/0001-mnist-swift-s0 --images 300000", "longer"),
    ),
    add_options=_add_options,
    run=_run,
)
