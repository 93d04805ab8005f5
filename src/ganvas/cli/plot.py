"""`ganvas plot`."""

import argparse
from pathlib import Path

from ganvas.cli.command import Command

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="RUN", help="a run directory, finished or under way")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help=".png, .svg or .pdf (default: plots/validation.png in the run directory)",
    )


def _run(options: argparse.Namespace) -> int:
    from ganvas.pictures import require_file
    from ganvas.report.figures import require_matplotlib, require_suffix
    from ganvas.report.validation import draw_validation
    from ganvas.run import find_run

    require_matplotlib()
    path: Path | None = options.output
    if path is None:
        path = find_run(options.directory).plot("validation.png")
    else:
        require_suffix(path)
        require_file(path)
    draw_validation(options.directory, path)
    print(path)
    return 0


COMMAND = Command(
    name="plot",
    summary="draw what the discriminator made of training, held-out and fake images",
    description=(
        "Draws, from a run's files, the discriminator's loss on training and on held-out images,\n"
        "the share of each kind that it calls real, and how far it overfits. A training with\n"
        "matplotlib installed leaves the same figure at its end. Prints where it is."
    ),
    examples=(
        ("ganvas plot runs/0001-mnist-swift-s0", ""),
        ("ganvas plot runs/0001-mnist-swift-s0 -o overfitting.svg", ""),
    ),
    add_options=_add_options,
    run=_run,
)
