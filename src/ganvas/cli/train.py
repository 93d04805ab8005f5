"""`ganvas train`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganvas.cli.arguments import (
    add_data_dir,
    add_seed,
    add_threads,
    device,
    number_above_zero,
    whole_number,
)
from ganvas.cli.command import Command
from ganvas.cli.output import note, print_json
from ganvas.cli.pictures import add_picture_options, note_left_out, preparation_of
from ganvas.cli.training import add_output_options, assist, carry_out

if TYPE_CHECKING:
    from ganvas.cli.display import Display
    from ganvas.data.points import AnySet
    from ganvas.group import Group
    from ganvas.recipe import Recipe
    from ganvas.run import Run

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "data",
        nargs="?",
        default="mnist",
        metavar="DATA",
        help="what to learn from (default mnist); `ganvas data list` names them",
    )
    parser.add_argument(
        "--recipe",
        metavar="NAME",
        help="networks and how they learn (default swift, of points points); `ganvas recipes` "
        "lists them",
    )
    _add_budget(parser)
    add_seed(parser, None, "decides every random choice")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs"),
        metavar="DIR",
        help="folder for the numbered run directories (default runs)",
    )
    parser.add_argument("--name", metavar="X", help="name of the run directory instead of a number")
    _add_changes(parser)
    add_data_dir(parser)
    add_picture_options(parser)
    parser.add_argument(
        "--device",
        type=device,
        default="auto",
        metavar="D",
        help="auto, cpu, cuda or mps (default auto: the fastest there is)",
    )
    add_threads(parser, None, "all cores")
    parser.add_argument(
        "--remedy",
        choices=("off", "suggest", "apply"),
        help="when something goes wrong: say nothing, say what helps (default), or do it",
    )
    add_output_options(parser)
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the resolved recipe and what would be done, and write nothing",
    )


def _add_changes(parser: argparse.ArgumentParser) -> None:
    """Add what makes a run another than its recipe's."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="KEY=VALUE",
        help="change one setting of the recipe, as in batch_size=128; may be repeated",
    )
    parser.add_argument(
        "--init-from",
        metavar="RUN",
        help="begin from the saved networks of a run or model, with fresh optimisers",
    )
    parser.add_argument(
        "--unconditional", action="store_true", help="leave the classes out: one kind of picture"
    )


def _add_budget(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "how long (one of them; default: the recipe's own)"
    ).add_mutually_exclusive_group()
    whole = whole_number(1)
    group.add_argument("--images", type=whole, metavar="N", help="real images drawn in all")
    group.add_argument(
        "--epochs", type=number_above_zero, metavar="E", help="times through the training images"
    )
    group.add_argument("--steps", type=whole, metavar="S", help="turns of both networks")
    group.add_argument(
        "--minutes",
        type=number_above_zero,
        metavar="M",
        help="about so long: the speed is measured once, at the start",
    )


def _run(options: argparse.Namespace) -> int:
    from ganvas.distributed.opening import open_group

    with open_group() as group:
        return _train(options, group)


def _train(options: argparse.Namespace, group: "Group") -> int:
    with group.together():
        recipe = _recipe(options, group)
    from ganvas.cli.display import open_display

    display = open_display(quiet=options.quiet or not group.leads)
    if options.dry_run:
        with display:
            dataset = group.in_order(lambda: _load(options, recipe, display))
        return _dry_run(options, recipe, dataset, group)

    def begin(display: "Display") -> "Run":
        dataset = group.in_order(lambda: _load(options, recipe, display))
        display.note("loading PyTorch")
        from ganvas import session

        return session.train(
            dataset,
            recipe=recipe,
            out=options.out,
            name=options.name,
            data_dir=options.data_dir,
            init_from=options.init_from,
            tensorboard=options.tensorboard,
            watcher=display,
            group=group,
        )

    if not group.leads:
        return assist(display, begin)
    return carry_out(display, begin, options=options, runs=options.out)


