"""`ganvas eval`."""

import argparse
from pathlib import Path
from typing import Any

from ganvas.cli.arguments import add_data_dir, add_json, add_seed, whole_number
from ganvas.cli.command import Command
from ganvas.cli.output import print_json, print_table

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a run directory, a model folder, or a shipped model's name (`ganvas info`)",
    )
    parser.add_argument(
        "--data", metavar="D", help="data set to compare with (default: what it was trained on)"
    )
    parser.add_argument(
        "--samples",
        type=whole_number(2),
        default=10_000,
        metavar="N",
        help="how many samples (default 10000); figures of different numbers do not compare",
    )
    add_seed(parser, 0, "decides which samples")
    parser.add_argument(
        "--metrics",
        type=lambda text: [name.strip() for name in text.split(",")],
        metavar="A,B",
        help="which figures (default: all that can be had)",
    )
    add_data_dir(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write the JSON to FILE as well"
    )
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    from ganvas.files import write_json
    from ganvas.pictures import require_file

    if options.data is not None:
        from ganvas.data.catalogue import find_source

        find_source(options.data)
    if options.output is not None:
        require_file(options.output)

    from ganvas.cli.display import open_display
    from ganvas.measure import evaluate

    with open_display(quiet=False) as display:
        display.note(f"measuring {options.samples:,} samples")
        found = evaluate(
            options.model,
            options.data,
            options.samples,
            options.seed,
            metrics=options.metrics,
            data_dir=options.data_dir,
            progress=display.download,
        )
    if options.json:
        print_json(found)
    else:
        _print_figures(found)
    if options.output is not None:
        write_json(options.output, found)
    return 0


def _print_figures(found: dict[str, Any]) -> None:
    from ganvas.evaluation import in_words

    rows = [
        [
            name,
            _figure(figures["value"]),
            _figure(figures["real"]),
            "higher" if figures["higher_is_better"] else "lower",
        ]
        for name, figures in found["metrics"].items()
    ]
    print_table(["metric", "value", f"real ({found['split']})", "better is"], rows)
    print()
    for sentence in in_words(found):
        print(sentence)


def _figure(value: float | None) -> str:
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
    ),
    add_options=_add_options,
    run=_run,
)
