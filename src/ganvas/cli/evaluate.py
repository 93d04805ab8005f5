"""`ganvas eval`."""

import argparse
from pathlib import Path
from typing import Any

from ganvas.cli.arguments import add_data_dir, add_json, add_seed, whole_number
from ganvas.cli.command import Command
from ganvas.cli.output import note, print_json, print_table

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar="WHAT",
        help="a run directory, a model folder, a shipped model's name (`ganvas info`); or a "
        "folder of pictures, an .npz or .npy file (these need --data)",
    )
    parser.add_argument(
        "--data", metavar="D", help="data set to compare with (default: what it was trained on)"
    )
    parser.add_argument(
        "--samples",
        type=whole_number(2, 1_000_000),
        metavar="N",
        help="how many samples (default 10000, of points 2500, of stacked digits 26000); "
        "figures of different numbers do not compare",
    )
    add_seed(parser, 0, "decides which samples")
    parser.add_argument(
        "--metrics",
        type=lambda text: [name.strip() for name in text.split(",")],
        metavar="A,B",
        help="which figures (default: all but cas): fd, fd_infinity, kid, precision, recall, "
        "density, coverage, label_accuracy, class_kl, cas, ndb, ct, authenticity; of "
        "stacked digits also modes, modes_kl; of points: modes, high_quality",
    )
    parser.add_argument(
        "--judge",
        metavar="J",
        help="measure with another judge than the data's: a name (`ganvas judge list`), a folder",
    )
    parser.add_argument(
        "--nearest",
        type=_picture,
        metavar="FILE",
        help="write a picture (.png) of the samples that lie nearest to training images, each "
        "above the training image",
    )
    add_data_dir(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write the JSON to FILE as well"
    )
    add_json(parser)


def _picture(text: str) -> Path:
    """Read the name of a PNG file."""
    path = Path(text)
    if path.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"must end in .png, not '{text}'")
    return path


def _run(options: argparse.Namespace) -> int:
    from ganvas.files import write_json
    from ganvas.pictures import require_file

    if options.data is not None:
        from ganvas.data import parse_data

        parse_data(options.data)
    for file in (options.output, options.nearest):
        if file is not None:
            require_file(file)

    from ganvas.cli.display import open_display
    from ganvas.measure import evaluate

    with open_display(quiet=False) as display:
        count = "" if options.samples is None else f"{options.samples:,} "
        display.note(f"measuring {count}samples of {options.what}")
        found = evaluate(
            options.what,
            options.data,
            options.samples,
            options.seed,
            metrics=options.metrics,
            judge=options.judge,
            nearest=options.nearest,
            data_dir=options.data_dir,
            progress=display.download,
        )
    if options.output is not None:  # before anything is printed, which may find nobody to read it
        write_json(options.output, found)
    if options.json:
        print_json(found)
    else:
        _print_figures(found)
    return 0


def _print_figures(found: dict[str, Any]) -> None:
    from ganvas.evaluation import in_words

    judge = f"{found['judge']['name']} {found['judge']['digest'][7:15]}"
    rows = [
        [
            name,
            _figure(figures["value"]),
            _figure(figures["real"]),
            "higher" if figures["higher_is_better"] else "lower",
            f"{figures.get('samples', found['samples']):,}",
            judge,
            found["split"],
        ]
        for name, figures in found["metrics"].items()
    ]
    print_table(["metric", "value", "real", "better is", "samples", "judge", "real split"], rows)
    print()
    for sentence in in_words(found):
        print(sentence)
    for name, reason in found["left_out"].items():
        note(f"left out: {reason}" if name in reason else f"left out: {name}: {reason}")


def _figure(value: int | float | None) -> str:
    if isinstance(value, int):  # a count
        return f"{value:,}"
    return "-" if value is None else f"{value:.4f}"


COMMAND = Command(
    name="eval",
    summary="measure how good a model's pictures are, beside real ones",
    description=(
        "Measures samples of a model with a judge (a classifier trained on real images) and\n"
        "shows, beside each figure, that of real images the model never saw."
    ),
    examples=(
        ("ganvas eval mnist", "the model that ships with ganvas"),
        ("ganvas eval runs/0001-mnist-swift-s0 --json", "a run of yours, for a script"),
        ("ganvas eval mnist --samples 2000 --metrics fd", "quicker, one figure"),
        ("ganvas eval runs/0002-ring-points-s0", "points: how many modes were found"),
        ("ganvas eval pictures/ --data mnist", "pictures from elsewhere, beside real digits"),
    ),
    add_options=_add_options,
    run=_run,
)
