"""`ganvas plot`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ganvas.cli.command import Command
from ganvas.cli.output import note

if TYPE_CHECKING:
    from ganvas.report.record import RunRecord

__all__ = ["COMMAND"]

_DEFAULT = "validation"  # what -o FILE draws where no figure is named


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="RUN", help="a run directory, finished or under way")
    parser.add_argument(
        "figures",
        nargs="*",
        metavar="FIGURE",
        help="pictures, losses, validation, logits, gradients, quality or classes (default: all "
        "there are)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help=f"one figure as .png, .svg or .pdf (default: {_DEFAULT}; without -o: into plots/)",
    )
    parser.add_argument(
        "--format",
        choices=("png", "svg", "pdf"),
        default="png",
        metavar="F",
        help="what is written into plots/: png (default), svg or pdf",
    )
    parser.add_argument(
        "--pictures",
        action="store_true",
        help="also new pictures by the run's model: between latents, classes by latents, and the "
        "samples nearest to training images",
    )


def _run(options: argparse.Namespace) -> int:
    from ganvas.errors import UsageError, did_you_mean
    from ganvas.pictures import require_file
    from ganvas.report.figures import require_matplotlib, require_suffix
    from ganvas.report.plots import PLOTS, known_plots, write_plot
    from ganvas.report.record import read_run
    from ganvas.runlog import RunDirectory

    for name in options.figures:
        if name not in PLOTS:
            raise UsageError(f"unknown figure '{name}'{did_you_mean(name, PLOTS)}")
    require_matplotlib()
    path: Path | None = options.output
    if path is not None:
        require_suffix(path)
        require_file(path)
        if len(options.figures) > 1:
            raise UsageError("-o takes one figure; name one, or leave -o out to write them all")
        if options.pictures:
            raise UsageError("--pictures writes into plots/; leave -o out")
    record = read_run(options.directory)
    if path is not None:
        write_plot((options.figures or [_DEFAULT])[0], record, path)
        print(path)
        return 0
    names = options.figures or list(known_plots(record))
    if not names:
        raise UsageError(
            f"{options.directory} has nothing to draw yet; it is drawn from metrics.jsonl, which "
            "gets a line every log.every_images images"
        )
    for name in names:
        path = RunDirectory(record.head.path).plot(f"{name}.{options.format}")
        write_plot(name, record, path)
        print(path)
    if options.pictures:
        _draw_pictures(record, options.format)
    return 0


def _draw_pictures(record: "RunRecord", kind: str) -> None:
    from ganvas.report.plots import write_picture
    from ganvas.report.portraits import portraits
    from ganvas.runlog import RunDirectory

    found, missing = portraits(record, nearest=True)
    for portrait in found:
        path = RunDirectory(record.head.path).plot(f"{portrait.name}.{kind}")
        write_picture(path, portrait.picture, title=portrait.title, words=portrait.words)
        print(path)
    for reason in missing:
        note(f"left out: {reason}")


COMMAND = Command(
    name="plot",
    summary="draw a run's curves: losses, what the discriminator knows, quality and more",
    description=(
        "Draws a run from its files: the newest samples beside real images, both players' losses\n"
        "with the ideal of the loss, what the discriminator makes of training, held-out and fake\n"
        "images, its answers, gradients, quality beside that of real images, the classes of the\n"
        "samples. What the run has numbers for is written to plots/ in it. Prints where it is."
    ),
    examples=(
        ("ganvas plot runs/0001-mnist-swift-s0", "all figures there are, as PNG"),
        ("ganvas plot runs/0001-mnist-swift-s0 losses -o losses.svg", "one of them"),
        ("ganvas plot runs/0001-mnist-swift-s0 --pictures --format svg", "more, and as SVG"),
    ),
    add_options=_add_options,
    run=_run,
)
