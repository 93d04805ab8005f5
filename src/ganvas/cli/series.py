"""What `trials` and `sweep` share: the options of every run, its figures in a table's cells."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganvas.cli.arguments import add_threads, number_above_zero, whole_number

if TYPE_CHECKING:
    from ganvas.scale.request import Request

__all__ = ["add_run_options", "add_series_options", "as_times", "checked_request", "default_out"]
__all__ += ["figure_cell", "threads_each"]


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add what every run of the series is asked for, as `ganvas train` takes it."""
    parser.add_argument(
        "data",
        nargs="?",
        default="mnist",
        metavar="DATA",
        help="what to learn from (default mnist)",
    )
    parser.add_argument(
        "--recipe",
        metavar="NAME",
        help="networks and how they learn (default swift, of points points)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="KEY=VALUE",
        help="change one setting of the recipe in every run; may be repeated",
    )
    parser.add_argument("--unconditional", action="store_true", help="leave the classes out")
    parser.add_argument(
        "--data-dir", metavar="DIR", help="folder to look for the data set's files in first"
    )
    parser.add_argument(
        "--size", metavar="S", help="bring pictures of your own to this size, as `train` takes it"
    )


def add_series_options(parser: argparse.ArgumentParser, default_out: str) -> None:
    """Add how long each run is, how many go at a time, and where they are."""
    group = parser.add_argument_group(
        "how long each run is (default: the recipe's own)"
    ).add_mutually_exclusive_group()
    group.add_argument(
        "--images", type=whole_number(1), metavar="N", help="real images drawn in all"
    )
    group.add_argument(
        "--minutes",
        type=number_above_zero,
        metavar="M",
        help="about so long: measured once, and then the same images for every run",
    )
    parser.add_argument(
        "--jobs",
        type=whole_number(1, 1024),
        default=1,
        metavar="J",
        help="runs at a time, each a process (default 1)",
    )
    add_threads(parser, None, "all cores, split between the jobs")
    parser.add_argument(
        "--samples",
        type=whole_number(200, 1_000_000),
        default=10_000,
        metavar="N",
        help="samples that each run is measured on at its end (default 10000)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder of the series (default {default_out}); the same command goes on in it",
    )


def checked_request(options: argparse.Namespace) -> "Request":
    """Return the request; what can be refused without the slow imports is refused here.

    Where no recipe is named, `options` has the default one of such data from here on.
    """
    from ganvas.cli.pictures import size
    from ganvas.data import parse_data
    from ganvas.errors import UsageError
    from ganvas.recipes import make_recipe
    from ganvas.scale.request import Request, refuse_given
    from ganvas.settings import parse_assignments

    parse_data(options.data)
    options.recipe = _recipe_of(options)
    settings = parse_assignments(options.settings)
    refuse_given(settings, "--set")
    make_recipe(
        options.recipe,
        budget={"images": options.images, "minutes": options.minutes},
        unconditional=options.unconditional,
        settings=settings,
    )
    if options.size is not None:
        try:
            size(options.size)
        except argparse.ArgumentTypeError as error:
            raise UsageError(f"--size {error}") from None
    given = [part for setting in options.settings for part in ("--set", setting)]
    given += ["--unconditional"] * options.unconditional
    if options.data_dir is not None:
        given += ["--data-dir", options.data_dir]
    if options.size is not None:
        given += ["--size", options.size]
    return Request(
        data=options.data,
        recipe=options.recipe,
        options=tuple(given),
        images=options.images,
        minutes=options.minutes,
        threads=options.threads,
        samples=options.samples,
    )


def threads_each(jobs: int) -> int:
    """Return how many threads each job gets when the cores are split."""
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable is not None else os.cpu_count() or 1
    return max(1, cores // jobs)


def default_out(kind: str, options: argparse.Namespace) -> Path:
    """Return the folder of a series where none is named: runs/trials-mnist-swift."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in options.data).strip("-")
    return Path("runs") / f"{kind}-{plain or 'data'}-{_recipe_of(options)}"


def _recipe_of(options: argparse.Namespace) -> str:
    """Return the recipe's name: what is asked for, or the default one of such data."""
    from ganvas.data.request import names_points
    from ganvas.recipes import DEFAULTS

    kind = "points" if names_points(options.data) else "images"
    return str(options.recipe or DEFAULTS[kind])


def figure_cell(metrics: dict[str, Any], name: str) -> str:
    """Return a figure for a table; "-" for none."""
    if name not in metrics:
        return "-"
    value = metrics[name]["value"]
    # A count, of which a median may be half a one, or a measure.
    return f"{value:,g}" if name == "modes" else f"{value:.4f}"


def as_times(metrics: dict[str, Any]) -> str:
    """Return the Fréchet distance in multiples of real images' own; "-" for none."""
    found = metrics.get("fd")
    return "-" if found is None or not found["real"] else f"{found['value'] / found['real']:.1f}x"
