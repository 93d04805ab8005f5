"""`ganvas sample`."""

import argparse
from pathlib import Path

from ganvas.cli.arguments import add_seed, output_file, share, whole_number
from ganvas.cli.command import Command

__all__ = ["COMMAND"]

_MOST_COLUMNS = 32  # of a grid with one row for each label asked for


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a run directory, a model folder, or a shipped model's name (`ganvas info`)",
    )
    parser.add_argument(
        "-n", type=whole_number(1), default=64, dest="count", metavar="N", help="how many (64)"
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
    add_seed(parser, 0, "decides which pictures")
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
        help="FILE.png: one picture of all; FILE.npz: arrays; FOLDER/: a PNG each "
        "(default samples.png)",
    )


def _run(options: argparse.Namespace) -> int:
    from ganvas.errors import UsageError
    from ganvas.pictures import require_writable, write_images

    count, asked = options.count, options.labels
    if len(asked) > count:
        raise UsageError(f"-n {count} is too few for {len(asked)} labels; give -n {len(asked)}")
    require_writable(options.output)

    from ganvas.model import load_generator

    generator = load_generator(options.model)
    each = [asked[i * len(asked) // count] for i in range(count)] if asked else None
    images, labels = generator.sample(count, each, options.seed, truncation=options.truncation)
    even = asked and count % len(asked) == 0 and count // len(asked) <= _MOST_COLUMNS
    columns = count // len(asked) if even and len(asked) > 1 else None
    names = generator.config.class_names
    print(write_images(options.output, images, labels, names, columns=columns))
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
    ),
    add_options=_add_options,
    run=_run,
)
