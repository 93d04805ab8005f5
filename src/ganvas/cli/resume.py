"""`ganvas resume`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ganvas.cli.arguments import add_data_dir, add_threads, device, whole_number
from ganvas.cli.command import Command
from ganvas.cli.training import add_output_options, assist, carry_out

if TYPE_CHECKING:
    from ganvas.cli.display import Display
    from ganvas.group import Group
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
    parser.add_argument(
        "--data",
        metavar="DATA",
        help="where the images are now, if they were moved: the same ones, by their digest",
    )
    add_data_dir(parser)
    parser.add_argument(
        "--device",
        type=device,
        metavar="D",
        help="another device than the run began on: auto, cpu, cuda or mps",
    )
    add_threads(parser, None, "as many as before")
    add_output_options(parser)


def _run(options: argparse.Namespace) -> int:
    from ganvas.distributed.opening import open_group

    with open_group() as group:
        with group.together():
            if group.leads:  # the run directory need not be on the other machines
                _refuse_arrays(options)
        return _resume(options, group)


def _refuse_arrays(options: argparse.Namespace) -> None:
    from ganvas.errors import UsageError
    from ganvas.run import find_run

    noted = find_run(options.what).read_environment()
    if options.data is None and noted.get("data_reference") == "":
        raise UsageError(
            f"{options.what} was trained on arrays, which have no files; go on from "
            "Python: ganvas.resume(run, data=(images, labels))"
        )


def _resume(options: argparse.Namespace, group: "Group") -> int:
    def begin(display: "Display") -> "Run":
        display.note("loading PyTorch")
        from ganvas import session

        return session.resume(
            options.what,
            images=options.images,
            data=options.data,
            data_dir=options.data_dir,
            device=options.device,
            threads=options.threads,
            progress=display.download,
            tensorboard=options.tensorboard,
            watcher=display,
            group=group,
        )

    from ganvas.cli.display import open_display

    display = open_display(quiet=options.quiet or not group.leads)
    if not group.leads:
        return assist(display, begin)
    runs = options.what.resolve().parent
    return carry_out(display, begin, options=options, runs=runs)


COMMAND = Command(
    name="resume",
    summary="go on with a run that was stopped, or train it longer",
    description=(
        "Goes on from the newest whole checkpoint of a run, exactly as if it had never stopped.\n"
        "With --images it trains up to a new total, so a finished run can be trained longer: the\n"
        "learning rate then goes on as in a run of that total."
    ),
    examples=(
        ("ganvas resume runs/0001-mnist-swift-s0", "to the end that was planned"),
        ("ganvas resume runs/0001-mnist-swift-s0 --images 300000", "longer"),
        ("ganvas resume runs/0002-pets-swift-s0 --data /new/place/pets", "moved pictures"),
    ),
    add_options=_add_options,
    run=_run,
)
