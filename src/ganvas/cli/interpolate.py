"""`ganvas interpolate`."""

import argparse
from pathlib import Path

from ganvas.cli.arguments import MAX_SEED, add_seed, number_in, share, whole_number
from ganvas.cli.command import Command

__all__ = ["COMMAND"]

_POINTS = 5
_FRAMES, _STRIP_FRAMES = 24, 6


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a run directory, a model folder, or a shipped model's name (`ganvas info`)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("walk.webp"),
        metavar="FILE",
        help=".webp, .gif or .mp4; .png is a filmstrip (default walk.webp)",
    )
    _add_way(parser)
    _add_motion(parser)


def _add_way(parser: argparse.ArgumentParser) -> None:
    """Add what says through which latents and classes to walk."""
    add_seed(parser, None, "the first seed of the walk")
    parser.add_argument(
        "--points",
        type=whole_number(2, 100),
        metavar="N",
        help=f"walk through N seeds, from --seed on (default {_POINTS})",
    )
    parser.add_argument(
        "--seeds",
        type=_seeds,
        metavar="A,B,...",
        help="walk through these seeds instead, in this order; the first again at the end closes "
        "the circle",
    )
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        dest="labels",
        metavar="L",
        help="a class by name or number; may be repeated: a walk for each, side by side "
        "(default: every class, at most 10)",
    )
    parser.add_argument(
        "--classes",
        action="store_true",
        help="hold the latent and walk over the classes: all, or those of --label in their order",
    )
    parser.add_argument(
        "--columns",
        type=whole_number(1, 32),
        metavar="N",
        help="walks side by side (default: one for each class that is held, else 6)",
    )
    parser.add_argument(
        "--truncation",
        type=share,
        default=1.0,
        metavar="T",
        help="above 0, at most 1 (default 1): smaller is safer and less varied",
    )


def _add_motion(parser: argparse.ArgumentParser) -> None:
    """Add what says how finely and how fast the walk is shown."""
    parser.add_argument(
        "--frames",
        type=whole_number(1, 240),
        metavar="N",
        help=f"from one seed or class to the next (default {_FRAMES}, {_STRIP_FRAMES} in a PNG)",
    )
    parser.add_argument(
        "--fps",
        type=whole_number(1, 50),
        default=20,
        metavar="N",
        help="frames per second (default 20)",
    )
    parser.add_argument(
        "--hold",
        type=number_in(0, 60),
        default=1.0,
        metavar="S",
        help="seconds that the first and the last frame stay (default 1)",
    )


def _run(options: argparse.Namespace) -> int:
    from ganvas.errors import UsageError
    from ganvas.pictures import require_file
    from ganvas.report.animation import Timing, require_encoder

    path: Path = options.output
    is_strip = path.suffix.lower() == ".png"
    if not is_strip:
        require_encoder(path)
    require_file(path)
    if options.seeds and (options.seed is not None or options.points):
        raise UsageError("--seeds names every seed; leave --seed and --points out")
    if options.classes and (options.seeds or options.points):
        raise UsageError("--classes holds one seed's latents; give --seed alone")

    from ganvas.model import load_generator
    from ganvas.report.interpolation import Walk, walk_images, write_walk

    first = options.seed or 0
    points = 1 if options.classes else options.points or _POINTS
    walk = Walk(
        seeds=options.seeds or tuple(range(first, first + points)),
        labels=tuple(options.labels),
        over_classes=options.classes,
        columns=options.columns,
        steps=options.frames or (_STRIP_FRAMES if is_strip else _FRAMES),
        truncation=options.truncation,
    )
    timing = Timing(frames_per_second=options.fps, hold_seconds=options.hold)
    write_walk(path, walk_images(load_generator(options.model), walk), timing)
    print(path)
    return 0


def _seeds(text: str) -> tuple[int, ...]:
    """Read two seeds or more."""
    parts = [part.strip() for part in text.split(",")]
    seeds = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 20]
    if len(seeds) != len(parts) or not 2 <= len(parts) <= 100 or max(seeds) > MAX_SEED:
        raise argparse.ArgumentTypeError(f"must be 2 to 100 seeds, as in 3,8,12, not '{text}'")
    return tuple(seeds)


COMMAND = Command(
    name="interpolate",
    summary="walk from sample to sample of a model, in motion",
    description=(
        "Makes an animation, or with .png a filmstrip, of walks through a model's latent space:\n"
        "from the samples of one seed to those of the next, each walk in a class of its own.\n"
        "With --classes the latent is held, and the class changes. Prints where it is."
    ),
    examples=(
        ("ganvas interpolate mnist -o walk.gif", "ten digits, from seed 0 to seed 4"),
        ("ganvas interpolate mnist --label 3 --seeds 3,8,3 -o three.mp4", "there and back"),
        ("ganvas interpolate mnist --classes -o classes.png", "a filmstrip from 0 to 9"),
    ),
    add_options=_add_options,
    run=_run,
)
