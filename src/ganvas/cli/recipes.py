"""`ganvas recipes`."""

import argparse

from ganvas.cli.arguments import add_json
from ganvas.cli.command import Command
from ganvas.cli.output import print_json, print_table

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="show every setting of this one")
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    from ganvas.recipes import RECIPES, get_recipe, summary_of
    from ganvas.settings import flatten

    if options.name is not None:
        recipe = get_recipe(options.name)
        if options.json:
            print_json(recipe.to_json())
        else:
            print(f"{options.name}: {summary_of(options.name)}\n")
            print_table(
                ["setting", "value"], [[name, _spoken(value)] for name, value in flatten(recipe)]
            )
    elif options.json:
        print_json({"recipes": [{"name": n, "summary": summary_of(n)} for n in RECIPES]})
    else:
        print_table(["recipe", "what it is"], [[name, summary_of(name)] for name in RECIPES])
    return 0


def _spoken(value: object) -> str:
    """Return a value as --set takes it."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


COMMAND = Command(
    name="recipes",
    summary="list the recipes, or show every setting of one",
    description=(
        "A recipe says everything about a training: networks, losses, learning rates, order.\n"
        "Any of its settings can be changed with `ganvas train --set KEY=VALUE`."
    ),
    examples=(("ganvas recipes", ""), ("ganvas recipes swift", "every setting of the default")),
    add_options=_add_options,
    run=_run,
)