def _recipe(options: argparse.Namespace, group: "Group") -> "Recipe":
    """Return the recipe that is asked for; refuse what can be before the slow imports."""
    from ganvas.data import parse_data
    from ganvas.data.named.sources import POINT_SOURCES
    from ganvas.recipes import DEFAULTS, make_recipe, require_kind
    from ganvas.settings import parse_assignments

    kind = "points" if parse_data(options.data).name in POINT_SOURCES else "images"
    recipe = make_recipe(
        options.recipe or DEFAULTS[kind],
        budget={unit: getattr(options, unit) for unit in ("images", "epochs", "steps", "minutes")},
        seed=options.seed,
        unconditional=options.unconditional,
        settings=_settings(options, parse_assignments(options.settings)),
    )
    require_kind(recipe, kind, options.data)
    if options.name is not None and group.leads and not group.job:
        from ganvas.runlog import require_free_name

        require_free_name(options.out, options.name)

    if options.tensorboard:
        from ganvas.tensorboard import require_tensorboard

        require_tensorboard()
    return recipe


def _settings(options: argparse.Namespace, given: dict[str, str]) -> dict[str, Any]:
    settings: dict[str, Any] = dict(given)
    if options.device != "auto":
        settings["machine.device"] = options.device
    if options.remedy is not None:
        settings["doctor.remedy"] = options.remedy
    if options.threads is not None:
        settings["machine.threads"] = options.threads
    return settings


def _load(options: argparse.Namespace, recipe: "Recipe", display: "Display") -> "AnySet":
    from ganvas import data
    from ganvas.data.request import names_points, to_data

    display.note(f"reading {options.data}")
    load = to_data if names_points(options.data) else data.load
    return load(
        options.data,
        data_dir=options.data_dir,
        held_out=recipe.data.held_out,
        progress=display.download,
        preparation=preparation_of(options),
        max_bad=options.max_bad,
    )


def _dry_run(
    options: argparse.Namespace, recipe: "Recipe", dataset: "AnySet", group: "Group"
) -> int:
    from ganvas import session

    resolved, facts = session.rehearse(recipe, dataset, init_from=options.init_from, group=group)
    if not group.leads:
        return 0
    if dataset.kind == "images":
        note_left_out(dataset.refused)
    if options.json:
        print_json({"recipe": resolved.to_json(), "plan": facts})
        return 0
    print_json(resolved.to_json())
    note(
        f"would draw {facts['images']:,} {dataset.kind} of {dataset.name} "
        f"({facts['training_images']:,} to train on), {facts['iterations']:,} iterations"
    )
    note(
        f"parameters: generator {facts['generator_parameters']:,}, "
        f"discriminator {facts['discriminator_parameters']:,}"
    )
    note(f"disk: at most about {facts['disk_bytes'] / 1e6:,.0f} MB")
    note(f"machine: {facts['machine']}")
    note("nothing was written")
    return 0


COMMAND = Command(
    name="train",
    summary="train a generator: handwritten digits in about a minute",
    description=(
        "Trains a generator on a data set and ends with how good its pictures are beside real\n"
        "ones. The last line on standard output is the run directory: pictures, model, records.\n"
        "Ctrl-C finishes the step, saves, and says how to go on."
    ),
    examples=(
        ("ganvas train", "MNIST's digits, about a minute"),
        ("ganvas train fashion-mnist --minutes 5", "clothes"),
        ("ganvas train mnist:3,5", "only threes and fives"),
        ("ganvas train pets/ --size 32", "your own: a folder, or a folder for each class"),
        ("ganvas train ring", "points of the plane, whose modes can be counted"),
        ("ganvas train --unconditional --seed 1", "digits without their labels"),
        ("ganvas train --set batch_size=128", "one setting changed"),
        ("ganvas train --watch", "with a page in the browser that shows it live"),
        ("ganvas train --dry-run", "what would be done"),
    ),
    add_options=_add_options,
    run=_run,
)
