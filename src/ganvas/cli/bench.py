"""`ganvas bench`: time to quality, and how near a step comes to what the machine can do."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganvas.cli.arguments import (
    add_data_dir,
    add_json,
    add_threads,
    number_above_zero,
    whole_number,
)
from ganvas.cli.bench_tables import print_race, print_rooflines
from ganvas.cli.command import Command, add_commands
from ganvas.cli.output import note, note_if_heard, print_json
from ganvas.cli.stopped import say_stopped

if TYPE_CHECKING:
    from ganvas.benchmark.race import Race, Track
    from ganvas.benchmark.racers import Contender
    from ganvas.benchmark.roofline import Roofline
    from ganvas.data.images import DataSet

__all__ = ["COMMAND"]


def _add_shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", default="mnist", metavar="DATA", help="what is learned (default mnist)"
    )
    parser.add_argument(
        "--recipes",
        nargs="+",
        metavar="NAME",
        help="who takes part (default: every recipe, and plain-dcgan)",
    )
    add_data_dir(parser)
    add_threads(parser, None, "all cores")
    add_json(parser)


def _add_speedrun_options(parser: argparse.ArgumentParser) -> None:
    _add_shared(parser)
    parser.add_argument(
        "--targets",
        type=_numbers,
        default=(20.0, 10.0, 5.0, 3.0),
        metavar="A,B",
        help="multiples of real test images' Fréchet distance (default 20,10,5,3)",
    )
    parser.add_argument(
        "--minutes",
        type=number_above_zero,
        default=30.0,
        metavar="M",
        help="of training at most, for each (default 30)",
    )
    parser.add_argument(
        "--repeats",
        type=whole_number(1, 1000),
        default=3,
        metavar="N",
        help="seeds of each (default 3); a larger N later adds to what is there",
    )
    parser.add_argument(
        "--schedules",
        type=_images,
        default=(20_000, 60_000, 180_000),
        metavar="A,B",
        help="lengths of swift's schedule, in images (default 20000,60000,180000)",
    )
    parser.add_argument(
        "--samples",
        type=whole_number(200, 1_000_000),
        default=10_000,
        metavar="N",
        help="samples of each look (default 10000)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/speedrun"),
        metavar="DIR",
        help="where it is kept; the same command goes on in it (default runs/speedrun)",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="draw it: .png, .svg or .pdf"
    )


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(sorted({number_above_zero(part) for part in text.split(",")}, reverse=True))


def _images(text: str) -> tuple[int, ...]:
    read = whole_number(1)
    return tuple(sorted({read(part) for part in text.split(",")}))


def _speedrun(options: argparse.Namespace) -> int:
    if options.output is not None:
        from ganvas.pictures import require_file
        from ganvas.report.figures import require_matplotlib, require_suffix

        require_suffix(options.output)
        require_file(options.output)
        require_matplotlib()
    dataset, contenders = _prepare(options)

    from ganvas.benchmark.race import Race
    from ganvas.benchmark.results import in_json
    from ganvas.benchmark.speedrun import run_races
    from ganvas.judge import judge_for
    from ganvas.judge.card import user_folders

    race = Race(
        data=options.data,
        contenders=contenders,
        targets=options.targets,
        minutes=options.minutes,
        samples=options.samples,
        threads=options.threads,
    )
    judge = judge_for(dataset, folders=user_folders())
    try:
        tracks = run_races(
            options.out, race, dataset, judge, repeats=options.repeats, tell=note_if_heard
        )
        rooflines = _rooflines(contenders, dataset, options)
    except KeyboardInterrupt as stop:
        return say_stopped(stop)
    if options.output is not None:  # before anything is printed, which may find nobody to read it
        _draw(options.output, tracks, race)
    if options.json:
        print_json(in_json(tracks, rooflines, race))
    else:
        print_race(tracks, race)
        print_rooflines(rooflines)
    return 0


def _roofline(options: argparse.Namespace) -> int:
    dataset, contenders = _prepare(options)
    rooflines = _rooflines(contenders, dataset, options)
    if options.json:
        from ganvas.benchmark.results import rooflined

        print_json({"rooflines": [rooflined(roofline) for roofline in rooflines]})
    else:
        print_rooflines(rooflines)
    return 0


def _prepare(options: argparse.Namespace) -> tuple["DataSet", tuple["Contender", ...]]:
    from ganvas import data
    from ganvas.data import parse_data

    parse_data(options.data)
    dataset = data.load(options.data, data_dir=options.data_dir)

    from ganvas.benchmark.racers import PLAIN, contenders, require_fit

    found = contenders(
        options.recipes,
        num_classes=dataset.num_classes,
        schedules=getattr(options, "schedules", None),
    )
    if options.recipes is None and dataset.train.images.shape[1:] != (1, 28, 28):
        note(f"{PLAIN} is for 28x28 grey images and does not take part")
        found = [contender for contender in found if contender.name != PLAIN]
    require_fit(found, dataset, threads=options.threads)
    return dataset, tuple(found)


def _rooflines(
    contenders: tuple["Contender", ...], dataset: "DataSet", options: argparse.Namespace
) -> list["Roofline"]:
    from ganvas.benchmark.roofline import measure_rooflines

    return measure_rooflines(contenders, dataset, threads=options.threads, tell=note_if_heard)


def _draw(path: Path, tracks: list["Track"], race: "Race") -> None:
    from ganvas.benchmark.results import by_contender
    from ganvas.report.speedrun import draw_speedrun

    courses: dict[str, list[Any]] = {
        name: [
            (
                [point.seconds for point in track.points],
                [point.times_real for point in track.points],
            )
            for track in repeats
        ]
        for name, repeats in by_contender(tracks).items()
    }
    title = f"Time to quality on {race.data}: {race.samples:,} samples at most at each look"
    draw_speedrun(path, courses, race.targets, title=title)
    note_if_heard(f"figure:  {path}")


_COMMANDS = (
    Command(
        name="speedrun",
        summary="seconds of training until samples come near to real images",
        description=(
            "Races the recipes, swift with and without classes and at several lengths of its\n"
            "schedule, and a plain PyTorch DCGAN: how many seconds and images until the Fréchet\n"
            "distance falls under multiples of real test images' own. All take turns in one run,\n"
            "and the time of measuring is not counted. All train on the CPU. It goes on after\n"
            "Ctrl-C or a crash. For figures that mean something, let the machine do nothing else."
        ),
        examples=(
            ("ganvas bench speedrun -o speedrun.svg", "all of them; many hours"),
            ("ganvas bench speedrun --recipes swift plain-dcgan --minutes 2 --repeats 1", ""),
        ),
        add_options=_add_speedrun_options,
        run=_speedrun,
    ),
    Command(
        name="roofline",
        summary="arithmetic of each recipe's step, its rate, and where the rest of the time goes",
        description=(
            "Counts the arithmetic of each recipe's step from the shapes of what it computes, and\n"
            "sets its rate beside what a favourable convolution reaches on this machine in the\n"
            "same turns; then names the operators that take most of the time."
        ),
        examples=(("ganvas bench roofline --recipes swift dcgan-tf", ""),),
        add_options=_add_shared,
        run=_roofline,
    ),
)

COMMAND = Command(
    name="bench",
    summary="time to quality of every recipe, and how near each comes to the machine's ceiling",
    description="Speed, measured so that it can be compared: everything takes turns in one run.",
    examples=(
        ("ganvas bench speedrun --recipes swift plain-dcgan --minutes 2 --repeats 1", ""),
        ("ganvas bench roofline --recipes swift", ""),
    ),
    add_options=lambda parser: add_commands(parser, _COMMANDS),
)
