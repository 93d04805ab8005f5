"""`ganvas trials`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganvas.cli.arguments import add_json, whole_number
from ganvas.cli.command import Command
from ganvas.cli.output import note_if_heard, print_json, print_table
from ganvas.cli.series import (
    add_run_options,
    add_series_options,
    as_times,
    checked_request,
    default_out,
    figure_cell,
    threads_each,
)
from ganvas.cli.stopped import say_stopped

if TYPE_CHECKING:
    from ganvas.scale.outcome import Outcome
    from ganvas.scale.success import Rule

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_run_options(parser)
    parser.add_argument(
        "--seeds",
        type=whole_number(1, 100_000),
        required=True,
        metavar="N",
        help="how many: the seeds 0 to N-1; a larger N later adds to what is there",
    )
    add_series_options(parser, "runs/trials-DATA-RECIPE")
    parser.add_argument(
        "--success",
        default=None,
        metavar="RULE",
        help="when a run succeeds, beside finishing: fd<=5x (times real images' own), "
        "label_accuracy>=0.99, joined by commas (default fd<=10x; of points modes>=1x,"
        "high_quality>=0.95)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="draw every seed's course: .png, .svg or .pdf",
    )
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    from ganvas.data.request import names_points
    from ganvas.scale.children import Children
    from ganvas.scale.success import DEFAULT_RULE, DEFAULT_RULE_OF_POINTS, parse_rule
    from ganvas.scale.trials import in_json, run_trials

    usual = DEFAULT_RULE_OF_POINTS if names_points(options.data) else DEFAULT_RULE
    rule = parse_rule(options.success or usual)
    asked = checked_request(options)
    if options.output is not None:
        from ganvas.pictures import require_file
        from ganvas.report.figures import require_matplotlib, require_suffix

        require_suffix(options.output)
        require_file(options.output)
        require_matplotlib()
    out = options.out or default_out("trials", options)
    try:
        request, outcomes = run_trials(
            out,
            asked,
            seeds=range(options.seeds),
            jobs=options.jobs,
            threads=threads_each(options.jobs),
            runner=Children(),
            tell=note_if_heard,
        )
    except KeyboardInterrupt as stop:
        return say_stopped(stop)
    found = in_json(outcomes, request, rule)
    if options.output is not None:  # before anything is printed, which may find nobody to read it
        _draw(options.output, outcomes, rule, found)
    if options.json:
        print_json(found)
    else:
        _print(outcomes, rule, found["summary"])
    unmeasured = any(outcome.status == "finished" and outcome.reason for outcome in outcomes)
    return 1 if found["summary"]["failed"] or unmeasured else 0


def _print(outcomes: list["Outcome"], rule: "Rule", summary: dict[str, Any]) -> None:
    measured = [name for name in summary["metrics"] if name != "fd"]
    has_distance = "fd" in summary["metrics"] or not measured

    def cells(metrics: dict[str, Any]) -> list[str]:
        distance = [figure_cell(metrics, "fd"), as_times(metrics)] if has_distance else []
        return distance + [figure_cell(metrics, name) for name in measured]

    rows = [
        [
            str(outcome.seed),
            outcome.status,
            f"{outcome.images:,}",
            "-" if outcome.seconds is None else f"{outcome.seconds:,.0f}",
            *cells(outcome.metrics),
            "no" if rule.shortfall(outcome.status, outcome.metrics) else "yes",
        ]
        for outcome in outcomes
    ]
    for place in ("median", "worst", "best"):
        picked = {
            name: {"value": entry[place], "real": entry["real"]}
            for name, entry in summary["metrics"].items()
        }
        seconds = summary["seconds"]
        rows.append(
            [
                place,
                "",
                "",
                "-" if seconds is None else f"{seconds[place]:,.0f}",
                *cells(picked),
                "",
            ]
        )
    distance = ["fd", "x real"] if has_distance else []
    headings = ["seed", "status", "images", "seconds", *distance, *measured, "success"]
    print_table(headings, rows, right=2)
    print(f"\n{summary['succeeded']} of {summary['seeds']} seeds succeed ({summary['success']})")
    for outcome in outcomes:
        why = rule.shortfall(outcome.status, outcome.metrics)
        if why:
            print(f"seed {outcome.seed}: {why}{f' ({outcome.reason})' if outcome.reason else ''}")
            for finding in outcome.findings:
                print(f"  {_finding(finding)}")


def _finding(finding: dict[str, Any]) -> str:
    since = finding.get("since_images", finding["images"])
    words = str(finding.get("explanation", "")).strip()
    return f"{finding['name']} since {since:,} images{f': {words}' if words else ''}"


def _draw(path: Path, outcomes: list["Outcome"], rule: "Rule", found: dict[str, Any]) -> None:
    from ganvas.comparison import read_course
    from ganvas.report.trials import draw_trials

    there = [outcome for outcome in outcomes if outcome.status != "missing"]
    courses = {outcome.seed: read_course(outcome.run) for outcome in there}
    succeeded = {o.seed for o in there if not rule.shortfall(o.status, o.metrics)}
    drawn = {seed: course for seed, course in courses.items() if course is not None}
    if not drawn:  # after hours of training no reason to fail
        note_if_heard("no figure: the runs are too short for a look at quality on the way")
        return
    summary = found["summary"]
    draw_trials(
        path,
        drawn,
        succeeded,
        title=f"{found['recipe']} on {found['data']}: {summary['succeeded']} of "
        f"{summary['seeds']} seeds succeed ({summary['success']})",
    )
    note_if_heard(f"figure:  {path}")


COMMAND = Command(
    name="trials",
    summary="one recipe over many seeds: how many succeed, how good, how bad at the worst",
    description=(
        "Trains the recipe once for each seed, every run a process of its own with the cores\n"
        "split between the jobs, and shows each run, the median, the worst and the best. A seed\n"
        "that fails does not stop the others. What is finished is kept and what was begun is\n"
        "resumed, so the same command goes on after Ctrl-C or a crash. Exit code 1 when a run\n"
        "failed for another reason than that it diverged, which is a result, or could not be\n"
        "measured."
    ),
    examples=(
        ("ganvas trials --seeds 5", "five runs of swift on MNIST"),
        ("ganvas trials --seeds 20 --minutes 1 --jobs 2 -o seeds.svg", "one minute each, a figure"),
        ("ganvas trials fashion-mnist --seeds 5 --success 'fd<=5x,label_accuracy>=0.9'", ""),
    ),
    add_options=_add_options,
    run=_run,
)
