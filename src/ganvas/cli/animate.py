"""`ganvas animate`."""

import argparse
from pathlib import Path

from ganvas.cli.arguments import number_in, whole_number
from ganvas.cli.command import Command

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="RUN", help="a run directory, finished or under way")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help=".webp, .gif or .mp4 (default: samples.webp in the run directory)",
    )
    parser.add_argument(
        "--frames",
        type=whole_number(2, 1000),
        default=120,
        metavar="N",
        help="at most so many; of more pictures some are left out, evenly (default 120)",
    )
    parser.add_argument(
        "--fps",
        type=whole_number(1, 50),
        metavar="N",
        help="frames per second (default: as many as make it about eight seconds long, 3 to 20)",
    )
    parser.add_argument(
        "--hold",
        type=number_in(0, 60),
        default=1.5,
        metavar="S",
        help="seconds that the first and the last frame stay (default 1.5)",
    )


def _run(options: argparse.Namespace) -> int:
    from ganvas.pictures import require_file
    from ganvas.report.animation import require_encoder
    from ganvas.report.frames import NAME_AT_THE_END, animate_run
    from ganvas.run import find_run

    path: Path = options.output or find_run(options.directory).path / NAME_AT_THE_END
    require_encoder(path)
    require_file(path)
    animate_run(
        options.directory,
        path,
        most_frames=options.frames,
        speed=options.fps,
        hold_seconds=options.hold,
    )
    print(path)
    return 0


COMMAND = Command(
    name="animate",
    summary="how a run's pictures came to be, in motion",
    description=(
        "Makes an animation of the pictures that a run left of its fixed latents, with a bar and\n"
        "the number of images seen. Every training leaves one, samples.webp, at its end; this\n"
        "makes another kind or length, also of a run that is under way. Prints where it is.\n"
        "An .mp4 needs ffmpeg: the system's, or pip install 'ganvas[video]'."
    ),
    examples=(
        ("ganvas animate runs/0001-mnist-swift-s0 -o digits.gif", ""),
        ("ganvas animate runs/0001-mnist-swift-s0 -o digits.mp4 --fps 10 --hold 3", ""),
    ),
    add_options=_add_options,
    run=_run,
)
