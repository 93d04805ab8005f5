"""`ganvas doctor`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ganvas.cli.arguments import add_data_dir
from ganvas.cli.command import Command
from ganvas.cli.output import print_json
from ganvas.cli.pictures import add_picture_options, note_left_out, preparation_of

if TYPE_CHECKING:
    from ganvas.doctor import Finding

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", nargs="?", type=Path, metavar="RUN", help="a run directory, finished or under way"
    )
    parser.add_argument("--data", metavar="DATA", help="look at data instead, before any training")
    add_data_dir(parser)
    add_picture_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(options: argparse.Namespace) -> int:
    from ganvas.errors import UsageError

    if (options.what is None) == (options.data is None):
        raise UsageError("name a run directory, or data with --data, and not both")
    findings = _of_data(options) if options.what is None else _of_run(options)
    if options.json:
        print_json({"findings": [finding.to_json() for finding in findings]})
        return 0
    if not findings:
        print("nothing found")
    for finding in findings:
        for line in _lines(finding):
            print(line)
    return 0


def _of_run(options: argparse.Namespace) -> list["Finding"]:
    from ganvas.diagnosis import diagnose_run

    return diagnose_run(options.what)


def _of_data(options: argparse.Namespace) -> list["Finding"]:
    from ganvas import data
    from ganvas.cli.display import open_display
    from ganvas.data.request import names_points, to_data
    from ganvas.recipe import DataSettings

    load = to_data if names_points(options.data) else data.load
    with open_display(quiet=options.json) as display:
        display.note(f"reading {options.data}")
        dataset = load(
            options.data,
            data_dir=options.data_dir,
            held_out=DataSettings().held_out,
            progress=display.download,
            preparation=preparation_of(options),
            max_bad=options.max_bad,
        )
    from ganvas.diagnosis import diagnose_data

    if dataset.kind == "images":
        note_left_out(dataset.refused)
    return diagnose_data(dataset)


def _lines(finding: "Finding") -> list[str]:
    """Return a finding for reading: what, since when, by which figures, why, what helps."""
    found = finding.to_json()
    since = f", since {finding.since_images:,} images" if finding.since_images else ""
    evidence = ", ".join(f"{name} {_shown(value)}" for name, value in finding.evidence.items())
    return [
        f"{finding.severity}: {finding.title} ({finding.name}{since})",
        *([f"  {evidence}"] if evidence else []),
        f"  {found['explanation']}",
        *(f"  {number}. {words}" for number, words in enumerate(finding.remedies, start=1)),
        f"  source: {found['source']}",
    ]


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


COMMAND = Command(
    name="doctor",
    summary="what is going wrong in a run, why, and what helps; or what is wrong with data",
    description=(
        "Says what goes wrong in a run, since when, by which figures, what that means, and what\n"
        "to try, in this order. It reads the run's files: finished, under way, or old. With\n"
        "--data it looks at a data set before anything is trained on it. docs/doctor.md lists\n"
        "all that it knows."
    ),
    examples=(
        ("ganvas doctor runs/0001-mnist-swift-s0", ""),
        ("ganvas doctor runs/0001-mnist-swift-s0 --json", "for a program"),
        ("ganvas doctor --data pets/", "before training"),
    ),
    add_options=_add_options,
    run=_run,
)
