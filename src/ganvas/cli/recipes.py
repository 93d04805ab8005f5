"""`ganvas recipes`."""

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from ganvas.cli.arguments import add_json, whole_number
from ganvas.cli.command import Command
from ganvas.cli.output import note, print_json, print_table
from ganvas.cli.pictures import size

if TYPE_CHECKING:
    from ganvas.description import Description

__all__ = ["COMMAND"]

_WIDTH = 88


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="show what this one is, its layers and settings"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="draw the layers of both networks: .png, .svg or .pdf",
    )
    group = parser.add_argument_group("images that the networks are made for")
    group.add_argument(
        "--size",
        type=size,
        metavar="S",
        help="32 or 32x48 (height x width); default: those of the recipe's own data",
    )
    group.add_argument(
        "--channels", type=int, choices=(1, 3, 4), metavar="C", help="1 grey, 3 RGB, 4 RGBA"
    )
    group.add_argument(
        "--classes", type=whole_number(0, 10_000), metavar="K", help="how many, 0 for none"
    )
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    from ganvas.recipes import RECIPES, get_recipe

    if options.name is not None:
        get_recipe(options.name)  # a wrong name is refused before torch is imported
        return _show(options)
    for option in ("output", "size", "channels", "classes"):
        if getattr(options, option) is not None:
            options.parser.error(f"--{option} needs the NAME of a recipe")
    summaries = {name: page.summary for name, (_, page) in RECIPES.items()}
    if options.json:
        print_json({"recipes": [{"name": n, "summary": s} for n, s in summaries.items()]})
    else:
        print_table(["recipe", "what it is"], [[n, s] for n, s in summaries.items()])
    return 0


def _show(options: argparse.Namespace) -> int:
    if options.output is not None:
        from ganvas.pictures import require_file
        from ganvas.report.figures import require_matplotlib, require_suffix

        require_suffix(options.output)
        require_file(options.output)
        require_matplotlib()
    from ganvas.description import describe_recipe

    found = describe_recipe(
        options.name, size=options.size, channels=options.channels, classes=options.classes
    )
    if options.output is not None:
        from ganvas.report.diagram import draw_diagram

        draw_diagram(options.output, found.diagram, found.heading)
    if options.json:
        print_json(found.to_json())
    else:
        _print(found)
    if options.output is not None:
        note(f"drawing:  {options.output}")
    return 0


def _print(found: "Description") -> None:
    from ganvas.description import LAYER_COLUMNS, layer_cells, totals
    from ganvas.settings import flatten

    page = found.page
    print(f"{found.name}: {found.page.summary}\n")
    _say("what it is", page.title)
    _say("source", page.source)
    _say("published budget", page.published_budget)
    _say("what to expect", page.expect)
    if page.deviations:
        print("\nwhere it differs from what was published:")
        for deviation in page.deviations:
            print(textwrap.fill(deviation, _WIDTH, initial_indent="- ", subsequent_indent="  "))
    print(f"\n{found.heading}")
    for name, rows in found.diagram.sides:
        print(f"\n{name}: {totals(rows)}")
        print_table(LAYER_COLUMNS, layer_cells(rows), right=2)
    print()
    settings = [[name, _spoken(value)] for name, value in flatten(found.recipe)]
    print_table(["setting", "value"], settings)


def _say(what: str, words: str) -> None:
    indent = " " * 18
    print(textwrap.fill(f"{what + ':':18}{words}", _WIDTH, subsequent_indent=indent))


def _spoken(value: object) -> str:
    """Return a value as --set takes it."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


COMMAND = Command(
    name="recipes",
    summary="list the recipes, or show one: what it is, its layers, every setting",
    description=(
        "A recipe says everything about a training: networks, losses, learning rates, order.\n"
        "Any of its settings can be changed with `ganvas train --set KEY=VALUE`."
    ),
    examples=(
        ("ganvas recipes", ""),
        ("ganvas recipes swift", "what it is, its layers, every setting"),
        ("ganvas recipes dcgan-tf -o layers.png", "its networks as a picture"),
        ("ganvas recipes swift --size 64 --channels 3 --classes 0", "for other images"),
    ),
    add_options=_add_options,
    run=_run,
)
