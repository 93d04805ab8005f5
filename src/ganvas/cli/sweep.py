"""`ganvas sweep`."""

import argparse
from pathlib import Path
from typing import Any

from ganvas.cli.arguments import add_json, add_seed, whole_number
from ganvas.cli.command import Command
from ganvas.cli.output import note_if_heard, print_json, print_table
from ganvas.cli.series import (
    add_run_options,
    add_series_options,
    checked_request,
    default_out,
    figure_cell,
    threads_each,
)
from ganvas.cli.stopped import say_stopped

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_run_options(parser)
    parser.add_argument(
        "--vary",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUES",
        help="a setting and its values: key=a,b,c (or a|b), key=log:1e-4:1e-2, key=float:0:1, "
        "key=int:16:64:16; may be repeated",
    )
    add_series_options(parser, "runs/sweep-DATA-RECIPE")
    add_seed(parser, 0, "decides what is drawn, and every run")
    group = parser.add_argument_group("all settings together, drawn by Optuna")
    group.add_argument(
        "--trials",
        type=whole_number(1, 1_000_000),
        metavar="N",
        help="runs in all (default: every combination where there are at most 20, else 20)",
    )
    group.add_argument(
        "--storage",
        metavar="URL",
        help="database of the study, as in sqlite:///sweep.db, which several machines may share "
        "(default: a journal file in DIR, which several processes may share)",
    )
    group.add_argument(
        "--study", default="ganvas", metavar="NAME", help="its name in the database (ganvas)"
    )
    group.add_argument(
        "--no-pruning", action="store_true", help="let hopeless runs go on to their end"
    )
    group = parser.add_argument_group("one setting at a time, beside the recipe as it is")
    group.add_argument(
        "--one-at-a-time",
        action="store_true",
        help="change one setting at a time, and set samples and losses at --at side by side",
    )
    group.add_argument(
        "--at",
        type=_steps,
        metavar="A,B",
        help="the steps to look at; the last ends the runs (default 500,1000)",
    )
    group.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="the picture: .png, .svg or .pdf (default DIR/side-by-side.png)",
    )
    add_json(parser)


def _steps(text: str) -> tuple[int, ...]:
    read = whole_number(1)
    return tuple(sorted({read(part) for part in text.split(",")}))


def _run(options: argparse.Namespace) -> int:
    from ganvas.errors import UsageError

    other = "trials", "storage", "no_pruning"
    if options.one_at_a_time:
        wrong = [name for name in (*other, "images", "minutes") if getattr(options, name)]
        if wrong:
            name = wrong[0].replace("_", "-")
            raise UsageError(f"--one-at-a-time takes no --{name}; --at says how long the runs are")
        from ganvas.cli.one_at_a_time import carry_out

        return carry_out(options)
    for name in ("at", "output"):
        if getattr(options, name) is not None:
            raise UsageError(f"--{name} belongs to --one-at-a-time")
    return _sweep(options)


def _sweep(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from ganvas.recipes import make_recipe
    from ganvas.scale.children import Children
    from ganvas.scale.space import parse_space
    from ganvas.scale.study import require_optuna
    from ganvas.scale.sweep import Plan, run_sweep, sweep_in_json
    from ganvas.settings import parse_assignments

    asked = checked_request(options)
    recipe = make_recipe(options.recipe, budget={}, settings=parse_assignments(options.settings))
    space = parse_space(options.vary, recipe)
    _require_distance(options.data, recipe.evaluation.samples)
    require_optuna()
    plan = Plan(
        request=replace(asked, series=(*options.vary, f"--seed {options.seed}")),
        space=space,
        trials=options.trials,
        seed=options.seed,
        jobs=options.jobs,
        threads=threads_each(options.jobs),
        storage=options.storage,
        name=options.study,
        prune=not options.no_pruning,
    )
    out = options.out or default_out("sweep", options)
    try:
        request, trials = run_sweep(out, plan, runner=Children(), tell=note_if_heard)
    except KeyboardInterrupt as stop:
        return say_stopped(stop)
    found = sweep_in_json(trials, request, plan)
    if options.json:
        print_json(found)
    else:
        _print(found, [dimension.setting for dimension in space])
    return 1 if found["summary"]["failed"] else 0


def _require_distance(data: str, samples: int) -> None:
    """Raise UsageError where runs end without the Fréchet distance that a sweep compares by."""
    from ganvas.data.request import names_points
    from ganvas.errors import UsageError

    words = "a sweep compares runs by their Fréchet distance at the end, which"
    if names_points(data):
        raise UsageError(
            f"{words} {data} has not: it is points; `ganvas trials` counts their modes, and "
            "--one-at-a-time shows them"
        )
    if not samples:
        raise UsageError(f"{words} evaluation.samples=0 leaves out; leave that setting out")


def _print(found: dict[str, Any], names: list[str]) -> None:
    rows = found["trials"]
    ordered = sorted(rows, key=lambda row: (row["state"] != "complete", row["value"] or 1e99))
    shown = [
        [
            str(row["trial"]),
            *(_short(row["settings"].get(name, "-")) for name in names),
            row["state"] if row["same_as"] is None else f"as trial {row['same_as']}",
            f"{row['images']:,}",
            "-" if row["value"] is None else f"{row['value']:.2f}x",
            *(figure_cell(row["metrics"], name) for name in ("fd", "coverage", "label_accuracy")),
        ]
        for row in ordered
    ]
    figures = ["x real", "fd", "coverage", "label_accuracy"]
    print_table(["trial", *names, "state", "images", *figures], shown, right=len(names) + 2)
    counts = ", ".join(f"{count} {state}" for state, count in found["summary"].items() if count)
    print(f"\n{counts}; each of {found['images']:,} images, seed {found['seed']}")
    for row in rows:
        if row["state"] in ("failed", "diverged") and row["reason"]:
            print(f"trial {row['trial']} {row['state']}: {row['reason']}")
    best = found["best"]
    if best is not None:
        settings = " ".join(f"--set {name}={value}" for name, value in best["settings"].items())
        print(f"best: trial {best['trial']}: {settings}")


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


COMMAND = Command(
    name="sweep",
    summary="try settings of a recipe: drawn by Optuna, or one at a time side by side",
    description=(
        "Trains the recipe with settings varied, every run a process of its own, and shows which\n"
        "came nearest to the real images. Runs that diverge or are hopeless are given up early.\n"
        "Several processes may work on one sweep: give the same command again. It goes on after\n"
        "Ctrl-C or a crash. With --one-at-a-time each value is tried by itself beside the recipe\n"
        "as it is, and their samples and losses at some steps are set side by side."
    ),
    examples=(
        (
            "ganvas sweep --vary optimizer.generator.learning_rate=log:1e-4:1e-2 --trials 20",
            "a range",
        ),
        (
            "ganvas sweep --images 20000 --vary batch_size=32,64 loss.name=hinge,non_saturating",
            "a grid",
        ),
        (
            "ganvas sweep --recipe dcgan-rmsprop --one-at-a-time --vary procedure.frozen=false",
            "at 500 and 1,000 steps",
        ),
    ),
    add_options=_add_options,
    run=_run,
)
