"""`ganvas sample`."""

import argparse
from pathlib import Path

from ganvas.cli.arguments import add_seed, output_file, share, whole_number
from ganvas.cli.command import Command
from ganvas.cli.point import add_point_options, to_point

__all__ = ["COMMAND"]

_MOST_COLUMNS = 32  # of a grid with one row for each label asked for


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a run directory, a model folder, or a shipped model's name (`ganvas info`)",
    )
    parser.add_argument(
        "-n", type=whole_number(1), dest="count", metavar="N", help="how many (default 64)"
    )
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        dest="labels",
        metavar="L",
        help="a class by name or number; may be repeated, each gets an equal part "
        "(default: drawn as often as in the training data)",
    )
    add_seed(parser, None, "decides which pictures")
    parser.add_argument(
        "--truncation",
        type=share,
        default=1.0,
        metavar="T",
        help="above 0, at most 1 (default 1): smaller is safer and less varied",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=output_file(".png", ".npz"),
        default=Path("samples.png"),
        metavar="FILE",
        help="FILE.png: one picture of all; FILE.npz: arrays; FOLDER/: a PNG each image "
        "(default samples.png)",
    )
    add_point_options(parser)


def _run(options: argparse.Namespace) -> int:
    from ganvas.errors import UsageError
    from ganvas.pictures import require_writable, write_images, write_points

    if options.corners is not None:
        return _one(options)
    if options.at is not None or options.directions:
        word = "--at" if options.at is not None else "--direction"
        raise UsageError(f"{word} is a place between four seeds; give --corners, as in 1,2,3,4")
    count, asked = options.count or 64, options.labels
    if len(asked) > count:
        raise UsageError(f"-n {count} is too few for {len(asked)} labels; give -n {len(asked)}")
    require_writable(options.output)

    from ganvas.model import load_generator

    generator = load_generator(options.model)
    if generator.config.makes_points and options.output.suffix.lower() not in (".png", ".npz"):
        raise UsageError("points are written to FILE.png or FILE.npz, not to a folder")
    each = [asked[i * len(asked) // count] for i in range(count)] if asked else None
    seed = options.seed or 0
    images, labels = generator.sample(count, each, seed, truncation=options.truncation)
    if generator.config.makes_points:
        print(write_points(options.output, images, labels, scale=generator.config.scale))
        return 0
    even = asked and count % len(asked) == 0 and count // len(asked) <= _MOST_COLUMNS
    columns = count // len(asked) if even and len(asked) > 1 else None
    names = generator.config.class_names
    print(write_images(options.output, images, labels, names, columns=columns))
    return 0


def _one(options: argparse.Namespace) -> int:
    """Write the one picture that --corners and what belongs to it say."""
    from ganvas.errors import UsageError
    from ganvas.pictures import require_writable, write_images

    if options.count not in (None, 1):
        raise UsageError("--corners make one picture; leave out -n")
    if options.seed is not None:
        raise UsageError("--corners say the seeds; leave out --seed")
    require_writable(options.output)

    import numpy as np

    from ganvas.model import Explorer, load_generator

    generator = load_generator(options.model)
    names = generator.config.class_names
    image, label = Explorer(generator).picture(to_point(options, names))
    labels = None if label is None else np.array([label])
    print(write_images(options.output, image, labels, names))
    return 0


COMMAND = Command(
    name="sample",
    summary="make pictures with a trained model",
    description="Makes pictures and prints where they are.",
    examples=(
        ("ganvas sample mnist -n 64 -o digits.png", "a grid of digits"),
        ("ganvas sample mnist -n 20 --label 3 --label 8", "a row of threes, a row of eights"),
        ("ganvas sample runs/0001-mnist-swift-s0 -n 1000 -o some.npz", "arrays for NumPy"),
        ("ganvas sample mnist -n 100 -o digits/", "a folder of pictures"),
        ("ganvas sample mnist --corners 1,2,3,4 --at 0.5,0.5 --label 3", "between four seeds"),
    ),
    add_options=_add_options,
    run=_run,
)
